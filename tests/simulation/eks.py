"""EKS and Auto Scaling as boto3's clients show them: one cluster in prefix mode, a managed node group per subnet."""
# ruff: noqa: N803, ARG002 - arguments are named as AWS names them, and some say nothing here

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.simulation.ec2 import Paginator
from tests.simulation.faults import client_error
from tests.simulation.network import VPC, Answer
from tests.simulation.process import Process

CLUSTER = "demo"
SETTINGS = '{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'


class _NotFoundError(Exception):
    pass


class _Exceptions:
    """`client.exceptions`; nothing of the cluster is ever gone here."""

    ResourceNotFoundException = _NotFoundError


@dataclass
class Cluster:
    """What EKS knows."""

    groups: dict[str, Answer] = field(default_factory=dict)
    addon: Answer = field(
        default_factory=lambda: {
            "addonName": "vpc-cni",
            "clusterName": CLUSTER,
            "addonVersion": "v1.19.2-eksbuild.5",
            "status": "ACTIVE",
            "configurationValues": SETTINGS,
            "health": {"issues": []},
        }
    )

    def add_group(self, name: str, subnet_id: str, *, desired: int, most: int) -> None:
        """One that has no surge: it ends old nodes first."""
        self.groups[name] = {
            "clusterName": CLUSTER,
            "nodegroupName": name,
            "subnets": [subnet_id],
            "instanceTypes": ["t3.small"],
            "amiType": "AL2023_x86_64_STANDARD",
            "scalingConfig": {"minSize": 0, "desiredSize": desired, "maxSize": most},
            "updateConfig": {"updateStrategy": "MINIMAL"},
            "resources": {"autoScalingGroups": [{"name": f"eks-{name}"}]},
            "health": {"issues": []},
        }

    def scale(self, name: str, most: int) -> None:
        """Another maximum size."""
        group = self.groups[name]
        scaling = group["scalingConfig"] | {
            "maxSize": most,
            "desiredSize": min(most, group["scalingConfig"]["desiredSize"]),
        }
        self.groups[name] = group | {"scalingConfig": scaling}


@dataclass
class EksClient:
    """The client of one process."""

    process: Process
    cluster: Cluster
    exceptions = _Exceptions

    def get_paginator(self, operation: str) -> Paginator:
        """For the List calls."""
        return Paginator(self.process, "eks", operation, getattr(self, f"_{operation}"))

    def describe_cluster(self, *, name: str) -> Answer:
        """The one there is."""
        found = {
            "name": name,
            "resourcesVpcConfig": {"vpcId": VPC},
            "kubernetesNetworkConfig": {"ipFamily": "ipv4"},
            "health": {"issues": []},
        }
        return self.process.call("eks", "describe_cluster", lambda: {"cluster": found})

    def describe_addon(self, *, clusterName: str, addonName: str) -> Answer:
        """The CNI."""
        return self.process.call("eks", "describe_addon", lambda: {"addon": dict(self.cluster.addon)})

    def describe_nodegroup(self, *, clusterName: str, nodegroupName: str) -> Answer:
        """One group."""
        return self.process.call("eks", "describe_nodegroup", lambda: {"nodegroup": self.cluster.groups[nodegroupName]})

    def _list_clusters(self) -> tuple[str, Sequence[str]]:
        return "clusters", [CLUSTER]

    def _list_nodegroups(self, clusterName: str) -> tuple[str, Sequence[str]]:
        return "nodegroups", list(self.cluster.groups)


@dataclass
class AutoScalingClient:
    """The client of one process. There are no groups but those that EKS manages, which are not asked for here."""

    process: Process

    def get_paginator(self, operation: str) -> Paginator:
        """For DescribeAutoScalingGroups."""
        return Paginator(self.process, "autoscaling", operation, lambda **_: ("AutoScalingGroups", ()))


@dataclass
class SsmClient:
    """The parameter store with the kill switch in it; None stands for no such parameter."""

    process: Process
    parameters: dict[str, str]

    def get_parameter(self, *, Name: str) -> Answer:
        """One parameter."""

        def get() -> Answer:
            if Name not in self.parameters:
                raise client_error("ParameterNotFound", "GetParameter")
            self.process.switch = self.parameters[Name]
            return {"Parameter": {"Name": Name, "Value": self.parameters[Name]}}

        return self.process.call("ssm", "get_parameter", get)
