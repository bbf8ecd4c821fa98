"""A VPC for one test, what it holds, and its end."""

import time
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from typing import Any, Self

import pytest
from botocore.exceptions import ClientError


class Network:
    """A VPC of a test's own. At the end it goes, with everything that is in it by then, however it came there."""

    def __init__(self, ec2: Any, cidr: str = "10.0.0.0/16") -> None:
        self.ec2 = ec2
        self._cidr = cidr

    def __enter__(self) -> Self:
        vpc = self.ec2.create_vpc(CidrBlock=self._cidr, AmazonProvidedIpv6CidrBlock=True)["Vpc"]
        self.vpc_id = vpc["VpcId"]
        return self

    def __exit__(self, *_: object) -> None:
        own = [{"Name": "vpc-id", "Values": [self.vpc_id]}]
        for interface in self.ec2.describe_network_interfaces(Filters=own)["NetworkInterfaces"]:
            self.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
        for subnet in self.ec2.describe_subnets(Filters=own)["Subnets"]:
            self._delete_subnet(subnet["SubnetId"])
        patiently(self.ec2.delete_vpc, VpcId=self.vpc_id)

    def _delete_subnet(self, subnet_id: str) -> None:
        found = self.ec2.get_subnet_cidr_reservations(SubnetId=subnet_id)
        for one in found["SubnetIpv4CidrReservations"] + found["SubnetIpv6CidrReservations"]:
            self.ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=one["SubnetCidrReservationId"])
        patiently(self.ec2.delete_subnet, SubnetId=subnet_id)

    def ipv6_cidr(self) -> str:
        """The first /64 of the VPC's IPv6 block."""
        vpc = self.ec2.describe_vpcs(VpcIds=[self.vpc_id])["Vpcs"][0]
        block = vpc["Ipv6CidrBlockAssociationSet"][0]["Ipv6CidrBlock"]
        return str(next(ip_network(block).subnets(new_prefix=64)))

    def subnet(self, cidr: str = "10.0.0.0/24", *, ipv6: bool = False, tags: dict[str, str] | None = None) -> str:
        """A new subnet's id."""
        more: dict[str, Any] = {"Ipv6CidrBlock": self.ipv6_cidr()} if ipv6 else {}
        if tags:
            more["TagSpecifications"] = [{"ResourceType": "subnet", "Tags": tag_list(tags)}]
        subnet = self.ec2.create_subnet(VpcId=self.vpc_id, CidrBlock=cidr, **more)["Subnet"]
        return str(subnet["SubnetId"])

    def reserve(self, subnet_id: str, cidr: str, kind: str = "prefix", **more: Any) -> dict[str, Any]:
        """A new reservation as the API shows it."""
        answer = self.ec2.create_subnet_cidr_reservation(SubnetId=subnet_id, Cidr=cidr, ReservationType=kind, **more)
        return dict(answer["SubnetCidrReservation"])

    def interface(self, subnet_id: str, **more: Any) -> dict[str, Any]:
        """A new network interface as CreateNetworkInterface shows it."""
        return dict(self.ec2.create_network_interface(SubnetId=subnet_id, **more)["NetworkInterface"])

    def fill(self, subnet_id: str, cidr: str) -> None:
        """Take every usable address of a range, one interface for up to 50 of them."""
        subnet = ip_network(self.describe_subnet(subnet_id)["CidrBlock"])
        kept = {*list(subnet)[:4], subnet[-1]}
        wanted = [str(address) for address in ip_network(cidr) if address not in kept]
        for start in range(0, len(wanted), 50):
            some = wanted[start : start + 50]
            self.interface(
                subnet_id,
                PrivateIpAddresses=[
                    {"PrivateIpAddress": address, "Primary": place == 0} for place, address in enumerate(some)
                ],
            )

    def describe_subnet(self, subnet_id: str) -> dict[str, Any]:
        """DescribeSubnets of one."""
        return dict(self.ec2.describe_subnets(SubnetIds=[subnet_id])["Subnets"][0])

    def available(self, subnet_id: str) -> int:
        """AvailableIpAddressCount."""
        return int(self.describe_subnet(subnet_id)["AvailableIpAddressCount"])

    def describe_interface(self, interface_id: str) -> dict[str, Any]:
        """DescribeNetworkInterfaces of one."""
        return dict(self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface_id])["NetworkInterfaces"][0])


def patiently(call: Callable[..., object], **params: Any) -> None:
    """Make a call, again for up to 30 seconds while a real EC2 has not yet seen what depended on it go."""
    for _ in range(15):
        try:
            call(**params)
        except ClientError as error:
            if error.response["Error"]["Code"] != "DependencyViolation":
                raise
            time.sleep(2)
        else:
            return
    call(**params)


def refusal(call: Callable[..., object], **params: Any) -> tuple[str, str]:
    """The code and message with which EC2 refuses a call; fails if it does not."""
    with pytest.raises(ClientError) as caught:
        call(**params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def prefixes_of(answer: dict[str, Any], key: str = "Ipv4Prefixes") -> list[str]:
    return [one["Ipv4Prefix"] for one in answer.get(key, [])]


def addresses_of(interface: dict[str, Any]) -> list[str]:
    return [one["PrivateIpAddress"] for one in interface["PrivateIpAddresses"]]


def within(inner: str, outer: str) -> bool:
    """Whether an address or a CIDR block lies in another."""
    if "/" in inner:
        return ip_network(inner).subnet_of(ip_network(outer))  # type: ignore[arg-type]
    return ip_address(inner) in ip_network(outer)
