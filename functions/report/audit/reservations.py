"""The reservations of all subnets, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Network

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.ipv6_blocks import BLOCK_BITS, Ipv6Blocks
from functions.capacity.ipv6_ranges import covered, within
from functions.capacity.model import Ipv6Reservation, Reservation
from functions.report.audit.facts import Fact, Record
from functions.report.map_states import pins


def reservation_records(analysis: Analysis) -> Iterator[Record]:
    """Those of one subnet, by address; IPv4 first."""
    for each in sorted(analysis.subnet.reservations, key=lambda r: (r.cidr, r.id)):
        yield _record(each, *_ipv4(each, analysis))
    for six in sorted(analysis.subnet.ipv6_reservations, key=lambda r: (r.cidr, r.id)):
        yield _record(six, *_ipv6(six, analysis.ipv6))


def _record(of: Reservation | Ipv6Reservation, *blocks: Fact) -> Record:
    kind = "prefix" if of.reserves_prefixes else "explicit"
    return Record(
        id=of.id,
        facts=(
            Fact(key="subnetId", label="Subnet", value=of.subnet_id, overview=True),
            Fact(key="cidr", label="CIDR", value=str(of.cidr), overview=True),
            Fact(key="type", label="Type", value=kind, overview=True),
            Fact(key="whose", label="Whose", value="Headroom" if of.ours else "others", overview=True),
            *blocks,
        ),
    )


def _ipv4(of: Reservation, analysis: Analysis) -> tuple[Fact, ...]:
    """Blocks are /28; those of an `explicit` reservation are neither free nor draining to EC2."""
    blocks, numbers = analysis.blocks, frozenset(blocks_of(of, analysis.subnet))
    stuck = pins(blocks, blocks.draining & numbers)
    owners = sorted({owner.value for each in stuck.values() for owner in each})
    return _blocks(
        len(numbers), len(blocks.free & numbers), len(blocks.draining & numbers), len(blocks.held & numbers), owners
    )


def _ipv6(of: Ipv6Reservation, blocks: Ipv6Blocks | None) -> tuple[Fact, ...]:
    """Blocks are /80; what pins them is not looked for, since there are so many others."""
    if blocks is None:
        return _blocks(0, 0, 0, 0, [])
    span = _span(of.cidr, blocks)
    return _blocks(len(span), blocks.free_in(span), blocks.draining_in(span), covered(within(blocks.held, span)), [])


def _span(cidr: IPv6Network, blocks: Ipv6Blocks) -> range:
    first = (int(cidr[0]) - int(blocks.cidr[0])) >> BLOCK_BITS
    last = (int(cidr[-1]) - int(blocks.cidr[0])) >> BLOCK_BITS
    return range(max(0, first), min(blocks.total, last + 1))


def _blocks(total: int, free: int, draining: int, assigned: int, pinned_by: list[str]) -> tuple[Fact, ...]:
    return (
        Fact(key="blocks", label="Blocks", value=total, overview=True),
        Fact(key="freeBlocks", label="Free", value=free, overview=True),
        Fact(key="drainingBlocks", label="Draining", value=draining, overview=True),
        Fact(key="assignedBlocks", label="Assigned", value=assigned, overview=True),
        Fact(key="pinnedBy", label="Will not drain: held by", value=tuple(pinned_by), overview=True),
    )
