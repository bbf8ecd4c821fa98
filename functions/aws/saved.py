"""A saved snapshot: AWS's answers as they came, and the model's snapshot made of them.

The live reader gathers this form too, so what is read from AWS and what is read from a file go the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypedDict

from functions.aws import answers, eks_answers, node_answers, vpcs
from functions.aws.odd import OddAnswerError
from functions.aws.sieve import demand, sieve
from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.model import InstanceType, Interface, Snapshot, Subnet
from functions.capacity.owners import Owner
from functions.capacity.vpc_space import VpcSpace


class Saved(TypedDict, total=False):
    """One object of AWS's answers, each item just as boto3 returns it. A key that is missing was not read."""

    takenAt: str  # ISO 8601
    accountId: str
    region: str
    subnets: list[Any]  # DescribeSubnets
    networkInterfaces: list[Any]  # DescribeNetworkInterfaces
    subnetCidrReservations: dict[str, Any]  # GetSubnetCidrReservations, by subnet
    instanceTypes: list[Any]  # DescribeInstanceTypes
    instances: list[Any]  # DescribeInstances, its reservations flattened
    clusters: list[Any]  # DescribeCluster.cluster
    nodegroups: list[Any]  # DescribeNodegroup.nodegroup
    addons: list[Any]  # DescribeAddon.addon
    addonUpdates: dict[str, Any]  # DescribeUpdate.update of vpc-cni's update in progress, by cluster
    autoScalingGroups: list[Any]  # DescribeAutoScalingGroups
    launchTemplateVersions: list[Any]  # DescribeLaunchTemplateVersions
    vpcs: list[Any]  # DescribeVpcs, of the subnets' VPCs
    vpcSubnets: list[Any]  # DescribeSubnets, of all subnets in these
    kubernetes: dict[str, Any]  # by cluster: {"daemonSet", "eniConfigs", "configMap"}, or {"unknown": why}


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """The clusters by name, their node groups of every origin, and the answers that could not be read, in words."""

    by_name: Mapping[str, Cluster]
    groups: tuple[NodeGroup, ...]
    odd: tuple[str, ...]


def snapshot_of(
    saved: Saved, taken_at: datetime, *, interfaces: Iterable[Interface] | None = None, known: Clusters | None = None
) -> Snapshot:
    """The snapshot that these answers are. What they leave open is named in its `unknowns`.

    `interfaces` and `known` stand for the answers about them where somebody has read these already. Raises
    OddAnswerError where an answer about a subnet, an interface or a reservation cannot be read.
    """
    if not isinstance(saved, dict):
        raise OddAnswerError(f"a saved snapshot is a JSON object, this is {type(saved).__name__}")
    read = demand(saved)
    known = known or clusters_of(saved)
    clusters, groups = known.by_name, known.groups
    kept, odd = sieve(Saved(instanceTypes=saved["instanceTypes"]) if "instanceTypes" in saved else Saved())
    types = {each.name: each for each in map(answers.instance_type, kept.get("instanceTypes", ()))}
    unread = _unread(saved, interfaces)
    found = _subnets(saved, _with_owners(read if interfaces is None else interfaces, groups))
    subnets = tuple(replace(each, unread=unread) if unread else each for each in found)
    return Snapshot(
        taken_at=taken_at,
        subnets=subnets,
        node_groups=groups,
        instance_types=types,
        clusters=clusters,
        whole=_whole(clusters, groups, subnets),
        unknowns=(*sorted((*known.odd, *odd)), *_unknowns(clusters.values(), groups, types)),
    )


def spaces_of(saved: Saved) -> Mapping[str, VpcSpace]:
    """The ranges of VPCs by id; none where these were not read. Raises OddAnswerError."""
    if not saved.keys() >= {"vpcs", "vpcSubnets"}:
        return {}
    return vpcs.spaces(saved["vpcs"], saved["vpcSubnets"])


def clusters_of(saved: Saved) -> Clusters:
    """What these answers say of clusters and nodes, as far as they can be read."""
    kept, odd = sieve(_without_types(saved))
    clusters = {each.name: each for each in _clusters(kept)}
    return Clusters(by_name=clusters, groups=tuple(node_answers.groups(kept, frozenset(clusters))), odd=odd)


def _without_types(saved: Saved) -> Saved:
    rest = saved.copy()
    rest.pop("instanceTypes", None)
    return rest


def _unread(saved: Saved, interfaces: object) -> str:
    """What of every subnet is not in these answers at all: a key that is missing was not read."""
    missing = ["its interfaces"] if interfaces is None and "networkInterfaces" not in saved else []
    missing += [] if "subnetCidrReservations" in saved else ["its CIDR reservations"]
    return " and ".join(missing)


def _subnets(saved: Saved, found: Iterable[Interface]) -> Iterator[Subnet]:
    interfaces: dict[str, list[Interface]] = defaultdict(list)
    for each in found:
        interfaces[each.subnet_id].append(each)
    for each in saved.get("subnets", ()):
        reserved = saved.get("subnetCidrReservations", {}).get(each["SubnetId"], {})
        yield answers.subnet(
            each,
            tuple(interfaces[each["SubnetId"]]),
            tuple(map(answers.reservation, reserved.get("SubnetIpv4CidrReservations", ()))),
            tuple(map(answers.ipv6_reservation, reserved.get("SubnetIpv6CidrReservations", ()))),
        )


def _with_owners(interfaces: Iterable[Interface], groups: Iterable[NodeGroup]) -> Iterator[Interface]:
    """A node's first interface says nothing of its cluster: that its instance is a node does."""
    nodes = {node.instance_id for group in groups for node in group.nodes}
    for each in interfaces:
        is_node = each.owner is Owner.INSTANCE and each.instance_id in nodes
        yield replace(each, owner=Owner.NODE) if is_node else each


def _clusters(saved: Saved) -> Iterator[Cluster]:
    addons = {each["clusterName"]: each for each in saved.get("addons", ()) if each.get("addonName") == "vpc-cni"}
    updates, kubernetes = saved.get("addonUpdates", {}), saved.get("kubernetes", {})
    for each in saved.get("clusters", ()):
        name = each["name"]
        yield eks_answers.cluster(each, addons.get(name), updates.get(name), kubernetes.get(name))


def _whole(clusters: Iterable[str], groups: Iterable[NodeGroup], subnets: Iterable[Subnet]) -> frozenset[str]:
    """The clusters all of whose groups' and nodes' subnets are in the view."""
    seen = {each.id for each in subnets}
    cut = {each.cluster for each in groups if not seen.issuperset(node_answers.subnet_ids(each))}
    return frozenset(clusters) - cut


def _unknowns(
    clusters: Iterable[Cluster], groups: Iterable[NodeGroup], types: Mapping[str, InstanceType]
) -> Iterator[str]:
    yield from (f"cluster {each.name}: {each.cni_unknown}" for each in clusters if each.cni is None)
    for group in groups:
        missing = [name for name in group.instance_types if name not in types]
        if missing or not group.instance_types:
            what = f"no limits known of {', '.join(missing)}" if missing else "its instance types are not named"
            yield f"node group {group.label}: {what}"
        if group.unknown:
            yield f"node group {group.label}: {group.unknown}"
