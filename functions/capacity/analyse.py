"""What the snapshot means for each subnet: demand against what the subnet can give, and what is not known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.capacity.advertised import advertised
from functions.capacity.blocks import BlockMap, block_map, expected_available
from functions.capacity.demand import SubnetDemand, held_by_instance, subnet_demands
from functions.capacity.ipv6_blocks import Ipv6Blocks, ipv6_block_map
from functions.capacity.model import Snapshot, Subnet


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """One subnet: its blocks and the demand on them. `partial` says why the view cannot be trusted, or is empty.

    `ipv6` is None for a subnet without an IPv6 CIDR.
    """

    subnet: Subnet
    blocks: BlockMap
    demand: SubnetDemand
    partial: str = ""
    ipv6: Ipv6Blocks | None = None

    @property
    def obtainable(self) -> int:
        """Prefixes that EC2 could assign right now, in reservations and outside."""
        return len(self.blocks.free)

    @property
    def missing(self) -> int:
        """Prefixes of the demand that could not be had right now."""
        return max(0, self.demand.prefixes - self.obtainable)

    @property
    def missing_urgent(self) -> int:
        """The same for the nodes that are asked for or running already."""
        return max(0, self.demand.urgent - self.obtainable)

    @property
    def ipv6_obtainable(self) -> int:
        """Prefixes (/80) that EC2 could assign right now, in reservations and outside."""
        return self.ipv6.free if self.ipv6 else 0

    @property
    def ipv6_missing(self) -> int:
        """Prefixes (/80) of the demand that could not be had right now."""
        return max(0, self.demand.ipv6_prefixes - self.ipv6_obtainable)

    @property
    def ipv6_missing_urgent(self) -> int:
        """The same for the nodes that are asked for or running already."""
        return max(0, self.demand.ipv6_urgent - self.ipv6_obtainable)


def analyse(snapshot: Snapshot) -> tuple[Analysis, ...]:
    """Each subnet of the snapshot, in the order of their ids."""
    held = held_by_instance(i for subnet in snapshot.subnets for i in subnet.interfaces)
    demands = subnet_demands(snapshot, held, _max_pods(snapshot))
    return tuple(
        _analysis(subnet, demands.get(subnet.id, SubnetDemand()))
        for subnet in sorted(snapshot.subnets, key=lambda each: each.id)
    )


def _max_pods(snapshot: Snapshot) -> Mapping[str, int]:
    """How many pods the nodes of each group really take, by its label, where that is known: the most of its types."""
    found: dict[str, int] = {}
    for group in snapshot.node_groups:
        cluster = snapshot.clusters.get(group.cluster)
        types = [snapshot.instance_types[name] for name in group.instance_types if name in snapshot.instance_types]
        said = advertised(group, types, cluster.cni if cluster else None)
        if said.pods is not None:
            found[group.label] = max(said.per_type.values(), default=said.pods)
    return found


def _analysis(subnet: Subnet, demand: SubnetDemand) -> Analysis:
    blocks = block_map(subnet)
    unread = subnet.unread and f"{subnet.unread} were not read"
    return Analysis(
        subnet=subnet,
        blocks=blocks,
        demand=demand,
        partial=unread or _disagreement(blocks),
        ipv6=ipv6_block_map(subnet),
    )


def _disagreement(blocks: BlockMap) -> str:
    """Why the interfaces that we saw cannot be all there are, or an empty text.

    Interfaces of other accounts in a shared subnet may be invisible; EC2's own count of available addresses is not.
    Where it was counted before and after the read, the truth at the time of the read lay between the two.
    """
    expected, counted = expected_available(blocks), blocks.subnet.available
    if min(counted) < expected.stop and max(counted) >= expected.start:
        return ""
    return (
        f"EC2 counts {_span(counted)} available addresses, the interfaces and reservations that could be read "
        f"explain {_span(expected)}"
    )


def _span(values: Sequence[int]) -> str:
    """The lowest and the highest, or the one that is both."""
    return " to ".join(map(str, sorted({min(values), max(values)})))
