"""IPv6 from the embedded AWS and back: read, planned, reserved, read again, and what EC2 hands out then."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from typing import Any

import pytest

from functions.aws.act import AwsWriter
from functions.aws.reader import AwsReader
from functions.aws.saved import snapshot_of
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.model import Ipv6Reservation, Policy
from functions.capacity.plan import Plan
from functions.capacity.planning import planned
from functions.capacity.scope import Scope
from functions.capacity.steering.samples import Sample
from sandbox.process import EmbeddedAws, embedded_aws
from tests.builders import NOW, an_intent

SINGLES = 40


@dataclass(frozen=True)
class Made:
    reader: AwsReader
    ec2: Any
    subnet: str
    cidr: IPv6Network
    interface: str  # of a node: one /80

    def analysis(self) -> Analysis:
        snapshot = self.reader.read(Scope(subnets=frozenset({self.subnet})), NOW)
        (found,) = (each for each in analyse(snapshot) if each.subnet.id == self.subnet)
        return found


def theirs_in(cidr: IPv6Network) -> IPv6Network:
    """A /76, sixteen blocks, in the last eighth."""
    return IPv6Network((int(cidr.network_address) + (0xF000 << 48), 76))


@pytest.fixture(scope="module")
def aws(tmp_path_factory) -> Iterator[EmbeddedAws]:
    """One of its own: elsewhere, tests say what is everywhere."""
    with embedded_aws(tmp_path_factory.mktemp("ipv6")) as running:
        yield running


def _of_ipv6(*, parsed: dict[str, Any], **_: Any) -> None:
    """ministack says `ipv4` whatever it was asked for."""
    parsed["cluster"]["kubernetesNetworkConfig"]["ipFamily"] = "ipv6"


@pytest.fixture(scope="module")
def made(aws) -> Made:
    """An IPv6 cluster with a group of up to ten nodes, in a subnet that is steered; only somebody else reserved."""
    ec2, eks, iam = aws.client("ec2"), aws.client("eks"), aws.client("iam")
    eks.meta.events.register("after-call.eks.DescribeCluster", _of_ipv6)
    vpc = ec2.create_vpc(CidrBlock="10.66.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]
    (block,) = ec2.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
    cidr = next(IPv6Network(block["Ipv6CidrBlock"]).subnets(new_prefix=64))
    subnet = ec2.create_subnet(
        VpcId=vpc["VpcId"], CidrBlock="10.66.0.0/20", Ipv6CidrBlock=str(cidr), AvailabilityZone="us-east-1a"
    )["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    role = iam.create_role(RoleName="six", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(
        name="six",
        roleArn=role,
        resourcesVpcConfig={"subnetIds": [subnet]},
        kubernetesNetworkConfig={"ipFamily": "ipv6"},
    )
    eks.create_addon(clusterName="six", addonName="vpc-cni")
    eks.create_nodegroup(
        clusterName="six",
        nodegroupName="workers",
        nodeRole=role,
        subnets=[subnet],
        instanceTypes=["m5.large"],
        scalingConfig={"minSize": 0, "maxSize": 10, "desiredSize": 1},
    )
    found = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])["NetworkInterfaces"]
    (node,) = (each["NetworkInterfaceId"] for each in found)
    ec2.assign_ipv6_addresses(NetworkInterfaceId=node, Ipv6PrefixCount=1)
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=str(theirs_in(cidr)), ReservationType="explicit")
    for _ in range(SINGLES // 20):
        ec2.create_network_interface(SubnetId=subnet, Ipv6AddressCount=20)
    return Made(
        reader=AwsReader(ec2=ec2, eks=eks, autoscaling=aws.client("autoscaling")),
        ec2=ec2,
        subnet=subnet,
        cidr=cidr,
        interface=node,
    )


def plan_of(analysis: Analysis) -> Plan:
    return planned(analysis, Policy(), (Sample.of(analysis, NOW),), created_today=0, released_today=0)


@contextmanager
def calls_of(ec2: Any) -> Iterator[Counter[str]]:
    """How often each operation is called."""
    counted: Counter[str] = Counter()

    def count(*, model: Any, **_: Any) -> None:
        counted[model.name] += 1

    ec2.meta.events.register("before-call.ec2", count, unique_id="count")
    try:
        yield counted
    finally:
        ec2.meta.events.unregister("before-call.ec2", unique_id="count")


def test_a_plan_for_ipv6_is_carried_out_read_back_and_respected(made):
    before = made.analysis()
    assert before.ipv6 is not None
    assert (before.ipv6.cidr, before.ipv6.in_use, before.ipv6.free_reserved) == (made.cidr, 1, 0)
    assert len(before.ipv6.spoiled) == SINGLES, "EC2 scattered them"
    assert before.ipv6.free == 65534 - 16 - 1 - SINGLES
    assert (before.demand.ipv6_prefixes - before.demand.surge.ipv6_prefixes, before.demand.prefixes) == (9, 0)

    plan = plan_of(before)
    assert [each.cidr.prefixlen for each in plan.actions] == [66, 66, 67, 67]
    answers = [AwsWriter(ec2=made.ec2).create(each, an_intent(each)) for each in plan.actions]
    written = [each for each in answers if isinstance(each, Ipv6Reservation)]

    after = made.analysis()
    ours = [each for each in after.subnet.ipv6_reservations if each.ours and each.reserves_prefixes]
    theirs = [each for each in after.subnet.ipv6_reservations if not each.ours and not each.reserves_prefixes]
    assert sorted(ours, key=lambda each: each.id) == sorted(written, key=lambda each: each.id)
    assert {each.cidr for each in ours} == {each.cidr for each in plan.actions}
    assert [each.cidr for each in theirs] == [theirs_in(made.cidr)]
    assert after.ipv6 is not None
    assert after.ipv6.free_reserved == sum(each.free for each in plan.actions)
    assert after.ipv6.draining >= sum(each.draining for each in plan.actions) > 0
    assert not after.partial, "EC2's count of available addresses knows nothing of IPv6"
    assert plan_of(after).actions == ()

    reserved = [each.cidr for each in ours]
    prefixes = made.ec2.assign_ipv6_addresses(NetworkInterfaceId=made.interface, Ipv6PrefixCount=5)
    singles = made.ec2.create_network_interface(SubnetId=made.subnet, Ipv6AddressCount=20)["NetworkInterface"]
    for prefix in map(IPv6Network, prefixes["AssignedIpv6Prefixes"]):
        assert any(prefix.subnet_of(each) for each in reserved), "EC2 takes prefixes from reservations first"
    for address in (IPv6Address(each["Ipv6Address"]) for each in singles["Ipv6Addresses"]):
        assert not any(address in each for each in reserved), "and puts no single address there"
    spoilt = made.analysis().ipv6
    assert spoilt is not None
    assert (spoilt.in_use, spoilt.free_reserved) == (6, after.ipv6.free_reserved - 5)


def test_a_saved_snapshot_carries_it_as_the_live_one_does(made):
    scope = Scope(subnets=frozenset({made.subnet}))
    text = json.dumps(made.reader.gather(scope, NOW), default=lambda value: value.isoformat())
    assert '"SubnetIpv6CidrReservations": [{' in text
    assert snapshot_of(json.loads(text), NOW).subnets == made.reader.read(scope, NOW).subnets


def test_ipv6_costs_no_call(made):
    """The reservations of both families come in one answer, and prefixes and addresses with their interfaces."""
    with calls_of(made.ec2) as counted:
        made.reader.read(Scope(subnets=frozenset({made.subnet})), NOW)
    assert counted["GetSubnetCidrReservations"] == 1
    assert counted["DescribeNetworkInterfaces"] == 1
    assert counted["DescribeSubnets"] == 1
