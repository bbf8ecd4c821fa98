"""The demo's cluster, subnet and other workloads, and how time passes for them.

Numbers are ordinary rather than chosen to flatter: a /21 that one node group shares with tasks and functions that
come and go, a tenth of it in use by them; a group that is told to grow half an hour before it does.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ec2_rules.cni import CniSettings, InstanceLimits, Node
from sandbox.ec2.node_port import Ec2NodeNetwork
from sandbox.process import EmbeddedAws

NO_PREFIX = frozenset({"InsufficientCidrBlocks", "InvalidParameterValue"})  # fragmented, exhausted
POD_ADDRESSES = 16  # in one prefix


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Sizes and speeds. Ticks are of `tick_seconds` of the story's time."""

    seed: int = 7
    cidr: str = "10.0.0.0/21"
    instance_type: str = "m5.large"
    limits: InstanceLimits = field(default=InstanceLimits(interfaces=3, addresses_per_interface=10))
    tick_seconds: int = 20
    other_workloads: int = 200  # single addresses in use by others, on average
    lifetime_ticks: int = 60  # of one of them, on average: 20 minutes
    history_ticks: int = 60  # of others coming and going before the story begins
    mode: str = "steer"
    nodes_before: int = 2
    nodes_after: int = 12
    lead_ticks: int = 90  # from the group's new maximum to the first new node: half an hour
    ticks_per_node: int = 3  # between two launches
    pods_a_tick: int = 20
    pods_a_node: int = 100
    end_ticks: int = 12  # after the last launch

    @property
    def ticks(self) -> int:
        """From the group's new maximum to the end of the story."""
        return self.lead_ticks + self.ticks_per_node * (self.nodes_after - self.nodes_before) + self.end_ticks


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """What the story plays in."""

    name: str
    group: str
    subnet_id: str
    auto_scaling_group: str


def build(aws: EmbeddedAws, scenario: Scenario) -> Cluster:
    """A VPC with one subnet that opted in, and a cluster in prefix mode with one node group in it."""
    ec2, eks, iam = aws.client("ec2"), aws.client("eks"), aws.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=scenario.cidr, AvailabilityZone=f"{aws.region}a")["Subnet"]
    subnet_id: str = subnet["SubnetId"]
    ec2.create_tags(Resources=[subnet_id], Tags=[{"Key": "headroom:mode", "Value": scenario.mode}])
    role = iam.create_role(RoleName="demo-eks", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name="demo", roleArn=role, resourcesVpcConfig={"subnetIds": [subnet_id]})
    eks.create_addon(
        clusterName="demo",
        addonName="vpc-cni",
        addonVersion="v1.19.2-eksbuild.5",
        configurationValues='{"env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}}',
    )
    group = eks.create_nodegroup(
        clusterName="demo",
        nodegroupName="workers",
        nodeRole=role,
        subnets=[subnet_id],
        instanceTypes=[scenario.instance_type],
        scalingConfig={"minSize": 1, "maxSize": scenario.nodes_before, "desiredSize": scenario.nodes_before},
    )["nodegroup"]
    return Cluster(
        name="demo",
        group="workers",
        subnet_id=subnet_id,
        auto_scaling_group=group["resources"]["autoScalingGroups"][0]["name"],
    )


class OtherWorkloads:
    """Tasks and functions with an interface each, that come and go all the time, so that their addresses scatter."""

    def __init__(self, ec2: Any, subnet_id: str, scenario: Scenario) -> None:
        self._ec2, self._subnet_id, self._scenario = ec2, subnet_id, scenario
        self._rng = random.Random(scenario.seed)
        self._interfaces: list[str] = []
        self.refused = 0

    def settle(self) -> None:
        """Bring them to their usual number, and let them come and go for a while."""
        for _ in range(self._scenario.other_workloads):
            self._come()
        for _ in range(self._scenario.history_ticks):
            self.tick()

    def tick(self) -> None:
        """Some leave, about as many come."""
        leaving = [each for each in self._interfaces if self._rng.random() < 1 / self._scenario.lifetime_ticks]
        for each in leaving:
            self._ec2.delete_network_interface(NetworkInterfaceId=each)
            self._interfaces.remove(each)
        expected = self._scenario.other_workloads / self._scenario.lifetime_ticks
        for _ in range(int(expected) + (self._rng.random() < expected % 1)):
            self._come()

    def _come(self) -> None:
        try:
            made = self._ec2.create_network_interface(SubnetId=self._subnet_id, Description="other workload")
            self._interfaces.append(made["NetworkInterface"]["NetworkInterfaceId"])
        except self._ec2.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "InsufficientFreeAddressesInSubnet":
                raise
            self.refused += 1


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What came of the group's growth."""

    nodes: int
    nodes_hit: int  # that were refused a prefix at least once
    calls_refused: int
    pods_waiting: int  # at the end, without an address
    pod_minutes_waiting: float
    singles_refused: int  # requests of other workloads


