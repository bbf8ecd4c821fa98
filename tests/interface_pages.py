"""Builders of DescribeNetworkInterfaces' pages, and what botocore's own parser makes of them."""

from collections.abc import Iterator
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


def addresses(*texts: str) -> str:
    items = "".join(f"<item><privateIpAddress>{each}</privateIpAddress></item>" for each in texts)
    return f"<privateIpAddressesSet>{items}</privateIpAddressesSet>"


def prefixes(*texts: str) -> str:
    items = "".join(f"<item><ipv4Prefix>{each}</ipv4Prefix></item>" for each in texts)
    return f"<ipv4PrefixSet>{items}</ipv4PrefixSet>"


def ipv6_addresses(*texts: str) -> str:
    items = "".join(f"<item><ipv6Address>{each}</ipv6Address></item>" for each in texts)
    return f"<ipv6AddressesSet>{items}</ipv6AddressesSet>"


def ipv6_prefixes(*texts: str) -> str:
    items = "".join(f"<item><ipv6Prefix>{each}</ipv6Prefix></item>" for each in texts)
    return f"<ipv6PrefixSet>{items}</ipv6PrefixSet>"


def tags(**pairs: str) -> str:
    items = "".join(f"<item><key>{key.replace('__', '/')}</key><value>{v}</value></item>" for key, v in pairs.items())
    return f"<tagSet>{items}</tagSet>"


def in_pieces(page: bytes, size: int) -> Iterator[bytes]:
    return (page[n : n + size] for n in range(0, len(page), size))
