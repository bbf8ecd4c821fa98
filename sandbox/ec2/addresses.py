"""Assigning addresses and prefixes to an interface, and taking them back."""

from collections.abc import Callable

from ec2_rules.blocks import parse_cidr
from ec2_rules.errors import Ec2Error
from ec2_rules.subnet import Subnet
from sandbox.ec2 import claims, limits
from sandbox.ec2.region import Region
from sandbox.ec2.resources import Holding, NetworkInterface
from sandbox.ec2.wire import Params

Take = Callable[[Subnet, Holding, Params], None]


def assign_private_ip_addresses(region: Region, params: Params) -> Params:
    """AssignPrivateIpAddresses. AllowReassignment is not modelled."""
    taken = _assign(region, params, claims.take_ipv4)
    return {
        "NetworkInterfaceId": params["NetworkInterfaceId"],
        "AssignedPrivateIpAddresses": [{"PrivateIpAddress": address} for address in taken.addresses],
        "AssignedIpv4Prefixes": [{"Ipv4Prefix": prefix} for prefix in taken.prefixes],
    }


def unassign_private_ip_addresses(region: Region, params: Params) -> Params:
    """UnassignPrivateIpAddresses. The primary address stays as long as the interface."""
    interface = region.interface(params["NetworkInterfaceId"])
    going = Holding(addresses=params.get("PrivateIpAddresses", []), prefixes=params.get("Ipv4Prefixes", []))
    if interface.held.addresses[0] in going.addresses:
        raise _not_assigned(interface, interface.held.addresses[:1])  # code and wording [unproven]
    _unassign(interface, going)
    return {}


def assign_ipv6_addresses(region: Region, params: Params) -> Params:
    """AssignIpv6Addresses."""
    taken = _assign(region, params, claims.take_ipv6)
    return {
        "NetworkInterfaceId": params["NetworkInterfaceId"],
        "AssignedIpv6Addresses": taken.ipv6_addresses,
        "AssignedIpv6Prefixes": taken.ipv6_prefixes,
    }


def unassign_ipv6_addresses(region: Region, params: Params) -> Params:
    """UnassignIpv6Addresses."""
    interface = region.interface(params["NetworkInterfaceId"])
    going = Holding(
        ipv6_addresses=[str(parse_cidr(one).network_address) for one in params.get("Ipv6Addresses", [])],
        ipv6_prefixes=[str(parse_cidr(one)) for one in params.get("Ipv6Prefixes", [])],
    )
    _unassign(interface, going)
    return {
        "NetworkInterfaceId": interface.interface_id,
        "UnassignedIpv6Addresses": going.ipv6_addresses,
        "UnassignedIpv6Prefixes": going.ipv6_prefixes,
    }


def _assign(region: Region, params: Params, take: Take) -> Holding:
    """Take and assign, all or nothing. An interface that is not attached has no limits here."""
    interface = region.interface(params["NetworkInterfaceId"])
    with claims.claim(interface.subnet.space) as taken:
        take(interface.subnet.space, taken, params)
        if interface.attachment:
            instance = region.instance(interface.attachment.instance_id)
            limits.check_slots(interface.held + taken, instance.instance_type)
    interface.held += taken
    return taken


def _unassign(interface: NetworkInterface, going: Holding) -> None:
    strangers = going - interface.held
    if strangers != Holding():
        raise _not_assigned(interface, _all(strangers))
    going.release(interface.subnet.space)
    interface.held -= going


def _all(held: Holding) -> list[str]:
    return held.addresses + held.prefixes + held.ipv6_addresses + held.ipv6_prefixes


def _not_assigned(interface: NetworkInterface, addresses: list[str]) -> Ec2Error:
    message = f"Some of [{', '.join(addresses)}] addresses are not assigned to interface {interface.interface_id}"
    return Ec2Error("InvalidParameterValue", message)
