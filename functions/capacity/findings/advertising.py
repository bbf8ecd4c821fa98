"""What a group's nodes advertise against what EKS recommends and what their addresses allow, type by type."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from functions.capacity.clusters import NodeGroup, Origin, Os
from functions.capacity.findings.facts import GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, unknown
from functions.capacity.findings.rollout import pool_of
from functions.capacity.nodes import windows_max_pods
from functions.capacity.user_data import read

COSTLY = 0.75  # of the recommended pods: nodes that take no more than this lose much; our own measure

ByType = Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Advertising:
    """Maximum of pods by instance type, of the types whose limits are known.

    `allowed` is empty where no address runs out before, as in IPv6 clusters. `scheduled_by_address` is so on Windows:
    whatever the kubelet says, pods are scheduled where an address is left for them
    (amazon-vpc-resource-controller-k8s, docs/windows/prefix_delegation_hld_workflow.md).
    """

    advertised: ByType
    recommended: ByType
    allowed: ByType
    scheduled_by_address: bool = False

    @property
    def low(self) -> tuple[str, ...]:
        """Types that advertise less than recommended; one number for all types need only reach the smallest."""
        same = len(set(self.advertised.values())) == 1
        wanted = dict.fromkeys(self.recommended, min(self.recommended.values())) if same else self.recommended
        return tuple(name for name, pods in self.advertised.items() if pods < wanted[name])

    @property
    def high(self) -> tuple[str, ...]:
        """Types that advertise more than recommended, where that can do harm."""
        if self.scheduled_by_address:
            return ()
        return tuple(name for name, pods in self.advertised.items() if pods > self.recommended[name])

    @property
    def beyond(self) -> tuple[str, ...]:
        """Types that advertise more than their addresses allow."""
        return tuple(name for name, pods in self.advertised.items() if pods > self.allowed.get(name, pods))

    @property
    def fits_all(self) -> int:
        """The number to set: user data is the same for all types of a group, so it is the smallest recommended one."""
        return min(self.recommended.values())


def advertising(of: GroupFacts) -> Advertising | None:
    """The numbers of a group; None where what it advertises or what it should is not known."""
    said, cni = of.advertised, of.cni
    if cni is None or said.pods is None or not of.types:
        return None
    windows = of.group.os is Os.WINDOWS
    return Advertising(
        advertised={each.name: said.per_type.get(each.name, said.pods) for each in of.types},
        recommended={each.name: windows_max_pods(each, cni) for each in of.types} if windows else of.recommended,
        allowed={} if windows or cni.ipv6 else of.allowed,
        scheduled_by_address=windows,
    )


def set_by_eks(group: NodeGroup) -> bool:
    """Whether EKS itself tells the nodes their maximum of pods: the smallest of all types, capped."""
    return group.origin is Origin.MANAGED and not group.own_ami and group.os is Os.LINUX


def leaves_it_open(group: NodeGroup) -> bool:
    """Whether nobody sets a maximum of pods though somebody has to: read, and found in neither user data nor EKS."""
    if group.os is Os.WINDOWS or group.origin in {Origin.KARPENTER, Origin.AUTO_MODE} or set_by_eks(group):
        return False
    if group.template is None or group.template.unknown:
        return False
    said = read(group.template.user_data)
    return not said.unknown and said.max_pods is None and not said.expression


def why_unknown(of: GroupFacts) -> str:
    """Why the group's numbers cannot be compared, or not for all its types; empty where they can be."""
    if of.advertised.unknown:
        return f"what its nodes advertise is not known: {of.advertised.unknown}"
    missing = ", ".join(of.missing_types)
    return f"the limits of {missing} are not known" if missing or not of.types else ""


def unreadable(id_: FindingId, of: GroupFacts, why: str) -> Finding:
    """The unknown finding of a group, with the command that shows what its nodes advertise."""
    return unknown(
        id_,
        of.resource,
        f"of {of.group.label}, {why}",
        f"See what the nodes advertise:\nkubectl get nodes{_selector(of.group)} "
        "-o custom-columns=NAME:.metadata.name,ID:.spec.providerID,PODS:.status.capacity.pods",
    )


def _selector(group: NodeGroup) -> str:
    if group.origin is Origin.MANAGED:
        return f" -l {shlex.quote(f'eks.amazonaws.com/nodegroup={group.name}')}"
    if group.origin is Origin.KARPENTER:
        return f" -l {shlex.quote(f'karpenter.sh/nodepool={pool_of(group)}')}"
    return ""
