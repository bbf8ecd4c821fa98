"""How many prefixes and single addresses the node groups can ask of each subnet, beyond what their nodes hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from functions.capacity.clusters import NodeGroup
from functions.capacity.model import Interface, Snapshot
from functions.capacity.nodes import NOTHING, NodeDemand, group_max_pods, node_demand
from functions.capacity.owners import Owner
from functions.capacity.spread import Asking, Share, askings, zones_of

PRIMARY = NodeDemand(prefixes=0, interfaces=1)  # what each node takes of the subnet that it stands in


@dataclass(frozen=True, kw_only=True)
class GroupDemand:
    """What a node group can still ask of one subnet until it is full at its maximum size.

    `surge_nodes` come on top while EKS updates the group. `per_node` is what a full node takes of this subnet.
    """

    group: NodeGroup
    max_pods: int
    per_node: NodeDemand
    nodes_now: int  # in this subnet
    nodes_to_come: int  # in this subnet, up to the maximum size
    nodes_desired: int  # of those to come, the ones that the group asks for already
    prefixes: int
    interfaces: int  # each takes one single address
    addresses: int = 0  # single addresses for pods, where nodes hold no prefixes
    ipv6_prefixes: int = 0  # /80
    nodes_launching: int = 0  # of those now, the ones that only just start and may hold little yet
    surge_nodes: int = 0
    held: NodeDemand = NOTHING  # of this subnet's share, by the nodes now
    share: Share = Share.WHOLE

    @property
    def name(self) -> str:
        """Cluster and group, as people say it."""
        return self.group.label

    @property
    def singles(self) -> int:
        """Single addresses (/32) that it can still ask for; `held.singles` are those that its nodes have."""
        return self.interfaces + self.addresses

    @property
    def surge(self) -> NodeDemand:
        """What a rolling update takes on top until the old nodes are gone."""
        return self.per_node.times(self.surge_nodes)


@dataclass(frozen=True, kw_only=True)
class SubnetDemand:
    """What all groups together can still ask of a subnet: each at its maximum size, and the largest surge of one.

    EKS updates a group when somebody tells it to, group by group; who updates several at once gets several surges.
    """

    groups: tuple[GroupDemand, ...] = ()

    @cached_property
    def prefixes(self) -> int:
        """Prefixes (/28) up to every group's maximum size, and one surge."""
        return sum(each.prefixes for each in self.groups) + self.surge.prefixes

    @cached_property
    def interfaces(self) -> int:
        """Interfaces that those nodes will have, each with one single address (/32) of its own."""
        return sum(each.interfaces for each in self.groups) + self.surge.interfaces

    @cached_property
    def singles(self) -> int:
        """Single addresses (/32): one for each interface, and those for pods on nodes without prefixes."""
        return sum(each.singles for each in self.groups) + self.surge.singles

    @property
    def ipv6_prefixes(self) -> int:
        """Prefixes (/80) of the nodes of IPv6 clusters."""
        return sum(each.ipv6_prefixes for each in self.groups) + self.surge.ipv6_prefixes

    @property
    def urgent(self) -> int:
        """Prefixes that the nodes already asked for, those launching and those already running can take."""
        return sum(
            each.prefixes - (each.nodes_to_come - each.nodes_desired) * each.per_node.prefixes for each in self.groups
        )

    @property
    def ipv6_urgent(self) -> int:
        """The same of /80 prefixes."""
        return sum(
            each.ipv6_prefixes - (each.nodes_to_come - each.nodes_desired) * each.per_node.ipv6_prefixes
            for each in self.groups
        )

    @property
    def largest_node(self) -> int:
        """Prefixes of the most demanding node of any group, 0 without groups."""
        return max((each.per_node.prefixes for each in self.groups), default=0)

    @cached_property
    def surge(self) -> NodeDemand:
        """The largest surge of one group, kind by kind: who takes most prefixes need not take most interfaces."""
        by_group: dict[str, NodeDemand] = {}
        for each in self.groups:
            by_group[each.name] = by_group.get(each.name, NOTHING).plus(each.surge)
        return _largest(by_group.values())


