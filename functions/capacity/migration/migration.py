"""The guide's way from secondary to prefix mode, as a plan. What is done is seen in the snapshot: planning resumes.

EKS user guide, 'cni-increase-ip-addresses'; EKS best practices, 'prefix-mode'.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from functions.capacity.analyse import analyse
from functions.capacity.clusters import Origin
from functions.capacity.findings.facts import facts_of
from functions.capacity.findings.mixed_mode import nodes_in_mixed_mode
from functions.capacity.findings.modes import nodes_without_prefixes
from functions.capacity.findings.vpc_cni import kubectl_of
from functions.capacity.migration import prerequisites, subnets
from functions.capacity.migration.addon import prefix_mode
from functions.capacity.migration.groups import old_groups
from functions.capacity.migration.new_groups import making
from functions.capacity.migration.old_groups import leaving
from functions.capacity.migration.situation import Situation
from functions.capacity.migration.steps import Migration, State, Step

_PREFIXES = "--query 'NetworkInterfaces[].[NetworkInterfaceId,length(Ipv4Prefixes || `[]`)]' --output text"


def migration(of: Situation) -> Migration:
    """All steps in order. None where there is nothing to migrate: an IPv6 cluster, or EKS Auto Mode's nodes alone."""
    if reason := _nothing_to_do(of):
        return Migration(cluster=of.cluster.name, steps=(), notes=(reason,))
    if of.cluster.cni is None and of.cluster.addon is not None:
        return Migration(cluster=of.cluster.name, steps=(_unreadable(of),))
    steps = tuple(_as_said(of, each) for each in _steps(of))
    return Migration(cluster=of.cluster.name, steps=steps, notes=tuple(prerequisites.notes(of)))


def _nothing_to_do(of: Situation) -> str:
    if of.cluster.ipv6:
        return "An IPv6 cluster is in prefix mode always: there is nothing to migrate."
    if not [each for each in of.groups if each.origin is not Origin.AUTO_MODE]:
        mode = (
            "EKS Auto Mode's nodes use prefixes by themselves" if of.cluster.auto_mode else "The cluster has no nodes"
        )
        return f"{mode}: there is nothing to migrate."
    return ""


def _unreadable(of: Situation) -> Step:
    return Step(
        id="settings",
        title="The CNI's settings",
        state=State.BLOCKED,
        why=f"they are not known, so nothing can be said: {of.cluster.cni_unknown}",
        check="headroom migrate shows the steps",
    )


def _steps(of: Situation) -> Iterator[Step]:
    if old_groups(of):
        yield prerequisites.cni_version(of)
        yield from prerequisites.nitro(of)
        yield subnets.room(of)
        yield from subnets.reserving(of)
    yield prefix_mode(of)
    yield from making(of)
    yield from leaving(of)
    yield _verified(of)


def _as_said(of: Situation, step: Step) -> Step:
    """What AWS does not show is done when the person says so."""
    said = step.id in of.choices.done and not step.visible and step.state is State.OPEN
    return replace(step, state=State.DONE, why=f"{step.why}; done, as you said") if said else step


def _verified(of: Situation) -> Step:
    """The findings that speak of nodes in the old mode are silent, once no old group is left."""
    facts = facts_of(of.snapshot, analyse(of.snapshot))
    checks = (nodes_in_mixed_mode, nodes_without_prefixes)
    found = [each.title for check in checks for each in check(facts) if each.resource.cluster == of.cluster.name]
    left = [each.name for each in old_groups(of)]
    whole = of.cluster.name in of.snapshot.whole
    why = "; ".join(found) or (f"{', '.join(left)} still to go" if left else "no node holds single addresses for pods")
    return Step(
        id="verify",
        title="All nodes in prefix mode",
        state=State.OPEN if found or left or not whole else State.DONE,
        why=why if whole else "not all of the cluster's subnets are in view",
        by_hand=(
            kubectl_of(of.cluster),
            "kubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.status.allocatable.pods",
            "kubectl get pods --all-namespaces --field-selector status.phase=Pending",
            f"aws ec2 describe-network-interfaces --filters {_interfaces(of)} {_PREFIXES}",
        ),
        check="the findings nodes-in-mixed-mode and nodes-without-prefixes are gone",
    )


def _interfaces(of: Situation) -> str:
    return shlex.quote(f"Name=tag:cluster.k8s.amazonaws.com/name,Values={of.cluster.name}")
