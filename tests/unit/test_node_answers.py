"""Nodes of every origin, out of AWS's answers."""

from collections.abc import Iterable
from typing import Any

import pytest

from functions.aws.node_answers import groups, subnet_ids
from functions.capacity.clusters import Family, NodeGroup, Origin, Os

CLUSTERS = frozenset({"demo", "other"})
SUBNET, SECOND = "subnet-0aa1bb2cc3dd4ee5f", "subnet-0bb1bb2cc3dd4ee5f"


def a_nodegroup(name: str = "workers", **facts: Any) -> dict[str, Any]:
    return {
        "clusterName": "demo",
        "nodegroupName": name,
        "subnets": [SUBNET],
        "instanceTypes": ["m5.large"],
        "amiType": "AL2023_x86_64_STANDARD",
        "scalingConfig": {"desiredSize": 2, "maxSize": 5},
    } | facts


def an_instance(name: str, tags: dict[str, str], **facts: Any) -> dict[str, Any]:
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    instance = {"InstanceId": name, "SubnetId": SUBNET, "InstanceType": "m5.large", "Tags": listed}
    return instance | {"State": {"Name": "running"}} | facts


def a_scaling_group(name: str = "own", **facts: Any) -> dict[str, Any]:
    return {
        "AutoScalingGroupName": name,
        "DesiredCapacity": 1,
        "MaxSize": 4,
        "VPCZoneIdentifier": f"{SUBNET},{SECOND}",
        "Tags": [{"Key": "kubernetes.io/cluster/demo", "Value": "owned"}],
    } | facts


def a_version(number: int = 1, **facts: Any) -> dict[str, Any]:
    data = facts.pop("data", {"ImageId": "ami-1", "UserData": "ZGF0YQ==", "InstanceType": "c5.large"})
    version = {"LaunchTemplateId": "lt-1", "VersionNumber": number, "DefaultVersion": number == 1}
    return version | {"LaunchTemplateData": data} | facts


def read(**saved: Any) -> dict[str, NodeGroup]:
    return {each.label: each for each in groups(saved, CLUSTERS)}  # type: ignore[arg-type]


MANAGED = {"eks:cluster-name": "demo", "eks:nodegroup-name": "workers", "kubernetes.io/cluster/demo": "owned"}
SELF_MANAGED = {"kubernetes.io/cluster/demo": "owned", "aws:autoscaling:groupName": "own"}
KARPENTER = {"karpenter.sh/nodepool": "default", "eks:eks-cluster-name": "demo", "kubernetes.io/cluster/demo": "owned"}
AUTO_MODE = {"eks:kubernetes-node-pool-name": "general-purpose", "eks:eks-cluster-name": "demo"}


@pytest.mark.parametrize(
    ("tags", "facts", "expected"),
    [
        pytest.param(MANAGED, {}, (Origin.MANAGED, "demo/workers"), id="a managed node group's"),
        pytest.param(SELF_MANAGED, {}, (Origin.SELF_MANAGED, "demo/own"), id="an Auto Scaling group's"),
        pytest.param(KARPENTER, {}, (Origin.KARPENTER, "demo/default"), id="Karpenter's"),
        pytest.param(
            {"karpenter.sh/nodepool": "old", "kubernetes.io/cluster/demo": "owned"},
            {},
            (Origin.KARPENTER, "demo/old"),
            id="an older Karpenter's, without EKS's tag",
        ),
        pytest.param(AUTO_MODE, {}, (Origin.AUTO_MODE, "demo/general-purpose"), id="Auto Mode's"),
        pytest.param(
            KARPENTER,
            {"Operator": {"Managed": True, "Principal": "eks.amazonaws.com"}},
            (Origin.AUTO_MODE, "demo/default"),
            id="Auto Mode's, by who operates it",
        ),
        pytest.param({"kubernetes.io/cluster/demo": "owned"}, {}, (Origin.ALONE, "demo/-"), id="started by hand"),
    ],
)
def test_where_a_node_comes_from(tags, facts, expected):
    found = read(
        nodegroups=[a_nodegroup()], autoScalingGroups=[a_scaling_group()], instances=[an_instance("i-1", tags, **facts)]
    )
    assert {(each.origin, each.label) for each in found.values() if each.nodes} == {expected}


