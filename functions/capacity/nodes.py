"""How many pods a node can hold, and what it takes from its subnet for them.

Formulas: awslabs/amazon-eks-ami's max-pods calculator (removed from its main branch in March 2026) and
amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go and docs/prefix-and-ip-target.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from functions.capacity.model import BLOCK, CniSettings, InstanceType

HOST_NETWORK_PODS = 2  # aws-node and kube-proxy need no address of their own
FEW_VCPUS, PODS_CAP_FEW, PODS_CAP_MANY = 30, 110, 250  # EKS's recommendation, in both modes


@dataclass(frozen=True, kw_only=True)
class NodeDemand:
    """What one node takes when it is full: prefixes (/28), and interfaces, each with one single address."""

    prefixes: int
    interfaces: int


def max_pods(of: InstanceType, cni: CniSettings) -> int:
    """EKS's recommended maximum of pods for this type under these settings; at least 0."""
    formula = usable_interfaces(of, cni) * (of.addresses_per_interface - 1)
    if cni.prefix_delegation and of.nitro:
        formula *= BLOCK
    cap = PODS_CAP_MANY if of.vcpus > FEW_VCPUS else PODS_CAP_FEW
    return max(0, min(cap, formula + HOST_NETWORK_PODS))


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
    if not (cni.prefix_delegation and of.nitro) or slots <= 0 or usable == 0:
        return NodeDemand(prefixes=0, interfaces=1)
    prefixes = min(prefixes_wanted(max_pods, max_pods, cni), usable * slots)
    idle_primary = 1 if cni.custom_networking else 0
    return NodeDemand(prefixes=prefixes, interfaces=ceil(prefixes / slots) + idle_primary)
