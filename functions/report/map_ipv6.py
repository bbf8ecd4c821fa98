"""A subnet's IPv6 addresses at a scale that fits: 65,536 /80 blocks of a /64 as up to 256 cells of density.

Nodes hold a block each, spread at random over so many that a cell seldom has more than a few: how full it is goes by
the logarithm, so that one block shows and a full cell is full.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Network

from functions.capacity.ipv6_blocks import Ipv6Blocks
from functions.capacity.ipv6_ranges import Ranges, covered, within
from functions.capacity.wording import count
from functions.report.map_cells import COLUMNS, FULL
from functions.report.map_states import MEANINGS, Cells, State

MOST_CELLS = 256


@dataclass(frozen=True, kw_only=True)
class Density:
    """The cells, how many /80 blocks each of them stands for, and what it says when somebody points at it."""

    cells: Cells
    blocks_a_cell: int
    tooltips: Sequence[str]
    labels: Sequence[str]  # of each row


def density(blocks: Ipv6Blocks) -> Density:
    """The IPv6 part of the map. Groups are aligned, so each cell is a CIDR."""
    number = min(MOST_CELLS, blocks.total)
    size = blocks.total // number
    spans = [range(n * size, (n + 1) * size) for n in range(number)]
    reserved = frozenset(n for n, span in enumerate(spans) if _share(blocks.reserved, span) == size)
    return Density(
        cells=Cells(
            states=[_state(blocks, span, inside=n in reserved) for n, span in enumerate(spans)],
            levels=[_level(_used(blocks, span), size) for span in spans],
            reserved=reserved,
        ),
        blocks_a_cell=size,
        tooltips=[_tooltip(blocks, span) for span in spans],
        labels=list(_labels(blocks.cidr, number)),
    )


def headline(blocks: Ipv6Blocks) -> str:
    """How many prefixes could be had now, and how many there are."""
    return (
        f"{blocks.free:,} of {len(blocks.allocatable):,} prefixes (/80) could be had now: {blocks.free_reserved:,} "
        f"reserved, {blocks.free_open:,} open."
    )


def _state(blocks: Ipv6Blocks, span: range, *, inside: bool) -> State:
    """Nodes' prefixes before single addresses, these before nothing."""
    if _share(blocks.closed, span) == len(span):
        return State.EXPLICIT
    if _share(blocks.held, span):
        return State.PREFIX
    if _share(blocks.spoiled, span):
        return State.RESERVED_DRAINING if inside else State.PARTLY_USED
    return State.RESERVED_FREE if inside else State.FREE


def _used(blocks: Ipv6Blocks, span: range) -> int:
    return _share(blocks.held, span) + _share(blocks.spoiled, span)


def _share(ranges: Ranges, span: range) -> int:
    return covered(within(ranges, span))


def _level(used: int, size: int) -> int:
    """0 for none, at least 2 for one block, 16 for all of them, by the logarithm between."""
    if used <= 0:
        return 0
    most = size.bit_length()
    return min(FULL, 2 + (FULL - 2) * (used.bit_length() - 1) // max(1, most - 1))


def _tooltip(blocks: Ipv6Blocks, span: range) -> str:
    held, spoiled, free = _share(blocks.held, span), _share(blocks.spoiled, span), blocks.free_in(span)
    parts = [
        f"{free:,} free",
        *([f"{held:,} in use as prefixes"] if held else []),
        *([f"{spoiled:,} with single addresses"] if spoiled else []),
        *([f"{_share(blocks.reserved, span):,} reserved"] if _share(blocks.reserved, span) else []),
        *([f"{_share(blocks.closed, span):,} {MEANINGS[State.EXPLICIT]}"] if _share(blocks.closed, span) else []),
    ]
    return f"{blocks.cidr_of(span)}: {count(len(span), 'block')} of /80, {', '.join(parts)}"


def _labels(cidr: IPv6Network, cells: int) -> Iterator[str]:
    """The 16 bits of a row's first address that tell it from the other rows."""
    rows = -(-cells // COLUMNS)
    bits = cidr.prefixlen + max(0, (rows - 1).bit_length())  # what a row has in common
    shift = 128 - 16 * min(8, -(-bits // 16))
    for row in range(rows):
        first = int(cidr.network_address) + row * (cidr.num_addresses // rows)
        yield f"…{first >> shift & 0xFFFF:04x}::"
