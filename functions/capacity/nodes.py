"""How many pods a node can hold, and what it takes from its subnet for them.

Formulas: awslabs/amazon-eks-ami's max-pods calculator (removed from its main branch in March 2026) and
amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go and docs/prefix-and-ip-target.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from functions.capacity.model import BLOCK, CniSettings, InstanceType

HOST_NETWORK_PODS = 2  # aws-node and kube-proxy need no address of their own
FEW_VCPUS, PODS_CAP_FEW, PODS_CAP_MANY = 30, 110, 250  # EKS's recommendation, in both modes

# The first versions of the VPC CNI that assign prefixes (EKS user guide, 'cni-increase-ip-addresses'; bare metal:
# the CNI's release notes).
PREFIXES_SINCE, PREFIXES_ON_METAL_SINCE, IPV6_SINCE = (1, 9, 0), (1, 11, 0), (1, 10, 1)


@dataclass(frozen=True, kw_only=True)
class NodeDemand:
    """What one node takes when it is full: prefixes (/28), and interfaces, each with one single address."""

    prefixes: int
    interfaces: int


def max_pods(of: InstanceType, cni: CniSettings) -> int:
    """EKS's recommended maximum of pods on a Linux node of this type under these settings."""
    cap = PODS_CAP_MANY if of.vcpus > FEW_VCPUS else PODS_CAP_FEW
    return min(cap, allowed_pods(of, cni))


def allowed_pods(of: InstanceType, cni: CniSettings) -> int:
    """As many pods as the addresses of a Linux node allow, without EKS's cap; at least the two without an address."""
    addresses = usable_interfaces(of, cni) * (of.addresses_per_interface - 1)
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


def cni_version(text: str) -> tuple[int, ...]:
    """`v1.19.2-eksbuild.5` as (1, 19, 2): the build does not matter. Raises ValueError for what is no version."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?", text.strip())
    if not match:
        raise ValueError(f"{text!r:.60} is not a version of the VPC CNI, such as v1.19.2-eksbuild.5")
    return tuple(int(each or 0) for each in match.groups())


def group_max_pods(types: Iterable[InstanceType], cni: CniSettings) -> int:
    """EKS gives every node of a managed group the smallest number of all its types. Raises ValueError on no type."""
    return min(max_pods(each, cni) for each in types)


def usable_interfaces(of: InstanceType, cni: CniSettings) -> int:
    """Interfaces that may hold pods' addresses. MAX_ENI bounds first, then custom networking gives up the primary."""
    interfaces = of.interfaces if cni.max_eni is None else min(cni.max_eni, of.interfaces)
    return max(0, interfaces - (1 if cni.custom_networking else 0))


def prefixes_wanted(pods: int, max_pods: int, cni: CniSettings) -> int:
    """Prefixes that the CNI wants to hold for `pods` pods with addresses of their own.

    WARM_IP_TARGET and MINIMUM_IP_TARGET, if either is set, override WARM_PREFIX_TARGET; growth ends where the
    prefixes cover maxPods.
    """
    if cni.warm_ip_target is None and cni.minimum_ip_target is None:
        wanted = cni.warm_prefix_target + ceil(pods / BLOCK)
    else:
        warm, minimum = cni.warm_ip_target or 0, cni.minimum_ip_target or 0
        wanted = max(ceil((pods + warm) / BLOCK), ceil(minimum / BLOCK))
    return min(wanted, ceil(max_pods / BLOCK))


def node_demand(of: InstanceType, max_pods: int, cni: CniSettings) -> NodeDemand:
    """What a full node of this type takes. Without prefixes (mode, or not Nitro) it takes none, one interface."""
    slots = of.addresses_per_interface - 1  # the interface's own primary address takes one
    usable = usable_interfaces(of, cni)
    if not holds_prefixes(of, cni) or slots <= 0 or usable == 0:
        return NodeDemand(prefixes=0, interfaces=1)
    prefixes = min(prefixes_wanted(max_pods, max_pods, cni), usable * slots)
    idle_primary = 1 if cni.custom_networking else 0
    return NodeDemand(prefixes=prefixes, interfaces=ceil(prefixes / slots) + idle_primary)
