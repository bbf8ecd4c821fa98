"""A cluster's migration as AWS sees it: what only that asks of EKS and EC2, and the writes that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from functions.aws.clusters import ADDON
from functions.aws.eks_answers import time
from functions.aws.odd import reading
from functions.aws.saved import Saved
from functions.capacity.clusters import NodeGroup
from functions.capacity.journal import Outcome
from functions.capacity.migration.situation import REPLACES_TAG, Described
from functions.capacity.migration.steps import Call
from functions.capacity.model import INTENT_TAG
from functions.capacity.plan import CreateReservation

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_eks import EKSClient

    from functions.aws.journal import Journal

Answer = Mapping[str, Any]

# All that a migration ever writes.
WRITES = frozenset(
    {
        ("ec2", "create_launch_template_version"),
        ("ec2", "create_subnet_cidr_reservation"),
        ("ec2", "create_tags"),
        ("eks", "create_nodegroup"),
        ("eks", "delete_nodegroup"),
        ("eks", "update_addon"),
        ("eks", "update_nodegroup_config"),
    }
)

EVERY_DAY = 10**6  # the day's cap is for automata; here a person has said what is to happen

# What DescribeNodegroup says and CreateNodegroup takes in the same words (EKS API reference). The Kubernetes version is
# left out: a new group gets the cluster's.
_KEPT = ("subnets", "scalingConfig", "updateConfig", "nodeRepairConfig", "nodeRole", "capacityType", "labels", "taints")
_WITHOUT_TEMPLATE = ("diskSize", "remoteAccess")  # with a launch template these stand in it


def described(saved: Saved, cluster: str) -> Mapping[str, Described]:
    """The cluster's managed node groups by name, each with the request that makes one like it."""
    groups = (each for each in saved.get("nodegroups", ()) if each["clusterName"] == cluster)
    return {each["nodegroupName"]: _described(each) for each in groups}


def configuration(saved: Saved, cluster: str) -> str:
    """The vpc-cni add-on's configurationValues; empty where there are none, or no add-on."""
    addons = (each for each in saved.get("addons", ()) if each["clusterName"] == cluster and each["addonName"] == ADDON)
    return next((each.get("configurationValues") or "" for each in addons), "")


def kubernetes_version(saved: Saved, cluster: str) -> str:
    """The cluster's Kubernetes version, as 1.33; empty where it is not said."""
    return next((each.get("version", "") for each in saved.get("clusters", ()) if each["name"] == cluster), "")


@dataclass(frozen=True, kw_only=True)
class Migrating:
    """Reads and writes through these clients. Errors of AWS's escape.

    `journal` finds that of the deployed Headroom, in which reservations are written down like its own.
    """

    eks: EKSClient
    ec2: EC2Client
    journal: Callable[[], Journal | None] = lambda: None

    def do(self, call: Call) -> None:
        """Make one of the writes of a migration. Raises ValueError for any other."""
        if (call.service, call.operation) not in WRITES:
            raise ValueError(f"{call.service} {call.operation} is no part of a migration")
        if call.operation == "create_subnet_cidr_reservation" and (journal := self.journal()):
            self._reserve(call.arguments, journal)
            return
        client = self.eks if call.service == "eks" else self.ec2
        getattr(client, call.operation)(**call.arguments)

    def _reserve(self, arguments: Answer, journal: Journal) -> None:
        """Journalled before and after. Of a call that failed the next run finds out how it ended, as of its own."""
        action = CreateReservation(
            subnet_id=arguments["SubnetId"],
            cidr=ip_network(arguments["Cidr"]),
            free=0,
            draining=0,
            reason=arguments["Description"],
        )
        entry = journal.intend_create(action, datetime.now(UTC), at_most=EVERY_DAY)
        if entry is None:
            raise RuntimeError(f"the journal counts {EVERY_DAY} reservations today")
        (made,) = arguments["TagSpecifications"]
        tags = [*made["Tags"], {"Key": INTENT_TAG, "Value": entry.id}]
        request: Any = {**arguments, "TagSpecifications": [{**made, "Tags": tags}]}
        answer = self.ec2.create_subnet_cidr_reservation(**request)["SubnetCidrReservation"]
        journal.settle(entry, Outcome.DONE, answer["SubnetCidrReservationId"])

    def default_version(self, kubernetes: str) -> str:
        """The version of the vpc-cni add-on that EKS installs under this Kubernetes version; empty for none."""
        with reading("DescribeAddonVersions"):
            pages = self.eks.get_paginator("describe_addon_versions")
            for page in pages.paginate(addonName=ADDON, kubernetesVersion=kubernetes):
                for addon in page["addons"]:
                    for each in addon["addonVersions"]:
                        if any(found.get("defaultVersion") for found in each["compatibilities"]):
                            return each["addonVersion"]
        return ""

    def template_versions(self, groups: Iterable[NodeGroup], marks: Mapping[str, str]) -> Mapping[str, str]:
        """The newest launch template version that carries a group's mark as its description, by the group's name."""
        found = ((each.name, self._marked(each, marks[each.name])) for each in groups if each.name in marks)
        return {name: version for name, version in found if version}

    def _marked(self, group: NodeGroup, mark: str) -> str:
        if group.template is None or not group.template.id:
            return ""
        numbers = (each["VersionNumber"] for each in self._versions(group.template.id) if _describes(each, mark))
        return str(max(numbers, default=""))

    def _versions(self, template: str) -> Iterator[Answer]:
        with reading(f"DescribeLaunchTemplateVersions of {template}"):
            for page in self.ec2.get_paginator("describe_launch_template_versions").paginate(LaunchTemplateId=template):
                yield from page["LaunchTemplateVersions"]


def _describes(version: Answer, mark: str) -> bool:
    return bool(version.get("VersionDescription") == mark)


def _described(answer: Answer) -> Described:
    tags = answer.get("tags") or {}
    return Described(
        request=_request(answer, {key: value for key, value in tags.items() if not key.startswith("aws:")}),
        status=answer.get("status", "ACTIVE"),
        replaces=str(tags.get(REPLACES_TAG, "")),
        created_at=time(answer.get("createdAt")),
    )


def _request(answer: Answer, tags: Answer) -> dict[str, Any]:
    """CUSTOM is an answer only; a launch template goes by its id and version."""
    template, ami = answer.get("launchTemplate"), answer.get("amiType")
    found = {name: answer.get(name) for name in (*_KEPT, *(() if template else _WITHOUT_TEMPLATE))}
    found |= {"clusterName": answer["clusterName"], "tags": tags, "amiType": None if ami == "CUSTOM" else ami}
    found["instanceTypes"] = list(answer.get("instanceTypes") or ())
    if template:
        found["launchTemplate"] = {"id": template["id"], "version": str(template["version"])}
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}
