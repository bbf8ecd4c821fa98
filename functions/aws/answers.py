"""EC2's answers about the network to values of the model. Pure; the shapes are boto3's."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from socket import AF_INET, inet_pton
from typing import Any

from functions.aws.attach_time import attach_time
from functions.aws.owners import cluster_of, node_of, owner_of
from functions.capacity.model import (
    BLOCK,
    INTENT_TAG,
    OWNER,
    OWNER_TAG,
    InstanceType,
    Interface,
    Ipv6Reservation,
    Reservation,
    Subnet,
)

Answer = Mapping[str, Any]


def subnet(
    answer: Answer,
    interfaces: tuple[Interface, ...],
    reservations: tuple[Reservation, ...],
    ipv6_reservations: tuple[Ipv6Reservation, ...] = (),
) -> Subnet:
    """DescribeSubnets' item with what stands in the subnet."""
    return Subnet(
        id=answer["SubnetId"],
        cidr=_ipv4_network(answer["CidrBlock"]),
        zone=answer["AvailabilityZone"],
        available=(answer["AvailableIpAddressCount"],),
        tags=tags(answer),
        interfaces=interfaces,
        reservations=reservations,
        vpc_id=answer.get("VpcId", ""),
        ipv6_cidr=_ipv6_cidr(answer),
        ipv6_reservations=ipv6_reservations,
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
        addresses=array("I", [ipv4_address(str(each["PrivateIpAddress"])) for each in listed]),
        prefixes=array("I", [ipv4_prefix(str(each["Ipv4Prefix"])) for each in answer.get("Ipv4Prefixes", ())]),
        ipv6_addresses=tuple([int(IPv6Address(str(each["Ipv6Address"]))) for each in answer.get("Ipv6Addresses", ())]),
        ipv6_prefixes=tuple(
            [_first(IPv6Network(str(each["Ipv6Prefix"])), 80) for each in answer.get("Ipv6Prefixes", ())]
        ),
        owner=owner_of(answer),
        cluster=cluster_of(answer),
        attached=attach_time((answer.get("Attachment") or {}).get("AttachTime")),
    )


def ipv4_address(text: str) -> int:
    """As IPv4Address reads it, with its errors, five times faster: a saved snapshot has tens of thousands."""
    try:
        return int.from_bytes(inet_pton(AF_INET, text), "big")
    except (OSError, ValueError):
        return int(IPv4Address(text))


def ipv4_prefix(text: str) -> int:
    """The first address of a /28, as IPv4Network reads it, and its errors."""
    address, _, length = text.partition("/")
    if length == "28" and not (first := ipv4_address(address)) % BLOCK:
        return first
    return _first(IPv4Network(text), 28)


@lru_cache(maxsize=4096)  # a look reads the same subnets and reservations as the one before
def _ipv4_network(text: str) -> IPv4Network:
    return IPv4Network(text)


def _first(prefix: IPv4Network | IPv6Network, length: int) -> int:
    """The first address. Raises ValueError for a size that EC2 does not assign (EC2 user guide, 'ec2-prefix-eni')."""
    if prefix.prefixlen != length:
        raise ValueError(f"a prefix of {prefix}, not a /{length}")
    return int(prefix.network_address)


def created(answer: Answer) -> Reservation | Ipv6Reservation:
    """What CreateSubnetCidrReservation returns, of either family."""
    return ipv6_reservation(answer) if ":" in answer["Cidr"] else reservation(answer)


def reservation(answer: Answer) -> Reservation:
    """GetSubnetCidrReservations' IPv4 item."""
    return Reservation(
        id=answer["SubnetCidrReservationId"],
        subnet_id=answer["SubnetId"],
        cidr=_ipv4_network(answer["Cidr"]),
        reserves_prefixes=answer["ReservationType"] == "prefix",
        ours=tags(answer).get(OWNER_TAG) == OWNER,
        intent=tags(answer).get(INTENT_TAG, ""),
    )


def ipv6_reservation(answer: Answer) -> Ipv6Reservation:
    """GetSubnetCidrReservations' IPv6 item."""
    return Ipv6Reservation(
        id=answer["SubnetCidrReservationId"],
        subnet_id=answer["SubnetId"],
        cidr=IPv6Network(answer["Cidr"]),
        reserves_prefixes=answer["ReservationType"] == "prefix",
        ours=tags(answer).get(OWNER_TAG) == OWNER,
        intent=tags(answer).get(INTENT_TAG, ""),
    )


def instance_type(answer: Answer) -> InstanceType:
    """DescribeInstanceTypes' item. Bare metal has no Hypervisor and is Nitro-based."""
    network = answer["NetworkInfo"]
    card = network["NetworkCards"][network.get("DefaultNetworkCardIndex", 0)]
    if (
        min(card["MaximumNetworkInterfaces"], network["Ipv4AddressesPerInterface"], answer["VCpuInfo"]["DefaultVCpus"])
        < 1
    ):
        raise ValueError("a limit below 1")
    return InstanceType(
        name=answer["InstanceType"],
        interfaces=card["MaximumNetworkInterfaces"],
        addresses_per_interface=network["Ipv4AddressesPerInterface"],
        vcpus=answer["VCpuInfo"]["DefaultVCpus"],
        nitro=answer.get("BareMetal", False) or answer["Hypervisor"] == "nitro",
        bare_metal=answer.get("BareMetal", False),
    )
