"""The product on one screen: scope -> snapshot -> analyse -> plan -> act -> notify."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.capacity import finding_messages
from functions.capacity.alerts import Notice, Situation, Told, decide
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.findings import findings
from functions.capacity.findings.finding import Finding
from functions.capacity.incidents import Change, Incidents, batches, follow
from functions.capacity.messages import message
from functions.capacity.model import Policy, Reservation, Snapshot
from functions.capacity.plan import CreateReservation, Plan, Refused, plan
from functions.capacity.scope import Scope
from functions.capacity.spread import demand_unknowns
from functions.capacity.wording import Message

LOOKS = 3  # at subnets whose counts disagree: nodes that launch while they are read look like that


class Reader(Protocol):
    """AWS as it is now."""

    def read(self, scope: Scope, now: datetime) -> Snapshot: ...  # noqa: D102
    def recount(self, snapshot: Snapshot) -> Snapshot: ...  # noqa: D102


class Writer(Protocol):
    """The one change that this role may make."""

    def create(self, action: CreateReservation) -> Reservation | Refused: ...  # noqa: D102


class Switch(Protocol):
    """The kill switch."""

    def keeps_from_acting(self) -> str: ...  # noqa: D102


class Memory(Protocol):
    """What outlives a run."""

    def told(self, subnet_id: str) -> tuple[Told, int]: ...  # noqa: D102
    def remember(self, subnet_id: str, told: Told, *, replaces: int) -> None: ...  # noqa: D102
    def incidents(self, cluster: str) -> tuple[Incidents, int]: ...  # noqa: D102
    def remember_incidents(self, cluster: str, incidents: Incidents, *, replaces: int) -> None: ...  # noqa: D102
    def created_today(self, subnet_id: str, now: datetime) -> int: ...  # noqa: D102
    def count_create(self, subnet_id: str, now: datetime, *, at_most: int) -> bool: ...  # noqa: D102


class Topic(Protocol):
    """Where people listen."""

    def publish(self, message: Message) -> None: ...  # noqa: D102


class Queue(Protocol):
    """Where unfinished work waits."""

    def continue_with(self, subnet_ids: Iterable[str]) -> None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Everything outside the pure core that a run touches, the clock included."""

    reader: Reader
    writer: Writer
    switch: Switch
    memory: Memory
    topic: Topic
    queue: Queue
    clock: Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run did in one subnet."""

    analysis: Analysis
    plan: Plan
    created: tuple[Reservation, ...] = ()
    refused: tuple[Refused, ...] = ()
    notices: tuple[Notice, ...] = ()

    @property
    def unfinished(self) -> bool:
        """Whether more of this decision is to come: one run may not do it all, or EC2 refused a part."""
        return self.plan.deferred > 0 or bool(self.refused)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run did."""

    results: tuple[Result, ...]
    unknowns: tuple[str, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]  # of findings, as people were told
    not_acting: str  # why the switch kept the run from acting, or empty


def reconcile(scope: Scope, policy: Policy, aws: Aws) -> Outcome:
    """Bring every subnet in scope to what its demand needs, and tell people what they do not know yet."""
    not_acting = aws.switch.keeps_from_acting()
    snapshot, analyses = _look(scope, aws)
    results = tuple(_one(analysis, policy, aws, not_acting) for analysis in analyses)
    # What EC2 refused waits for the next event or sweep: to ask again at once would make a bad moment worse.
    if deferred := [each.analysis.subnet.id for each in results if each.plan.deferred and not each.refused]:
        aws.queue.continue_with(deferred)
    told = tuple(_tell(each, aws, not_acting) for each in results)
    found = findings(snapshot, analyses)
    changes = tuple(change for name in sorted(snapshot.whole) for change in _follow(name, found, aws))
    return Outcome(
        results=told,
        unknowns=snapshot.unknowns + demand_unknowns(snapshot),
        findings=found,
        changes=changes,
        not_acting=not_acting,
    )


def _look(scope: Scope, aws: Aws) -> tuple[Snapshot, tuple[Analysis, ...]]:
    for _ in range(LOOKS):
        snapshot = aws.reader.read(scope, aws.clock())
        analyses = analyse(snapshot)
        if any(each.partial for each in analyses):
            snapshot = aws.reader.recount(snapshot)
            analyses = analyse(snapshot)
        if not any(each.partial for each in analyses):
            break
    return snapshot, analyses


def _one(analysis: Analysis, policy: Policy, aws: Aws, not_acting: str) -> Result:
    """Plan one subnet and, where the switch lets us, act on it until EC2 refuses something."""
    subnet_id = analysis.subnet.id
    planned = plan(analysis, policy, created_today=aws.memory.created_today(subnet_id, aws.clock()))
    if not_acting:
        return Result(analysis=analysis, plan=replace(planned, deferred=0))
    created: list[Reservation] = []
    for action in planned.actions:
        if not aws.memory.count_create(subnet_id, aws.clock(), at_most=policy.max_creates_per_subnet_per_day):
            break
        made = aws.writer.create(action)
        if isinstance(made, Refused):
            return Result(analysis=analysis, plan=planned, created=tuple(created), refused=(made,))
        created.append(made)
    return Result(analysis=analysis, plan=planned, created=tuple(created))


def _tell(result: Result, aws: Aws, not_acting: str) -> Result:
    """Publish first, remember after: a crash between the two says something twice rather than never."""
    subnet = result.analysis.subnet
    ours = tuple(each for each in subnet.reservations if each.ours) + result.created
    situation = Situation(
        analysis=result.analysis,
        ours=ours,
        unfinished=result.unfinished,
        why_not=not_acting or ", ".join(sorted(result.plan.limits)),
    )
    before, version = aws.memory.told(subnet.id)
    notices, after = decide(situation, before, aws.clock())
    for notice in notices:
        aws.topic.publish(message(notice))
    if after != before:
        aws.memory.remember(subnet.id, after, replaces=version)
    return replace(result, notices=notices)


def _follow(cluster: str, found: tuple[Finding, ...], aws: Aws) -> tuple[Change, ...]:
    """Tell what changed among a cluster's findings: published first, remembered after, as with the subnets."""
    before, version = aws.memory.incidents(cluster)
    changes, after = follow((each for each in found if each.cluster == cluster), before, aws.clock())
    for batch in batches(changes):
        aws.topic.publish(finding_messages.message(cluster, batch))
    if after != before:
        aws.memory.remember_incidents(cluster, after, replaces=version)
    return changes
