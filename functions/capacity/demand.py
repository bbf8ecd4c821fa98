"""How many prefixes and single addresses the node groups can ask of each subnet, beyond what their nodes hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from functions.capacity.model import Interface, NodeGroup, Snapshot
from functions.capacity.nodes import NodeDemand, group_max_pods, node_demand

NOTHING = NodeDemand(prefixes=0, interfaces=0)


@dataclass(frozen=True, kw_only=True)
class GroupDemand:
    """What a node group can still ask of one subnet until it is full at its maximum size."""

    group: NodeGroup
    max_pods: int
    per_node: NodeDemand
    nodes_now: int  # in this subnet
    nodes_to_come: int  # in this subnet, up to the maximum size
    nodes_desired: int  # of those to come, the ones that the group asks for already
    prefixes: int
    interfaces: int  # each takes one single address

    @property
    def name(self) -> str:
        """Cluster and group, as people say it."""
        return f"{self.group.cluster}/{self.group.name}"


@dataclass(frozen=True, kw_only=True)
class SubnetDemand:
    """What all groups together can still ask of a subnet. `urgent` is the part that desired sizes ask for already."""

    groups: tuple[GroupDemand, ...] = ()

    @property
    def prefixes(self) -> int:
        """Prefixes (/28) up to every group's maximum size."""
        return sum(each.prefixes for each in self.groups)

    @property
    def interfaces(self) -> int:
        """Single addresses (/32), one for each interface that those nodes will have."""
        return sum(each.interfaces for each in self.groups)

    @property
    def urgent(self) -> int:
        """Prefixes that the nodes already asked for, and those already running, can take."""
        return sum(
            each.prefixes - (each.nodes_to_come - each.nodes_desired) * each.per_node.prefixes for each in self.groups
        )

    @property
    def largest_node(self) -> int:
        """Prefixes of the most demanding node of any group, 0 without groups."""
        return max((each.per_node.prefixes for each in self.groups), default=0)


def subnet_demand(subnet_id: str, snapshot: Snapshot, held: Mapping[str, NodeDemand]) -> SubnetDemand:
    """The demand on one subnet. `held` is what each instance has now (see `held_by_instance`).

    Groups of clusters whose CNI settings are unknown ask for an unknown amount and are left out here; the
    snapshot's `unknowns` name them.
    """
    asking = (g for g in snapshot.node_groups if subnet_id in g.subnet_ids and g.cluster in snapshot.cni)
    found = (_group_demand(subnet_id, group, snapshot, held) for group in asking)
    return SubnetDemand(groups=tuple(each for each in found if each is not None))


def held_by_instance(interfaces: tuple[Interface, ...]) -> Mapping[str, NodeDemand]:
    """Prefixes and interfaces that each instance holds now."""
    held: dict[str, NodeDemand] = {}
    for each in interfaces:
        if each.instance_id is not None:
            before = held.get(each.instance_id, NOTHING)
            held[each.instance_id] = NodeDemand(
                prefixes=before.prefixes + len(each.prefixes), interfaces=before.interfaces + 1
            )
    return held


def _group_demand(
    subnet_id: str, group: NodeGroup, snapshot: Snapshot, held: Mapping[str, NodeDemand]
) -> GroupDemand | None:
    types = [snapshot.instance_types[name] for name in group.instance_types if name in snapshot.instance_types]
    if not types or len(types) < len(group.instance_types):
        return None
    cni = snapshot.cni[group.cluster]
    pods = group_max_pods(types, cni)
    demands = [node_demand(each, pods, cni) for each in types]
    full = NodeDemand(prefixes=max(d.prefixes for d in demands), interfaces=max(d.interfaces for d in demands))
    here = [node for node in group.nodes if node.subnet_id == subnet_id]
    growth = [held.get(node.instance_id, NOTHING) for node in here]
    to_come = _to_come(group.max_size, group, len(here))
    return GroupDemand(
        group=group,
        max_pods=pods,
        per_node=full,
        nodes_now=len(here),
        nodes_to_come=to_come,
        nodes_desired=min(to_come, _to_come(group.desired_size, group, len(here))),
        prefixes=to_come * full.prefixes + sum(max(0, full.prefixes - has.prefixes) for has in growth),
        interfaces=to_come * full.interfaces + sum(max(0, full.interfaces - has.interfaces) for has in growth),
    )


def _to_come(size: int, group: NodeGroup, here: int) -> int:
    """Nodes that a group of this size still puts into a subnet: Auto Scaling spreads them evenly over its subnets."""
    return max(0, ceil(size / len(group.subnet_ids)) - here)
