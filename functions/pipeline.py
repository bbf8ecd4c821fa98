"""The product on one screen: scope -> snapshot -> analyse -> plan -> act -> find -> notify."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from functions.capacity import finding_messages
from functions.capacity.advice import advice, warm_returns
from functions.capacity.alerts import Notice, Situation, State, decide
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.findings import findings
from functions.capacity.findings.finding import Finding, FindingId
from functions.capacity.forecast import forecast
from functions.capacity.forecast_words import says
from functions.capacity.incidents import Change, batches, follow
from functions.capacity.messages import message
from functions.capacity.model import Policy, Reservation, Snapshot
from functions.capacity.past import Past, with_look
from functions.capacity.pins import Newcomer
from functions.capacity.plan import Plan, Refused, ReleaseReservation
from functions.capacity.planning import planned
from functions.capacity.scope import Scope
from functions.capacity.spread import demand_unknowns
from functions.capacity.steering.samples import History
from functions.ports import Aws

LEAD = timedelta(days=1)  # of the forecasts that people are told
LOOKS = 3  # at subnets whose counts disagree: nodes that launch while they are read look like that


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a run did in one subnet."""

    analysis: Analysis
    plan: Plan
    created: tuple[Reservation, ...] = ()
    refused: tuple[Refused, ...] = ()
    releases: tuple[ReleaseReservation, ...] = ()  # asked of the role that may
    history: History = ()
    newcomers: tuple[Newcomer, ...] = ()  # single addresses inside our reservations
    notices: tuple[Notice, ...] = ()

    @property
    def unfinished(self) -> bool:
        """Whether more of this decision is to come: one run may not do it all, or EC2 refused a part."""
        return self.plan.deferred > 0 or bool(self.refused) or bool(self.releases)


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
    told = tuple(_tell(each, snapshot, aws, not_acting) for each in results)
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
    past, newcomers = _look_back(analysis, aws)
    plan = _plan(analysis, policy, past.history, aws)
    result = Result(analysis=analysis, plan=plan, history=past.history, newcomers=newcomers)
    if not_acting:
        return replace(result, plan=replace(plan, deferred=0))
    created, refused = _create(plan, policy, aws)
    releases = () if refused else plan.releases
    for each in releases:
        aws.releases.request(each, aws.clock())
    return replace(result, created=created, refused=refused, releases=releases)


def _look_back(analysis: Analysis, aws: Aws) -> tuple[Past, tuple[Newcomer, ...]]:
    """What is seen joins the subnet's past before the plan is made: the plan learns from it."""
    subnet_id, now = analysis.subnet.id, aws.clock()
    past = aws.memory.past(subnet_id)
    if analysis.partial:
        return past, ()
    past, newcomers = with_look(past, analysis, now)
    aws.memory.keep_past(subnet_id, past, now)
    return past, newcomers


def _plan(analysis: Analysis, policy: Policy, history: History, aws: Aws) -> Plan:
    subnet_id, now = analysis.subnet.id, aws.clock()
    return planned(
        analysis,
        policy,
        history,
        created_today=aws.memory.created_today(subnet_id, now),
        released_today=aws.memory.released_today(subnet_id, now),
    )


def _create(plan: Plan, policy: Policy, aws: Aws) -> tuple[tuple[Reservation, ...], tuple[Refused, ...]]:
    created: list[Reservation] = []
    for action in plan.actions:
        if not aws.memory.count_create(plan.subnet_id, aws.clock(), at_most=policy.max_creates_per_subnet_per_day):
            break
        made = aws.writer.create(action)
        if isinstance(made, Refused):
            return tuple(created), (made,)
        created.append(made)
    return tuple(created), ()


def _advised(notice: Notice, result: Result, snapshot: Snapshot, aws: Aws) -> Notice:
    """A shortage comes with where it is going, and what would help; the VPC is read only then."""
    if notice.finding is not FindingId.SHORTAGE or notice.state is State.RESOLVED:
        return notice
    analysis, now = result.analysis, aws.clock()
    space = aws.reader.space_of(analysis.subnet.vpc_id) if analysis.subnet.vpc_id else None
    return replace(
        notice,
        outlook=says(forecast(result.history, analysis, now, LEAD), now),
        advice=advice(analysis, space, warm_returns(analysis, snapshot)),
    )


def _tell(result: Result, snapshot: Snapshot, aws: Aws, not_acting: str) -> Result:
    """Publish first, remember after: a crash between the two says something twice rather than never."""
    subnet = result.analysis.subnet
    ours = tuple(each for each in subnet.reservations if each.ours) + result.created
    situation = Situation(
        analysis=result.analysis,
        ours=ours,
        unfinished=result.unfinished,
        newcomers=result.newcomers,
        why_not=not_acting or ", ".join(sorted(result.plan.limits)),
    )
    before, version = aws.memory.told(subnet.id)
    notices, after = decide(situation, before, aws.clock())
    for notice in notices:
        aws.topic.publish(message(_advised(notice, result, snapshot, aws)))
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
