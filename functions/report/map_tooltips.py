"""What a block or a row says when somebody points at it: its CIDR, its state, whose it is, and since when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Address

from functions.capacity.blocks import BlockMap, blocks_of
from functions.capacity.model import BLOCK, Interface, Reservation, Subnet
from functions.capacity.pins import Holder, holders
from functions.report.map_cells import COLUMNS
from functions.report.map_states import MEANINGS, Cells, State
from functions.report.map_words import lasted, safe, tally

_NAMED = 2  # holders that one tooltip names
_ID = 32  # characters shown of an id; EC2's have 21

Since = Mapping[str, datetime]


@dataclass(frozen=True, kw_only=True)
class Times:
    """When things began, by interface or reservation id, as far as the caller knows; and what time it is."""

    since: Since
    now: datetime | None

    def of(self, id_: str) -> str:
        """How long it has been, in words; nothing where that is unknown."""
        return lasted(self.since.get(id_), self.now)


def of_blocks(blocks: BlockMap, cells: Cells, times: Times) -> list[str]:
    """One text for each block, escaped."""
    held_by = _prefix_owners(blocks.subnet)
    reserved_by = {n: each for each in blocks.subnet.reservations for n in blocks_of(each, blocks.subnet)}
    singles = holders(blocks, frozenset(n for n, count in enumerate(blocks.singles) if count))
    return [
        "\n".join(
            (
                f"{blocks.cidr(n)}: {_state(state, blocks.singles[n])}",
                *_prefix(held_by.get(n), times),
                *_holders(singles.get(n, ()), times),
                *_reservation(reserved_by.get(n), times),
            )
        )
        for n, state in enumerate(cells.states)
    ]


def of_rows(blocks: BlockMap, cells: Cells) -> list[str]:
    """One text for each row of blocks, escaped: for subnets whose blocks are too many to name each."""
    base = int(blocks.subnet.cidr.network_address)
    starts = range(0, len(cells.states), COLUMNS)
    return [_row(base + n * BLOCK, cells.states[n : n + COLUMNS], blocks.singles[n : n + COLUMNS]) for n in starts]


def _row(first: int, states: Sequence[State], singles: bytes) -> str:
    found = ((state, states.count(state)) for state in State)
    shown = ", ".join(tally(state, n) for state, n in found if n)
    used = f"; {sum(singles)} single addresses" if any(singles) else ""
    return f"{IPv4Address(first)}/24: {shown}{used}"


def _state(state: State, singles: int) -> str:
    used = f", {singles} of {BLOCK} addresses in use" if singles else ""
    return MEANINGS[state] + used


def _prefix_owners(subnet: Subnet) -> dict[int, Interface]:
    base = int(subnet.cidr.network_address)
    return {(prefix - base) // BLOCK: each for each in subnet.interfaces for prefix in each.prefixes}


def _prefix(interface: Interface | None, times: Times) -> tuple[str, ...]:
    if interface is None:
        return ()
    instance = f" of {safe(interface.instance_id, _ID)}" if interface.instance_id else ""
    cluster = f" in {safe(interface.cluster, _ID)}" if interface.cluster else ""
    return (f"{interface.owner} {safe(interface.id, _ID)}{instance}{cluster}{times.of(interface.id)}",)


def _holders(held: Sequence[Holder], times: Times) -> tuple[str, ...]:
    """Those that stay come first: they are what somebody who points here is after."""
    ordered = sorted(held, key=lambda each: (not each.pins, each.address))
    lines = [
        f"{IPv4Address(each.address)} {each.owner} {safe(each.interface_id, _ID)}{times.of(each.interface_id)}"
        for each in ordered[:_NAMED]
    ]
    more = len(held) - len(lines)
    return (*lines, *([f"and {more} more"] if more else []))


def _reservation(reservation: Reservation | None, times: Times) -> tuple[str, ...]:
    if reservation is None:
        return ()
    kind = "prefix" if reservation.reserves_prefixes else "explicit"
    whose = "Headroom's" if reservation.ours else "not Headroom's"
    return (f"{kind} reservation {safe(reservation.id, _ID)} ({whose}){times.of(reservation.id)}",)
