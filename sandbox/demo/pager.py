"""Who is paged: an HTTP endpoint that subscribes to the paging topic as a pager's integration does."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from sandbox.demo.listener import NotSeenError
from sandbox.process import EmbeddedAws

CONFIRMED_WITHIN = PAGED_WITHIN = 10.0  # seconds


class Pager:
    """A server on a free local port; `pages` are the notifications as SNS posted them, in the order of their coming."""

    def __init__(self, aws: EmbeddedAws, topic_arn: str) -> None:
        self.pages: list[dict[str, Any]] = []
        self._sns, self._topic_arn = aws.client("sns"), topic_arn
        self._confirmed, self._paged = threading.Event(), threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._endpoint())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        """Listen, subscribe, and wait until SNS has asked whether that is meant."""
        self._thread.start()
        url = f"http://127.0.0.1:{self._server.server_port}/"
        self._sns.subscribe(TopicArn=self._topic_arn, Protocol="http", Endpoint=url)
        if not self._confirmed.wait(CONFIRMED_WITHIN):
            self.__exit__()
            raise NotSeenError("SNS did not ask the pager to confirm its subscription")
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def wait_for_a_page(self) -> None:
        """SNS posts a moment after it was told to; nobody is paged where none comes within seconds."""
        self._paged.wait(PAGED_WITHIN)

    def take(self, envelope: dict[str, Any]) -> None:
        """What SNS posts: first that it wants the subscription confirmed, then notifications."""
        if envelope["Type"] == "SubscriptionConfirmation":
            self._sns.confirm_subscription(TopicArn=envelope["TopicArn"], Token=envelope["Token"])
            self._confirmed.set()
        else:
            self.pages.append(envelope)
            self._paged.set()

    def _endpoint(self) -> type[BaseHTTPRequestHandler]:
        pager = self

        class Endpoint(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                pager.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        return Endpoint
