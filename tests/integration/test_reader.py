"""From a scope to a snapshot, against the embedded AWS."""

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from functions.aws.reader import AwsReader
from functions.aws.saved import snapshot_of
from functions.capacity.clusters import LaunchTemplate, Origin
from functions.capacity.model import Mode
from functions.capacity.scope import EVERYWHERE, Scope
from tests.builders import NOW


@dataclass(frozen=True)
class Made:
    reader: AwsReader
    ec2: Any
    subnets: tuple[str, ...]  # of the group `a`; of the group `b`; tagged, but of no group
    auto_scaling_group: str  # of `a`
    instance: str  # of `a`
    others_interface: str  # in b's subnet


@pytest.fixture(scope="module")
def made(aws) -> Made:
    ec2, eks, iam = aws.client("ec2"), aws.client("eks"), aws.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    subnets = tuple(
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{16 * n}.0/20", AvailabilityZone="us-east-1a")["Subnet"][
            "SubnetId"
        ]
        for n in range(3)
    )
    ec2.create_tags(Resources=[subnets[2]], Tags=[{"Key": "headroom:mode", "Value": "ahead"}])
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    for cluster in ("one", "two"):
        eks.create_cluster(name=cluster, roleArn=role, resourcesVpcConfig={"subnetIds": list(subnets)})
    eks.create_addon(
        clusterName="one", addonName="vpc-cni", configurationValues='{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'
    )
    groups = {
        name: eks.create_nodegroup(
            clusterName=cluster,
            nodegroupName=name,
            nodeRole=role,
            subnets=[subnet],
            instanceTypes=[instance_type],
            scalingConfig={"minSize": 0, "maxSize": 5, "desiredSize": desired},
        )["nodegroup"]
        for cluster, name, subnet, instance_type, desired in (
            ("one", "a", subnets[0], "m5.large", 1),
            ("two", "b", subnets[1], "no.such", 0),
        )
    }
    (instance,) = [
        each["InstanceId"]
        for held in ec2.describe_instances(Filters=[{"Name": "tag:eks:nodegroup-name", "Values": ["a"]}])[
            "Reservations"
        ]
        for each in held["Instances"]
    ]
    other = ec2.create_network_interface(SubnetId=subnets[1])["NetworkInterface"]["NetworkInterfaceId"]
    ec2.create_subnet_cidr_reservation(SubnetId=subnets[1], Cidr="10.20.20.0/24", ReservationType="explicit")
    return Made(
        reader=AwsReader(ec2=ec2, eks=eks, autoscaling=aws.client("autoscaling")),
        ec2=ec2,
        subnets=subnets,
        auto_scaling_group=groups["a"]["resources"]["autoScalingGroups"][0]["name"],
        instance=instance,
        others_interface=other,
    )


def ids(made: Made, scope: Scope) -> set[str]:
    return {each.id for each in made.reader.read(scope, NOW).subnets}


def test_everywhere_is_every_groups_subnets_and_the_tagged_ones(made):
    assert ids(made, EVERYWHERE) == set(made.subnets)


@pytest.mark.parametrize(
    ("scope_of", "expected"),
    [
        pytest.param(lambda made: Scope(clusters=frozenset({"one"})), [0], id="a cluster: its groups' subnets"),
        pytest.param(
            lambda made: Scope(auto_scaling_groups=frozenset({made.auto_scaling_group})),
            [0],
            id="an Auto Scaling group",
        ),
        pytest.param(lambda made: Scope(instances=frozenset({made.instance})), [0], id="an instance"),
        pytest.param(lambda made: Scope(network_interfaces=frozenset({made.others_interface})), [1], id="an interface"),
        pytest.param(lambda made: Scope(subnets=frozenset({made.subnets[2]})), [2], id="a subnet"),
        pytest.param(lambda made: Scope(subnets=frozenset({"subnet-0123456789abcdef0"})), [], id="one that is gone"),
        pytest.param(lambda made: Scope(clusters=frozenset({"no-such"})), [], id="a cluster that is gone"),
        pytest.param(
            lambda made: Scope(instances=frozenset({"i-0123456789abcdef0"})), [0, 1, 2], id="an instance that is gone"
        ),
        pytest.param(
            lambda made: Scope(network_interfaces=frozenset({"eni-0123456789abcdef0"})),
            [0, 1, 2],
            id="a gone interface",
        ),
    ],
)
def test_scopes(made, scope_of, expected):
    assert ids(made, scope_of(made)) == {made.subnets[n] for n in expected}


def test_a_snapshot_holds_what_stands_in_the_subnets_and_names_what_is_not_known(made):
    snapshot = made.reader.read(EVERYWHERE, NOW)
    a, b, tagged = (next(each for each in snapshot.subnets if each.id == wanted) for wanted in made.subnets)
    assert [each.instance_id for each in a.interfaces] == [made.instance]
    assert [each.id for each in b.interfaces] == [made.others_interface]
    assert [(str(each.cidr), each.reserves_prefixes, each.ours) for each in b.reservations] == [
        ("10.20.20.0/24", False, False)
    ]
    assert (a.mode, tagged.mode) == (Mode.OBSERVE, Mode.AHEAD)
    assert {each.name: [node.instance_id for node in each.nodes] for each in snapshot.node_groups} == {
        "a": [made.instance],
        "b": [],
    }
    assert {each.name for each in snapshot.clusters.values() if each.cni} == {"one"}
    assert snapshot.instance_types.keys() == {"m5.large"}
    assert sorted(snapshot.unknowns) == [
        "cluster two: vpc-cni is not an EKS add-on here",
        "node group two/b: no limits known of no.such",
    ]