@pytest.mark.parametrize(
    ("tags", "facts"),
    [
        pytest.param({}, {}, id="no tags"),
        pytest.param({"kubernetes.io/cluster/elsewhere": "owned"}, {}, id="a cluster of another account"),
        pytest.param(MANAGED, {"State": {"Name": "terminated"}}, id="a terminated node"),
        pytest.param(MANAGED, {"SubnetId": ""}, id="one that has no subnet any more"),
    ],
)
def test_what_is_no_node(tags, facts):
    found = read(nodegroups=[a_nodegroup()], instances=[an_instance("i-1", tags, **facts)])
    assert [each.nodes for each in found.values()] == [()]


def test_a_node_belongs_to_one_group_of_one_cluster():
    others = {"eks:cluster-name": "other", "eks:nodegroup-name": "workers"}
    found = read(
        nodegroups=[a_nodegroup(), a_nodegroup(clusterName="other")],
        instances=[an_instance("i-1", MANAGED), an_instance("i-2", others)],
    )
    assert {label: [node.instance_id for node in each.nodes] for label, each in found.items()} == {
        "demo/workers": ["i-1"],
        "other/workers": ["i-2"],
    }


def test_a_node_that_starts_is_in_flight():
    pending = an_instance("i-1", MANAGED, State={"Name": "pending"}, LaunchTime="2026-11-23T11:59:00+00:00")
    (node,) = read(nodegroups=[a_nodegroup()], instances=[pending])["demo/workers"].nodes
    assert node.launching
    assert node.launched_at is not None
    assert node.launched_at.minute == 59


@pytest.mark.parametrize(
    ("facts", "family", "os", "own_ami"),
    [
        pytest.param({}, Family.AL2023, Os.LINUX, False, id="Amazon Linux 2023"),
        pytest.param({"amiType": "AL2_x86_64"}, Family.AL2, Os.LINUX, False, id="Amazon Linux 2"),
        pytest.param({"amiType": "BOTTLEROCKET_ARM_64"}, Family.BOTTLEROCKET, Os.LINUX, False, id="Bottlerocket"),
        pytest.param({"amiType": "WINDOWS_CORE_2022_x86_64"}, Family.WINDOWS, Os.WINDOWS, False, id="Windows"),
        pytest.param({"amiType": "CUSTOM"}, None, Os.LINUX, True, id="an AMI of its own"),
        pytest.param({"amiType": "SOMETHING_NEW"}, None, Os.LINUX, False, id="one that is newer than this"),
    ],
)
def test_what_a_managed_group_runs(facts, family, os, own_ami):
    group = read(nodegroups=[a_nodegroup(**facts)])["demo/workers"]
    assert (group.family, group.os, group.own_ami) == (family, os, own_ami)


def test_a_group_with_its_own_ami_is_windows_when_its_nodes_are():
    windows = an_instance("i-1", MANAGED, Platform="windows")
    assert read(nodegroups=[a_nodegroup(amiType="CUSTOM")], instances=[windows])["demo/workers"].os is Os.WINDOWS


@pytest.mark.parametrize(
    ("facts", "zones", "surge"),
    [
        pytest.param({}, 1, 2, id="one zone: two nodes more"),
        pytest.param({}, 3, 6, id="three zones: six"),
        pytest.param({"updateConfig": {"maxUnavailable": 10}}, 3, 10, id="more may be unavailable than that"),
        pytest.param({"updateConfig": {"maxUnavailable": 1}}, 3, 6, id="fewer may be"),
        pytest.param(
            {
                "updateConfig": {"maxUnavailablePercentage": 33},
                "scalingConfig": {"desiredSize": 100, "maxSize": 100},
            },
            3,
            33,
            id="a share of the nodes",
        ),
        pytest.param({"updateConfig": {"updateStrategy": "MINIMAL", "maxUnavailable": 5}}, 3, 0, id="old nodes first"),
    ],
)
def test_nodes_that_eks_adds_while_it_updates(facts, zones, surge):
    subnets = [{"SubnetId": f"subnet-{n}", "AvailabilityZone": f"us-east-1{'abc'[n % zones]}"} for n in range(3)]
    ids = [each["SubnetId"] for each in subnets]
    assert read(nodegroups=[a_nodegroup(subnets=ids, **facts)], subnets=subnets)["demo/workers"].surge == surge


MIXED = {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "1"}}


