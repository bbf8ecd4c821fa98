"""What a user can put right: said in one line, without a traceback."""


class UserError(Exception):
    """The message is a whole sentence for the person at the terminal."""
