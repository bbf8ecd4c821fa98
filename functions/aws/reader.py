"""Reading AWS: from a scope to a snapshot of the subnets in it and of the clusters that use them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from functions.aws import answers, node_answers
from functions.aws.clusters import ClusterReader, Kubernetes, instances
from functions.aws.interface_pages import interfaces_in
from functions.aws.kept import Kept, for_one_read
from functions.aws.odd import reading
from functions.aws.saved import Clusters, Saved, clusters_of, snapshot_of
from functions.aws.subnets import FILTER_VALUES, SubnetReader, chunks, described_types
from functions.aws.vpcs import VpcReader
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.discovery import CNI_SUBNET_TAG, discovers
from functions.capacity.model import MODE_TAG, Snapshot
from functions.capacity.scope import EVERYWHERE, Scope
from functions.capacity.vpc_space import VpcSpace

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient

Answer = Mapping[str, Any]
Uses = Mapping[str, set[str]]  # the subnets of each cluster
Each = Callable[[Callable[[str], Answer], list[str]], Iterable[Answer]]  # calls for each, and the answers in order


@dataclass(frozen=True, kw_only=True)
class AwsReader:
    """Reads through these clients. Any error but a named 'not found' escapes: a view with holes is no view."""

    ec2: EC2Client
    eks: EKSClient
    autoscaling: AutoScalingClient
    kubernetes: Kubernetes | None = None
    kept: Kept = field(default_factory=for_one_read)  # a warm process gives its own
    each: Each = map  # one after the other; at_once.py does several at once

    def read(self, scope: Scope, now: datetime) -> Snapshot:
        """The subnets in scope, whole, and all subnets of the clusters that use any of them."""
        with reading("the clusters and subnets"):
            saved, known, everywhere = self._around(scope, now)
            seen = snapshot_of(saved, now, interfaces=interfaces_in(self.ec2, _ids(saved)), known=known)
            return replace(seen, everywhere=everywhere)

    def read_by_count(self, scope: Scope, now: datetime) -> tuple[Snapshot, tuple[Analysis, ...]]:
        """The same for a report, with what it means; where EC2's counts disagree, as while nodes launch, with new ones.

        A large subnet takes as long to analyse as several calls take.
        """
        snapshot = self.read(scope, now)
        analyses = analyse(snapshot)
        if not any(each.partial for each in analyses):
            return snapshot, analyses
        snapshot = self.recount(snapshot)
        return snapshot, analyse(snapshot)

    def gather(self, scope: Scope, now: datetime) -> Saved:
        """The same, as AWS's answers: a saved snapshot."""
        with reading("the clusters and subnets"):
            saved, _, _ = self._around(scope, now)
            saved["networkInterfaces"] = list(self._subnets.interfaces_in(_ids(saved)))
            return saved

    def _around(self, scope: Scope, now: datetime) -> tuple[Saved, Clusters, bool]:
        """All but the interfaces, which are most of it; and whether these are all subnets that there are to see."""
        found = self._clusters.read()
        known = clusters_of(found)
        tagged = list(self._subnets.tagged(MODE_TAG, CNI_SUBNET_TAG))
        uses, opted_in = _uses(known.by_name.values(), known.groups, tagged), _opted_in(tagged)
        ids = _in_view(self._resolve(scope, known.groups, uses), uses, opted_in)
        described = [each for each in tagged if each["SubnetId"] in ids]
        subnets = described + list(self._subnets.subnets(ids - {each["SubnetId"] for each in described}))
        types = {name for group in known.groups for name in group.instance_types}
        saved = Saved(
            takenAt=now.isoformat(),
            region=self.ec2.meta.region_name,
            subnets=subnets,
            subnetCidrReservations=dict(self.kept.reservations.of(_named(subnets), now, self._read_reservations)),
            instanceTypes=list(self.kept.types.get(sorted(types), self._described_types).values()),
            **found,
        )
        return saved, known, ids == _in_view(None, uses, opted_in)

    def recount(self, snapshot: Snapshot) -> Snapshot:
        """The same snapshot with EC2's counts of available addresses, and the tags, as they are after it was read.

        Where they still do not agree, what is known of the subnet's reservations is not used again.
        """
        with reading("DescribeSubnets, once more"):
            described = {each["SubnetId"]: each for each in self._subnets.subnets(each.id for each in snapshot.subnets)}
            subnets = (
                replace(
                    each,
                    available=(*each.available, described[each.id]["AvailableIpAddressCount"]),
                    tags=answers.tags(described[each.id]),
                )
                for each in snapshot.subnets
                if each.id in described
            )
            counted = replace(snapshot, subnets=tuple(subnets))
        self.kept.reservations.forget(each.subnet.id for each in analyse(counted) if each.partial)
        return counted

    def reserved_as_seen(self, subnet_id: str, now: datetime) -> bool:
        """Whether its reservations still are those of the look under way, which may have gone by remembered ones."""
        before, found = self.kept.reservations.then_and_now(subnet_id, now, self._read_reservations)
        return before is not None and _in_order(before) == _in_order(found)

    def space_of(self, vpc_id: str, now: datetime) -> VpcSpace | None:
        """The VPC's CIDRs and subnets; None where it is gone or belongs to another account."""
        read = VpcReader(ec2=self.ec2).space_of
        return self.kept.spaces.of([vpc_id], now, lambda ids: map(read, ids))[vpc_id]

    def _read_reservations(self, subnet_ids: list[str]) -> Iterable[Answer]:
        return self.each(self._subnets.reservations, subnet_ids)

    def _described_types(self, names: Iterable[str]) -> Iterable[tuple[str, Answer]]:
        return ((each["InstanceType"], each) for each in described_types(self.ec2, names))

    @property
    def _clusters(self) -> ClusterReader:
        return ClusterReader(
            eks=self.eks,
            ec2=self.ec2,
            autoscaling=self.autoscaling,
            kubernetes=self.kubernetes,
            versions=self.kept.templates,
        )

    @property
    def _subnets(self) -> SubnetReader:
        return SubnetReader(ec2=self.ec2)

    # --- from scope to subnets ---

    def _resolve(self, scope: Scope, groups: Collection[NodeGroup], uses: Uses) -> Collection[str] | None:
        """The subnets that the scope is about; None for all."""
        if not scope.everything:
            scope |= self._of_instances(scope.instances, groups) | self._of_interfaces(scope.network_interfaces)
        if scope.everything:
            return None
        named = {id_ for cluster in scope.clusters for id_ in uses.get(cluster, ())}
        scaled = {
            id_
            for group in groups
            if scope.auto_scaling_groups.intersection(group.auto_scaling_groups)
            for id_ in node_answers.subnet_ids(group)
        }
        return scope.subnets | named | scaled

    def _of_instances(self, ids: frozenset[str], groups: Iterable[NodeGroup]) -> Scope:
        """Where these instances are. One that is gone already cannot say, so the question widens to everywhere.

        So it does for more than one call can ask for: a storm's look costs no more for its events being many.
        """
        known = {
            node.instance_id: node.subnet_id for group in groups for node in group.nodes if node.instance_id in ids
        }
        if len(ids - known.keys()) > FILTER_VALUES:
            return EVERYWHERE
        for chunk in chunks(sorted(ids - known.keys())):
            asked = instances(self.ec2, {"instance-id": chunk})
            known |= {each["InstanceId"]: each["SubnetId"] for each in asked if each.get("SubnetId")}
        return EVERYWHERE if ids - known.keys() else Scope(subnets=frozenset(known.values()))

    def _of_interfaces(self, ids: frozenset[str]) -> Scope:
        if len(ids) > FILTER_VALUES:
            return EVERYWHERE
        known = {each["NetworkInterfaceId"]: each["SubnetId"] for each in self._subnets.interfaces(ids)}
        return EVERYWHERE if ids - known.keys() else Scope(subnets=frozenset(known.values()))


