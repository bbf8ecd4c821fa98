"""What the reader makes of EKS: clusters that are not for it, cannot be read, or go while they are read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.aws.reader import AwsReader
from functions.capacity.model import Snapshot
from functions.capacity.scope import EVERYWHERE
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client
from tests.builders import NOW

PREFIX_MODE = '{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'


class NotFoundError(Exception):
    """EKS's ResourceNotFoundException."""


class DeniedError(Exception):
    """Any error of EKS's but 'not found'."""


@dataclass
class Eks:
    """An EKS of IPv4 clusters with one node group each; `gone` are listed and then not found, as is what they hold."""

    subnet: str
    clusters: tuple[str, ...] = ("one", "two")
    gone: frozenset[str] = frozenset()
    groups_gone: frozenset[str] = frozenset()  # of these clusters
    ipv6: frozenset[str] = frozenset()
    denied: frozenset[str] = frozenset()
    configurations: dict[str, str] = field(default_factory=dict)

    class exceptions:  # noqa: N801 - as boto3's clients name it
        ResourceNotFoundException = NotFoundError

    def get_paginator(self, call: str) -> "Pages":
        return Pages(getattr(self, call))

    def list_clusters(self) -> list[dict[str, Any]]:
        return [{"clusters": [each]} for each in self.clusters]

    def list_nodegroups(self, *, clusterName: str) -> list[dict[str, Any]]:  # noqa: N803 - the API's name
        return [{"nodegroups": [f"workers-of-{clusterName}"]}]

    def describe_cluster(self, *, name: str) -> dict[str, Any]:
        if name in self.denied:
            raise DeniedError
        if name in self.gone:
            raise NotFoundError
        family = "ipv6" if name in self.ipv6 else "ipv4"
        return {"cluster": {"name": name, "kubernetesNetworkConfig": {"ipFamily": family}}}

    def describe_nodegroup(self, *, clusterName: str, nodegroupName: str) -> dict[str, Any]:  # noqa: N803
        if clusterName in self.groups_gone:
            raise NotFoundError
        group = {"clusterName": clusterName, "nodegroupName": nodegroupName, "subnets": [self.subnet]}
        return {"nodegroup": group | {"instanceTypes": ["m5.large"], "scalingConfig": {"desiredSize": 0, "maxSize": 1}}}

    def describe_addon(self, *, clusterName: str, addonName: str) -> dict[str, Any]:  # noqa: N803
        assert addonName == "vpc-cni"
        return {"addon": {"configurationValues": self.configurations.get(clusterName, PREFIX_MODE)}}


class AutoScaling:
    """An Auto Scaling without groups."""

    def get_paginator(self, call: str) -> "Pages":
        assert call == "describe_auto_scaling_groups"
        return Pages(lambda **_: [{"AutoScalingGroups": []}])


@dataclass
class Pages:
    """A boto3 paginator."""

    call: Any

    def paginate(self, **names: str) -> Iterator[dict[str, Any]]:
        yield from self.call(**names)


@pytest.fixture(scope="module")
def ec2() -> Any:
    return client(Ec2Api(seed=1))


@pytest.fixture(scope="module")
def subnet(ec2) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"])


@pytest.fixture
def read(ec2, subnet) -> Any:
    def snapshot(**eks: Any) -> Snapshot:
        fake: Any = Eks(subnet=subnet, **eks)
        auto_scaling: Any = AutoScaling()
        return AwsReader(ec2=ec2, eks=fake, autoscaling=auto_scaling).read(EVERYWHERE, NOW)

    return snapshot


@pytest.mark.parametrize(
    ("eks", "groups_of", "settings_of"),
    [
        pytest.param({}, {"one", "two"}, {"one", "two"}, id="all of them"),
        pytest.param({"ipv6": {"one"}}, {"one", "two"}, {"one", "two"}, id="an IPv6 cluster beside an IPv4 one"),
        pytest.param({"gone": {"one"}}, {"two"}, {"two"}, id="a cluster goes after it was listed"),
        pytest.param({"groups_gone": {"one"}}, {"two"}, {"one", "two"}, id="a node group goes after it was listed"),
        pytest.param(
            {"configurations": {"one": "env: ["}},
            {"one", "two"},
            {"two"},
            id="settings that cannot be read",
        ),
    ],
)
def test_clusters(read, eks, groups_of, settings_of):
    snapshot = read(**eks)
    assert {each.cluster for each in snapshot.node_groups} == groups_of
    assert {each.name for each in snapshot.clusters.values() if each.cni} == settings_of
    assert bool(snapshot.unknowns) == ("configurations" in eks)


def test_settings_that_cannot_be_read_are_named_with_their_cluster(read):
    (unknown,) = read(configurations={"one": "env: ["}).unknowns
    assert unknown.startswith("cluster one: vpc-cni's configurationValues cannot be read")


def test_without_any_cluster_only_tagged_subnets_are_looked_at(read):
    assert read(clusters=()).subnets == ()


def test_any_other_error_escapes_rather_than_leave_a_hole(read):
    with pytest.raises(DeniedError):
        read(denied={"two"})


class Busy:
    """An EC2 in which an interface comes right before interfaces are read, so that they disagree with the count."""

    def __init__(self, ec2: Any, subnet: str) -> None:
        self._ec2, self._subnet, self._left = ec2, subnet, 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ec2, name)

    def get_paginator(self, call: str) -> Any:
        if call == "describe_network_interfaces" and self._left:
            self._left -= 1
            self._ec2.create_network_interface(SubnetId=self._subnet)
        return self._ec2.get_paginator(call)


def test_for_a_report_ec2_counts_once_more_where_something_came_while_it_was_read():
    ec2 = client(Ec2Api(seed=2))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"])
    fake: Any = Eks(subnet=subnet)
    auto_scaling: Any = AutoScaling()
    busy: Any = Busy(ec2, subnet)
    reader = AwsReader(ec2=busy, eks=fake, autoscaling=auto_scaling)
    _, (seen,) = reader.read_by_count(EVERYWHERE, NOW)
    assert seen.partial == ""
    assert seen.subnet.available == (251, 250)
    _, (again,) = reader.read_by_count(EVERYWHERE, NOW)
    assert again.subnet.available == (250,)  # no call more where the counts agree
