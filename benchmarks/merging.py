"""The last step of an organisation's audit, on what lies in a folder; alone, so that its memory is nobody else's.

python -m benchmarks.merging FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from functions.handlers.organisation_report import reported
from functions.settings import PlacesSettings

NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
FOLDER = "organisation/run"


def merge(folder: Path) -> None:
    """Write the report beside its parts."""
    client = a_client("s3", "us-east-1")
    client.meta.events.register("before-send", lambda request, **_: stored(request, folder))
    to: Any = type("Clients", (), {"s3": staticmethod(lambda: client)})
    reported({"folder": FOLDER}, PlacesSettings(bucket="b"), to, now=NOW)


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test")  # noqa: S106 - nothing checks it


def a_client(service: str, region: str) -> Any:
    """A client that asks nobody, if its requests are answered before they are sent."""
    make: Any = _session().client
    # Bodies as they are: a file's would come in chunks, with a checksum behind.
    return make(service, region_name=region, config=Config(request_checksum_calculation="when_required"))


class _Raw:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> list[bytes]:
        return [self._content]

    def read(self, *_: Any, **__: Any) -> bytes:
        content, self._content = self._content, b""
        return content

    def __iter__(self) -> Iterator[bytes]:
        return iter([self._content])


def a_response(status: int, kind: str, body: bytes) -> AWSResponse:
    """An answer."""
    headers = {"Content-Type": kind, "Content-Length": str(len(body))}
    return AWSResponse("http://here", status, headers, _Raw(body))  # type: ignore[arg-type]


def as_xml(text: str, status: int = 200) -> AWSResponse:
    """An answer in XML."""
    return a_response(status, "text/xml", text.encode())


def stored(request: AWSPreparedRequest, folder: Path) -> AWSResponse:
    """PUT and GET of an object, and the list of all below a prefix."""
    parts = urlsplit(str(request.url))
    key = unquote(parts.path).removeprefix("/b").lstrip("/")
    if request.method == "PUT":
        body: Any = request.body
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(body if isinstance(body, bytes) else body.read())
        return as_xml("")
    if not key:
        names = sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file())
        items = "".join(f"<Contents><Key>{name}</Key></Contents>" for name in names)
        return as_xml(f"<ListBucketResult><IsTruncated>false</IsTruncated>{items}</ListBucketResult>")
    return a_response(200, "application/json", (folder / key).read_bytes())


if __name__ == "__main__":
    merge(Path(sys.argv[1]))
