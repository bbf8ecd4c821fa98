"""Which blocks to reserve, and why: the decision that `--dry-run` prints, `act` applies and the alert explains.

The strategy here is `ahead`: keep as many prefixes reserved as the node groups can still ask for. Free blocks come
first, since the next single address would spoil them; then blocks that will drain: a reservation takes no address
away, but one that is given back inside it is not handed out singly again (VPC user guide, 'subnet-cidr-reservation').
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from functions.capacity.analyse import Analysis
from functions.capacity.journal import Outcome
from functions.capacity.model import BLOCK, Mode, Policy
from functions.capacity.steering.pool import to_be_left
from functions.capacity.steering.samples import History

LONGEST_REASON = 255  # as long as EC2's other descriptions may be; this one's limit is not documented
LARGEST = 16  # blocks in one reservation: a /24, so that giving one back in parts stays within EC2's burst of 5 calls


class Limit(StrEnum):
    """What kept a plan from covering the whole demand."""

    SUBNET = "the subnet has no more blocks"
    FLOOR = "the rest is needed for single addresses"
    OBJECTS = "the cap on reservations in this subnet is reached"
    DAY = "the cap on reservations made in a day is reached"
    RELEASES = "the cap on reservations given back in a day is reached"


@dataclass(frozen=True, kw_only=True)
class CreateReservation:
    """One CreateSubnetCidrReservation of type `prefix`, with its reason in words and numbers."""

    subnet_id: str
    cidr: IPv4Network | IPv6Network
    free: int  # blocks in it that are wholly free now
    draining: int  # blocks in it that still hold single addresses
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReleaseReservation:
    """One DeleteSubnetCidrReservation of a reservation that is ours, with its reason in words and numbers."""

    subnet_id: str
    reservation_id: str
    cidr: IPv4Network
    reason: str


@dataclass(frozen=True, kw_only=True)
class Refused:
    """EC2 did not make a reservation, and that is certain. `reason` is EC2's words."""

    action: CreateReservation
    outcome: Outcome
    reason: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to do in one subnet. `deferred` calls wait for the next run; `limits` say what bounds the plan.

    No action lies over a range that a release gives back: EC2 would refuse it until that is done.
    """

    subnet_id: str
    actions: tuple[CreateReservation, ...] = ()
    releases: tuple[ReleaseReservation, ...] = ()
    deferred: int = 0
    limits: frozenset[Limit] = frozenset()
    reason: str = ""


def plan(analysis: Analysis, policy: Policy, *, created_today: int, history: History = ()) -> Plan:
    """The plan for one subnet. Pure; planning again after acting on it plans nothing.

    With the looks of `history`, the newest of this very one, what stays open follows what single addresses need.
    """
    subnet_id = analysis.subnet.id
    if analysis.partial:
        return Plan(subnet_id=subnet_id, reason=f"only watching: {analysis.partial}")
    if analysis.subnet.mode is not Mode.AHEAD:
        return Plan(subnet_id=subnet_id, reason="only watching: the subnet's tag does not ask for more")
    chosen, limits = _choose(analysis, policy, history)
    if not chosen:
        return Plan(subnet_id=subnet_id, limits=limits, reason=_reason(analysis))
    return _capped(analysis, list(_ranges(chosen, analysis)), limits, policy, created_today)


def _choose(analysis: Analysis, policy: Policy, history: History) -> tuple[list[int], frozenset[Limit]]:
    """The blocks to reserve: free ones for what free reserved ones do not cover, draining ones for what is left."""
    blocks, demand = analysis.blocks, analysis.demand
    left_open = max(policy.single_address_floor, to_be_left(analysis, history) if history else 0)
    spare = blocks.open_addresses - left_open - demand.singles
    missing = demand.prefixes - len(blocks.free_reserved)
    free = _in_large_ranges(blocks.free_open, missing)[: max(0, spare // BLOCK)]
    spare -= BLOCK * len(free)
    missing -= len(free) + len(blocks.draining)
    drain = _drainable(analysis, missing, spare)
    return free + drain, _limits(analysis, free, drain, missing - len(drain))


def _limits(analysis: Analysis, free: list[int], drain: list[int], missing: int) -> frozenset[Limit]:
    if missing <= 0:
        return frozenset()
    left = len(analysis.blocks.free_open) - len(free) + len(analysis.blocks.drainable) - len(drain)
    return frozenset({Limit.FLOOR if left else Limit.SUBNET})


def _in_large_ranges(free: frozenset[int], wanted: int) -> list[int]:
    """Up to `wanted` of these blocks, taken in aligned ranges as large as there are: fewer reservations hold more."""
    left, chosen = set(free), list[int]()
    size = LARGEST
    while size and len(chosen) < wanted:
        for first in sorted({n - n % size for n in left}):
            whole = range(first, first + size)
            if len(chosen) + size <= wanted and left.issuperset(whole):
                chosen.extend(whole)
                left.difference_update(whole)
        size //= 2
    return chosen


def _drainable(analysis: Analysis, wanted: int, spare: int) -> list[int]:
    """Up to `wanted` open blocks with single addresses, the emptiest first, within `spare` open addresses."""
    chosen = list[int]()
    singles = analysis.blocks.singles
    for n in sorted(analysis.blocks.drainable, key=lambda n: (singles[n], n)):
        costs = BLOCK - singles[n]
        if len(chosen) < wanted and costs <= spare:
            chosen.append(n)
            spare -= costs
    return chosen


def _ranges(chosen: Iterable[int], analysis: Analysis) -> Iterator[tuple[int, int]]:
    """The chosen blocks as few aligned ranges (first, count); those with the most free blocks come first."""
    ranges, left, size = list[tuple[int, int]](), set(chosen), LARGEST
    while size:
        for first in sorted({n - n % size for n in left}):
            whole = range(first, first + size)
            if left.issuperset(whole):
                ranges.append((first, size))
                left.difference_update(whole)
        size //= 2
    free = analysis.blocks.free
    yield from sorted(ranges, key=lambda r: (-len(free.intersection(range(r[0], r[0] + r[1]))), r))


def _capped(
    analysis: Analysis, ranges: list[tuple[int, int]], limits: frozenset[Limit], policy: Policy, created_today: int
) -> Plan:
    ours = sum(1 for each in analysis.subnet.reservations if each.ours)
    allowed = {
        Limit.OBJECTS: max(0, policy.max_reservations_per_subnet - ours),
        Limit.DAY: max(0, policy.max_creates_per_subnet_per_day - created_today),
    }
    reached = frozenset(limit for limit, left in allowed.items() if left < len(ranges))
    permitted = ranges[: min(allowed.values())]
    now = permitted[: policy.max_creates_per_run]
    return Plan(
        subnet_id=analysis.subnet.id,
        actions=tuple(_action(analysis, first, count) for first, count in now),
        deferred=len(permitted) - len(now),
        limits=limits | reached,
        reason=_reason(analysis),
    )


def _action(analysis: Analysis, first: int, count: int) -> CreateReservation:
    free = len(analysis.blocks.free.intersection(range(first, first + count)))
    return CreateReservation(
        subnet_id=analysis.subnet.id,
        cidr=analysis.blocks.cidr(first, count),
        free=free,
        draining=count - free,
        reason=_reason(analysis),
    )


def _reason(analysis: Analysis) -> str:
    """At most 255 characters: it is also the reservation's description."""
    blocks, demand = analysis.blocks, analysis.demand
    groups = ", ".join(each.name for each in demand.groups if each.prefixes) or "no node group"
    text = (
        f"{demand.prefixes} prefixes may still be asked for, before this {len(blocks.free_reserved)} were free in "
        f"reservations, {len(blocks.free_open)} outside, for {groups}"
    )
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 3] + "..."
