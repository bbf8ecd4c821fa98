"""An EC2 that can only be read, and only what a subnet map needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from tests.builders import NOW

SUBNETS = ("subnet-0aa1bb2cc3dd4ee5f", "subnet-0bb1bb2cc3dd4ee5f")


@dataclass
class ReadOnlyEc2:
    """As boto3's client for EC2; it is its own factory. What it lacks, nobody may call."""

    subnets: list[Any]
    interfaces: list[Any] = field(default_factory=list)
    reservations: Mapping[str, Any] = field(default_factory=dict)
    error: ClientError | None = None
    asked: list[str] = field(default_factory=list)

    def ec2(self) -> Any:
        return self

    def get_paginator(self, operation: str) -> Pages:
        return Pages(self, operation)

    def get_subnet_cidr_reservations(self, *, SubnetId: str) -> Any:  # noqa: N803 - boto3's
        self.asked.append("get_subnet_cidr_reservations")
        return self.reservations.get(SubnetId, {"SubnetIpv4CidrReservations": [], "SubnetIpv6CidrReservations": []})


@dataclass(frozen=True)
class Pages:
    """One page with all that match the filter."""

    of: ReadOnlyEc2
    operation: str

    def paginate(self, *, Filters: list[Any], PaginationConfig: object = None) -> Iterator[Any]:  # noqa: ARG002, N803 - boto3's
        self.of.asked.append(self.operation)
        if self.of.error:
            raise self.of.error
        (only,) = Filters
        if self.operation == "describe_subnets":
            yield {"Subnets": [each for each in self.of.subnets if _matches(each, only)]}
        elif self.operation == "describe_network_interfaces":
            yield {"NetworkInterfaces": [each for each in self.of.interfaces if each["SubnetId"] in only["Values"]]}
        else:
            raise AssertionError(f"{self.operation} is nothing that the widget may call")


def _matches(subnet: Any, only: Any) -> bool:
    if only["Name"] == "tag-key":
        return any(each["Key"] in only["Values"] for each in subnet["Tags"])
    assert only["Name"] == "subnet-id"
    return subnet["SubnetId"] in only["Values"]


def a_described_subnet(
    id_: str = SUBNETS[0], cidr: str = "10.0.0.0/24", *, name: str = "pods", available: int = 250
) -> Any:
    return {
        "SubnetId": id_,
        "CidrBlock": cidr,
        "AvailabilityZone": "us-east-1a",
        "AvailableIpAddressCount": available,
        "VpcId": "vpc-1",
        "Tags": [{"Key": "headroom:mode", "Value": "steer"}, {"Key": "Name", "Value": name}],
    }


def a_described_interface(address: str, id_: str = "eni-1", *, subnet: str = SUBNETS[0], **facts: Any) -> Any:
    return {
        "NetworkInterfaceId": id_,
        "SubnetId": subnet,
        "InterfaceType": "interface",
        "Description": "",
        "RequesterId": "",
        "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
        "Attachment": {"AttachTime": NOW},
        "TagSet": [],
    } | facts
