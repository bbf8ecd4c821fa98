"""Builders of DescribeNetworkInterfaces' pages, and what botocore's own parser makes of them."""

from collections.abc import Iterable, Iterator
from typing import Any

from botocore.parsers import create_parser
from botocore.session import get_session

from functions.aws import answers
from functions.capacity.model import Interface

SHAPE: Any = get_session().get_service_model("ec2").operation_model("DescribeNetworkInterfaces").output_shape
NAMESPACE = 'xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'


def by_botocore(page: bytes) -> list[Interface]:
    parsed = create_parser("ec2").parse({"body": page, "headers": {}, "status_code": 200}, SHAPE)
    return [answers.interface(each) for each in parsed["NetworkInterfaces"]]


def a_page(*items: str, before: str = "", after: str = "<nextToken>more</nextToken>") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<DescribeNetworkInterfacesResponse {NAMESPACE}>{before}<requestId>r</requestId>"
        f"<networkInterfaceSet>{''.join(items)}</networkInterfaceSet>{after}</DescribeNetworkInterfacesResponse>"
    ).encode()


def an_item(*parts: str, id_: str = "eni-1") -> str:
    return f"<item><networkInterfaceId>{id_}</networkInterfaceId><subnetId>subnet-1</subnetId>{''.join(parts)}</item>"


def _set(name: str, field: str, texts: Iterable[str]) -> str:
    items = "".join(f"<item><{field}>{each}</{field}></item>" for each in texts)
    return f"<{name}>{items}</{name}>"


def addresses(*texts: str) -> str:
    return _set("privateIpAddressesSet", "privateIpAddress", texts)


def prefixes(*texts: str) -> str:
    return _set("ipv4PrefixSet", "ipv4Prefix", texts)


def ipv6_addresses(*texts: str) -> str:
    return _set("ipv6AddressesSet", "ipv6Address", texts)


def ipv6_prefixes(*texts: str) -> str:
    return _set("ipv6PrefixSet", "ipv6Prefix", texts)


def tags(**pairs: str) -> str:
    items = "".join(f"<item><key>{key.replace('__', '/')}</key><value>{v}</value></item>" for key, v in pairs.items())
    return f"<tagSet>{items}</tagSet>"


def in_pieces(page: bytes, size: int) -> Iterator[bytes]:
    return (page[n : n + size] for n in range(0, len(page), size))
