"""EC2's answers about the network to values of the model. Pure; the shapes are boto3's."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Any

from functions.aws.owners import cluster_of, node_of, owner_of
from functions.capacity.model import OWNER, OWNER_TAG, InstanceType, Interface, Reservation, Subnet

Answer = Mapping[str, Any]


def subnet(answer: Answer, interfaces: tuple[Interface, ...], reservations: tuple[Reservation, ...]) -> Subnet:
    """DescribeSubnets' item with what stands in the subnet."""
    return Subnet(
        id=answer["SubnetId"],
        cidr=IPv4Network(answer["CidrBlock"]),
        zone=answer["AvailabilityZone"],
        available=(answer["AvailableIpAddressCount"],),
        tags=tags(answer),
        interfaces=interfaces,
        reservations=reservations,
        vpc_id=answer.get("VpcId", ""),
        ipv6_cidr=_ipv6_cidr(answer),
    )


def _ipv6_cidr(answer: Answer) -> IPv6Network | None:
    """The subnet's IPv6 block, if one is associated; EC2 allows one."""
    for each in answer.get("Ipv6CidrBlockAssociationSet", ()):
        if each.get("Ipv6CidrBlockState", {}).get("State") in {"associated", "associating"}:
            return IPv6Network(each["Ipv6CidrBlock"])
    return None


def tags(answer: Answer) -> Mapping[str, str]:
    """EC2's list of tags as a mapping; no tags are an empty one."""
    return {each["Key"]: each["Value"] for each in answer.get("Tags") or ()}


def interface(answer: Answer) -> Interface:
    """DescribeNetworkInterfaces' item. Prefixes stand apart from PrivateIpAddresses there."""
    listed = answer.get("PrivateIpAddresses", ())
    return Interface(
        id=answer["NetworkInterfaceId"],
        subnet_id=answer["SubnetId"],
        instance_id=node_of(answer),
        addresses=tuple(int(IPv4Address(each["PrivateIpAddress"])) for each in listed),
        prefixes=tuple(int(IPv4Network(each["Ipv4Prefix"]).network_address) for each in answer.get("Ipv4Prefixes", ())),
        ipv6_prefixes=len(answer.get("Ipv6Prefixes", ())),
        owner=owner_of(answer),
        cluster=cluster_of(answer),
    )


def reservation(answer: Answer) -> Reservation:
    """GetSubnetCidrReservations' IPv4 item, and what CreateSubnetCidrReservation returns."""
    return Reservation(
        id=answer["SubnetCidrReservationId"],
        subnet_id=answer["SubnetId"],
        cidr=IPv4Network(answer["Cidr"]),
        reserves_prefixes=answer["ReservationType"] == "prefix",
        ours=tags(answer).get(OWNER_TAG) == OWNER,
    )


def instance_type(answer: Answer) -> InstanceType:
    """DescribeInstanceTypes' item. Bare metal has no Hypervisor and is Nitro-based."""
    network = answer["NetworkInfo"]
    card = network["NetworkCards"][network.get("DefaultNetworkCardIndex", 0)]
    return InstanceType(
        name=answer["InstanceType"],
        interfaces=card["MaximumNetworkInterfaces"],
        addresses_per_interface=network["Ipv4AddressesPerInterface"],
        vcpus=answer["VCpuInfo"]["DefaultVCpus"],
        nitro=answer.get("BareMetal", False) or answer.get("Hypervisor") == "nitro",
        bare_metal=answer.get("BareMetal", False),
    )
