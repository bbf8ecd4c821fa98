"""How many pods a node can hold, and what it takes from its subnets for them.

Formulas: awslabs/amazon-eks-ami's max-pods calculator (removed from its main branch in March 2026); of Linux nodes,
amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go and docs/prefix-and-ip-target.md; of Windows nodes,
amazon-vpc-resource-controller-k8s, pkg/pool/pool.go and docs/windows/.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from functions.capacity.clusters import Os
from functions.capacity.cni import IPV6_SINCE, PREFIXES_ON_METAL_SINCE, PREFIXES_SINCE, CniSettings
from functions.capacity.model import BLOCK, InstanceType

HOST_NETWORK_PODS = 2  # aws-node and kube-proxy need no address of their own
FEW_VCPUS, PODS_CAP_FEW, PODS_CAP_MANY = 30, 110, 250  # EKS's recommendation, in both modes
KUBELET_PODS = 110  # the kubelet's own maximum, which Windows nodes keep

# Nitro types that take no trunk interface: amazon-vpc-resource-controller-k8s, pkg/aws/vpc/limits.go
# (IsTrunkingCompatible). The CNI counts a type that is not listed there as one that does.
NO_TRUNK = ("t3.", "t3a.", "t4g.", "i4i.large", "u-6tb1.")


@dataclass(frozen=True, kw_only=True)
class NodeDemand:
    """What one node takes, or several: prefixes, interfaces, and single addresses for pods beside the interfaces' own.

    Each interface takes one single address for itself.
    """

    prefixes: int  # /28
    interfaces: int
    addresses: int = 0  # /32 for pods, where a node holds no prefixes
    ipv6_prefixes: int = 0  # /80

    @property
    def singles(self) -> int:
        """All its single IPv4 addresses."""
        return self.interfaces + self.addresses

    def times(self, nodes: int) -> NodeDemand:
        """The same for so many nodes."""
        return NodeDemand(
            prefixes=nodes * self.prefixes,
            interfaces=nodes * self.interfaces,
            addresses=nodes * self.addresses,
            ipv6_prefixes=nodes * self.ipv6_prefixes,
        )

    def plus(self, other: NodeDemand) -> NodeDemand:
        """Both together."""
        return NodeDemand(
            prefixes=self.prefixes + other.prefixes,
            interfaces=self.interfaces + other.interfaces,
            addresses=self.addresses + other.addresses,
            ipv6_prefixes=self.ipv6_prefixes + other.ipv6_prefixes,
        )

    def beyond(self, held: NodeDemand) -> NodeDemand:
        """What is still missing for one that holds this already; more of one thing does not make up for another."""
        return NodeDemand(
            prefixes=max(0, self.prefixes - held.prefixes),
            interfaces=max(0, self.interfaces - held.interfaces),
            addresses=max(0, self.addresses - held.addresses),
            ipv6_prefixes=max(0, self.ipv6_prefixes - held.ipv6_prefixes),
        )


NOTHING = NodeDemand(prefixes=0, interfaces=0)


def max_pods(of: InstanceType, cni: CniSettings, *, reserved: int = 0) -> int:
    """EKS's recommended maximum of pods on a Linux node of this type under these settings.

    AWS's calculator knows no interfaces that are `reserved` for something else, such as a trunk.
    """
    cap = PODS_CAP_MANY if of.vcpus > FEW_VCPUS else PODS_CAP_FEW
    return min(cap, allowed_pods(of, cni, reserved=reserved))


def allowed_pods(of: InstanceType, cni: CniSettings, *, reserved: int = 0) -> int:
    """As many pods as the addresses of a Linux node allow, without EKS's cap; at least the two without an address."""
    addresses = usable_interfaces(of, cni, reserved=reserved) * (of.addresses_per_interface - 1)
    return addresses * (BLOCK if holds_prefixes(of, cni) else 1) + HOST_NETWORK_PODS


def holds_prefixes(of: InstanceType, cni: CniSettings) -> bool:
    """Whether a Linux node of this type gets prefixes: asked for, on Nitro, by a CNI that is new enough."""
    since = PREFIXES_ON_METAL_SINCE if of.bare_metal else PREFIXES_SINCE
    if cni.ipv6:
        since = max(since, IPV6_SINCE)
    return cni.prefix_delegation and of.nitro and (cni.version is None or cni.version >= since)


def windows_allowed_pods(of: InstanceType, *, prefixes: bool) -> int:
    """As many pods as the addresses of a Windows node allow: its primary interface holds them all.

    https://github.com/aws/amazon-vpc-resource-controller-k8s; no host network pods, and no cap but the kubelet's.
    """
    return (of.addresses_per_interface - 1) * (BLOCK if prefixes and of.nitro else 1)


def windows_max_pods(of: InstanceType, cni: CniSettings) -> int:
    """The pods that a Windows node of this type really holds: its addresses, up to the kubelet's own maximum."""
    return min(KUBELET_PODS, windows_allowed_pods(of, prefixes=cni.windows.prefix_delegation))


def group_max_pods(types: Iterable[InstanceType], cni: CniSettings, os: Os = Os.LINUX) -> int:
    """EKS gives every node of a managed group the smallest number of all its types. Raises ValueError on no type."""
    return min(windows_max_pods(each, cni) if os is Os.WINDOWS else max_pods(each, cni) for each in types)


def usable_interfaces(of: InstanceType, cni: CniSettings, *, reserved: int = 0) -> int:
    """Interfaces that may hold pods' addresses. MAX_ENI bounds first, then custom networking gives up the primary."""
    interfaces = of.interfaces if cni.max_eni is None else min(cni.max_eni, of.interfaces)
    return max(0, interfaces - reserved - (1 if cni.custom_networking else 0))