def _in_order(answer: Answer) -> Answer:
    """EC2 lists reservations in no order that it promises."""
    return {
        key: sorted(listed, key=lambda each: str(each["SubnetCidrReservationId"])) for key, listed in answer.items()
    }


def _ids(saved: Saved) -> list[str]:
    return sorted(_named(saved["subnets"]))


def _named(subnets: Iterable[Answer]) -> list[str]:
    return [each["SubnetId"] for each in subnets]


def _uses(clusters: Iterable[Cluster], groups: Iterable[NodeGroup], tagged: Iterable[Answer]) -> Uses:
    """The subnets of each cluster: of its groups and nodes, of ENIConfigs, and those that its CNI may discover."""
    uses: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        uses[group.cluster] |= node_answers.subnet_ids(group)
    in_vpc: dict[str, list[Answer]] = defaultdict(list)
    for each in tagged:
        in_vpc[each.get("VpcId", "")].append(each)
    for cluster in clusters:
        uses[cluster.name].update((cluster.pod_subnets or {}).values())
        uses[cluster.name].update(
            each["SubnetId"] for each in in_vpc[cluster.vpc_id or "-"] if discovers(cluster, answers.tags(each))
        )
    return uses


def _in_view(wanted: Collection[str] | None, uses: Uses, opted_in: Collection[str]) -> frozenset[str]:
    """Those of the wanted subnets that are a cluster's or opted in, each with all subnets of the clusters it serves.

    Every instance of the account makes events, so most of what events name is none of ours.
    """
    if wanted is None:
        return frozenset(opted_in).union(*uses.values())
    near = [ids for ids in uses.values() if not ids.isdisjoint(wanted)]
    return frozenset(wanted).intersection(opted_in).union(*near)


def _opted_in(tagged: Iterable[Answer]) -> frozenset[str]:
    return frozenset(each["SubnetId"] for each in tagged if MODE_TAG in answers.tags(each))