@pytest.mark.parametrize(
    ("facts", "types", "unknown"),
    [
        pytest.param(
            {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"}}, ("c5.large",), "", id="template"
        ),
        pytest.param(
            {
                "MixedInstancesPolicy": {
                    "LaunchTemplate": MIXED
                    | {"Overrides": [{"InstanceType": "m5.large"}, {"InstanceType": "m5a.large"}]}
                }
            },
            ("m5.large", "m5a.large"),
            "",
            id="a mixed group's overrides",
        ),
        pytest.param(
            {"MixedInstancesPolicy": {"LaunchTemplate": MIXED | {"Overrides": [{"InstanceRequirements": {}}]}}},
            ("c5.large",),
            "its instance types are chosen by attributes; only those that run now are counted",
            id="types chosen by attributes",
        ),
        pytest.param({"LaunchConfigurationName": "old"}, (), "", id="a launch configuration"),
    ],
)
def test_the_types_of_a_self_managed_group(facts, types, unknown):
    group = read(autoScalingGroups=[a_scaling_group(**facts)], launchTemplateVersions=[a_version()])["demo/own"]
    assert (group.instance_types, group.unknown) == (types, unknown)
    assert (group.origin, group.desired_size, group.max_size) == (Origin.SELF_MANAGED, 1, 4)
    assert group.subnet_ids == (SUBNET, SECOND)
    assert group.own_ami, "EKS adds nothing to what such a group launches with"


def test_the_auto_scaling_group_of_a_managed_one_is_not_another_group():
    tags = [{"Key": key, "Value": value} for key, value in MANAGED.items()]
    found = read(nodegroups=[a_nodegroup()], autoScalingGroups=[a_scaling_group("eks-workers", Tags=tags)])
    assert found.keys() == {"demo/workers"}


@pytest.mark.parametrize(
    ("specification", "versions", "expected"),
    [
        pytest.param({"id": "lt-1", "version": "2"}, [1, 2, 3], ("2", ""), id="the version that the group names"),
        pytest.param({"id": "lt-1", "version": "$Latest"}, [1, 3, 2], ("3", ""), id="the latest"),
        pytest.param({"id": "lt-1", "version": "$Default"}, [1, 2], ("1", ""), id="the default"),
        pytest.param({"id": "lt-1"}, [1, 2], ("1", ""), id="no version is the default one"),
        pytest.param(
            {"id": "lt-1", "version": "9"},
            [1],
            ("9", "launch template lt-1, version 9, does not exist or was not read"),
            id="a deleted version",
        ),
    ],
)
def test_launch_template_versions(specification, versions, expected):
    listed = [a_version(each) for each in versions]
    template = read(nodegroups=[a_nodegroup(launchTemplate=specification)], launchTemplateVersions=listed)[
        "demo/workers"
    ].template
    assert template is not None
    assert (template.version, template.unknown) == expected
    assert template.user_data == ("" if expected[1] else "ZGF0YQ==")


def test_a_group_without_a_template_of_its_own_has_none():
    assert read(nodegroups=[a_nodegroup()])["demo/workers"].template is None


def test_a_launch_configuration_is_not_read():
    template = read(autoScalingGroups=[a_scaling_group(LaunchConfigurationName="old")])["demo/own"].template
    assert template is not None
    assert template.unknown == "the group launches from a launch configuration"


def from_template(version: str) -> dict[str, str]:
    return KARPENTER | {"aws:ec2launchtemplate:id": "lt-1", "aws:ec2launchtemplate:version": version}


def karpenter(versions: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    instances = [
        an_instance("i-1", from_template("1")),
        an_instance("i-2", from_template("2"), InstanceType="m5.xlarge"),
        an_instance("i-3", from_template("1")),
    ]
    found = read(instances=instances, launchTemplateVersions=list(versions))
    return {each.name: [node.instance_id for node in each.nodes] for each in found.values()}


def test_a_karpenter_pool_is_one_group_where_its_nodes_came_up_alike():
    assert karpenter([a_version(1), a_version(2)]) == {"default": ["i-1", "i-2", "i-3"]}


def test_a_karpenter_pools_nodes_are_apart_where_they_came_up_with_other_settings():
    other = a_version(2, data={"UserData": "b3RoZXI="})
    assert karpenter([a_version(1), other]) == {"default/m5.large": ["i-1", "i-3"], "default/m5.xlarge": ["i-2"]}


def test_a_karpenter_pools_maximum_is_not_known_to_aws():
    (group,) = read(instances=[an_instance("i-1", KARPENTER)]).values()
    assert (group.desired_size, group.max_size, group.bounded) == (1, 1, False)


def test_a_group_is_where_it_may_have_nodes_and_where_it_has_them():
    moved = an_instance("i-1", MANAGED, SubnetId=SECOND)
    assert subnet_ids(read(nodegroups=[a_nodegroup()], instances=[moved])["demo/workers"]) == {SUBNET, SECOND}
