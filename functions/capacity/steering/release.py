"""Which of our reservations to give up when single addresses need room: those that cost the fewest free blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.model import BLOCK, PREFIX_LENGTH, Reservation
from functions.capacity.steering.hold import LARGEST, aligned
from functions.capacity.steering.pool import Pool

SPLIT = 0.002  # what a call is worth: a free block of 16 addresses costs 0.0625 an address


@dataclass(frozen=True, kw_only=True)
class Release:
    """One of our reservations, the open addresses that it brings for good, and what each of those costs.

    `again` are the ranges of it to reserve again: it is too large to stay open as a whole.
    """

    reservation: Reservation
    gain: int
    cost: float
    again: int = 0


def releases(
    analysis: Analysis, pool: Pool, worth: Sequence[float], *, objects_left: int, call: float = SPLIT
) -> list[Release]:
    """What to give up until the pool is as large as it should be, the cheapest first. `worth` of each block.

    The last of them may be too large to stay open as a whole. Where there are no objects to reserve the rest of it
    again, reservations over prefixes alone make room for them.
    """
    chosen, missing = list[Release](), pool.aim - analysis.blocks.open_addresses
    empty, found = over_prefixes_alone(analysis), _candidates(analysis, pool, worth, call)
    for each in _fitting(found, objects_left + len(empty)) or found[:1]:
        if missing <= 0:
            break
        chosen += [*empty[: max(0, each.again - 1 - objects_left)], each]
        missing -= each.gain
    return chosen


def cheapest(analysis: Analysis, pool: Pool, worth: Sequence[float], *, objects_left: int) -> Release | None:
    """What would be given up first if single addresses needed room now, with no reservation too many."""
    return next(iter(_fitting(_candidates(analysis, pool, worth, SPLIT), objects_left)), None)


def _fitting(found: Iterable[Release], objects: int) -> list[Release]:
    return [each for each in found if each.again - 1 <= objects]


def over_prefixes_alone(analysis: Analysis) -> list[Release]:
    """Ours that keep single addresses from nothing now, since prefixes hold all of them; the smallest first."""
    found = [each for each in ours(analysis) if not opened(analysis, each)]
    found.sort(key=lambda each: (-each.cidr.prefixlen, each.cidr))
    return [Release(reservation=each, gain=0, cost=0.0) for each in found]


def ours(analysis: Analysis) -> list[Reservation]:
    """The reservations that are Headroom's, of whole blocks."""
    return [
        each
        for each in analysis.subnet.reservations
        if each.ours and each.reserves_prefixes and each.cidr.prefixlen <= PREFIX_LENGTH
    ]


def opened(analysis: Analysis, reservation: Reservation) -> int:
    """The addresses that become open without it."""
    return sum(BLOCK - analysis.blocks.singles[n] for n in _not_held(analysis, reservation))


def _candidates(analysis: Analysis, pool: Pool, worth: Sequence[float], call: float) -> list[Release]:
    room, missing = pool.high - analysis.blocks.open_addresses, pool.aim - analysis.blocks.open_addresses
    found = [
        _whole(analysis, each, worth, call)
        if opened(analysis, each) <= room
        else _in_part(analysis, each, worth, missing, call)
        for each in ours(analysis)
        if opened(analysis, each)
    ]
    return sorted(found, key=lambda each: (each.cost, each.reservation.cidr))


def _whole(analysis: Analysis, reservation: Reservation, worth: Sequence[float], call: float) -> Release:
    gain = opened(analysis, reservation)
    cost = sum(worth[n] for n in _not_held(analysis, reservation))
    return Release(reservation=reservation, gain=gain, cost=(cost + BLOCK * call) / gain)


def _in_part(
    analysis: Analysis, reservation: Reservation, worth: Sequence[float], missing: int, call: float
) -> Release:
    """Too large to be open as a whole: all but its best blocks, as many as are needed, is reserved again."""
    blocks, gain, opens = analysis.blocks, 0, list[int]()
    inside = _not_held(analysis, reservation)
    for n in sorted(
        (n for n in inside if blocks.singles[n] < BLOCK), key=lambda n: (worth[n] / (BLOCK - blocks.singles[n]), n)
    ):
        if gain >= missing and gain:
            break
        opens.append(n)
        gain += BLOCK - blocks.singles[n]
    held = blocks.held.intersection(blocks_of(reservation, analysis.subnet))
    again = len(list(aligned(set(inside) - set(opens), held, LARGEST)))
    cost = sum(worth[n] for n in opens) + BLOCK * call * (1 + again)
    return Release(reservation=reservation, gain=gain, cost=cost / gain, again=again)


def _not_held(analysis: Analysis, reservation: Reservation) -> list[int]:
    return [n for n in blocks_of(reservation, analysis.subnet) if n not in analysis.blocks.held]
