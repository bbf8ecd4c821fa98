"""`steer`: hold everything for prefixes but a small pool for single addresses, and make that of the fullest blocks.

To reserve the forecast of prefixes is not enough: whatever stays open is spoiled by single addresses within hours,
and draining takes hours, while giving back takes one call (docs/decisions/0011-steer.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.model import BLOCK, Policy
from functions.capacity.plan import LONGEST_REASON, CreateReservation, Limit, Plan, ReleaseReservation
from functions.capacity.steering.exchange import exchanged
from functions.capacity.steering.hold import holds
from functions.capacity.steering.layout import Range
from functions.capacity.steering.pool import Pool, pool
from functions.capacity.steering.release import SPLIT, Release, opened, over_prefixes_alone, releases
from functions.capacity.steering.samples import History, Sample, remembered, scattered
from functions.capacity.steering.staying import worths
from functions.capacity.subnet_policy import times_ordinary

__all__ = ["History", "Sample", "remembered", "steer"]

RELEASES = 5  # in one decision: EC2's bucket for DeleteSubnetCidrReservation is 5, refilled 1 a second
CALLS = 200  # creates and releases of a day in one subnet of up to 4,096 addresses; in a larger one in proportion
FOR_RELEASES = 30  # of them, kept for single addresses that need room
FOR_THE_FLOOR = 100  # more than CALLS, where fewer addresses than the floor are open: a single address may wait
AT_ONCE = 0.3  # of the day's calls may be made early in the day: adopting a subnet takes some sixty


def steer(analysis: Analysis, policy: Policy, history: History, *, created_today: int, released_today: int) -> Plan:
    """The plan for one subnet given to prefixes. Pure; the newest sample of `history` is of this very look."""
    if analysis.partial:
        return Plan(subnet_id=analysis.subnet.id, reason=f"only watching: {analysis.partial}")
    calls, of_a_day = created_today + released_today, CALLS * times_ordinary(analysis.subnet.cidr.num_addresses)
    over = _over_pace(history, calls / of_a_day)
    wanted = pool(analysis, policy, history, calls_over_pace=over)
    is_open = analysis.blocks.open_addresses
    worth = worths(analysis.blocks, history[-1].at.timestamp() if history else None)
    allowed = min(of_a_day - FOR_RELEASES - calls, policy.max_creates_per_subnet_per_day - created_today)
    scatter = scattered(history, len(analysis.blocks.singles))
    if wanted.low <= is_open <= wanted.high:
        most = min(allowed, policy.max_creates_per_run) if scatter and not over else 0
        return _exchange(analysis, policy, wanted, worth, most=max(0, most))
    if is_open < wanted.low:
        call = SPLIT * (1 + 100 * over) if scatter else 100 * SPLIT
        return _release(analysis, policy, wanted, worth, calls_left=of_a_day - calls, call=call)
    return _hold(analysis, policy, wanted, history, worth=worth, allowed=allowed)


def _exchange(analysis: Analysis, policy: Policy, wanted: Pool, worth: Sequence[float], *, most: int) -> Plan:
    left = _objects_left(analysis, policy)
    found = exchanged(analysis, wanted, worth, objects_left=left, most=most) if most else []
    return Plan(
        subnet_id=analysis.subnet.id,
        actions=tuple(_held(analysis, wanted, each) for each in found),
        deferred=int(bool(found)),  # what would be opened instead is another one now
        reason=_reason(analysis, wanted),
    )


def _release(
    analysis: Analysis, policy: Policy, wanted: Pool, worth: Sequence[float], *, calls_left: int, call: float
) -> Plan:
    chosen = releases(analysis, wanted, worth, objects_left=_objects_left(analysis, policy), call=call)
    urgent = analysis.blocks.open_addresses < policy.single_address_floor
    now = chosen[: max(0, min(RELEASES, calls_left + urgent * FOR_THE_FLOOR))]
    after = analysis.blocks.open_addresses + sum(opened(analysis, each.reservation) for each in now)
    return Plan(
        subnet_id=analysis.subnet.id,
        releases=tuple(_given_back(analysis, wanted, each) for each in now),
        deferred=max(len(chosen) - len(now), int(after > wanted.high)) if now else 0,
        limits=frozenset({Limit.DAY} if len(now) < min(RELEASES, len(chosen)) else ()),
        reason=_reason(analysis, wanted),
    )


def _hold(
    analysis: Analysis, policy: Policy, wanted: Pool, history: History, *, worth: Sequence[float], allowed: int
) -> Plan:
    left, idle = _objects_left(analysis, policy), over_prefixes_alone(analysis)
    could = left + len(idle)
    chosen = holds(analysis, wanted, history, worth, objects_left=could)
    given_back = idle[: max(0, min(RELEASES, len(chosen) - left, allowed // 2))]
    if given_back and left < policy.max_creates_per_run:
        return Plan(
            subnet_id=analysis.subnet.id,
            releases=tuple(_given_back(analysis, wanted, each) for each in given_back),
            deferred=len(chosen),
            reason=_reason(analysis, wanted),
        )
    now = chosen[: max(0, min(left, allowed, policy.max_creates_per_run))]
    reached = {Limit.OBJECTS: left <= len(chosen), Limit.DAY: allowed < min(left, len(chosen))}
    # What ranges cost in objects can leave more open than is wanted, and the next look may find more to hold.
    more = bool(now) and len(chosen) < could and _open_without(analysis, now) > wanted.high
    waiting = min(len(chosen), could, max(0, allowed)) - len(now) if now else 0
    return Plan(
        subnet_id=analysis.subnet.id,
        actions=tuple(_held(analysis, wanted, each) for each in now),
        deferred=max(waiting, int(more)),
        limits=frozenset(limit for limit, is_reached in reached.items() if is_reached),
        reason=_reason(analysis, wanted),
    )


def _open_without(analysis: Analysis, ranges: Iterable[Range]) -> int:
    """The addresses that are still open once these ranges are held."""
    blocks = analysis.blocks
    closing = {n for first, count in ranges for n in range(first, first + count)} - blocks.held - blocks.reserved
    return blocks.open_addresses - sum(BLOCK - blocks.singles[n] for n in closing)


def _objects_left(analysis: Analysis, policy: Policy) -> int:
    """Of the cap on all that carries our tag, of whatever size and kind."""
    return policy.max_reservations_per_subnet - sum(each.ours for each in analysis.subnet.reservations)


def _over_pace(history: History, spent: float) -> float:
    """How much more of the day's calls is spent than the time of day (UTC) allows, both as shares of them."""
    if not history:
        return 0.0
    at = history[-1].at
    passed = (at.hour * 60 + at.minute) / (24 * 60)
    return max(0.0, spent - AT_ONCE - (1 - AT_ONCE) * passed)


