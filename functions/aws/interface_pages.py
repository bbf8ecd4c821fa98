"""Reading all interfaces of some subnets, many times faster than botocore's parser and in a fraction of its memory.

botocore hands each answer to `before-parse` handlers before it parses it (botocore/endpoint.py, Endpoint.
_do_get_response). Ours reads the interfaces out of the body and leaves the rest: paging, errors and retries stay
botocore's. The event is not documented as a public interface; where it does not come, or a page is not as expected,
botocore's parser reads the page as it always does, and the result is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from functions.aws import answers
from functions.aws.interface_xml import InterfaceXml
from functions.aws.subnets import chunks
from functions.aws.xml_shape import UnexpectedXml
from functions.capacity.model import Interface

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

PAGE = 1000  # the most that DescribeNetworkInterfaces gives at once
_EVENT = "before-parse.ec2.DescribeNetworkInterfaces"
_VALUES = "HeadroomInterfaces"  # a key that no answer of EC2 has

# Whose call it is: the client is everybody's, and who else calls it wants EC2's own answer.
_reading: ContextVar[InterfaceXml | None] = ContextVar("_reading", default=None)


def interfaces_in(ec2: EC2Client, subnet_ids: Iterable[str]) -> Iterator[Interface]:
    """Every interface of these subnets, whosever it is; any error of botocore's escapes."""
    ec2.meta.events.register(_EVENT, _take_interfaces, unique_id=_VALUES)
    reader = InterfaceXml()
    for chunk in chunks(sorted(subnet_ids)):
        for page in _pages(ec2, chunk, reader):
            if _VALUES in page:
                yield from page[_VALUES]
            else:
                yield from map(answers.interface, page["NetworkInterfaces"])


def _pages(ec2: EC2Client, subnet_ids: list[str], reader: InterfaceXml) -> Iterator[Mapping[str, Any]]:
    filters: Any = [{"Name": "subnet-id", "Values": subnet_ids}]
    paginator = ec2.get_paginator("describe_network_interfaces")
    pages = iter(paginator.paginate(Filters=filters, PaginationConfig={"PageSize": PAGE}))
    while page := _next(pages, reader):
        yield page


def _next(pages: Iterator[Any], reader: InterfaceXml) -> Mapping[str, Any] | None:
    """One page. Only while it is being read are answers ours to take apart."""
    token = _reading.set(reader)
    try:
        return next(pages, None)
    finally:
        _reading.reset(token)


def _take_interfaces(
    *, response_dict: dict[str, Any], customized_response_dict: dict[str, Any] | None = None, **_: Any
) -> None:
    reader = _reading.get()
    if reader is None or customized_response_dict is None or response_dict["status_code"] != 200:  # noqa: PLR2004 HTTP's OK
        return
    try:
        customized_response_dict[_VALUES], response_dict["body"] = reader.read(response_dict["body"])
    except UnexpectedXml:
        return
