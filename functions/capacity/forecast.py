"""When a subnet will be full, and what will be asked of it until then: from known demand, and from its samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.demand import SubnetDemand
from functions.capacity.growth import Full, Growth, Points, by_days, by_hours, full, highest
from functions.capacity.model import BLOCK, Mode
from functions.capacity.steering.samples import History, Sample


@dataclass(frozen=True, kw_only=True)
class Course:
    """One kind of thing: how much is in use and left now, how it grows, and what the lead time may bring.

    `growth` is None where the history does not say; `full` is None where that, or no exhaustion, is in sight.
    """

    in_use: int
    left: int
    expected: int  # in use at once, at the most, until the lead time is over: by nodes in flight and by the samples
    possible: int  # the same, should every node group grow to its maximum and one be updated
    growth: Growth | None
    full: Full | None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A subnet from `at` until the lead time is over.

    A block that single addresses spoil is lost to prefixes like one that is assigned: samples count the free ones.
    `unknown` says why none of it can be relied on, or is empty.
    """

    at: datetime
    until: datetime
    unknown: str
    prefixes: Course
    singles: Course


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Known demand: by nodes wanted already, and in all."""

    urgent: int
    most: int


def forecast(history: History, analysis: Analysis, now: datetime, lead: timedelta) -> Forecast:
    """The courses of prefixes and of single addresses. Samples from after `now` are left out."""
    blocks, demand = analysis.blocks, analysis.demand
    held, free = len(blocks.held), len(blocks.free)
    prefixes = _Asked(urgent=demand.urgent, most=demand.prefixes)
    singles = _Asked(urgent=_urgent_singles(demand), most=demand.singles)

    def course(of: Callable[[Sample], int], in_use: int, left: int, asked: _Asked) -> Course:
        return _course(_points(history, now, of, in_use), left, asked, now, lead)

    return Forecast(
        at=now,
        until=now + lead,
        unknown=analysis.partial,
        prefixes=course(lambda each: held + free - each.free, held, free, prefixes),
        singles=course(lambda each: each.singles, sum(blocks.singles), _left_to_singles(analysis), singles),
    )


def _points(history: History, now: datetime, of: Callable[[Sample], int], in_use: int) -> Points:
    past = sorted(((each.at - now) / timedelta(hours=1), of(each)) for each in history if each.at <= now)
    return [*past, (0.0, in_use)]


def _course(points: Points, left: int, asked: _Asked, now: datetime, lead: timedelta) -> Course:
    in_use = int(points[-1][1])
    outlook = by_days(points) or by_hours(points)
    projected = highest(outlook, lead) if outlook else in_use
    expected = max(in_use + asked.urgent, in_use, ceil(projected - 1e-6))
    return Course(
        in_use=in_use,
        left=left,
        expected=expected,
        possible=max(expected, in_use + asked.most),
        growth=outlook.growth if outlook else None,
        full=full(outlook, in_use + left, now) if left > 0 else Full(at=now, earliest=now, latest=now),
    )


# --- known demand ---


def _urgent_singles(demand: SubnetDemand) -> int:
    """Single addresses that nodes asked for, launching or running can take."""
    return sum(g.singles - (g.nodes_to_come - g.nodes_desired) * g.per_node.singles for g in demand.groups)


def _left_to_singles(analysis: Analysis) -> int:
    """Open addresses, and those that Headroom gives back when they are needed, where it steers."""
    blocks, subnet = analysis.blocks, analysis.subnet
    if subnet.mode is not Mode.STEER:
        return blocks.open_addresses
    ours = (each for each in subnet.reservations if each.ours and each.reserves_prefixes)
    kept = {n for each in ours for n in blocks_of(each, subnet)} & blocks.reserved - blocks.held
    return blocks.open_addresses + sum(BLOCK - blocks.singles[n] for n in kept)
