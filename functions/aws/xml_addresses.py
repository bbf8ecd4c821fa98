"""The addresses in one list of many interfaces, read all at once: it takes half the time of one after the other.

Every reader takes that list's content of each interface (empty: it has none) and gives the addresses of each, as
numbers. It raises OSError or ValueError for a text that is no address, and UnexpectedXml for a prefix that is none.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate, chain, pairwise, repeat
from socket import AF_INET, AF_INET6, inet_pton
from typing import NamedTuple

from functions.aws.xml_shape import UnexpectedXml
from functions.capacity.ipv6_blocks import BLOCK as IPV6_BLOCK
from functions.capacity.model import BLOCK

Contents = Sequence[bytes]
Addresses = list[Sequence[int]]
Packed = tuple[bytes, list[int]]

_IPV4, _IPV6 = int(AF_INET), int(AF_INET6)  # the enumeration itself takes as long to look at as the address
_IPV6_BYTES = 16
_AT_A_BLOCK = bytes(range(0, 256, BLOCK))  # the last bytes of addresses that a /28 can start at


class _Element(NamedTuple):
    """What each address stands in."""

    opening: str
    closing: str


_IPV4_ADDRESS = _Element("<privateIpAddress>", "<")
_IPV4_PREFIX = _Element("<ipv4Prefix>", "/28<")
_IPV6_ADDRESS = _Element("<ipv6Address>", "<")
_IPV6_PREFIX = _Element("<ipv6Prefix>", "/80<")


def ipv4_addresses(contents: Contents) -> Addresses:
    """Of `<privateIpAddress>10.0.0.5<`."""
    packed, counts = _packed(contents, _IPV4_ADDRESS, _IPV4)
    return _parted(_ipv4_numbers(packed), counts)


def ipv4_prefixes(contents: Contents) -> Addresses:
    """First addresses, of `<ipv4Prefix>10.0.0.16/28<`."""
    packed, counts = _packed_alike(contents, _IPV4_PREFIX, _IPV4)
    if packed[3::4].translate(None, _AT_A_BLOCK):
        raise UnexpectedXml("a prefix that is none")
    return _parted(_ipv4_numbers(packed), counts)


def ipv6_addresses(contents: Contents) -> Addresses:
    """Of `<ipv6Address>2001:db8::5<`."""
    packed, counts = _packed(contents, _IPV6_ADDRESS, _IPV6)
    return _parted(_ipv6_numbers(packed), counts)


def ipv6_prefixes(contents: Contents) -> Addresses:
    """First addresses, of `<ipv6Prefix>2001:db8:0:0:1::/80<`."""
    packed, counts = _packed_alike(contents, _IPV6_PREFIX, _IPV6)
    numbers = _ipv6_numbers(packed)
    if any(number % IPV6_BLOCK for number in numbers):
        raise UnexpectedXml("a prefix that is none")
    return _parted(numbers, counts)


def _packed(contents: Contents, element: _Element, family: int) -> Packed:
    """The addresses as they stand in IP packets, one after the other, and how many each content has."""
    if not any(contents):
        return b"", [0] * len(contents)
    opening = element.opening.encode()
    texts = re.findall("([^<]*)".join(element), b"".join(contents).decode())
    counts = [each.count(opening) for each in contents]
    if sum(counts) != len(texts):
        raise UnexpectedXml("an address that is written in another way")
    return _in_packets(texts, family), counts


def _packed_alike(contents: Contents, element: _Element, family: int) -> Packed:
    """The same, faster, of lists that have nothing but addresses in them, and all the same around these.

    What stands around them in the longest is cut away from all. Where it is not the same, what is left is no address.
    """
    before, *items = max(contents, key=len).decode().split(element.opening)
    if not items:
        return _packed(contents, element, family)
    after = [each[each.index(element.closing) :] for each in items]
    head, between, tail = before + element.opening, after[0] + element.opening, after[-1]
    cut = [each.decode().removeprefix(head).removesuffix(tail).split(between) if each else () for each in contents]
    try:
        return _in_packets(chain.from_iterable(cut), family), list(map(len, cut))
    except OSError:
        return _packed(contents, element, family)


def _in_packets(texts: Iterable[str], family: int) -> bytes:
    return b"".join(map(inet_pton, repeat(family), texts))


def _ipv4_numbers(packed: bytes) -> Sequence[int]:
    numbers = array("I", packed)
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _ipv6_numbers(packed: bytes) -> tuple[int, ...]:
    starts = range(0, len(packed), _IPV6_BYTES)
    return tuple(int.from_bytes(packed[start : start + _IPV6_BYTES], "big") for start in starts)


def _parted(numbers: Sequence[int], counts: list[int]) -> Addresses:
    """So many of them to each; those that have none share it."""
    if not numbers:
        return [numbers] * len(counts)
    none = numbers[:0]
    return [numbers[start:end] if start < end else none for start, end in pairwise(accumulate(counts, initial=0))]
