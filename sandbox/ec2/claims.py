"""What one request wants for an interface, and taking it: all of it or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ec2_rules.errors import Ec2Error
from ec2_rules.subnet import Subnet
from sandbox.ec2.resources import Holding
from sandbox.ec2.wire import Params


@contextmanager
def claim(space: Subnet) -> Iterator[Holding]:
    """What a request takes; it goes back to the subnet if the request fails midway."""
    taken = Holding()
    try:
        yield taken
    except Ec2Error:
        taken.release(space)
        raise


def take_primary(space: Subnet, taken: Holding, address: str | None) -> None:
    """An interface's first address: the one named, or EC2's choice."""
    taken.addresses.append(space.ipv4.take_address(address))


def take_ipv4(space: Subnet, taken: Holding, params: Params) -> None:
    """Secondary addresses and prefixes, in one of the four ways to ask for them.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html: "You cannot use this
    option if you use" any of the others.
    """
    only_one(params, "PrivateIpAddresses", "SecondaryPrivateIpAddressCount", "Ipv4Prefixes", "Ipv4PrefixCount")
    for address in texts(params.get("PrivateIpAddresses", []), "PrivateIpAddress"):
        taken.addresses.append(space.ipv4.take_address(address))
    for _ in range(params.get("SecondaryPrivateIpAddressCount", 0)):
        taken.addresses.append(space.ipv4.take_address())
    for prefix in texts(params.get("Ipv4Prefixes", []), "Ipv4Prefix"):
        taken.prefixes.append(space.ipv4.take_prefix(prefix))
    if params.get("Ipv4PrefixCount"):
        taken.prefixes += space.ipv4.take_prefixes(params["Ipv4PrefixCount"])


def take_ipv6(space: Subnet, taken: Holding, params: Params) -> None:
    """IPv6 addresses and prefixes, in one of the four ways to ask for them."""
    only_one(params, "Ipv6Addresses", "Ipv6AddressCount", "Ipv6Prefixes", "Ipv6PrefixCount")
    for address in texts(params.get("Ipv6Addresses", []), "Ipv6Address"):
        taken.ipv6_addresses.append(space.ipv6.take_address(address))
    for _ in range(params.get("Ipv6AddressCount", 0)):
        taken.ipv6_addresses.append(space.ipv6.take_address())
    for prefix in texts(params.get("Ipv6Prefixes", []), "Ipv6Prefix"):
        taken.ipv6_prefixes.append(space.ipv6.take_prefix(prefix))
    if params.get("Ipv6PrefixCount"):
        taken.ipv6_prefixes += space.ipv6.take_prefixes(params["Ipv6PrefixCount"])


def only_one(params: Params, *names: str) -> None:
    """Refuse a request that asks in more than one of these ways. Wording [unproven]."""
    given = [name for name in names if params.get(name)]
    if len(given) > 1:
        message = f"The parameters {given[0]} and {given[1]} cannot be used together"
        raise Ec2Error("InvalidParameterCombination", message)


def texts(items: list[Any], key: str) -> list[str]:
    """The texts of a list that holds them bare (Assign...) or each in a structure (Create...)."""
    return [item[key] if isinstance(item, dict) else item for item in items]
