"""Reading all interfaces of some subnets, many times faster than botocore's parser and in a fraction of its memory.

The interfaces are read out of an answer while it arrives, and botocore gets the rest: paging, errors and retries stay
its own. For that its HTTP session is asked for a stream, as it is for an object of S3. Where botocore does not let us,
the event `before-parse` hands us the whole body (botocore/endpoint.py, Endpoint._do_get_response); and where that does
not come either, or the interfaces are not as expected, botocore's parser reads them as it always does. Neither way in
is documented as public; the result is the same with each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.response import StreamingBody

from functions.aws import answers, odd
from functions.aws.interface_xml import InterfaceXml, starts_at
from functions.aws.subnets import chunks
from functions.aws.xml_shape import UnexpectedXml
from functions.capacity.model import Interface

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_ec2 import EC2Client

PAGE = 1000  # the most that DescribeNetworkInterfaces gives at once
_OK = 200  # HTTP's
_PIECE = 80 * 2**10  # bytes read at once, some 25 interfaces: more are little faster, and take more memory
_EVENT = "before-parse.ec2.DescribeNetworkInterfaces"
_VALUES = "HeadroomInterfaces"  # a key that no answer of EC2 has
_START = re.compile(rb"<networkInterfaceSet>\s*(<item>\s*<\w+/?>)")  # what all begin with, mostly


@dataclass
class Reading:
    """A walk through the pages: how the interfaces look, and those of the page at hand."""

    scanner: InterfaceXml = field(default_factory=InterfaceXml)
    found: list[Interface] = field(default_factory=list)

    def left_of(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """The page without the interfaces that it begins with, which are read out of it as the pieces come.

        From the first one on that is not as expected, it is left as it is.
        """
        self.found = []
        pieces, head, page, each = iter(pieces), b"", b"", b""
        try:
            for piece in pieces:
                page += piece
                del piece  # held twice otherwise
                if not head and (start := _START.search(page)):
                    head, each, page = page[: starts_at(page)], start[1], page[start.start(1) :]
                if head and (end := page.rfind(each)) > 0:
                    self.found += self.scanner.items(page, 0, end)
                    page = page[end:]
            head, page = b"", head + page
            found, page = self.scanner.read(page)
            self.found += found
        except UnexpectedXml:
            page = head + page
        yield page
        yield from pieces


# Whose call it is: the client is everybody's, and who else calls it wants EC2's own answer.
_reading: ContextVar[Reading | None] = ContextVar("_reading", default=None)


def interfaces_in(ec2: EC2Client, subnet_ids: Iterable[str]) -> Iterator[Interface]:
    """Every interface of these subnets, whosever it is; any error of botocore's escapes."""
    ec2.meta.events.register(_EVENT, _take_interfaces, unique_id=_VALUES)
    _stream(ec2)
    reading = Reading()
    for chunk in chunks(sorted(subnet_ids)):
        with odd.reading("DescribeNetworkInterfaces"):
            for page in _pages(ec2, chunk, reading):
                yield from reading.found
                yield from page[_VALUES] if _VALUES in page else map(answers.interface, page["NetworkInterfaces"])


def _pages(ec2: EC2Client, subnet_ids: list[str], reading: Reading) -> Iterator[Mapping[str, Any]]:
    filters: Any = [{"Name": "subnet-id", "Values": subnet_ids}]
    paginator = ec2.get_paginator("describe_network_interfaces")
    pages = iter(paginator.paginate(Filters=filters, PaginationConfig={"PageSize": PAGE}))
    while page := _next(pages, reading):
        yield page


def _next(pages: Iterator[Any], reading: Reading) -> Mapping[str, Any] | None:
    """One page. Only while it is being read are answers ours to take apart."""
    reading.found = []
    token = _reading.set(reading)
    try:
        return next(pages, None)
    finally:
        _reading.reset(token)


@dataclass
class _StreamingSession:
    """botocore's HTTP session, whose answers are taken apart while they arrive when the call is ours."""

    session: Any

    def send(self, request: AWSPreparedRequest) -> AWSResponse:
        reading = _reading.get()
        if reading is not None:
            request.stream_output = True
        response: AWSResponse = self.session.send(request)
        if reading is not None:
            arriving, response.raw = response.raw, _Left(response, reading)
            with ExitStack() as broken_off:
                broken_off.callback(arriving.close)  # nobody reads the rest of it
                _ = response.content  # read here, where botocore expects its errors
                broken_off.pop_all()  # it did not
        return response

    def __getattr__(self, name: str) -> Any:
        return getattr(self.session, name)


class _Left:
    """The part of a urllib3 response that botocore reads. If it has read the answer already, it never asks for this."""

    def __init__(self, response: AWSResponse, reading: Reading) -> None:
        length: Any = response.headers.get("content-length")
        body = StreamingBody(response.raw, length)  # with errors that botocore retries
        self._pieces = iter(lambda: body.read(_PIECE), b"")
        self._reading = reading if response.status_code == _OK else None

    def stream(self) -> Iterator[bytes]:
        return self._reading.left_of(self._pieces) if self._reading else self._pieces


def _stream(ec2: EC2Client) -> None:
    """Have the client's answers come as a stream, if its botocore is built as ours is."""
    endpoint: Any = getattr(ec2, "_endpoint", None)
    session = getattr(endpoint, "http_session", None)
    if session is not None and not isinstance(session, _StreamingSession):
        endpoint.http_session = _StreamingSession(session)


def _take_interfaces(
    *, response_dict: dict[str, Any], customized_response_dict: dict[str, Any] | None = None, **_: Any
) -> None:
    reading = _reading.get()
    if reading is None or reading.found or customized_response_dict is None or response_dict["status_code"] != _OK:
        return
    try:
        customized_response_dict[_VALUES], response_dict["body"] = reading.scanner.read(response_dict["body"])
    except UnexpectedXml:
        return
