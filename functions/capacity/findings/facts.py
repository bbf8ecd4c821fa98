"""What the checks are functions of: the snapshot, and what was worked out of it once for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from functions.capacity.advertised import Advertised, advertised
from functions.capacity.analyse import Analysis
from functions.capacity.clusters import Cluster, Node, NodeGroup, Os
from functions.capacity.cni import CniSettings
from functions.capacity.findings.finding import Kind, Resource
from functions.capacity.model import InstanceType, Snapshot, Subnet
from functions.capacity.nodes import allowed_pods, holds_prefixes, max_pods


@dataclass(frozen=True, kw_only=True)
class Holds:
    """What one node has of its subnets now. `secondaries` are single addresses for pods, primaries apart."""

    node: Node
    prefixes: int = 0
    secondaries: int = 0
    interfaces: int = 0
    ipv6_prefixes: int = 0


@dataclass(frozen=True, kw_only=True)
class GroupFacts:
    """A node group with its cluster, the limits of its types, and what its nodes hold."""

    group: NodeGroup
    cluster: Cluster
    types: tuple[InstanceType, ...]
    missing_types: tuple[str, ...]  # named by the group, but with no limits known
    holds: tuple[Holds, ...]

    @property
    def resource(self) -> Resource:
        """The group, as findings name it."""
        return Resource(kind=Kind.NODE_GROUP, name=self.group.name, cluster=self.group.cluster)

    @property
    def cni(self) -> CniSettings | None:
        """The cluster's settings; None where they are not known."""
        return self.cluster.cni

    @cached_property
    def recommended(self) -> Mapping[str, int]:
        """EKS's recommended maximum of pods by type (Linux); empty where the settings are not known."""
        return {each.name: max_pods(each, self.cni) for each in self.types} if self.cni else {}

    @cached_property
    def allowed(self) -> Mapping[str, int]:
        """What the addresses allow by type (Linux), without EKS's cap; empty where the settings are not known."""
        return {each.name: allowed_pods(each, self.cni) for each in self.types} if self.cni else {}

    @cached_property
    def advertised(self) -> Advertised:
        """What the group's kubelets say they can take."""
        return advertised(self.group, self.types, self.cni)

    @property
    def wants_prefixes(self) -> bool:
        """Whether its cluster asks for prefixes on nodes of its operating system."""
        if self.cni is None:
            return False
        return self.cni.windows.prefix_delegation if self.group.os is Os.WINDOWS else self.cni.prefix_delegation

    @property
    def gets_prefixes(self) -> tuple[InstanceType, ...]:
        """Those of its types that really get them."""
        return tuple(each for each in self.types if self.cni and holds_prefixes(each, self.cni))


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that is whole in the view. `analyses` are by subnet id."""

    snapshot: Snapshot
    analyses: Mapping[str, Analysis]
    clusters: tuple[Cluster, ...]
    groups: tuple[GroupFacts, ...]

    def groups_of(self, cluster: str) -> tuple[GroupFacts, ...]:
        """The node groups of one cluster."""
        return tuple(each for each in self.groups if each.group.cluster == cluster)

    def subnet(self, subnet_id: str) -> Subnet | None:
        """The subnet, if it is in the view."""
        found = self.analyses.get(subnet_id)
        return found.subnet if found else None


def facts_of(snapshot: Snapshot, analyses: tuple[Analysis, ...]) -> Facts:
    """The facts of a snapshot's whole clusters, in the order of their names."""
    clusters = tuple(snapshot.clusters[name] for name in sorted(snapshot.whole))
    held = _held(snapshot)
    return Facts(
        snapshot=snapshot,
        analyses={each.subnet.id: each for each in analyses},
        clusters=clusters,
        groups=tuple(
            _group_facts(group, snapshot, held)
            for group in sorted(snapshot.node_groups, key=lambda each: each.label)
            if group.cluster in snapshot.whole
        ),
    )


def _group_facts(group: NodeGroup, snapshot: Snapshot, held: Mapping[str, list[int]]) -> GroupFacts:
    known = snapshot.instance_types
    return GroupFacts(
        group=group,
        cluster=snapshot.clusters[group.cluster],
        types=tuple(known[name] for name in group.instance_types if name in known),
        missing_types=tuple(name for name in group.instance_types if name not in known),
        holds=tuple(_holds(node, held.get(node.instance_id)) for node in group.nodes),
    )


def _holds(node: Node, counts: list[int] | None) -> Holds:
    if counts is None:
        return Holds(node=node)
    prefixes, secondaries, interfaces, ipv6 = counts
    return Holds(node=node, prefixes=prefixes, secondaries=secondaries, interfaces=interfaces, ipv6_prefixes=ipv6)


def _held(snapshot: Snapshot) -> Mapping[str, list[int]]:
    """Prefixes, secondary addresses, interfaces and /80s by instance, over all subnets of the view."""
    held: dict[str, list[int]] = {}
    for subnet in snapshot.subnets:
        for each in subnet.interfaces:
            if each.instance_id is not None:
                counts = held.setdefault(each.instance_id, [0, 0, 0, 0])
                counts[0] += len(each.prefixes)
                counts[1] += max(0, len(each.addresses) - 1)
                counts[2] += 1
                counts[3] += len(each.ipv6_prefixes)
    return held
