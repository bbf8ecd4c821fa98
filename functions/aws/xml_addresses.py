"""The addresses in one list of many interfaces, read all at once: it takes half the time of one after the other.

Every reader takes that list's content of each interface (None: it has none) and gives the addresses of each, as
numbers. It raises OSError or ValueError for a text that is no address, and UnexpectedXml for one that nothing has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from socket import AF_INET, AF_INET6, inet_pton
from struct import unpack

from functions.aws.xml_shape import UnexpectedXml
from functions.capacity.ipv6_blocks import BLOCK as IPV6_BLOCK
from functions.capacity.model import BLOCK

Contents = Sequence[bytes | None]
Addresses = Iterator[tuple[int, ...]]

_IPV4, _IPV6 = int(AF_INET), int(AF_INET6)  # the enumeration itself takes as long to look at as the address
_NOTHINGS = {_IPV4: "0.0.0.0", _IPV6: "::"}  # noqa: S104 - nothing is bound to it
_IPV6_BYTES = 16
_AT_A_BLOCK = bytes(range(0, 256, BLOCK))  # the last bytes of addresses that a /28 can start at


def ipv4_addresses(contents: Contents) -> Addresses:
    """Of `<privateIpAddress>10.0.0.5<`."""
    return _parted(_ipv4_numbers(_packed(contents, "<privateIpAddress>", "<", _IPV4)), len(contents))


def ipv4_prefixes(contents: Contents) -> Addresses:
    """First addresses, of `<ipv4Prefix>10.0.0.16/28<`."""
    packed = _packed(contents, "<ipv4Prefix>", "/28<", _IPV4)
    if packed[3::4].translate(None, _AT_A_BLOCK):
        raise UnexpectedXml("a prefix that is none")
    return _parted(_ipv4_numbers(packed), len(contents))


def ipv6_addresses(contents: Contents) -> Addresses:
    """Of `<ipv6Address>2001:db8::5<`. Most interfaces have none, and are not looked at twice."""
    if not any(contents):
        return repeat(())
    return _parted(_ipv6_numbers(_packed(contents, "<ipv6Address>", "<", _IPV6)), len(contents))


def ipv6_prefixes(contents: Contents) -> Addresses:
    """First addresses, of `<ipv6Prefix>2001:db8:0:0:1::/80<`."""
    if not any(contents):
        return repeat(())
    numbers = _ipv6_numbers(_packed(contents, "<ipv6Prefix>", "/80<", _IPV6))
    if any(number % IPV6_BLOCK for number in numbers):
        raise UnexpectedXml("a prefix that is none")
    return _parted(numbers, len(contents))


def _packed(contents: Contents, before: str, after: str, family: int) -> bytes:
    """The addresses that stand between these two texts, as they stand in an IP packet.

    What no interface has marks where each content ends.
    """
    mark = f"{before}{_NOTHINGS[family]}{after}".encode()
    _, *found = mark.join([*(each or b"" for each in contents), b""]).decode().split(before)
    return b"".join(map(inet_pton, repeat(family), [each.partition(after)[0] for each in found]))


def _ipv4_numbers(packed: bytes) -> tuple[int, ...]:
    return unpack(f">{len(packed) // 4}I", packed)


def _ipv6_numbers(packed: bytes) -> tuple[int, ...]:
    starts = range(0, len(packed), _IPV6_BYTES)
    return tuple(int.from_bytes(packed[start : start + _IPV6_BYTES], "big") for start in starts)


def _parted(numbers: tuple[int, ...], contents: int) -> Addresses:
    """The addresses of each content."""
    if numbers.count(0) != contents:
        raise UnexpectedXml("an address that nothing has")
    return _between_marks(numbers, contents)


def _between_marks(numbers: tuple[int, ...], contents: int) -> Addresses:
    start = 0
    for _ in range(contents):
        end = numbers.index(0, start)
        yield numbers[start:end]
        start = end + 1
