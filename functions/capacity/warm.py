"""What the warm pool of a group's nodes costs in addresses, and what prefixes save in calls to EC2.

Sources: amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go and pkg/awsutils/awsutils.go (function names stand beside each rule).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil

from functions.capacity.clusters import NodeGroup, Os
from functions.capacity.cni import CniSettings
from functions.capacity.model import BLOCK, InstanceType
from functions.capacity.nodes import HOST_NETWORK_PODS, group_max_pods, holds_prefixes, node_needs

ASSIGN = "AssignPrivateIpAddresses"
# What one more interface takes (awsutils.go: createENI, awsGetFreeDeviceNumber, attachENI, AllocENI).
NEW_INTERFACE = (
    "CreateNetworkInterface",
    "DescribeInstances",
    "AttachNetworkInterface",
    "ModifyNetworkInterfaceAttribute",
)
DISCOVER = "DescribeSubnets"  # before each new interface, with subnet discovery (awsutils.go: GetVpcSubnets)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """What one node holds for its pods, of which `pods` have an address of their own."""

    pods: int
    prefixes: int  # /28
    addresses: int  # that it could give to pods, those in its prefixes too

    @property
    def spare_addresses(self) -> int:
        """Addresses held and not given to any pod: addresses - pods."""
        return max(0, self.addresses - self.pods)

    @property
    def spare_prefixes(self) -> int:
        """Prefixes held that the pods, packed, would not need: prefixes - ceil(pods / 16)."""
        return max(0, self.prefixes - ceil(self.pods / BLOCK))


@dataclass(frozen=True, kw_only=True)
class WarmWaste:
    """What a group's nodes hold beyond their need: of one node when idle, when full, and for the pods that were named.

    The node is of the group's type that wastes most when idle.
    """

    instance_type: str
    nodes: int  # there are
    max_nodes: int
    idle: Pool
    full: Pool
    today: Pool | None = None

    @property
    def idle_prefixes(self) -> int:
        """Prefixes that the nodes there are would hold in vain without any pods."""
        return self.nodes * self.idle.spare_prefixes

    @property
    def idle_addresses(self) -> int:
        """Addresses, the same."""
        return self.nodes * self.idle.spare_addresses

    @property
    def full_prefixes(self) -> int:
        """Prefixes that the group would hold in vain at its maximum size, with every node full."""
        return self.max_nodes * self.full.spare_prefixes

    @property
    def full_addresses(self) -> int:
        """Addresses, the same."""
        return self.max_nodes * self.full.spare_addresses


@dataclass(frozen=True, kw_only=True)
class Ec2Calls:
    """Calls to EC2 by the name of the API."""

    by_api: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_api.values())

    def times(self, nodes: int) -> Ec2Calls:
        """The same for so many nodes."""
        return Ec2Calls(by_api={api: nodes * count for api, count in self.by_api.items()})


@dataclass(frozen=True, kw_only=True)
class CallsSaved:
    """Calls that a group takes until all its pods have addresses, in either mode, at its maximum size.

    Once for the pods that its nodes hold in secondary mode, and once for all that they hold with prefixes, for which
    secondary mode needs `more_nodes` in place of `nodes`. Of the group's type that saves least.
    """

    instance_type: str
    nodes: int
    pods: int  # with an address of their own, on each node, in secondary mode
    secondary: Ec2Calls
    prefixes: Ec2Calls
    full_pods: int  # the same with prefixes
    more_nodes: int
    full_secondary: Ec2Calls
    full_prefixes: Ec2Calls

    @property
    def saved(self) -> int:
        """Calls that prefixes save for the same nodes and pods; below 0 where they take more."""
        return self.secondary.total - self.prefixes.total

    @property
    def full_saved(self) -> int:
        """Calls that prefixes save for the pods that full nodes hold."""
        return self.full_secondary.total - self.full_prefixes.total


def warm_waste(group: NodeGroup, cni: CniSettings, types: Sequence[InstanceType], pods: int | None = None) -> WarmWaste:
    """What the warm pools of the group's nodes hold in vain. `pods` on a node today, where somebody knows.

    A full node has its maximum of pods, but for the two of Linux nodes that need no address. Raises ValueError on no
    type.
    """
    most = group_max_pods(types, cni, group.os)
    of = max(types, key=lambda each: _pool(each, 0, most, cni, group.os).spare_addresses)
    return WarmWaste(
        instance_type=of.name,
        nodes=len(group.nodes),
        max_nodes=max(group.max_size, len(group.nodes)),
        idle=_pool(of, 0, most, cni, group.os),
        full=_pool(of, _pods_with_addresses(most, group.os), most, cni, group.os),
        today=None if pods is None else _pool(of, pods, most, cni, group.os),
    )


def ec2_calls(of: InstanceType, pods: int, max_pods: int, cni: CniSettings, os: Os = Os.LINUX) -> Ec2Calls:
    """Calls that change or look up interfaces for one node until `pods` pods, which come one by one, have addresses.

    A growth takes one call for all that the last interface has room for (ipamd.go: tryAssignPrefixes, tryAssignIPs;
    one prefix or address at a time only where EC2 refused more), or else a new interface that brings them along
    (tryAllocateENI). Pods that come all at once take fewer calls. An IPv6 node takes its one /80 at the start
    (assignIPv6Prefix). What every node does in either mode, such as looking at its interfaces each minute, is left out.
    """
    if cni.ipv6:
        calls = {"DescribeNetworkInterfaces": 1, "AssignIpv6Addresses": 1} if holds_prefixes(of, cni) else {}
        return Ec2Calls(by_api=calls)
    slots = of.addresses_per_interface - 1
    room = 0 if cni.custom_networking and os is Os.LINUX else slots
    assigned = created = 0
    for growth in _growths(of, pods, max_pods, cni, os):
        left = growth
        while left > 0:
            if room > 0:
                assigned += 1
            else:
                created += 1
                room = slots
            taken = min(left, room)
            left, room = left - taken, room - taken
    per_interface = (*NEW_INTERFACE, DISCOVER) if cni.subnet_discovery and not cni.custom_networking else NEW_INTERFACE
    return _calls({ASSIGN: assigned} | dict.fromkeys(per_interface, created))


def calls_saved(group: NodeGroup, types: Iterable[InstanceType], cni: CniSettings) -> CallsSaved:
    """What prefixes save the group in calls, or would save it, with a CNI that is new enough.

    An IPv6 cluster, which knows no secondary mode, is compared with an IPv4 one. Raises ValueError on no type.
    """
    types = tuple(types)
    return min((_saved(group, each, types, cni) for each in types), key=lambda each: each.saved)


def _saved(group: NodeGroup, of: InstanceType, types: Sequence[InstanceType], cni: CniSettings) -> CallsSaved:
    without, using = _in_mode(cni, prefixes=False), _in_mode(cni, prefixes=True)
    few, many = group_max_pods(types, without, group.os), group_max_pods(types, using, group.os)
    pods, full = (_pods_with_addresses(each, group.os) for each in (few, many))
    more = ceil(group.max_size * full / pods) if pods else group.max_size
    secondary = ec2_calls(of, pods, few, without, group.os)
    return CallsSaved(
        instance_type=of.name,
        nodes=group.max_size,
        pods=pods,
        secondary=secondary.times(group.max_size),
        prefixes=ec2_calls(of, pods, many, using, group.os).times(group.max_size),
        full_pods=full,
        more_nodes=more,
        full_secondary=secondary.times(more),
        full_prefixes=ec2_calls(of, full, many, using, group.os).times(group.max_size),
    )


def _pool(of: InstanceType, pods: int, max_pods: int, cni: CniSettings, os: Os) -> Pool:
    needs = node_needs(of, pods, max_pods, cni, os)
    return Pool(pods=pods, prefixes=needs.prefixes, addresses=needs.addresses + BLOCK * needs.prefixes)


def _growths(of: InstanceType, pods: int, max_pods: int, cni: CniSettings, os: Os) -> Iterator[int]:
    """By how many slots the pool grows at each pod, from none on; a prefix takes one slot as an address does.

    A Linux node's no longer grows once it covers maxPods, which pods that come one by one never overshoot.
    """
    held = covered = 0
    for count in range(pods + 1):
        needs = node_needs(of, count, max_pods, cni, os)
        wanted = needs.prefixes + needs.addresses  # a node takes either
        if wanted > held and (os is Os.WINDOWS or covered < max_pods):
            yield wanted - held
            held, covered = wanted, needs.addresses + BLOCK * needs.prefixes


def _pods_with_addresses(max_pods: int, os: Os) -> int:
    return max_pods if os is Os.WINDOWS else max(0, max_pods - HOST_NETWORK_PODS)


def _in_mode(cni: CniSettings, *, prefixes: bool) -> CniSettings:
    """The same settings in that mode, on both systems, under a version that can; IPv6 is always in prefix mode."""
    windows = replace(cni.windows, prefix_delegation=prefixes)
    return replace(cni, prefix_delegation=prefixes, ipv6=cni.ipv6 and prefixes, version=None, windows=windows)


def _calls(by_api: Mapping[str, int]) -> Ec2Calls:
    return Ec2Calls(by_api={api: count for api, count in by_api.items() if count})
