"""Sets of a subnet's addresses as large numbers, a bit for each address, and the aligned blocks that they are made of.

A number of 65,536 bits takes 8 kB and is shifted and masked as a whole in microseconds. The first address is the
highest bit; a block is its last address's bit.
"""

from __future__ import annotations

import re
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from functions.capacity.model import BLOCK, PREFIX_LENGTH

ADDRESS_BITS = 32
_MANY = 18  # one in so many
_HEX_DIGIT = 4  # bits
_AT_ONCE = 2**14  # blocks: their numbers are two times seven bits
_MARKED = bytes(range(128, 256))
_UPPER_BYTES = int.from_bytes(b"\0\x7f" * _AT_ONCE, "little")
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
    digits = _digits(blocks, span, size)
    if blocks.bit_count() * _MANY > len(digits):  # then searching takes longer, with a step for each
        return _many_places(digits)
    return array("I", map(re.Match.start, _places_of_ones(digits)))


def _digits(blocks: int, span: int, size: int) -> str:
    """A digit for each block: of the binary number, or of the hexadecimal one, which is written much faster."""
    if span < _HEX_DIGIT:
        return f"{blocks:0{size}b}"[span - 1 :: span]
    return f"{blocks:0{size // _HEX_DIGIT}x}"[span // _HEX_DIGIT - 1 :: span // _HEX_DIGIT]


def _many_places(digits: str) -> Sequence[int]:
    """Where the ones are, without a step of Python's for each.

    Every place is written as two bytes of seven bits, whose eighth bit marks the places of noughts; then all bytes
    with that mark are deleted at once.
    """
    found = array("H")
    for start in range(0, len(digits), _AT_ONCE):
        part = digits[start : start + _AT_ONCE].encode("utf-16-le")
        every = _every(16, 8 * len(part))
        noughts = (int.from_bytes(part, "little") & every ^ every) * 0x8080  # "0" and "1" differ in the lowest bit
        left = (noughts | _written(len(part))).to_bytes(len(part), "little").translate(None, _MARKED)
        places = int.from_bytes(left, "little")
        places -= (places & _UPPER_BYTES) >> 1
        places += int.from_bytes(start.to_bytes(2, "little") * (len(left) // 2), "little")
        found.frombytes(places.to_bytes(len(left), "little"))
    if sys.byteorder == "big":
        found.byteswap()
    return found


@cache
def _written(length: int) -> int:
    """The numbers from 0 in so many bytes, each in two of seven bits, the lower first."""
    pairs = bytearray(2 * _AT_ONCE)
    pairs[::2] = bytes(range(128)) * 128
    pairs[1::2] = b"".join(bytes([upper]) * 128 for upper in range(128))
    return int.from_bytes(pairs[:length], "little")


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
