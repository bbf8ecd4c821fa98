"""Act: plan each subnet and, where nothing keeps us from it, change it, each change journalled before it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from functions.capacity.journal import Outcome
from functions.capacity.model import Ipv6Reservation, Policy, Reservation
from functions.capacity.plan import Plan, Refused, ReleaseReservation
from functions.capacity.planning import planned
from functions.capacity.subnet_policy import by_size
from functions.ports import Aws
from functions.stages.look import Look


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run did in one subnet."""

    look: Look
    plan: Plan
    created: tuple[Reservation | Ipv6Reservation, ...] = ()
    refused: tuple[Refused, ...] = ()
    releases: tuple[ReleaseReservation, ...] = ()  # asked of the role that may
    postponed: bool = False  # to a later run: this one had no time left, or EC2 none for us

    @property
    def changes(self) -> bool:
        """Whether the subnet's reservations may be others now."""
        return bool(self.created or self.refused or self.releases)

    @property
    def unfinished(self) -> bool:
        """Whether more of this decision is to come."""
        return self.plan.deferred > 0 or bool(self.refused) or bool(self.releases) or self.postponed


def act(looks: Iterable[Look], policy: Policy, not_acting: str, aws: Aws) -> tuple[Result, ...]:
    """Act on each subnet; what one run may not do, or has no time for, waits on the queue."""
    results = list[Result]()
    for look in looks:
        plan = _plan(look, policy)
        if not_acting:
            results.append(Result(look=look, plan=_only_shown(plan)))
        elif _asks(plan) and (aws.late or _throttled(results)):
            results.append(Result(look=look, plan=plan, postponed=True))
        else:
            results.append(_change(look, plan, policy, aws))
    # What EC2 refused waits for the next event or sweep: to ask again at once would make a bad moment worse.
    if again := [each.look.subnet_id for each in results if _goes_on(each)]:
        aws.queue.continue_with(again)
    return tuple(results)


def _plan(look: Look, policy: Policy) -> Plan:
    if look.tripped:
        return Plan(subnet_id=look.subnet_id, reason=f"only watching: {look.tripped}")
    return planned(
        look.analysis,
        policy,
        look.past.history,
        created_today=look.remembered.created_today,
        released_today=look.remembered.released_today,
    )


def _change(look: Look, plan: Plan, policy: Policy, aws: Aws) -> Result:
    """Create until EC2 refuses something; then ask for the releases.

    Nothing is made by reservations that are remembered and not what they were: the subnet is looked at again.
    """
    if plan.actions and not aws.reader.reserved_as_seen(look.subnet_id, aws.clock()):
        return Result(look=look, plan=plan, postponed=True)
    created = list[Reservation | Ipv6Reservation]()
    most = by_size(policy, look.analysis.subnet.cidr.num_addresses).max_creates_per_subnet_per_day
    for action in plan.actions:
        if aws.late:
            return Result(look=look, plan=plan, created=tuple(created), postponed=True)
        entry = aws.journal.intend_create(action, aws.clock(), at_most=most)
        if entry is None:
            break
        made = aws.writer.create(action, entry)
        if isinstance(made, Refused):
            aws.journal.settle(entry, made.outcome)
            return Result(look=look, plan=plan, created=tuple(created), refused=(made,))
        aws.journal.settle(entry, Outcome.DONE, made.id)
        created.append(made)
    releases = tuple(each for each in plan.releases if each.reservation_id)  # not what may not have been made
    for each in releases:
        aws.releases.request(each, aws.clock())
    return Result(look=look, plan=plan, created=tuple(created), releases=releases)


def _asks(plan: Plan) -> bool:
    return bool(plan.actions or plan.releases)


def _only_shown(plan: Plan) -> Plan:
    """A plan that nobody carries out leaves nothing to go on with."""
    return Plan(
        subnet_id=plan.subnet_id,
        actions=plan.actions,
        releases=plan.releases,
        limits=plan.limits,
        reason=plan.reason,
    )


def _throttled(results: Iterable[Result]) -> bool:
    return any(refused.outcome is Outcome.THROTTLED for each in results for refused in each.refused)


def _goes_on(result: Result) -> bool:
    return result.postponed or (result.plan.deferred > 0 and not result.refused)
