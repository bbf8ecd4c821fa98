"""Prefixes on network interfaces: /28 and /80."""

from typing import Any

import pytest

from tests.contract.network import prefixes_of, refusal, within

pytestmark = pytest.mark.not_on("moto", "ignores prefixes on interfaces")

FRAGMENTED = (
    "InsufficientCidrBlocks",
    "The specified subnet does not have enough free cidr blocks to satisfy the request.",
)
EXHAUSTED = ("InvalidParameterValue", "There aren't sufficient free Ipv4 addresses or prefixes")


def scatter(network, subnet, blocks):
    """One address in use in each of these /28 of 10.0.0.0/24."""
    addresses = [f"10.0.0.{16 * block + 7}" for block in blocks]
    network.interface(
        subnet,
        PrivateIpAddresses=[{"PrivateIpAddress": one, "Primary": place == 0} for place, one in enumerate(addresses)],
    )


def test_an_interface_is_made_with_prefixes_and_shows_them_apart_from_its_addresses(network):
    interface = network.interface(network.subnet(), Ipv4PrefixCount=2)

    shown = network.describe_interface(interface["NetworkInterfaceId"])

    assert len(set(prefixes_of(shown))) == 2
    assert all(within(prefix, "10.0.0.0/24") and prefix.endswith("/28") for prefix in prefixes_of(shown))
    assert prefixes_of(interface) == prefixes_of(shown)
    assert len(shown["PrivateIpAddresses"]) == 1


def test_prefixes_are_assigned_and_unassigned(network):
    interface_id = network.interface(network.subnet())["NetworkInterfaceId"]
    assigned = network.ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4PrefixCount=3)
    prefixes = prefixes_of(assigned, "AssignedIpv4Prefixes")

    network.ec2.unassign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4Prefixes=prefixes[:2])

    assert len(prefixes) == 3
    assert prefixes_of(network.describe_interface(interface_id)) == prefixes[2:]


def test_a_given_prefix_is_assigned(network):
    interface_id = network.interface(network.subnet(), PrivateIpAddress="10.0.0.10")["NetworkInterfaceId"]

    network.ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4Prefixes=["10.0.0.32/28"])

    assert prefixes_of(network.describe_interface(interface_id)) == ["10.0.0.32/28"]


@pytest.mark.parametrize(
    "prefix",
    [
        pytest.param("10.0.0.48/28", id="with an address in use"),
        pytest.param("10.0.0.32/28", id="in use as a prefix"),
        pytest.param("10.0.0.0/28", id="with the first four addresses, which AWS keeps"),
        pytest.param("10.0.0.240/28", id="with the last address, which AWS keeps"),
        pytest.param("10.0.1.0/28", id="outside of the subnet"),
        pytest.param("10.0.0.64/27", id="not a /28"),
        pytest.param("10.0.0.65/28", id="not aligned"),
    ],
)
def test_a_given_prefix_is_refused(network, prefix):
    subnet = network.subnet()
    interface_id = network.interface(
        subnet, PrivateIpAddress="10.0.0.50", Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.32/28"}]
    )["NetworkInterfaceId"]

    code, _ = refusal(network.ec2.assign_private_ip_addresses, NetworkInterfaceId=interface_id, Ipv4Prefixes=[prefix])
    assert code.startswith("InvalidParameter")


@pytest.mark.parametrize(
    ("cidr", "count"), [("10.0.0.0/24", 14), ("10.0.0.0/26", 2), ("10.0.0.0/27", 0), ("10.0.0.0/28", 0)]
)
def test_the_first_and_the_last_block_are_never_a_prefix(network, cidr, count):
    subnet = network.subnet(cidr)
    first = f"{cidr.split('/')[0].removesuffix('.0')}.4"
    interface_id = network.interface(subnet, PrivateIpAddress=first)["NetworkInterfaceId"]

    for _ in range(count):
        network.ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4PrefixCount=1)
    code, _ = refusal(network.ec2.assign_private_ip_addresses, NetworkInterfaceId=interface_id, Ipv4PrefixCount=1)

    assert code in {"InsufficientCidrBlocks", "InvalidParameterValue"}
    assert len(prefixes_of(network.describe_interface(interface_id))) == count


def test_a_prefix_comes_from_a_reservation_before_the_pool(network):
    subnet = network.subnet()
    network.reserve(subnet, "10.0.0.64/28")
    network.reserve(subnet, "10.0.0.128/28")

    reserved = prefixes_of(network.interface(subnet, Ipv4PrefixCount=2))
    pooled = prefixes_of(network.interface(subnet, Ipv4PrefixCount=1))

    assert set(reserved) == {"10.0.0.64/28", "10.0.0.128/28"}
    assert not set(pooled) & set(reserved)


def test_a_prefix_is_never_taken_from_an_explicit_reservation(network):
    subnet = network.subnet("10.0.0.0/26")
    network.reserve(subnet, "10.0.0.16/28", "explicit")
    interface = network.interface(subnet, PrivateIpAddress="10.0.0.4", Ipv4PrefixCount=1)

    assert prefixes_of(interface) == ["10.0.0.32/28"]
    code, _ = refusal(network.ec2.create_network_interface, SubnetId=subnet, Ipv4PrefixCount=1)
    assert code in {"InsufficientCidrBlocks", "InvalidParameterValue"}


