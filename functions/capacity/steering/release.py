"""Which of our reservations to give up when single addresses need room: those that cost the fewest free blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.model import BLOCK, PREFIX_LENGTH, Reservation
from functions.capacity.steering.pool import Pool

SPLIT = 0.002  # what a call is worth: a free block of 16 addresses costs 0.0625 an address


@dataclass(frozen=True, kw_only=True)
class Release:
    """One of our reservations, the open addresses that it brings for good, and what those cost."""

    reservation: Reservation
    gain: int
    cost: float


def releases(
    analysis: Analysis, pool: Pool, worth: Sequence[float], *, objects_left: int, call: float = SPLIT
) -> list[Release]:
    """What to give up until the pool is as large as it should be, the cheapest first. `worth` of each block."""
    chosen, missing = list[Release](), pool.aim - analysis.blocks.open_addresses
    for each in _candidates(analysis, pool, worth, objects_left, call):
        if missing <= 0:
            break
        chosen.append(each)
        missing -= each.gain
    return chosen


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


def _candidates(
    analysis: Analysis, pool: Pool, worth: Sequence[float], objects_left: int, call: float
) -> list[Release]:
    room = pool.high - analysis.blocks.open_addresses
    found = [
        _whole(analysis, each, worth, call) if opened(analysis, each) <= room else _best_of(analysis, each, worth, call)
        for each in ours(analysis)
        if opened(analysis, each)
    ]
    fits = [each for each in found if _splits(each.reservation) <= objects_left or each.gain == 0] or found
    return sorted(fits, key=lambda each: (each.cost, each.reservation.cidr))


def _whole(analysis: Analysis, reservation: Reservation, worth: Sequence[float], call: float) -> Release:
    gain = opened(analysis, reservation)
    cost = sum(worth[n] for n in _not_held(analysis, reservation))
    return Release(reservation=reservation, gain=gain, cost=(cost + BLOCK * call) / gain)


def _best_of(analysis: Analysis, reservation: Reservation, worth: Sequence[float], call: float) -> Release:
    """Too large to be open as a whole: all but its best block is reserved again, in as many calls as it has halves."""
    blocks = analysis.blocks
    best = min(
        (n for n in _not_held(analysis, reservation) if blocks.singles[n] < BLOCK),
        key=lambda n: (worth[n] / (BLOCK - blocks.singles[n]), n),
    )
    gain = BLOCK - blocks.singles[best]
    return Release(reservation=reservation, gain=gain, cost=worth[best] / gain + call * _splits(reservation))


def _splits(reservation: Reservation) -> int:
    return PREFIX_LENGTH - reservation.cidr.prefixlen


def _not_held(analysis: Analysis, reservation: Reservation) -> list[int]:
    return [n for n in blocks_of(reservation, analysis.subnet) if n not in analysis.blocks.held]
