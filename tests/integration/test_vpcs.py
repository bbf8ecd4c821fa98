"""A VPC's ranges, against the embedded AWS."""

from ipaddress import IPv4Network
from typing import Any

import pytest

from functions.aws.vpcs import VpcReader, space
from functions.capacity.vpc_space import VpcSpace


def networks(*texts: str) -> tuple[IPv4Network, ...]:
    return tuple(map(IPv4Network, texts))


@pytest.fixture(scope="module")
def ec2(aws) -> Any:
    return aws.client("ec2")


def test_the_space_of_a_vpc_is_its_blocks_and_its_own_subnets(ec2):
    vpc, other = (ec2.create_vpc(CidrBlock="10.60.0.0/16")["Vpc"]["VpcId"] for _ in range(2))
    for cidr, zone in (("10.60.32.0/20", "us-east-1b"), ("10.60.0.0/20", "us-east-1a")):
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=zone)
    ec2.create_subnet(VpcId=other, CidrBlock="10.60.64.0/20", AvailabilityZone="us-east-1a")
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="10.59.0.0/16")
    found = VpcReader(ec2=ec2).space_of(vpc)
    assert found == VpcSpace(
        vpc_id=vpc, cidrs=networks("10.60.0.0/16", "10.59.0.0/16"), subnets=networks("10.60.0.0/20", "10.60.32.0/20")
    )


def test_what_is_said_to_be_free_can_be_made(ec2):
    vpc = ec2.create_vpc(CidrBlock="10.61.0.0/20")["Vpc"]["VpcId"]
    for cidr in ("10.61.0.0/24", "10.61.2.0/23", "10.61.8.0/21"):
        ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone="us-east-1a")
    found = VpcReader(ec2=ec2).space_of(vpc)
    assert found is not None
    for free in found.free(24, 9):
        ec2.create_subnet(VpcId=vpc, CidrBlock=str(free), AvailabilityZone="us-east-1a")
    full = VpcReader(ec2=ec2).space_of(vpc)
    assert full is not None
    assert (len(full.subnets), full.free(28)) == (3 + 5, ())
    (more,) = full.secondary(20)
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock=str(more))
    ec2.create_subnet(VpcId=vpc, CidrBlock=str(more), AvailabilityZone="us-east-1a")


def test_a_vpc_that_is_gone_has_no_space(ec2):
    assert VpcReader(ec2=ec2).space_of("vpc-0123456789abcdef0") is None


def test_blocks_that_come_or_go_are_neither_room_nor_free():
    states = (
        ("10.0.0.0/16", "associated"),
        ("10.1.0.0/16", "associated"),
        ("10.0.0.0/16", "disassociated"),  # once before: what is over stays listed for a while
        ("10.2.0.0/16", "associating"),
        ("10.3.0.0/16", "disassociating"),
        ("10.4.0.0/16", "failing"),
        ("10.5.0.0/16", "disassociated"),
        ("10.6.0.0/16", "failed"),
    )
    blocks = [{"CidrBlock": cidr, "CidrBlockState": {"State": state}} for cidr, state in states]
    found = space({"VpcId": "vpc-1", "CidrBlock": "10.1.0.0/16", "CidrBlockAssociationSet": blocks}, ())
    assert found.cidrs == networks("10.1.0.0/16", "10.0.0.0/16"), "the primary one first"
    assert found.unsettled == networks("10.2.0.0/16", "10.3.0.0/16", "10.4.0.0/16")