def test_a_subnet_with_many_free_addresses_but_no_free_block_says_so(network):
    subnet = network.subnet()
    scatter(network, subnet, range(1, 15))

    assert network.available(subnet) == 251 - 14
    assert refusal(network.ec2.create_network_interface, SubnetId=subnet, Ipv4PrefixCount=1) == FRAGMENTED


def test_a_subnet_with_fewer_free_addresses_than_a_block_says_so(network):
    subnet = network.subnet("10.0.0.0/27")
    network.fill(subnet, "10.0.0.0/28")  # 12 addresses; 15 stay free

    assert refusal(network.ec2.create_network_interface, SubnetId=subnet, Ipv4PrefixCount=1) == EXHAUSTED


def test_prefixes_are_all_or_nothing(network):
    subnet = network.subnet()
    scatter(network, subnet, range(1, 12))  # three blocks stay free
    interface_id = network.interface(subnet, PrivateIpAddress="10.0.0.4")["NetworkInterfaceId"]
    before = network.available(subnet)

    def assign(count: int) -> Any:
        return network.ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, Ipv4PrefixCount=count)

    assert refusal(assign, count=4) == FRAGMENTED
    assert (network.available(subnet), prefixes_of(network.describe_interface(interface_id))) == (before, [])
    assert len(prefixes_of(assign(3), "AssignedIpv4Prefixes")) == 3


def test_an_interface_that_cannot_have_its_prefix_is_not_made(network):
    subnet = network.subnet()
    scatter(network, subnet, range(1, 15))
    before = network.available(subnet)

    refusal(network.ec2.create_network_interface, SubnetId=subnet, Ipv4PrefixCount=1)

    filters = [{"Name": "subnet-id", "Values": [subnet]}]
    assert len(network.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]) == 1
    assert network.available(subnet) == before


def test_a_single_address_and_a_prefix_of_the_pool_lower_the_count_by_1_and_16(network):
    subnet = network.subnet()
    network.interface(subnet)
    with_single = network.available(subnet)
    interface = network.interface(subnet, Ipv4PrefixCount=1)
    with_prefix = network.available(subnet)
    network.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])

    assert (with_single, with_prefix, network.available(subnet)) == (250, 250 - 17, 250)


def test_a_prefix_that_the_interface_does_not_have_cannot_be_unassigned(network):
    interface_id = network.interface(network.subnet())["NetworkInterfaceId"]

    code, message = refusal(
        network.ec2.unassign_private_ip_addresses, NetworkInterfaceId=interface_id, Ipv4Prefixes=["10.0.0.32/28"]
    )
    assert (code, interface_id in message) == ("InvalidParameterValue", True)


def test_a_count_and_given_prefixes_do_not_go_together(network):
    interface_id = network.interface(network.subnet())["NetworkInterfaceId"]

    code, _ = refusal(
        network.ec2.assign_private_ip_addresses,
        NetworkInterfaceId=interface_id,
        Ipv4PrefixCount=1,
        Ipv4Prefixes=["10.0.0.32/28"],
    )
    assert code.startswith("InvalidParameter")


def test_an_ipv6_prefix_is_assigned_shown_and_unassigned(network):
    interface_id = network.interface(network.subnet(ipv6=True))["NetworkInterfaceId"]
    assigned = network.ec2.assign_ipv6_addresses(NetworkInterfaceId=interface_id, Ipv6PrefixCount=2)
    prefixes = assigned["AssignedIpv6Prefixes"]
    shown = network.describe_interface(interface_id)["Ipv6Prefixes"]
    network.ec2.unassign_ipv6_addresses(NetworkInterfaceId=interface_id, Ipv6Prefixes=prefixes)

    assert all(within(one, network.ipv6_cidr()) and one.endswith("/80") for one in prefixes)
    assert [one["Ipv6Prefix"] for one in shown] == prefixes
    assert not network.describe_interface(interface_id).get("Ipv6Prefixes")


def test_an_ipv6_prefix_comes_from_a_reservation_before_the_pool(network):
    subnet = network.subnet(ipv6=True)
    base = network.ipv6_cidr().removesuffix("::/64")
    network.reserve(subnet, f"{base}:8000::/79")

    interface = network.interface(subnet, Ipv6PrefixCount=3)
    taken = [one["Ipv6Prefix"] for one in interface["Ipv6Prefixes"]]

    assert sum(within(one, f"{base}:8000::/79") for one in taken) == 2


def test_a_given_ipv6_prefix_is_assigned_once(network):
    subnet = network.subnet(ipv6=True)
    prefix = network.ipv6_cidr().replace("::/64", ":42::/80")
    interface = network.interface(subnet, Ipv6Prefixes=[{"Ipv6Prefix": prefix}])

    assert [one["Ipv6Prefix"] for one in interface["Ipv6Prefixes"]] == [prefix]
    code, _ = refusal(network.ec2.create_network_interface, SubnetId=subnet, Ipv6Prefixes=[{"Ipv6Prefix": prefix}])
    assert code.startswith("Invalid")


def test_an_ipv6_single_never_lies_in_a_reservation(network):
    subnet = network.subnet(ipv6=True)
    base = network.ipv6_cidr().removesuffix("::/64")
    network.reserve(subnet, f"{base}:8000::/65", "explicit")

    interface = network.interface(subnet, Ipv6AddressCount=20)
    taken = [one["Ipv6Address"] for one in interface["Ipv6Addresses"]]

    assert len(set(taken)) == 20
    assert all(within(one, f"{base}::/65") for one in taken)
