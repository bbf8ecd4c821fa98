"""Reading clusters: what EKS, Auto Scaling and EC2 say of them and of their nodes of every origin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ClientError

from functions.aws import eks_answers, node_answers
from functions.aws.kubernetes_errors import KubernetesError
from functions.aws.lasting import Lasting
from functions.aws.odd import reading
from functions.aws.saved import Saved
from functions.aws.subnets import chunks
from functions.aws.template_answers import specifications, template_key

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient

Answer = Mapping[str, Any]

ADDON = "vpc-cni"
AT_A_TIME = 10  # Kubernetes APIs


class Kubernetes(Protocol):
    """A cluster's Kubernetes API, where a deployment opted in to reading it."""

    def read(self, cluster: Answer) -> Answer: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class ClusterReader:
    """Reads through these clients. What is gone between two calls is left out, as if it had gone before the first."""

    eks: EKSClient
    ec2: EC2Client
    autoscaling: AutoScalingClient
    kubernetes: Kubernetes | None = None
    versions: Lasting = field(default_factory=Lasting)  # of launch templates; a warm process gives its own

    def read(self) -> Saved:
        """All clusters of the account and region, with all their groups, nodes and launch templates."""
        clusters = list(self._clusters())
        names = frozenset(each["name"] for each in clusters)
        addons = [each for name in sorted(names) for each in self._addon(name)]
        nodegroups = [each for name in sorted(names) for each in self._nodegroups(name)]
        scaling = list(node_answers.self_managed_groups(self._auto_scaling_groups(names), names))
        instances = list(self._instances(names))
        return Saved(
            clusters=clusters,
            addons=addons,
            addonUpdates={each["clusterName"]: update for each in addons for update in self._update(each)},
            nodegroups=nodegroups,
            autoScalingGroups=scaling,
            instances=instances,
            launchTemplateVersions=list(self._templates([*nodegroups, *scaling, *instances])),
            kubernetes=self._kubernetes(clusters, addons),
        )

    # --- EKS ---

    def _clusters(self) -> Iterator[Any]:
        for name in self._names("ListClusters", "list_clusters", "clusters"):
            with reading(f"DescribeCluster of {name}"), suppress(self.eks.exceptions.ResourceNotFoundException):
                yield self.eks.describe_cluster(name=name)["cluster"]

    def _nodegroups(self, cluster: str) -> Iterator[Any]:
        with suppress(self.eks.exceptions.ResourceNotFoundException):
            names = self._names(f"ListNodegroups of {cluster}", "list_nodegroups", "nodegroups", clusterName=cluster)
            for name in names:
                there = suppress(self.eks.exceptions.ResourceNotFoundException)
                with reading(f"DescribeNodegroup of {cluster}/{name}"), there:
                    yield self.eks.describe_nodegroup(clusterName=cluster, nodegroupName=name)["nodegroup"]

    def _addon(self, cluster: str) -> Iterator[Any]:
        """The vpc-cni add-on; none where the CNI is self-managed."""
        with reading(f"DescribeAddon of {cluster}"), suppress(self.eks.exceptions.ResourceNotFoundException):
            found: dict[str, Any] = dict(self.eks.describe_addon(clusterName=cluster, addonName=ADDON)["addon"])
            yield {"clusterName": cluster, "addonName": ADDON} | found

    def _update(self, addon: Answer) -> Iterator[Any]:
        """The update of the add-on that is in progress. While it is, the version to come stands nowhere else."""
        if addon.get("status") != "UPDATING":
            return
        cluster = addon["clusterName"]
        with suppress(self.eks.exceptions.ResourceNotFoundException):
            ids = self._names(f"ListUpdates of {cluster}", "list_updates", "updateIds", name=cluster, addonName=ADDON)
            for id_ in ids:
                with reading(f"DescribeUpdate of {cluster}"):
                    update = self.eks.describe_update(name=cluster, updateId=id_, addonName=ADDON)["update"]
                    if update.get("status") == "InProgress":
                        yield update

    def _names(self, what: str, call: Any, key: str, **arguments: str) -> Iterator[str]:
        """The texts that a List call gives under this key."""
        with reading(what):
            for page in self.eks.get_paginator(call).paginate(**arguments):
                yield from page[key]

    # --- nodes ---

    def _auto_scaling_groups(self, clusters: Iterable[str]) -> Iterator[Any]:
        keys = [f"{node_answers.CLUSTER_TAG}{name}" for name in sorted(clusters)]
        pages = self.autoscaling.get_paginator("describe_auto_scaling_groups")
        with reading("DescribeAutoScalingGroups"):
            for chunk in chunks(keys):
                for page in pages.paginate(Filters=[{"Name": "tag-key", "Values": chunk}]):
                    yield from page["AutoScalingGroups"]

    def _instances(self, clusters: frozenset[str]) -> Iterator[Any]:
        """The running and launching nodes of these clusters, by the tags that nodes of each origin carry."""
        keys = ["eks:cluster-name", node_answers.EKS_CLUSTER_TAG]
        keys += [f"{node_answers.CLUSTER_TAG}{name}" for name in sorted(clusters)]
        seen = set[str]()
        for chunk in chunks(keys if clusters else []):
            for each in instances(self.ec2, {"tag-key": chunk, "instance-state-name": ["pending", "running"]}):
                if each["InstanceId"] not in seen and node_answers.cluster_of(each, clusters):
                    seen.add(each["InstanceId"])
                    yield each

    def _templates(self, users: Iterable[Answer]) -> Iterator[Any]:
        """The launch template versions that these groups and instances name, as far as they still exist."""
        named = {template_key(each) for user in users for each in specifications(user)}
        numbered = {f"{id_} {version}" for id_, version in named if _is_number(version)}
        for id_, version in sorted(each for each in named if not _is_number(each[1])):
            yield from self._versions(id_, version)
        yield from self.versions.get(sorted(numbered), self._lasting_versions).values()

    def _lasting_versions(self, names: Iterable[str]) -> Iterator[tuple[str, Answer]]:
        """By `id number`. Which of them is the default one may change, so that is not said of what lasts."""
        for name in names:
            id_, _, version = name.rpartition(" ")
            for each in self._versions(id_, version):
                yield name, {key: value for key, value in each.items() if key != "DefaultVersion"}

    def _versions(self, id_: str, version: str) -> Iterator[Any]:
        with reading(f"DescribeLaunchTemplateVersions of {id_}"):
            try:
                found = self.ec2.describe_launch_template_versions(LaunchTemplateId=id_, Versions=[version])
            except ClientError as error:
                if not error.response["Error"]["Code"].startswith("InvalidLaunchTemplateId"):
                    raise
                return
            yield from found["LaunchTemplateVersions"]

    # --- Kubernetes ---

    def _kubernetes(self, clusters: Iterable[Answer], addons: Iterable[Answer]) -> dict[str, Any]:
        """What only the Kubernetes API knows: a self-managed CNI's settings, and custom networking's subnets."""
        if self.kubernetes is None:
            return {}
        enough = {each["clusterName"] for each in addons if not eks_answers.has_custom_networking(each)}
        asked = [each for each in clusters if each["name"] not in enough]
        with ThreadPoolExecutor(AT_A_TIME) as pool:  # an endpoint that cannot be reached takes seconds to say so
            found = pool.map(partial(_objects, self.kubernetes), asked)
            return {each["name"]: objects for each, objects in zip(asked, found, strict=True)}


def _is_number(version: str) -> bool:
    """Of a launch template: not `$Latest`, `$Default` or what nobody ever saw."""
    return version.isascii() and version.isdigit()


def _objects(kubernetes: Kubernetes, cluster: Answer) -> Answer:
    try:
        return kubernetes.read(cluster)
    except KubernetesError as error:
        return {"unknown": str(error)}


def instances(ec2: EC2Client, filters: Mapping[str, list[str]]) -> Iterator[Any]:
    """DescribeInstances' instances without the reservations around them."""
    listed: Any = [{"Name": name, "Values": values} for name, values in filters.items()]
    with reading("DescribeInstances"):
        for page in ec2.get_paginator("describe_instances").paginate(Filters=listed):
            for held in page["Reservations"]:
                yield from held["Instances"]