def subnet_demands(
    snapshot: Snapshot, held: Mapping[str, NodeDemand], max_pods: Mapping[str, int] | None = None
) -> Mapping[str, SubnetDemand]:
    """The demand on each subnet of which any group asks something.

    `held` is what each instance has now (see `held_by_instance`). `max_pods` is what the nodes of a group, by its
    label, really allow; for groups that are not in it, EKS's recommendation counts.

    Groups of clusters whose CNI settings are unknown, or with types that are, ask for an unknown amount and are left
    out here; the snapshot's `unknowns` name them, and `spread.demand_unknowns` the pods whose subnet is not known.

    Interfaces beyond the first count in the node's own subnet. With subnet discovery the CNI may make them in others
    of the zone, in whichever has the most addresses then: their demand is not foreseen, that here is on the safe side.
    """
    zones = zones_of(snapshot)
    found: dict[str, list[GroupDemand]] = defaultdict(list)
    for group in snapshot.node_groups:
        for subnet_id, demand in _of_group(group, snapshot, zones, held, (max_pods or {}).get(group.label)):
            found[subnet_id].append(demand)
    return {subnet_id: SubnetDemand(groups=tuple(demands)) for subnet_id, demands in found.items()}


def held_by_instance(interfaces: Iterable[Interface]) -> Mapping[str, NodeDemand]:
    """What each instance holds now. Branch interfaces are pods' own and no part of it."""
    of: dict[str, list[Interface]] = defaultdict(list)
    for each in interfaces:
        if each.instance_id is not None and each.owner is not Owner.POD:
            of[each.instance_id].append(each)
    return {instance_id: _held(mine) for instance_id, mine in of.items()}


def _held(interfaces: Collection[Interface]) -> NodeDemand:
    return NodeDemand(
        prefixes=sum([len(each.prefixes) for each in interfaces]),
        interfaces=len(interfaces),
        addresses=sum([max(0, len(each.addresses) - 1) for each in interfaces]),  # the first is the interface's own
        ipv6_prefixes=sum([len(each.ipv6_prefixes) for each in interfaces]),
    )


def _of_group(
    group: NodeGroup,
    snapshot: Snapshot,
    zones: Mapping[str, str],
    held: Mapping[str, NodeDemand],
    max_pods: int | None,
) -> Iterator[tuple[str, GroupDemand]]:
    cluster = snapshot.clusters.get(group.cluster)
    types = [snapshot.instance_types[name] for name in group.instance_types if name in snapshot.instance_types]
    if cluster is None or cluster.cni is None or not types or len(types) < len(group.instance_types):
        return
    pods = group_max_pods(types, cluster.cni, group.os) if max_pods is None else max_pods
    full = {each.name: node_demand(each, pods, cluster.cni, group.os) for each in types}
    for asking in askings(group, cluster, zones):
        yield asking.subnet_id, _demand(group, pods, full, asking, held)


def _demand(
    group: NodeGroup,
    pods: int,
    full: Mapping[str, NodeDemand],
    asking: Asking,
    held: Mapping[str, NodeDemand],
) -> GroupDemand:
    """Nodes to come are counted as the most demanding type; those there as their own, where it is known."""
    by_type = {name: _share(demand, asking.share) for name, demand in full.items()}
    largest = _largest(by_type.values())
    has = [_share(held.get(node.instance_id, PRIMARY), asking.share) for node in asking.nodes]
    missing = [by_type.get(node.instance_type, largest).beyond(h) for node, h in zip(asking.nodes, has, strict=True)]
    asked = _sum([largest.times(asking.to_come), *missing])
    return GroupDemand(
        group=group,
        max_pods=pods,
        per_node=largest,
        nodes_now=len(has),
        nodes_to_come=asking.to_come,
        nodes_desired=asking.desired,
        prefixes=asked.prefixes,
        interfaces=asked.interfaces,
        addresses=asked.addresses,
        ipv6_prefixes=asked.ipv6_prefixes,
        nodes_launching=sum(node.launching for node in asking.nodes),
        surge_nodes=asking.surge,
        held=_sum(has),
        share=asking.share,
    )


def _share(of: NodeDemand, share: Share) -> NodeDemand:
    """What of a node's demand, or of what it holds, falls on the subnet."""
    match share:
        case Share.WHOLE:
            return of
        case Share.NODES:
            return PRIMARY
        case Share.PODS:
            return of.beyond(PRIMARY)


def _sum(demands: Iterable[NodeDemand]) -> NodeDemand:
    total = NOTHING
    for each in demands:
        total = total.plus(each)
    return total


def _largest(demands: Iterable[NodeDemand]) -> NodeDemand:
    """Field by field, so that it covers each of them."""
    found = [NOTHING, *demands]
    return NodeDemand(
        prefixes=max(each.prefixes for each in found),
        interfaces=max(each.interfaces for each in found),
        addresses=max(each.addresses for each in found),
        ipv6_prefixes=max(each.ipv6_prefixes for each in found),
    )
