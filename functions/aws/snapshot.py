"""Reading AWS: from a scope to a snapshot of the subnets in it and of all node groups that use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from functions.aws import answers
from functions.capacity.model import MODE_TAG, CniSettings, InstanceType, Interface, Reservation, Snapshot
from functions.capacity.scope import EVERYWHERE, Scope

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient

FILTER_VALUES = 200  # of one filter of a Describe call (EC2 API reference, 'Filtering')


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What EKS says of one IPv4 cluster."""

    name: str
    groups: tuple[Mapping[str, Any], ...]
    cni: CniSettings | None
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class AwsReader:
    """Reads through these clients. Any error but a named 'not found' escapes: a view with holes is no view."""

    ec2: EC2Client
    eks: EKSClient

    def read(self, scope: Scope, now: datetime) -> Snapshot:
        """The subnets in scope, whole, with every node group that uses any of them."""
        clusters = tuple(self._clusters())
        subnet_ids = self._subnet_ids(scope, clusters)
        described = tuple(each for each in self._subnets(subnet_ids) if _concerns_us(each, clusters))
        found = tuple(each["SubnetId"] for each in described)
        interfaces, reservations = self._interfaces(found), self._reservations(found)
        groups = tuple(g for cluster in clusters for g in cluster.groups if set(g.get("subnets", ())) & set(found))
        instances = tuple(self._instances(groups))
        types = instance_types(self.ec2, {name for g in groups for name in g.get("instanceTypes", ())})
        return Snapshot(
            taken_at=now,
            subnets=tuple(
                answers.subnet(each, tuple(interfaces[each["SubnetId"]]), tuple(reservations[each["SubnetId"]]))
                for each in described
            ),
            node_groups=tuple(answers.node_group(each, instances) for each in groups),
            instance_types=types,
            cni={cluster.name: cluster.cni for cluster in clusters if cluster.cni is not None},
            unknowns=tuple(_unknowns(clusters, groups, types)),
        )

    def recount(self, snapshot: Snapshot) -> Snapshot:
        """The same snapshot with EC2's counts of available addresses as they are after it was read."""
        counts = {
            each["SubnetId"]: each["AvailableIpAddressCount"] for each in self._subnets(s.id for s in snapshot.subnets)
        }
        subnets = (
            replace(each, available=(*each.available, counts[each.id]))
            for each in snapshot.subnets
            if each.id in counts
        )
        return replace(snapshot, subnets=tuple(subnets))

    # --- EKS ---

    def _clusters(self) -> Iterator[Cluster]:
        """The IPv4 clusters. One that is deleted between two calls is left out, as if it had gone before the first."""
        for page in self.eks.get_paginator("list_clusters").paginate():
            for name in page["clusters"]:
                with suppress(self.eks.exceptions.ResourceNotFoundException):
                    described = self.eks.describe_cluster(name=name)["cluster"]
                    if described.get("kubernetesNetworkConfig", {}).get("ipFamily") != "ipv6":
                        yield self._cluster(name)

    def _groups(self, cluster: str) -> Iterator[Mapping[str, Any]]:
        for page in self.eks.get_paginator("list_nodegroups").paginate(clusterName=cluster):
            for name in page["nodegroups"]:
                with suppress(self.eks.exceptions.ResourceNotFoundException):
                    yield self.eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]

    def _cluster(self, name: str) -> Cluster:
        groups = tuple(self._groups(name))
        try:
            addon = self.eks.describe_addon(clusterName=name, addonName="vpc-cni")["addon"]
            return Cluster(name=name, groups=groups, cni=answers.cni_settings(addon))
        except self.eks.exceptions.ResourceNotFoundException:
            return Cluster(name=name, groups=groups, cni=None, unknown="vpc-cni is not an EKS add-on here")
        except answers.UnknownSettingsError as error:
            return Cluster(name=name, groups=groups, cni=None, unknown=str(error))

    # --- from scope to subnets ---

    def _subnet_ids(self, scope: Scope, clusters: Sequence[Cluster]) -> frozenset[str]:
        scope |= self._of_instances(scope.instances) | self._of_interfaces(scope.network_interfaces)
        ids = set(scope.subnets)
        for group in (g for cluster in clusters for g in cluster.groups):
            scaling = {each["name"] for each in group.get("resources", {}).get("autoScalingGroups", ())}
            if scope.everything or group["clusterName"] in scope.clusters or scaling & scope.auto_scaling_groups:
                ids.update(group.get("subnets", ()))
        if scope.everything:
            pages = self.ec2.get_paginator("describe_subnets").paginate(
                Filters=[{"Name": "tag-key", "Values": [MODE_TAG]}]
            )
            ids.update(each["SubnetId"] for page in pages for each in page["Subnets"])
        return frozenset(ids)

    def _of_instances(self, ids: frozenset[str]) -> Scope:
        """Where these instances are. One that is gone already cannot say, so the question widens to everywhere."""
        if not ids:
            return Scope()
        found = {
            each["InstanceId"]: each.get("SubnetId")
            for chunk in _chunks(sorted(ids), FILTER_VALUES)
            for each in self._all_instances([{"Name": "instance-id", "Values": chunk}])
        }
        if any(found.get(each) is None for each in ids):
            return EVERYWHERE
        return Scope(subnets=frozenset(subnet for subnet in found.values() if subnet))

    def _of_interfaces(self, ids: frozenset[str]) -> Scope:
        if not ids:
            return Scope()
        pages = self.ec2.get_paginator("describe_network_interfaces")
        found = {
            each["NetworkInterfaceId"]: each["SubnetId"]
            for chunk in _chunks(sorted(ids), FILTER_VALUES)
            for page in pages.paginate(Filters=[{"Name": "network-interface-id", "Values": chunk}])
            for each in page["NetworkInterfaces"]
        }
        if ids - found.keys():
            return EVERYWHERE
        return Scope(subnets=frozenset(found.values()))

    # --- EC2 ---

    def _subnets(self, ids: Iterable[str]) -> Iterator[Mapping[str, Any]]:
        """By filter rather than by id: a subnet that was deleted meanwhile is then missing instead of an error."""
        pages = self.ec2.get_paginator("describe_subnets")
        for chunk in _chunks(sorted(ids), FILTER_VALUES):
            for page in pages.paginate(Filters=[{"Name": "subnet-id", "Values": chunk}]):
                yield from page["Subnets"]

    def _interfaces(self, subnet_ids: Iterable[str]) -> Mapping[str, list[Interface]]:
        found: dict[str, list[Interface]] = defaultdict(list)
        pages = self.ec2.get_paginator("describe_network_interfaces")
        for chunk in _chunks(sorted(subnet_ids), FILTER_VALUES):
            filters: Any = [{"Name": "subnet-id", "Values": chunk}]
            for page in pages.paginate(Filters=filters, PaginationConfig={"PageSize": 1000}):
                for each in map(answers.interface, page["NetworkInterfaces"]):
                    found[each.subnet_id].append(each)
        return found

    def _reservations(self, subnet_ids: Iterable[str]) -> Mapping[str, list[Reservation]]:
        """GetSubnetCidrReservations takes one subnet, pages, and has no paginator in boto3."""
        found: dict[str, list[Reservation]] = defaultdict(list)
        for subnet_id in subnet_ids:
            token: dict[str, str] = {}
            while True:
                page = self.ec2.get_subnet_cidr_reservations(SubnetId=subnet_id, **token)  # type: ignore[arg-type]
                found[subnet_id] += map(answers.reservation, page["SubnetIpv4CidrReservations"])
                if not page.get("NextToken"):
                    break
                token = {"NextToken": page["NextToken"]}
        return found

    def _instances(self, groups: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """The running and launching instances of these node groups, in whichever subnet they are."""
        names = sorted({group["nodegroupName"] for group in groups})
        for chunk in _chunks(names, FILTER_VALUES):
            yield from self._all_instances(
                [
                    {"Name": "tag:eks:nodegroup-name", "Values": chunk},
                    {"Name": "instance-state-name", "Values": ["pending", "running"]},
                ]
            )

    def _all_instances(self, filters: Any) -> Iterator[Mapping[str, Any]]:
        for page in self.ec2.get_paginator("describe_instances").paginate(Filters=filters):
            for held in page["Reservations"]:
                yield from held["Instances"]


def instance_types(ec2: EC2Client, names: Iterable[str]) -> Mapping[str, InstanceType]:
    """The types that exist. By filter: a name that EC2 does not know here is missing, not an error for the others."""
    pages = ec2.get_paginator("describe_instance_types")
    found = (
        answers.instance_type(each)
        for chunk in _chunks(sorted(names), FILTER_VALUES)
        for page in pages.paginate(Filters=[{"Name": "instance-type", "Values": chunk}])
        for each in page["InstanceTypes"]
    )
    return {each.name: each for each in found}


def _concerns_us(subnet: Mapping[str, Any], clusters: Sequence[Cluster]) -> bool:
    """Whether a node group uses the subnet or its owner tagged it; every instance of the account makes events."""
    used = any(subnet["SubnetId"] in group.get("subnets", ()) for cluster in clusters for group in cluster.groups)
    return used or MODE_TAG in answers.tags(subnet)


def _unknowns(
    clusters: Sequence[Cluster], groups: Sequence[Mapping[str, Any]], types: Mapping[str, InstanceType]
) -> Iterator[str]:
    yield from (f"cluster {each.name}: {each.unknown}" for each in clusters if each.unknown)
    for group in groups:
        missing = [name for name in group.get("instanceTypes", ()) if name not in types]
        if missing or not group.get("instanceTypes"):
            what = f"no limits known of {', '.join(missing)}" if missing else "its instance types are not named"
            yield f"node group {group['clusterName']}/{group['nodegroupName']}: {what}"


def _chunks(values: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield list(values[start : start + size])
