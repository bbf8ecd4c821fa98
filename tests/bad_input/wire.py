"""boto3's real clients on a transport of ours: it answers with the bytes of answers/, or with others in their place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from functions.aws.reader import AwsReader
from functions.aws.switch import Switch

GOOD = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "answers").iterdir())}
SUBNET, VPC = "subnet-0aa1bb2cc3dd4ee5f", "vpc-0aa1bb2cc3dd4ee5f"
_MOST_CALLS = 200  # of one kind in a test; a reader that asks on and on is stopped here

_SESSION = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
_ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1})


class AsksOnAndOnError(Exception):
    """A reader that would never have come to an end."""


@dataclass
class Wire:
    """What each call answers: a status and a body, by the API's name of the call; all others answer well."""

    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    call: str = ""

    def client(self, service: str) -> Any:
        made: Any = _SESSION.client(service, config=_ONCE)
        made.meta.events.register("before-send", self._remember)
        made._endpoint.http_session = self  # botocore/endpoint.py, Endpoint._send
        return made

    @property
    def reader(self) -> AwsReader:
        return AwsReader(ec2=self.client("ec2"), eks=self.client("eks"), autoscaling=self.client("autoscaling"))

    @property
    def switch(self) -> Switch:
        return Switch(ssm=self.client("ssm"), parameter="/Headroom/switch")

    def _remember(self, event_name: str, **_: Any) -> None:
        """Only the event says which call it is."""
        self.call = event_name.rsplit(".", 1)[1]

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        """What botocore asks of its HTTP session."""
        self.calls[self.call] += 1
        if self.calls[self.call] > _MOST_CALLS:
            raise AsksOnAndOnError(self.call)
        status, body = self.answers.get(self.call, (200, GOOD.get(self.call, b"")))
        response = AWSResponse(request.url, status, HeadersDict(), _Body(body))  # type: ignore[arg-type]
        if not request.stream_output:
            _ = response.content
        return response


class _Body(BytesIO):
    """The part of a urllib3 response that botocore reads."""

    def stream(self) -> list[bytes]:
        return [self.read()]
