"""Which /80 blocks to reserve for the nodes of IPv6 clusters, and why.

It is far simpler than for /28 blocks (plan.py, steer.py). One open block of 2^48 addresses is all the room that single
addresses will ever need, so nothing has to be given back, and a reservation may be as wide as half of a /64. What is
left is to keep single addresses, which EC2 scatters, out of most of the subnet, in as few reservations as that takes:
a /64 that is steered is done with four calls, and no further one, ever.

No smallest or largest size of an IPv6 reservation is documented (VPC user guide, 'subnet-cidr-reservation'; EC2 API
reference, CreateSubnetCidrReservation); that EC2 takes one as wide as a /66 is unproven.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from functions.capacity.analyse import Analysis
from functions.capacity.ipv6_blocks import Ipv6Blocks
from functions.capacity.ipv6_ranges import (
    Ranges,
    aligned,
    between,
    within,
)
from functions.capacity.model import Mode, Policy
from functions.capacity.plan import LONGEST_REASON, CreateReservation, Limit, Plan

OPEN_END = 8  # of the subnet, an eighth at each end stays open for single addresses; the edge blocks are there anyway
SMALLEST = 256  # of the subnet, the least that is worth a reservation: a /72 in a /64


def plan_ipv6(analysis: Analysis, policy: Policy, *, created_today: int) -> Plan:
    """The plan for the /80 blocks of a subnet that nodes take them from. Pure; planning again after it plans nothing.

    `max_reservations_per_subnet` counts the reservations of both families.
    """
    blocks, subnet_id = analysis.ipv6, analysis.subnet.id
    if blocks is None:
        return Plan(subnet_id=subnet_id, reason="only watching: the subnet has no IPv6 CIDR")
    if why := _only_watching(analysis):
        return Plan(subnet_id=subnet_id, reason=f"only watching: {why}")
    if not any(blocks.room_in(end) for end in _ends(blocks)):
        reason = f"single addresses have no room but in the middle of {blocks.cidr}, so it stays open"
        return Plan(subnet_id=subnet_id, limits=frozenset({Limit.FLOOR}), reason=reason)
    if analysis.subnet.mode is Mode.STEER:
        return _capped(analysis, blocks, _most(blocks), policy, created_today=created_today)
    wanted = max(0, analysis.demand.ipv6_prefixes - blocks.free_reserved)
    chosen = _enough(blocks, wanted)
    capped = _capped(analysis, blocks, chosen, policy, created_today=created_today)
    return replace(capped, limits=capped.limits | _limits(blocks, chosen, wanted))


def takes_ipv6_prefixes(analysis: Analysis) -> bool:
    """Whether nodes have /80 prefixes of the subnet, or may ask for some."""
    return analysis.demand.ipv6_prefixes > 0 or (analysis.ipv6 is not None and analysis.ipv6.in_use > 0)


def _only_watching(analysis: Analysis) -> str:
    """Why nothing is planned, whatever the numbers; empty where something may be."""
    if analysis.partial:
        return analysis.partial
    if analysis.subnet.mode is Mode.OBSERVE:
        return "the subnet's tag does not ask for more"
    return "" if takes_ipv6_prefixes(analysis) else "no node takes IPv6 prefixes here"


def _middle(blocks: Ipv6Blocks) -> range:
    end = max(1, blocks.total // OPEN_END)
    return range(end, max(end, blocks.total - end))


def _ends(blocks: Ipv6Blocks) -> tuple[range, range]:
    middle = _middle(blocks)
    return range(middle.start), range(middle.stop, blocks.total)


def _smallest(blocks: Ipv6Blocks) -> int:
    return max(1, blocks.total // SMALLEST)


def _open_middle(blocks: Ipv6Blocks) -> Ranges:
    """What of the middle no reservation touches, whosever."""
    return tuple(within(blocks.untouched, _middle(blocks)))


def _most(blocks: Ipv6Blocks) -> list[range]:
    """All of it in aligned ranges; those with the most free blocks come first."""
    found = (each for run in _open_middle(blocks) for each in aligned(run) if len(each) >= _smallest(blocks))
    return sorted(found, key=lambda each: (-blocks.free_in(each), each.start))


def _enough(blocks: Ipv6Blocks, wanted: int) -> list[range]:
    """Aligned ranges of it with so many free blocks in them, if there are: in as few as that takes."""
    chosen, left = list[range](), _open_middle(blocks)
    while wanted > 0 and (best := _smallest_with(blocks, left, wanted)):
        chosen.append(best)
        wanted -= blocks.free_in(best)
        left = tuple(each for run in left for each in between((best,), run))
    return chosen


def _smallest_with(blocks: Ipv6Blocks, runs: Ranges, wanted: int) -> range | None:
    """The smallest aligned range with so many free blocks; the one with the most, where none has; None for none."""
    best, most, size = None, 0, _smallest(blocks)
    while most < wanted and size < blocks.total:
        emptiest = _emptiest(blocks, runs, size)
        if emptiest and blocks.free_in(emptiest) > most:
            best, most = emptiest, blocks.free_in(emptiest)
        size *= 2
    return best


def _emptiest(blocks: Ipv6Blocks, runs: Ranges, size: int) -> range | None:
    """The aligned range of this size with the most free blocks, the first of them; None where none fits."""
    starts = (start for run in runs for start in range(-(-run.start // size) * size, run.stop - size + 1, size))
    best = None
    for span in (range(start, start + size) for start in starts):
        if best is None or blocks.free_in(span) > blocks.free_in(best):
            best = span
        if blocks.free_in(best) == size:
            break
    return best


def _limits(blocks: Ipv6Blocks, chosen: Iterable[range], wanted: int) -> frozenset[Limit]:
    reserved = sum(map(blocks.free_in, chosen))
    if reserved >= wanted:
        return frozenset()
    return frozenset({Limit.FLOOR if blocks.free_open > reserved else Limit.SUBNET})


def _capped(analysis: Analysis, blocks: Ipv6Blocks, chosen: list[range], policy: Policy, *, created_today: int) -> Plan:
    subnet = analysis.subnet
    ours = sum(each.ours for each in subnet.all_reservations)
    allowed = {
        Limit.OBJECTS: max(0, policy.max_reservations_per_subnet - ours),
        Limit.DAY: max(0, policy.max_creates_per_subnet_per_day - created_today),
    }
    permitted = chosen[: min(allowed.values())]
    now = permitted[: policy.max_creates_per_run]
    return Plan(
        subnet_id=subnet.id,
        actions=tuple(_action(analysis, blocks, each) for each in now),
        deferred=len(permitted) - len(now),
        limits=frozenset(limit for limit, left in allowed.items() if left < len(chosen)),
        reason=_reason(analysis, blocks),
    )


def _action(analysis: Analysis, blocks: Ipv6Blocks, span: range) -> CreateReservation:
    return CreateReservation(
        subnet_id=analysis.subnet.id,
        cidr=blocks.cidr_of(span),
        free=blocks.free_in(span),
        draining=blocks.draining_in(span),
        reason=_reason(analysis, blocks),
    )


def _reason(analysis: Analysis, blocks: Ipv6Blocks) -> str:
    """At most 255 characters: it is also the reservation's description."""
    groups = ", ".join(each.name for each in analysis.demand.groups if each.ipv6_prefixes) or "no node group"
    kept = ", all but an eighth at each end is kept for prefixes" if analysis.subnet.mode is Mode.STEER else ""
    text = (
        f"{analysis.demand.ipv6_prefixes} /80 prefixes may still be asked for, before this {blocks.free_reserved} were "
        f"free in reservations, {blocks.free_open} outside, {blocks.in_use} in use{kept}, for {groups}"
    )
    return text if len(text) <= LONGEST_REASON else text[: LONGEST_REASON - 3] + "..."
