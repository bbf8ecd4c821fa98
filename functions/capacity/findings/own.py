"""Findings about Headroom's own work: what keeps it from doing it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta

from functions.capacity.arrivals import Kind
from functions.capacity.clusters import Node
from functions.capacity.findings.finding import Finding, FindingId, Resource, Severity
from functions.capacity.findings.finding import Kind as About
from functions.capacity.journal import WATCHED
from functions.capacity.model import MODE_TAG
from functions.capacity.wording import clean

_HOURS = WATCHED // timedelta(hours=1)


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
            f"See who was refused, and by what; the call can take a quarter of an hour to be listed:\n{_calls(denied)}",
            "Mend that: a service control policy, a permissions boundary, or Headroom's roles, by deploying it again.",
        ),
        done=("it tries again with each sweep",),
    )


def tripped(subnet_id: str, why: str, where: str = "") -> Finding:
    """Too much went otherwise than expected in a subnet, so nothing is changed in it for a while."""
    return Finding(
        id=FindingId.TRIPPED,
        severity=Severity.WARNING,
        resource=Resource(kind=About.SUBNET, name=subnet_id),
        title=f"Headroom only watches {subnet_id}: too many surprises",
        means="Somebody else changes its reservations, or EC2 answers otherwise than it acts.",
        where=where,
        numbers={"surprises": why},
        remedy=(
            f"See who changes reservations there:\n{_lookup(subnet_id)}",
            f"If a person or another tool does, stop that, or take the subnet away from Headroom:\n{_untag(subnet_id)}",
        ),
        done=(f"it reserves and gives back nothing there until they are {_HOURS} hours old, and goes on looking",),
    )


def switch_unreadable(why: str, parameter: str) -> Finding:
    """The kill switch cannot be read, or says something that nobody understands."""
    return Finding(
        id=FindingId.SWITCH_UNREADABLE,
        severity=Severity.CRITICAL,
        resource=Resource(kind=About.HEADROOM, name="switch"),
        title="Headroom's switch cannot be read, so nothing is changed",
        means="Nothing new is reserved ahead of demand: new nodes can meet InsufficientCidrBlocks.",
        numbers={"why": clean(why)[:500]},
        remedy=(
            f"See what it says:\naws ssm get-parameter --name {_quoted(parameter)} --query Parameter.Value",
            f"Let Headroom act; to keep it from that, put `observe` there:\n{_put(parameter)}",
        ),
        done=("it changes nothing, and goes on looking and telling; what is reserved stays reserved",),
    )


_RULES = "aws events list-rules --query \"Rules[?contains(Description, 'Headroom')].[Name,State]\" --output text"
_TRAILS = "aws cloudtrail describe-trails --query 'trailList[].[Name,HomeRegion,IsMultiRegionTrail]' --output text"
_MISSING: dict[Kind, tuple[str, tuple[str, ...]]] = {
    Kind.INSTANCES: (
        "EC2's own events about instances do not reach Headroom",
        (
            f"See whether its rules are enabled:\n{_RULES}",
            "Enable what is not, or deploy the stack again. If all are, has the work queue's policy changed?",
        ),
    ),
    Kind.API_CALLS: (
        "EC2's API calls do not reach Headroom as events",
        (
            f"See which trail records them; without one EventBridge has no events of API calls:\n{_TRAILS}",
            "If there is none here, deploy with one, beside all that you set:\nnpx cdk deploy -c headroom.trail=true",
        ),
    ),
}


def events_missing(kind: Kind, node: Node) -> Finding:
    """A node was launched, and no event of this kind told of it."""
    title, remedy = _MISSING[kind]
    return Finding(
        id=FindingId.EVENTS_MISSING,
        severity=Severity.WARNING,
        resource=Resource(kind=About.HEADROOM, name=kind),
        title=title,
        means="What happens is seen minutes later than it could be: reservations come late in a scale-out.",
        numbers={"instance": node.instance_id, "launched": f"{node.launched_at:%Y-%m-%d %H:%M} UTC"},
        remedy=remedy,
        done=("it looks at everything with each sweep all the same",),
    )


def _calls(of: Denied) -> str:
    attribute = f"AttributeKey=EventName,AttributeValue={of.action.rpartition(':')[2]}"
    return (
        f"aws cloudtrail lookup-events --lookup-attributes {_quoted(attribute)} --max-results 5 "
        "--query 'Events[].CloudTrailEvent' --output text"
    )


def _put(parameter: str) -> str:
    return f"aws ssm put-parameter --name {_quoted(parameter)} --type String --overwrite --value act"


def _untag(subnet_id: str) -> str:
    return f"aws ec2 delete-tags --resources {subnet_id} --tags Key={MODE_TAG}"


def _quoted(text: str) -> str:
    return shlex.quote(clean(text))


def _lookup(subnet_id: str) -> str:
    attribute = f"AttributeKey=ResourceName,AttributeValue={subnet_id}"
    return f"aws cloudtrail lookup-events --lookup-attributes {attribute} --max-results 20"
