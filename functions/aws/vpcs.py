"""Reading a VPC's ranges from EC2: two calls, made only where a subnet lacks room and somebody asks where there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Any

from functions.aws.odd import reading
from functions.aws.subnets import chunks
from functions.capacity.vpc_space import VpcSpace

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import FilterTypeDef

GONE = {"disassociated", "failed"}  # of CidrBlockState.State (EC2 API reference, VpcCidrBlockState)

Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class VpcReader:
    """Reads through this client; any error escapes."""

    ec2: EC2Client

    def space_of(self, vpc_id: str) -> VpcSpace | None:
        """The ranges of the VPC and of its subnets; None where it is gone, or cannot be seen.

        In a VPC shared from another account, subnets that are not shared cannot be seen; only its owner can make
        subnets there (VPC user guide, 'vpc-sharing').
        """
        return spaces(*self.described([vpc_id])).get(vpc_id)

    def described(self, vpc_ids: Iterable[str]) -> tuple[list[Answer], list[Answer]]:
        """DescribeVpcs' items of those that can be seen, and DescribeSubnets' of all their subnets."""
        ids = sorted(vpc_ids)
        with reading(f"DescribeVpcs and DescribeSubnets of {', '.join(ids)}"):
            vpcs, subnets = list[Answer](), list[Answer]()
            for chunk in chunks(ids):
                here: Sequence[FilterTypeDef] = [{"Name": "vpc-id", "Values": chunk}]
                for page in self.ec2.get_paginator("describe_vpcs").paginate(Filters=here):
                    vpcs += page["Vpcs"]
                for found in self.ec2.get_paginator("describe_subnets").paginate(Filters=here):
                    subnets += found["Subnets"]
            return vpcs, subnets


def spaces(vpcs: Iterable[Answer], subnets: Iterable[Answer]) -> Mapping[str, VpcSpace]:
    """What DescribeVpcs and DescribeSubnets answered of VPCs, by id. Raises OddAnswerError."""
    with reading("DescribeVpcs and DescribeSubnets of VPCs"):
        inside: dict[str, list[IPv4Network]] = defaultdict(list)
        for each in subnets:
            inside[each["VpcId"]].append(IPv4Network(each["CidrBlock"]))
        return {each["VpcId"]: space(each, inside[each["VpcId"]]) for each in vpcs}


def space(vpc: Answer, subnets: Sequence[IPv4Network]) -> VpcSpace:
    """DescribeVpcs' item with the ranges of the VPC's subnets. Its CidrBlock is the primary one."""
    states = [
        (IPv4Network(each["CidrBlock"]), each["CidrBlockState"]["State"]) for each in vpc["CidrBlockAssociationSet"]
    ]
    associated = {cidr for cidr, state in states if state == "associated"}
    standing = {cidr for cidr, state in states if state not in GONE}
    primary = IPv4Network(vpc["CidrBlock"])
    return VpcSpace(
        vpc_id=vpc["VpcId"],
        cidrs=tuple(sorted(associated, key=lambda each: (each != primary, each))),
        subnets=tuple(sorted(subnets)),
        unsettled=tuple(sorted(standing - associated)),
    )
