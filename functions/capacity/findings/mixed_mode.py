"""Nodes that hold single addresses for pods and prefixes both, since the mode was changed under them.

Source: EKS user guide, 'cni-increase-ip-addresses', considerations; amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go (nodeInit)
and pkg/ipamd/datastore/data_store.go (AssignPodIPv4Address: a pod gets its address from what the mode means, while
addresses of the other mode keep their slots until their last pod has gone).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from functions.capacity.clusters import Origin, Os
from functions.capacity.cni import CniSettings
from functions.capacity.findings.advertising import set_by_eks
from functions.capacity.findings.facts import Facts, GroupFacts, Holds
from functions.capacity.findings.finding import Finding, FindingId, Number, Severity
from functions.capacity.findings.modes import could_have_prefixes, type_of
from functions.capacity.findings.rollout import replace_nodes
from functions.capacity.model import BLOCK, InstanceType
from functions.capacity.nodes import (
    HOST_NETWORK_PODS,
    group_max_pods,
    trunk_interfaces,
    usable_interfaces,
    windows_max_pods,
)
from functions.capacity.wording import count

BOTH = (
    "Single addresses and prefixes share a node's slots, so it holds fewer pods than its like; "
    "pods that it advertises and cannot take are scheduled all the same and stay in ContainerCreating."
)


@dataclass(frozen=True, kw_only=True)
class _Mixed:
    """A node that holds both. What it can take and what it advertises are None where that is not known."""

    holds: Holds
    takes: int | None = None
    advertises: int | None = None

    @property
    def short(self) -> int:
        """Pods that it advertises and cannot take."""
        return max(0, self.advertises - self.takes) if self.advertises is not None and self.takes is not None else 0


def nodes_in_mixed_mode(facts: Facts) -> Iterator[Finding]:
    """Nodes hold single addresses for pods and prefixes both, whichever of them the mode now means."""
    for of in facts.groups:
        mixed = [_mixed(of, each) for each in of.holds if each.prefixes and each.secondaries]
        if mixed and of.group.origin is not Origin.AUTO_MODE:
            yield _in_mixed_mode(of, mixed)


def _mixed(of: GroupFacts, holds: Holds) -> _Mixed:
    type_ = type_of(of, holds)
    if type_ is None or of.cni is None:
        return _Mixed(holds=holds)
    return _Mixed(holds=holds, takes=_takes(of, type_, holds, of.cni), advertises=_advertises(of, type_, of.cni))


def _takes(of: GroupFacts, type_: InstanceType, holds: Holds, cni: CniSettings) -> int:
    """Pods that the node can hold, those on single addresses among them in prefix mode.

    Windows has the primary interface alone: ((I - 1) - singles) x 16 (amazon-vpc-resource-controller-k8s,
    pkg/provider/prefix/provider.go, InitResource). Without prefix mode, new pods get what the prefixes leave.
    """
    per_interface, windows = type_.addresses_per_interface - 1, of.group.os is Os.WINDOWS
    interfaces = 1 if windows else usable_interfaces(type_, cni, reserved=trunk_interfaces(type_, cni))
    slots, host = interfaces * per_interface, 0 if windows else HOST_NETWORK_PODS
    if not could_have_prefixes(of, type_):
        return max(0, slots - holds.prefixes) + host
    free = max(0, slots - holds.secondaries) * BLOCK
    return free if windows else free + holds.secondaries + host


def _advertises(of: GroupFacts, type_: InstanceType, cni: CniSettings) -> int | None:
    """EKS told such a node the number of the other mode, in which it came up; other groups told it their own."""
    if of.group.os is Os.WINDOWS:
        return windows_max_pods(type_, cni)
    if set_by_eks(of.group):
        before = replace(cni, prefix_delegation=not could_have_prefixes(of, type_), version=None)
        return None if of.missing_types else group_max_pods(of.types, before)
    return of.advertised.per_type.get(type_.name, of.advertised.pods)


def _in_mixed_mode(of: GroupFacts, mixed: Sequence[_Mixed]) -> Finding:
    worst = max(mixed, key=lambda each: (each.short, -(each.takes or 0)))
    nodes = f"{len(mixed)} of {count(len(of.group.nodes), 'node')} of {of.group.label}"
    short = f": one takes {worst.takes} pods and advertises {worst.advertises}" if worst.short else ""
    return Finding(
        id=FindingId.NODES_IN_MIXED_MODE,
        severity=Severity.CRITICAL if worst.short else Severity.WARNING,
        resource=of.resource,
        title=f"{nodes} with single addresses and prefixes both{short}",
        means=BOTH,
        numbers=_mixed_figures(of, mixed, worst),
        remedy=replace_nodes(of.group),
    )


def _mixed_figures(of: GroupFacts, mixed: Sequence[_Mixed], worst: _Mixed) -> dict[str, Number]:
    known = Counter(each.takes for each in mixed if each.takes is not None)
    figures: dict[str, Number] = {
        "mixedNodes": len(mixed),
        "nodes": len(of.group.nodes),
        "singleAddresses": sum(each.holds.secondaries for each in mixed),
        "prefixes": sum(each.holds.prefixes for each in mixed),
        "nodesByPodsTheyTake": {str(pods): nodes for pods, nodes in sorted(known.items())},
        "nodesShort": sum(each.short > 0 for each in mixed),
    }
    if worst.takes is not None:
        figures |= {"worstNode": worst.holds.node.instance_id, "takes": worst.takes}
    if worst.advertises is not None:
        figures["advertises"] = worst.advertises
    return figures