def trunk_interfaces(of: InstanceType, cni: CniSettings) -> int:
    """1 where ENABLE_POD_ENI gives the node a trunk, which holds none of the addresses counted here, else 0.

    The CNI keeps a place for it (ipamd.go, hasRoomForEni) on types that take one and have a second interface. The
    branches behind it take a single address each, one for every pod with a security group of its own; how many pods
    those are, AWS does not know.
    """
    room = of.interfaces if cni.max_eni is None else min(cni.max_eni, of.interfaces)
    return 1 if cni.pod_eni and of.nitro and room > 1 and not of.name.startswith(NO_TRUNK) else 0


def node_demand(of: InstanceType, max_pods: int, cni: CniSettings, os: Os = Os.LINUX) -> NodeDemand:
    """What a full node of this type takes."""
    return node_needs(of, max_pods, max_pods, cni, os)


def node_needs(of: InstanceType, pods: int, max_pods: int, cni: CniSettings, os: Os = Os.LINUX) -> NodeDemand:
    """What a node takes for `pods` pods with addresses of their own, at the most, when its kubelet allows `max_pods`.

    A Linux node of an IPv6 cluster takes one /80 and no /28 (ipamd.go, assignIPv6Prefix); the WARM_* targets do not
    count there. Its interfaces have an IPv4 address each all the same.
    """
    if os is Os.WINDOWS:
        return _windows_needs(of, pods, cni)
    trunk = trunk_interfaces(of, cni)
    if cni.ipv6:
        return NodeDemand(prefixes=0, interfaces=1 + trunk, ipv6_prefixes=1 if holds_prefixes(of, cni) else 0)
    slots = of.addresses_per_interface - 1  # the interface's own primary address takes one
    room = slots * usable_interfaces(of, cni, reserved=trunk)
    idle = trunk + (1 if cni.custom_networking else 0)
    if room <= 0:
        return NodeDemand(prefixes=0, interfaces=1 + trunk)
    if holds_prefixes(of, cni):
        prefixes = min(room, prefixes_wanted(pods, max_pods, cni))
        return NodeDemand(prefixes=prefixes, interfaces=max(1, ceil(prefixes / slots) + idle))
    addresses = min(room, addresses_wanted(pods, max_pods, cni, slots))
    return NodeDemand(prefixes=0, interfaces=max(1, ceil(addresses / slots) + idle), addresses=addresses)


def _windows_needs(of: InstanceType, pods: int, cni: CniSettings) -> NodeDemand:
    """The controller fills the primary interface only, as far as it has slots; the kubelet's maximum stops nothing."""
    slots, windows = of.addresses_per_interface - 1, cni.windows
    warm, minimum = windows.warm_ip_target, windows.minimum_ip_target
    if not (windows.prefix_delegation and of.nitro):
        return NodeDemand(prefixes=0, interfaces=1, addresses=min(slots, max(pods + warm, minimum)))
    if windows.warm_prefix_target is not None:
        wanted = windows.warm_prefix_target + ceil(pods / BLOCK)
    else:
        wanted = max(ceil((pods + warm) / BLOCK), ceil(minimum / BLOCK))
    return NodeDemand(prefixes=min(slots, wanted), interfaces=1)


def prefixes_wanted(pods: int, max_pods: int, cni: CniSettings) -> int:
    """Prefixes (/28) that the CNI wants to hold on a Linux node for `pods` pods, before its slots bound them.

    WARM_IP_TARGET and MINIMUM_IP_TARGET, if either is set to more than 0 (ipamd.go, warmIPTargetsDefined), override
    WARM_PREFIX_TARGET.
    """
    if cni.warm_ip_target or cni.minimum_ip_target:
        return _by_targets(pods, max_pods, cni, BLOCK)
    return _by_warm_blocks(pods, max_pods, cni.warm_prefix_target, BLOCK)


def addresses_wanted(pods: int, max_pods: int, cni: CniSettings, slots: int) -> int:
    """Addresses for pods that the CNI wants to hold on a Linux node without prefixes, before its slots bound them.

    Without targets it fills each interface's `slots` and keeps one interface warm, WARM_ENI_TARGET's default; another
    value of that is not read.
    """
    if cni.warm_ip_target or cni.minimum_ip_target:
        return _by_targets(pods, max_pods, cni, 1)
    return slots * _by_warm_blocks(pods, max_pods, 1, slots)


def _by_warm_blocks(pods: int, max_pods: int, warm: int, block: int) -> int:
    """Blocks of so many addresses with `warm` of them untouched (ipamd.go, isDatastorePoolTooLow).

    Nothing grows once the blocks cover maxPods; the last growth before that may bring `warm` blocks at once. With
    0, which is not supported, there is one block more only when the last address is taken.
    """
    wanted = warm + ceil(pods / block) if warm else pods // block + 1
    return min(wanted, ceil(max_pods / block) - 1 + max(1, warm))


def _by_targets(pods: int, max_pods: int, cni: CniSettings, block: int) -> int:
    """Blocks for the pods and WARM_IP_TARGET more, MINIMUM_IP_TARGET at least (ipamd.go, datastoreTargetState).

    Without a WARM_IP_TARGET the pool is never short again once the minimum is there, however many pods wait.
    """
    warm, least = cni.warm_ip_target or 0, ceil((cni.minimum_ip_target or 0) / block)
    if not warm:
        return least
    return max(least, min(ceil((pods + warm) / block), ceil(max_pods / block) - 1 + ceil(warm / block)))
