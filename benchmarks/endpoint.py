"""A local endpoint that answers for EC2, and what an audit asks beside it: no clusters, no Headroom deployed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep
from typing import Protocol

_WHO = (
    b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>"
    b"<UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)
_NO_STACK = (
    b"<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
    b"<Message>Stack with id Headroom does not exist</Message></Error></ErrorResponse>"
)
_BESIDE = {b"Action=GetCallerIdentity": (200, _WHO), b"Action=DescribeStacks": (400, _NO_STACK)}


class Account(Protocol):
    """What answers for EC2."""

    def answer(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]: ...  # noqa: D102


class _Server(ThreadingHTTPServer):
    request_queue_size = 64  # of connections that come at once


@contextmanager
def endpoint(account: Account, latency: float) -> Iterator[str]:
    """Its URL while it answers, so many seconds late."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = next((each for action, each in _BESIDE.items() if action in body), None)
            self._answer(*(answer or account.answer(body, dict(self.headers))), "text/xml")

        def do_GET(self) -> None:
            self._answer(200, b'{"clusters": []}', "application/json")

        def _answer(self, status: int, content: bytes, kind: str) -> None:
            sleep(latency)
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = _Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def environment(url: str) -> dict[str, str]:
    """What leads a command to it."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
