"""boto3 clients that talk to an Ec2Api in the same process: no server, no port, the real client code."""

from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from sandbox.ec2.api import Ec2Api

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client


class _Body:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> list[bytes]:
        return [self._content]


def client(api: Ec2Api, region_name: str = "us-east-1") -> "EC2Client":
    """An EC2 client whose requests go to the API and nowhere else."""

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        headers = {name: _text(value) for name, value in request.headers.items()}
        response = api.handle(_bytes(request.body), headers)
        return AWSResponse(request.url, response.status, response.headers, _Body(response.body))  # type: ignore[arg-type]

    ec2: EC2Client = _session().client("ec2", region_name=region_name)
    # What a before-send handler returns is the response (botocore/endpoint.py, Endpoint._get_response).
    ec2.meta.events.register("before-send.ec2", send)  # type: ignore[arg-type]
    return ec2


@cache
def _session() -> boto3.Session:
    """One session for all clients, because each new one reads the service's large model anew (0.2 s)."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 nothing checks it


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body or "").encode()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
