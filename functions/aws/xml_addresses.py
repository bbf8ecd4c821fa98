"""The addresses in one list of many interfaces, read all at once: it takes half the time of one after the other.

Every reader takes that list's content of each interface (empty: it has none) and gives the addresses of each, as
numbers. It raises OSError or ValueError for a text that is no address, and UnexpectedXml for a prefix that is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate, pairwise, repeat
from socket import AF_INET, AF_INET6, inet_pton
from struct import unpack

from functions.aws.xml_shape import UnexpectedXml
from functions.capacity.ipv6_blocks import BLOCK as IPV6_BLOCK
from functions.capacity.model import BLOCK

Contents = Sequence[bytes]
Addresses = list[tuple[int, ...]]

_IPV4, _IPV6 = int(AF_INET), int(AF_INET6)  # the enumeration itself takes as long to look at as the address
_IPV6_BYTES = 16
_IPV4_ADDRESS = re.compile("<privateIpAddress>([^<]*)<")
_IPV4_PREFIX = re.compile("<ipv4Prefix>([^<]*)/28<")
_IPV6_ADDRESS = re.compile("<ipv6Address>([^<]*)<")
_IPV6_PREFIX = re.compile("<ipv6Prefix>([^<]*)/80<")
_AT_A_BLOCK = bytes(range(0, 256, BLOCK))  # the last bytes of addresses that a /28 can start at


def ipv4_addresses(contents: Contents) -> Addresses:
    """Of `<privateIpAddress>10.0.0.5<`."""
    return _parted(contents, b"<privateIpAddress>", _ipv4_numbers(_packed(contents, _IPV4_ADDRESS, _IPV4)))


def ipv4_prefixes(contents: Contents) -> Addresses:
    """First addresses, of `<ipv4Prefix>10.0.0.16/28<`."""
    packed = _packed(contents, _IPV4_PREFIX, _IPV4)
    if packed[3::4].translate(None, _AT_A_BLOCK):
        raise UnexpectedXml("a prefix that is none")
    return _parted(contents, b"<ipv4Prefix>", _ipv4_numbers(packed))


def ipv6_addresses(contents: Contents) -> Addresses:
    """Of `<ipv6Address>2001:db8::5<`."""
    return _parted(contents, b"<ipv6Address>", _ipv6_numbers(_packed(contents, _IPV6_ADDRESS, _IPV6)))


def ipv6_prefixes(contents: Contents) -> Addresses:
    """First addresses, of `<ipv6Prefix>2001:db8:0:0:1::/80<`."""
    numbers = _ipv6_numbers(_packed(contents, _IPV6_PREFIX, _IPV6))
    if any(number % IPV6_BLOCK for number in numbers):
        raise UnexpectedXml("a prefix that is none")
    return _parted(contents, b"<ipv6Prefix>", numbers)


def _packed(contents: Contents, text: re.Pattern[str], family: int) -> bytes:
    """The addresses as they stand in IP packets, one after the other."""
    return b"".join(map(inet_pton, repeat(family), text.findall(b"".join(contents).decode())))


def _ipv4_numbers(packed: bytes) -> tuple[int, ...]:
    return unpack(f">{len(packed) // 4}I", packed)


def _ipv6_numbers(packed: bytes) -> tuple[int, ...]:
    starts = range(0, len(packed), _IPV6_BYTES)
    return tuple(int.from_bytes(packed[start : start + _IPV6_BYTES], "big") for start in starts)


def _parted(contents: Contents, tag: bytes, numbers: tuple[int, ...]) -> Addresses:
    """The addresses of each content, which has as many as it has such tags."""
    if not numbers and not any(contents):
        return [()] * len(contents)
    ends = list(accumulate([each.count(tag) for each in contents], initial=0))
    if ends[-1] != len(numbers):
        raise UnexpectedXml("an address that is written in another way")
    return [numbers[start:end] for start, end in pairwise(ends)]
