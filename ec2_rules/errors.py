"""The error that EC2 answers with: a code for programs, a message for people."""


class Ec2Error(Exception):
    """A refused EC2 request: `code` without the `Client.` prefix, `message` in AWS's words where they are known."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
