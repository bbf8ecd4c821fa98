"""Sets of a subnet's addresses as large numbers, a bit for each address, and the aligned blocks that they are made of.

A number of 65,536 bits takes 8 kB and is shifted and masked as a whole in microseconds. The first address, and the
first block, is the highest bit.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import compress

from functions.capacity.model import BLOCK, PREFIX_LENGTH

ADDRESS_BITS = 32
_MANY = 6  # one in so many
_AS_BOOLEANS = bytes.maketrans(b"01", b"\0\1")
_places_of_ones = re.compile("1").finditer


@dataclass(frozen=True)
class Level:
    """The aligned blocks of one prefix length: a bit for each of the `width` that there are."""

    length: int
    width: int
    whole: int  # those all of whose addresses are in the set
    alone: int  # of those, the ones that are no part of a larger one


def levels(addresses: int, size: int) -> Iterator[Level]:
    """A set of addresses as blocks: two neighbours make one of the next level, as long as there are any."""
    whole, width, length = addresses, size, ADDRESS_BITS
    while whole:
        pairs = whole & (whole >> 1) & _every(2, width)
        yield Level(length, width, whole, whole ^ pairs ^ (pairs << 1))
        whole = int(_digits(pairs, width)[1::2] or "0", 2)  # a pair's bit is the second one's; closer together now
        width, length = width // 2, length - 1


def whole_blocks(levels: Iterable[Level]) -> int:
    """The /28s among the levels."""
    return next((each.whole for each in levels if each.length == PREFIX_LENGTH), 0)


def numbers(blocks: int, width: int) -> array[int]:
    """The places of the ones, the highest bit's being 0."""
    digits = _digits(blocks, width)
    if blocks.bit_count() * _MANY > width:  # then looking at every digit is faster than searching
        return array("I", compress(range(width), digits.encode().translate(_AS_BOOLEANS)))
    return array("I", map(re.Match.start, _places_of_ones(digits)))


def _digits(bits: int, width: int) -> str:
    return f"{bits:0{width}b}"


@cache
def _every(step: int, size: int) -> int:
    """The number of `size` bits in which the lowest and every `step`-th one above it is set."""
    return ((1 << size) - 1) // ((1 << step) - 1)


def ones_by_block(addresses: int, size: int) -> bytes:
    """Adds neighbouring bits to counts of 2, those to counts of 4 and so on, all blocks at once."""
    counts, span = addresses, 1
    while span < BLOCK:
        lanes = _every(2 * span, size) * ((1 << span) - 1)  # the lower half of each pair
        counts = (counts & lanes) + (counts >> span & lanes)
        span *= 2
    return counts.to_bytes(size // 8, "big")[1::2]