class NodeFleet:
    """The group's nodes, each with its VPC CNI and pods that are scheduled to it bit by bit."""

    def __init__(self, ec2: Any, cluster: Cluster, scenario: Scenario) -> None:
        self._ec2, self._cluster, self._scenario = ec2, cluster, scenario
        self._network = Ec2NodeNetwork(ec2)
        self._nodes: dict[str, Node] = {}
        self._pods: dict[str, int] = {}
        self._refused: dict[str, int] = {}
        self._waiting_pod_ticks = 0

    def tick(self, now: float) -> list[str]:
        """New instances join, every node follows its pods. The refusals of this tick, in words."""
        self._join()
        said = []
        for instance_id, node in self._nodes.items():
            self._pods[instance_id] = min(
                self._scenario.pods_a_node, self._pods[instance_id] + self._scenario.pods_a_tick
            )
            outcome = node.tick(now, self._pods[instance_id])
            refused = [each.code for each in outcome.failures if each.code in NO_PREFIX]
            if refused:
                self._refused[instance_id] = self._refused.get(instance_id, 0) + len(refused)
                said.append(f"{instance_id} wants {outcome.wanted} prefixes, has {outcome.held}: {refused[0]}")
        self._waiting_pod_ticks += self._waiting()
        return said

    def tally(self, singles_refused: int) -> Tally:
        """What came of it so far."""
        return Tally(
            nodes=len(self._nodes),
            nodes_hit=len(self._refused),
            calls_refused=sum(self._refused.values()),
            pods_waiting=self._waiting(),
            pod_minutes_waiting=round(self._waiting_pod_ticks * self._scenario.tick_seconds / 60, 1),
            singles_refused=singles_refused,
        )

    def __len__(self) -> int:
        return len(self._nodes)

    def _waiting(self) -> int:
        return sum(
            max(0, self._pods[instance_id] - POD_ADDRESSES * node.held) for instance_id, node in self._nodes.items()
        )

    def _join(self) -> None:
        for instance_id in self._instances():
            if instance_id not in self._nodes:
                self._nodes[instance_id] = Node(
                    instance_id,
                    self._cluster.subnet_id,
                    self._network.primary_interface(instance_id),
                    self._network,
                    self._scenario.limits,
                    CniSettings(),
                    self._cluster.name,
                )
                self._pods[instance_id] = 0

    def _instances(self) -> Iterator[str]:
        filters = [
            {"Name": "tag:eks:nodegroup-name", "Values": [self._cluster.group]},
            {"Name": "instance-state-name", "Values": ["running"]},
        ]
        for held in self._ec2.describe_instances(Filters=filters)["Reservations"]:
            yield from (each["InstanceId"] for each in held["Instances"])


def raise_maximum(eks: Any, cluster: Cluster, scenario: Scenario) -> None:
    """The call that announces what is to come."""
    eks.update_nodegroup_config(
        clusterName=cluster.name, nodegroupName=cluster.group, scalingConfig={"maxSize": scenario.nodes_after}
    )


def ask(eks: Any, cluster: Cluster, nodes: int) -> None:
    """Somebody wants so many nodes now."""
    sizes = {"maxSize": nodes, "desiredSize": nodes}
    eks.update_nodegroup_config(clusterName=cluster.name, nodegroupName=cluster.group, scalingConfig=sizes)


def launch(auto_scaling: Any, cluster: Cluster, nodes: int) -> None:
    """What the cluster autoscaler does when pods do not fit: it raises the group's desired capacity."""
    auto_scaling.set_desired_capacity(AutoScalingGroupName=cluster.auto_scaling_group, DesiredCapacity=nodes)
