"""Nodes that were there before prefix mode: they still hold single addresses where prefixes are meant.

Source: EKS user guide, 'cni-increase-ip-addresses', considerations.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from functions.capacity.clusters import Origin, Os
from functions.capacity.findings.facts import Facts, GroupFacts, Holds
from functions.capacity.findings.finding import Finding, FindingId, Severity, unknown
from functions.capacity.findings.rollout import replace_nodes
from functions.capacity.model import InstanceType
from functions.capacity.nodes import holds_prefixes
from functions.capacity.wording import count

SETTLING = timedelta(minutes=10)  # for a node to come up, and for aws-node to restart on all nodes; our own measure

STILL_SINGLE = (
    "Pods there go on taking single addresses, each of which may spoil a /28, and the nodes hold no more pods than "
    "before: their kubelets keep the number that they came up with."
)


def nodes_without_prefixes(facts: Facts) -> Iterator[Finding]:
    """Prefix mode is on, and nodes that could have prefixes still hold single addresses alone."""
    now = facts.snapshot.taken_at
    for of in _in_settled_prefix_mode(facts, now):
        single = [each for each in of.holds if each.secondaries and not each.prefixes and not each.node.launching]
        older = [each for each in single if _could_have(of, each) and _is_older(each, now)]
        doubtful = [each for each in single if _could_have(of, each) is not False and _is_older(each, now) is not False]
        if older:
            yield _without_prefixes(of, older)
        elif doubtful:
            yield _unknown(of, doubtful)


def _in_settled_prefix_mode(facts: Facts, now: datetime) -> Iterator[GroupFacts]:
    """An IPv6 node has no IPv4 addresses for pods at all, and Auto Mode's nodes are EKS's own affair."""
    for of in facts.groups:
        addon = of.cluster.addon
        restarting = addon is not None and addon.modified_at is not None and now - addon.modified_at < SETTLING
        if of.wants_prefixes and not of.cluster.ipv6 and of.group.origin is not Origin.AUTO_MODE and not restarting:
            yield of


def type_of(of: GroupFacts, holds: Holds) -> InstanceType | None:
    """The limits of the node's type; None where they are not known."""
    return next((each for each in of.types if each.name == holds.node.instance_type), None)


def could_have_prefixes(of: GroupFacts, type_: InstanceType) -> bool:
    """Whether a node of this type gets prefixes as the settings stand now."""
    if of.group.os is Os.WINDOWS:
        return of.wants_prefixes and type_.nitro
    return of.cni is not None and holds_prefixes(type_, of.cni)


def _could_have(of: GroupFacts, holds: Holds) -> bool | None:
    """None where the limits of the node's type are not known."""
    type_ = type_of(of, holds)
    return could_have_prefixes(of, type_) if type_ else None


def _is_older(holds: Holds, now: datetime) -> bool | None:
    """Than a node needs to come up; None where its launch time is not known."""
    launched = holds.node.launched_at
    return None if launched is None else now - launched >= SETTLING


def _without_prefixes(of: GroupFacts, old: Sequence[Holds]) -> Finding:
    return Finding(
        id=FindingId.NODES_WITHOUT_PREFIXES,
        severity=Severity.WARNING,
        resource=of.resource,
        title=f"{len(old)} of {count(len(of.group.nodes), 'node')} of {of.group.label} with single addresses alone, "
        "though prefix mode is on",
        means=STILL_SINGLE,
        numbers={
            "nodesWithoutPrefixes": len(old),
            "nodes": len(of.group.nodes),
            "singleAddresses": sum(each.secondaries for each in old),
        },
        remedy=replace_nodes(of.group),
    )


def _unknown(of: GroupFacts, doubtful: Sequence[Holds]) -> Finding:
    ids = " ".join(shlex.quote(each.node.instance_id) for each in doubtful)
    return unknown(
        FindingId.NODES_WITHOUT_PREFIXES,
        of.resource,
        f"{count(len(doubtful), 'node')} of {of.group.label} with single addresses alone may be new or not Nitro: "
        "the launch times or the limits of the types are not known",
        "Those of a Nitro type that are older than ten minutes came up before prefix mode and should be replaced:\n"
        f"aws ec2 describe-instances --instance-ids {ids} "
        "--query 'Reservations[].Instances[].[InstanceId,InstanceType,LaunchTime]' --output text",
    )
