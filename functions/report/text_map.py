"""A subnet's blocks as text: one row for each /24, one character for each /28."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address

from functions.capacity.blocks import BlockMap
from functions.capacity.model import BLOCK

BLOCKS_A_ROW = 16


class Kind(StrEnum):
    """What a block is; the value is its name in counts."""

    FREE = "free"
    PARTLY_USED = "partlyUsed"
    PREFIX = "prefix"
    RESERVED_FREE = "reservedFree"
    RESERVED_DRAINING = "reservedDraining"
    UNUSABLE = "unusable"


GLYPHS: Mapping[Kind, str] = {
    Kind.FREE: ".",
    Kind.PARTLY_USED: "o",
    Kind.PREFIX: "P",
    Kind.RESERVED_FREE: "R",
    Kind.RESERVED_DRAINING: "d",
    Kind.UNUSABLE: "x",
}

MEANINGS: Mapping[Kind, str] = {
    Kind.FREE: "free",
    Kind.PARTLY_USED: "holds single addresses",
    Kind.PREFIX: "a node's prefix",
    Kind.RESERVED_FREE: "reserved, free",
    Kind.RESERVED_DRAINING: "reserved, draining",
    Kind.UNUSABLE: "never a prefix",
}


def kinds(blocks: BlockMap) -> tuple[Kind, ...]:
    """What each block of the subnet is, in order."""
    return tuple(_kind(blocks, n) for n in range(len(blocks.singles)))


def counts(blocks: BlockMap) -> dict[str, int]:
    """How many blocks there are of each kind."""
    found = Counter(kinds(blocks))
    return {kind.value: found[kind] for kind in Kind}


def rows(blocks: BlockMap) -> list[str]:
    """The picture, each row led by its first address."""
    glyphs, base = [GLYPHS[kind] for kind in kinds(blocks)], int(blocks.subnet.cidr.network_address)
    return [
        f"{IPv4Address(base + start * BLOCK)!s:>15}  {''.join(glyphs[start : start + BLOCKS_A_ROW])}"
        for start in range(0, len(glyphs), BLOCKS_A_ROW)
    ]


def legend() -> str:
    """What the characters mean."""
    return "   ".join(f"{GLYPHS[kind]} {MEANINGS[kind]}" for kind in Kind)


def _kind(blocks: BlockMap, n: int) -> Kind:
    if n in blocks.held:
        return Kind.PREFIX
    if n not in blocks.allocatable or n in blocks.taken_by_others:
        return Kind.UNUSABLE
    if n in blocks.reserved:
        return Kind.RESERVED_DRAINING if blocks.singles[n] else Kind.RESERVED_FREE
    return Kind.PARTLY_USED if blocks.singles[n] else Kind.FREE
