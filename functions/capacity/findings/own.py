"""Findings about Headroom's own work: what keeps it from doing it."""

from __future__ import annotations

from dataclasses import dataclass

from functions.capacity.arrivals import Kind
from functions.capacity.clusters import Node
from functions.capacity.findings.finding import Finding, FindingId, Resource, Severity
from functions.capacity.findings.finding import Kind as About
from functions.capacity.wording import clean


@dataclass(frozen=True, kw_only=True)
class Denied:
    """A call that the role may not make: its action, the resource where AWS names one, and AWS's words."""

    action: str
    resource: str
    message: str


def not_permitted(denied: Denied) -> Finding:
    """AWS refuses a call that Headroom needs; it is not tried again until the next look."""
    return Finding(
        id=FindingId.NOT_PERMITTED,
        severity=Severity.CRITICAL,
        resource=Resource(kind=About.HEADROOM, name=denied.action),
        title=f"Headroom may not call {denied.action}",
        means="What that call is for does not happen: nothing is seen, or nothing is changed, while this lasts.",
        numbers={"on": denied.resource or "any resource", "answer": clean(denied.message)[:500]},
        remedy=(
            "Look for a service control policy, a permissions boundary or a change of Headroom's roles that denies it.",
            "Deploy the stack again: that gives the roles back what they need.",
        ),
    )


def tripped(subnet_id: str, why: str) -> Finding:
    """Too much went otherwise than expected in a subnet, so nothing is changed in it for a while."""
    return Finding(
        id=FindingId.TRIPPED,
        severity=Severity.WARNING,
        resource=Resource(kind=About.SUBNET, name=subnet_id),
        title=f"Headroom only watches {subnet_id}: too many surprises",
        means="Somebody else changes its reservations, or EC2 answers otherwise than it acts. Nothing is reserved or "
        "given back there until the surprises are older than some hours.",
        numbers={"surprises": why},
        remedy=(
            f"See who changes reservations there:\n{_lookup(subnet_id)}",
            "If it is a person or another tool, take the subnet's tag headroom:mode away, or stop the other one.",
        ),
    )


def switch_unreadable(why: str) -> Finding:
    """The kill switch cannot be read, or says something that nobody understands."""
    return Finding(
        id=FindingId.SWITCH_UNREADABLE,
        severity=Severity.CRITICAL,
        resource=Resource(kind=About.HEADROOM, name="switch"),
        title="Headroom's switch cannot be read, so nothing is changed",
        means="Headroom only acts while the switch says so. It goes on looking and telling.",
        numbers={"why": clean(why)[:500]},
        remedy=("Set the parameter to act or observe; its name is the stack's output SwitchParameter.",),
    )


_MISSING = {
    Kind.INSTANCES: (
        "The rule for EC2's own events is disabled, or its target, the work queue, refuses what it sends.",
        "aws events list-rules --query \"Rules[?contains(Description, 'Headroom')].[Name,State]\" --output text",
    ),
    Kind.API_CALLS: (
        "No trail records management events in this region; without one API calls are no events (docs: `trail`).",
        "aws cloudtrail describe-trails --query 'trailList[].[Name,HomeRegion,IsMultiRegionTrail]' --output text",
    ),
}


def events_missing(kind: Kind, node: Node) -> Finding:
    """A node was launched, and no event of this kind told of it."""
    cause, command = _MISSING[kind]
    return Finding(
        id=FindingId.EVENTS_MISSING,
        severity=Severity.WARNING,
        resource=Resource(kind=About.HEADROOM, name=kind),
        title=f"no {kind.replace('-', ' ')} reach Headroom",
        means="It finds out by its sweeps alone, minutes later than it could: reservations come late in a scale-out.",
        numbers={"instance": node.instance_id, "launched": f"{node.launched_at:%Y-%m-%d %H:%M} UTC"},
        remedy=(cause, f"See:\n{command}"),
    )


def _lookup(subnet_id: str) -> str:
    attribute = f"AttributeKey=ResourceName,AttributeValue={subnet_id}"
    return f"aws cloudtrail lookup-events --lookup-attributes {attribute} --max-results 20"