def test_a_subnet_counts_once_it_is_tagged_and_is_read_whole_over_several_pages(made, aws):
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.30.0.0/16", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    assert ids(made, Scope(subnets=frozenset({subnet}))) == set(), "neither tagged nor any group's"
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "observe"}])
    ec2.run_instances(ImageId="ami-1", InstanceType="m5.large", MinCount=1200, MaxCount=1200, SubnetId=subnet)
    for n in range(130):
        ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=f"10.30.{n}.0/28", ReservationType="prefix")
    (found,) = made.reader.read(Scope(subnets=frozenset({subnet})), NOW).subnets
    assert len(found.interfaces) == 1200
    assert len({each.id for each in found.reservations}) == 130


def test_a_saved_snapshot_says_what_the_live_one_does(made):
    """The two are read by different parsers, and a file has texts where boto3 has times."""
    text = json.dumps(made.reader.gather(EVERYWHERE, NOW), default=lambda value: value.isoformat())
    saved, live = snapshot_of(json.loads(text), NOW), made.reader.read(EVERYWHERE, NOW)
    assert [each.interfaces for each in saved.subnets if each.interfaces]
    assert sorted(saved.subnets, key=lambda each: each.id) == sorted(live.subnets, key=lambda each: each.id)
    assert (saved.node_groups, saved.instance_types, saved.clusters) == (
        live.node_groups,
        live.instance_types,
        live.clusters,
    )
    assert (saved.whole, saved.unknowns) == (live.whole, live.unknowns)


def test_counting_again_keeps_the_first_count(made):
    snapshot = made.reader.read(Scope(subnets=frozenset({made.subnets[2]})), NOW)
    made.ec2.create_network_interface(SubnetId=made.subnets[2])
    (subnet,) = made.reader.recount(snapshot).subnets
    assert subnet.available == (4091, 4090)


def test_an_update_of_the_cni_is_seen_before_it_is_done(aws, made):
    eks = aws.client("eks")
    eks.update_addon(clusterName="one", addonName="vpc-cni", addonVersion="v1.8.0-eksbuild.1")
    addon = made.reader.read(Scope(clusters=frozenset({"one"})), NOW).clusters["one"].addon
    assert (addon.status, addon.version, addon.updating_to) == ("UPDATING", None, (1, 8, 0))


def test_nodes_of_a_self_managed_group_are_found_with_their_launch_template(aws, made):
    ec2, autoscaling = aws.client("ec2"), aws.client("autoscaling")
    template = ec2.create_launch_template(
        LaunchTemplateName="own",
        LaunchTemplateData={"ImageId": "ami-1", "InstanceType": "m5.large", "UserData": "ZGF0YQ=="},
    )["LaunchTemplate"]
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="own",
        MinSize=0,
        MaxSize=3,
        DesiredCapacity=1,
        VPCZoneIdentifier=made.subnets[2],
        LaunchTemplate={"LaunchTemplateId": template["LaunchTemplateId"], "Version": "1"},
        Tags=[{"Key": "kubernetes.io/cluster/two", "Value": "owned", "PropagateAtLaunch": True}],
    )
    snapshot = made.reader.read(Scope(clusters=frozenset({"two"})), NOW)
    (group,) = [each for each in snapshot.node_groups if each.name == "own"]
    assert (group.cluster, group.origin, group.max_size, group.instance_types) == (
        "two",
        Origin.SELF_MANAGED,
        3,
        ("m5.large",),
    )
    assert [(node.subnet_id, node.template_version) for node in group.nodes] == [(made.subnets[2], "1")]
    assert group.template == LaunchTemplate(
        id=template["LaunchTemplateId"], version="1", image_id="ami-1", user_data="ZGF0YQ=="
    )
    assert {each.id for each in snapshot.subnets} == {made.subnets[1], made.subnets[2]}
    assert "two" in snapshot.whole
    assert "one" not in snapshot.whole, "its subnet was not asked for"


def test_a_pass_over_three_subnets_reads_the_network_in_seven_calls(aws):
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.40.{64 * n}.0/18", AvailabilityZone="us-east-1a")["Subnet"][
            "SubnetId"
        ]
        for n in range(3)
    ]
    ec2.create_tags(Resources=subnets, Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    for subnet, interfaces in zip(subnets, (800, 800, 700), strict=True):
        ec2.run_instances(
            ImageId="ami-1", InstanceType="m5.large", MinCount=interfaces, MaxCount=interfaces, SubnetId=subnet
        )
    calls = Counter[str]()
    network = {"DescribeSubnets", "DescribeNetworkInterfaces", "GetSubnetCidrReservations"}
    ec2.meta.events.register("before-call.ec2", lambda model, **_: calls.update([model.name]))
    reader = AwsReader(ec2=ec2, eks=aws.client("eks"), autoscaling=aws.client("autoscaling"))
    snapshot = reader.read(Scope(subnets=frozenset(subnets)), NOW)
    assert sum(len(each.interfaces) for each in snapshot.subnets) == 2300
    assert {name: calls[name] for name in network} == {
        "DescribeSubnets": 1,
        "DescribeNetworkInterfaces": 3,
        "GetSubnetCidrReservations": 3,
    }
