"""Which subnets a node group asks something of, and for how many nodes.

Auto Scaling spreads a group's nodes evenly over its subnets. A node stands in one of them with its primary interface;
custom networking makes all its further interfaces, and so all pods' addresses, elsewhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from functions.capacity.clusters import Cluster, Node, NodeGroup, Os
from functions.capacity.model import Snapshot

# The ENIConfig of nodes that name none (amazon-vpc-cni-k8s, pkg/eniconfig/eniconfig.go); which one a node names, in a
# label or an annotation, AWS does not know: that it is its zone is the documented custom.
DEFAULT_ENI_CONFIG = "default"


class Share(StrEnum):
    """What of its nodes a group asks of a subnet."""

    WHOLE = "nodes and their pods"
    NODES = "primary interfaces of nodes"
    PODS = "pods of nodes that stand elsewhere"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A group's nodes in one of its subnets: those there, and those to come."""

    subnet_id: str
    nodes: tuple[Node, ...]
    to_come: int  # up to the group's maximum size
    desired: int  # of those, the ones that its desired size asks for already
    surge: int  # beyond the maximum while EKS updates the group


@dataclass(frozen=True, kw_only=True)
class Asking:
    """One share of one subnet, and the nodes that ask for it."""

    subnet_id: str
    share: Share
    standings: tuple[Standing, ...]

    @property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes there are."""
        return tuple(node for each in self.standings for node in each.nodes)

    @property
    def to_come(self) -> int:
        """Nodes up to the maximum size."""
        return sum(each.to_come for each in self.standings)

    @property
    def desired(self) -> int:
        """Of those to come, the ones asked for already."""
        return sum(each.desired for each in self.standings)

    @property
    def surge(self) -> int:
        """Nodes beyond the maximum."""
        return sum(each.surge for each in self.standings)


def zones_of(snapshot: Snapshot) -> Mapping[str, str]:
    """The zone of each subnet of the view."""
    return {subnet.id: subnet.zone for subnet in snapshot.subnets}


def askings(group: NodeGroup, cluster: Cluster, zones: Mapping[str, str]) -> Iterator[Asking]:
    """What the group asks of which subnets. Pods whose subnet is not known ask nothing (see `demand_unknowns`)."""
    found: dict[tuple[str, Share], list[Standing]] = defaultdict(list)
    for standing in standings(group):
        for asked in _asked(standing.subnet_id, group, cluster, zones):
            found[asked].append(standing)
    for (subnet_id, share), places in found.items():
        yield Asking(subnet_id=subnet_id, share=share, standings=tuple(places))


def standings(group: NodeGroup) -> Iterator[Standing]:
    """The group's nodes by subnet, its own subnets first."""
    here: dict[str, list[Node]] = {subnet_id: [] for subnet_id in group.subnet_ids}
    for node in group.nodes:
        here.setdefault(node.subnet_id, []).append(node)
    for subnet_id, nodes in here.items():
        to_come = _to_come(group.max_size, group, subnet_id, len(nodes))
        yield Standing(
            subnet_id=subnet_id,
            nodes=tuple(nodes),
            to_come=to_come,
            desired=min(to_come, _to_come(group.desired_size, group, subnet_id, len(nodes))),
            surge=_to_come(group.max_size + group.surge, group, subnet_id, len(nodes)) - to_come,
        )


def demand_unknowns(snapshot: Snapshot) -> tuple[str, ...]:
    """Which pods' demand cannot be put to any subnet, and why."""
    zones = zones_of(snapshot)
    return tuple(
        f"the addresses that {group.label} takes for pods on its nodes in {standing.subnet_id} are asked of a subnet "
        f"that is not known: {_why_unknown(cluster, zones.get(standing.subnet_id))}"
        for group in snapshot.node_groups
        if (cluster := snapshot.clusters.get(group.cluster)) and _pods_stand_apart(group, cluster)
        for standing in standings(group)
        if _pod_subnet(cluster, zones.get(standing.subnet_id)) is None
    )


def _to_come(size: int, group: NodeGroup, subnet_id: str, here: int) -> int:
    """Nodes that a group of this size still puts into one of its subnets; none where no size bounds the group."""
    if not group.bounded or subnet_id not in group.subnet_ids:
        return 0
    return max(0, ceil(size / len(group.subnet_ids)) - here)


def _asked(
    subnet_id: str, group: NodeGroup, cluster: Cluster, zones: Mapping[str, str]
) -> tuple[tuple[str, Share], ...]:
    if not _pods_stand_apart(group, cluster):
        return ((subnet_id, Share.WHOLE),)
    pods = _pod_subnet(cluster, zones.get(subnet_id))
    if pods == subnet_id:
        return ((subnet_id, Share.WHOLE),)
    own = (subnet_id, Share.NODES)
    return (own, (pods, Share.PODS)) if pods else (own,)


def _pods_stand_apart(group: NodeGroup, cluster: Cluster) -> bool:
    """Custom networking is the Linux CNI's and there is none in IPv6 clusters."""
    cni = cluster.cni
    return cni is not None and cni.custom_networking and not cni.ipv6 and group.os is Os.LINUX


def _pod_subnet(cluster: Cluster, zone: str | None) -> str | None:
    configs = cluster.pod_subnets or {}
    return configs.get(zone or "") or configs.get(DEFAULT_ENI_CONFIG)


def _why_unknown(cluster: Cluster, zone: str | None) -> str:
    if cluster.pod_subnets is None:
        return "with custom networking the cluster's ENIConfigs say it, and they were not read"
    if zone is None:
        return "the zone of the nodes' own subnet was not read"
    return f"no ENIConfig is named {zone}, nor {DEFAULT_ENI_CONFIG}"