def _held(analysis: Analysis, wanted: Pool, each: Range) -> CreateReservation:
    free = len(analysis.blocks.free.intersection(range(each[0], each[0] + each[1])))
    return CreateReservation(
        subnet_id=analysis.subnet.id,
        cidr=analysis.blocks.cidr(*each),
        free=free,
        draining=sum(1 for n in range(each[0], each[0] + each[1]) if analysis.blocks.singles[n]),
        reason=_reason(analysis, wanted),
    )


def _given_back(analysis: Analysis, wanted: Pool, each: Release) -> ReleaseReservation:
    opens = opened(analysis, each.reservation)
    free = len(analysis.blocks.free.intersection(blocks_of(each.reservation, analysis.subnet)))
    why = (
        f"opens {opens} addresses and {free} free blocks" if opens else "prefixes take all of it, others need its place"
    )
    return ReleaseReservation(
        subnet_id=analysis.subnet.id,
        reservation_id=each.reservation.id,
        cidr=each.reservation.cidr,
        reason=f"{why}; {_reason(analysis, wanted)}",
    )


def _reason(analysis: Analysis, wanted: Pool) -> str:
    """It is also the reservation's description."""
    blocks = analysis.blocks
    text = (
        f"{blocks.open_addresses} addresses are open to single requests, which need {wanted.low} to {wanted.high}; "
        f"{sum(blocks.singles)} single addresses and {len(blocks.held)} prefixes in use, {len(blocks.free)} blocks free"
    )
    return text[:LONGEST_REASON]
