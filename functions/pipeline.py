"""The product on one screen: scope -> look -> plan and act -> find -> tell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.capacity.arrivals import Kind, silent
from functions.capacity.findings import findings
from functions.capacity.findings.finding import Finding
from functions.capacity.findings.finding import Kind as About
from functions.capacity.findings.own import Denied, events_missing, not_permitted, switch_unreadable, tripped
from functions.capacity.findings.subnet_numbers import place
from functions.capacity.incidents import Change, Incident
from functions.capacity.journal import Outcome as Ended
from functions.capacity.model import Policy, Snapshot
from functions.capacity.scope import Scope
from functions.capacity.spread import demand_unknowns
from functions.capacity.switch import SwitchState
from functions.ports import Aws
from functions.stages.act import Result, act
from functions.stages.look import look
from functions.stages.tell import OwnFindings, tell, tell_of_ourselves


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run did."""

    results: tuple[Result, ...]
    unknowns: tuple[str, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]  # as people were told
    not_acting: str  # why the switch kept the run from acting, or empty
    whole: frozenset[str] = frozenset()  # the clusters whose subnets were all looked at
    everywhere: bool = False  # whether all subnets were that there are to look at


def reconcile(scope: Scope, policy: Policy, aws: Aws, arrived: frozenset[Kind] = frozenset()) -> Outcome:
    """Bring every subnet in scope to what its demand needs, and tell people what they do not know yet.

    `arrived` are the kinds of event that asked for it.
    """
    if arrived:
        aws.memory.keep_arrivals(arrived, aws.clock())
    switch = aws.switch.read()
    snapshot, looks = look(scope, aws)
    results = act(looks, policy, switch.keeps_from_acting, aws)
    found = findings(snapshot, tuple(each.analysis for each in looks))
    own = OwnFindings(
        found=(*_own(results, switch), *(_events_missing(snapshot, aws) if scope.everything else ())),
        judges=lambda incident: _judges(incident, scope, snapshot),
        everything=scope.everything,
    )
    changes = tell(results, snapshot, found=found, own=own, not_acting=switch.keeps_from_acting, aws=aws)
    return Outcome(
        results=results,
        unknowns=snapshot.unknowns + demand_unknowns(snapshot),
        findings=found,
        changes=changes,
        not_acting=switch.keeps_from_acting,
        whole=snapshot.whole,
        everywhere=snapshot.everywhere,
    )


def tell_denied(what: Denied, aws: Aws) -> None:
    """A run ended because AWS refuses Headroom a call: people are told, once; the next sweep tries again."""
    tell_of_ourselves(OwnFindings(found=(not_permitted(what),), judges=lambda _: False), aws)


def _own(results: tuple[Result, ...], switch: SwitchState) -> Iterator[Finding]:
    if switch.unreadable:
        yield switch_unreadable(switch.unreadable, switch.parameter)
    for each in results:
        if each.look.tripped:
            yield tripped(each.look.subnet_id, each.look.tripped, place(each.look.analysis.subnet))
    refused = [one for each in results for one in each.refused if one.outcome is Ended.DENIED]
    for one in refused[:1]:  # one role, one cause
        action = "ec2:CreateSubnetCidrReservation"
        yield not_permitted(Denied(action=action, resource=one.action.subnet_id, message=one.reason))


def _events_missing(snapshot: Snapshot, aws: Aws) -> Iterator[Finding]:
    now = aws.clock()
    for kind, node in silent(aws.memory.arrivals(now), snapshot, now):
        yield events_missing(kind, node)


def _judges(incident: Incident, scope: Scope, snapshot: Snapshot) -> bool:
    """A whole sweep that came to its end proves that nothing is denied; each run sees the switch and its subnets."""
    kind, _, name = incident.resource.partition("/")
    if kind == About.SUBNET:
        return name in {each.id for each in snapshot.subnets}
    return name == "switch" or scope.everything
