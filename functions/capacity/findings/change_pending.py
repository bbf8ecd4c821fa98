"""Nodes that came up before the maximum of pods was changed: it reaches new nodes only.

Source: EKS user guide, 'cni-increase-ip-addresses': 'the next AMI or launch template update of your node group results
in new nodes coming up with the changed value'.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from functions.capacity.clusters import Node, Origin
from functions.capacity.findings.advertising import set_by_eks, unreadable, why_unknown
from functions.capacity.findings.facts import Facts, GroupFacts, Holds
from functions.capacity.findings.finding import Finding, FindingId, Number, Severity
from functions.capacity.findings.rollout import named, replace_nodes, step
from functions.capacity.nodes import group_max_pods, holds_prefixes
from functions.capacity.wording import count

BEFORE = (
    "They go on taking the number that they came up with, since the kubelet reads it once; "
    "only nodes from the next AMI or launch template update take the new one."
)


def max_pods_change_pending(facts: Facts) -> Iterator[Finding]:
    """Nodes advertise what held before prefix mode was switched on, or before a new launch template version."""
    for of in facts.groups:
        found = tuple(_since_prefixes(of)) if set_by_eks(of.group) else ()
        yield from found or _since_template(of)


def _since_prefixes(of: GroupFacts) -> Iterator[Finding]:
    """EKS sets the number when a group is made or updated; single addresses show that this was before prefix mode."""
    before = _from_secondary_mode(of)
    if not before or of.cni is None:
        return
    changed = of.cluster.addon.modified_at if of.cluster.addon else None
    if of.missing_types:
        yield unreadable(FindingId.MAX_PODS_CHANGE_PENDING, of, why_unknown(of))
    elif changed is None or any(each.node.launched_at is None for each in before):
        yield unreadable(FindingId.MAX_PODS_CHANGE_PENDING, of, "when prefix mode came, or its nodes, is not known")
    else:
        came = tuple(each.node for each in before if each.node.launched_at and each.node.launched_at < changed)
        old = group_max_pods(of.types, replace(of.cni, prefix_delegation=False))
        new = group_max_pods(of.types, of.cni)
        if came and old != new:
            yield _prefixes_pending(of, _alike(of, came), old, new)


def _from_secondary_mode(of: GroupFacts) -> tuple[Holds, ...]:
    """In prefix mode the CNI takes no single addresses for pods, so nodes that have some were there before."""
    types = {each.name for each in of.types if of.cni and not of.cni.ipv6 and holds_prefixes(each, of.cni)}
    return tuple(each for each in of.holds if each.secondaries > 0 and each.node.instance_type in types)


def _alike(of: GroupFacts, came: Sequence[Node]) -> tuple[Node, ...]:
    """All nodes with the user data of these: EKS writes the number into its launch template, version by version."""
    ids, versions = {each.instance_id for each in came}, {each.template_version for each in came} - {""}
    return tuple(each for each in of.group.nodes if each.instance_id in ids or each.template_version in versions)


def _prefixes_pending(of: GroupFacts, pending: Sequence[Node], old: int, new: int) -> Finding:
    return Finding(
        id=FindingId.MAX_PODS_CHANGE_PENDING,
        severity=Severity.WARNING,
        resource=of.resource,
        title=f"{len(pending)} of {count(len(of.group.nodes), 'node')} of {of.group.label} came up before prefix mode, "
        f"with {old} pods instead of {new}",
        means=BEFORE,
        numbers={
            "nodesPending": len(pending),
            "nodes": len(of.group.nodes),
            "maxPodsBefore": old,
            "maxPodsNow": new,
            "podsLost": len(pending) * (new - old),
        },
        remedy=replace_nodes(of.group),
    )


# --- by launch template ---


def _since_template(of: GroupFacts) -> Iterator[Finding]:
    newest = _newest(of)
    pending = tuple(each for each in of.group.nodes if newest and each.template_version not in {newest, ""})
    if not pending:
        return
    older = sorted({each.template_version for each in pending})
    numbers: dict[str, Number] = {
        "nodesPending": len(pending),
        "nodes": len(of.group.nodes),
        "version": newest,
        "olderVersions": older,
    }
    if of.advertised.pods is not None:
        numbers["maxPodsNow"] = of.advertised.pods
    yield Finding(
        id=FindingId.MAX_PODS_CHANGE_PENDING,
        severity=Severity.INFO,
        resource=of.resource,
        title=f"{len(pending)} of {count(len(of.group.nodes), 'node')} of {of.group.label} came up from an older "
        f"launch template version ({', '.join(older)}) than {newest}",
        means=f"Whatever version {newest} says about max pods does not reach them. {BEFORE}",
        numbers=numbers,
        remedy=_refresh(of),
    )


def _newest(of: GroupFacts) -> str:
    """The version that new nodes come from; empty where that cannot be told.

    A self-managed group names it. EKS launches a managed group's nodes from a copy of the group's template, with
    versions of its own (awsdocs/amazon-eks-user-guide#348), so there only the newest node tells.
    """
    group = of.group
    if group.origin is Origin.SELF_MANAGED and group.template and not group.template.unknown:
        return group.template.version
    if group.origin is Origin.MANAGED and group.bounded:
        seen = (each.template_version for each in group.nodes)
        return max((each for each in seen if each.isdecimal()), key=int, default="")
    return ""


def _refresh(of: GroupFacts) -> tuple[str, ...]:
    if of.group.origin is Origin.MANAGED:
        return (
            step("See whether EKS is about to replace them already", f"aws eks list-updates {_names(of)}"),
            *replace_nodes(of.group),
        )
    name = shlex.quote(of.group.name)
    return (step("Replace them", f"aws autoscaling start-instance-refresh --auto-scaling-group-name {name}"),)


def _names(of: GroupFacts) -> str:
    """ListUpdates calls the cluster just --name."""
    return named(of.group).replace("--cluster-name", "--name", 1)
