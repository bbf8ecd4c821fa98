"""Sets of a subnet's addresses as large numbers, a bit for each address, and the aligned blocks that they are made of.

A number of 65,536 bits takes 8 kB and is shifted and masked as a whole in microseconds. The first address is the
highest bit; a block is its last address's bit.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import compress

from functions.capacity.model import BLOCK, PREFIX_LENGTH

ADDRESS_BITS = 32
_MOST_BLOCKS = 4096  # /28s of a /16, the widest subnet of EC2
_MANY = 6  # one in so many
_HEX_DIGIT = 4  # bits
_AS_BOOLEANS = bytes.maketrans(b"01", b"\0\1")
_places_of_ones = re.compile("1").finditer


@dataclass(frozen=True)
class Level:
    """The aligned blocks of one prefix length."""

    length: int
    whole: int  # those all of whose addresses are in the set
    alone: int  # of those, the ones that are no part of a larger one


def levels(addresses: int, size: int) -> Iterator[Level]:
    """A set of addresses as blocks: two neighbours make one of the next level, as long as there are any."""
    whole, span, length = addresses, 1, ADDRESS_BITS
    while whole:
        pairs = whole & (whole >> span) & _every(2 * span, size)
        yield Level(length, whole, whole ^ pairs ^ (pairs << span))
        whole, span, length = pairs, 2 * span, length - 1


def whole_blocks(levels: Iterable[Level]) -> int:
    """The /28s among the levels."""
    return next((each.whole for each in levels if each.length == PREFIX_LENGTH), 0)


def numbers(blocks: int, length: int, size: int) -> Sequence[int]:
    """Which of the range's aligned blocks of this prefix length these are, counted from its first address."""
    span = 1 << (ADDRESS_BITS - length)
    if span >= BLOCK:
        every = span // 8  # bytes; their lowest bit is the block's
        return tuple(compress(_up_to(_MOST_BLOCKS), blocks.to_bytes(size // 8, "big")[every - 1 :: every]))
    digits = _digits(blocks, span, size)
    if blocks.bit_count() * _MANY > len(digits):  # then looking at every digit is faster than searching
        return array("I", compress(range(len(digits)), digits.encode().translate(_AS_BOOLEANS)))
    return array("I", map(re.Match.start, _places_of_ones(digits)))


def _digits(blocks: int, span: int, size: int) -> str:
    """A digit for each block: of the binary number, or of the hexadecimal one, which is written much faster."""
    if span < _HEX_DIGIT:
        return f"{blocks:0{size}b}"[span - 1 :: span]
    return f"{blocks:0{size // _HEX_DIGIT}x}"[span // _HEX_DIGIT - 1 :: span // _HEX_DIGIT]


@cache
def _up_to(count: int) -> tuple[int, ...]:
    """The numbers themselves, because making 4,096 anew takes as long as choosing among them."""
    return tuple(range(count))


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
