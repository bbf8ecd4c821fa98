"""Single addresses of network interfaces."""

import pytest

from tests.contract.network import addresses_of, refusal

TAKES_ANY = pytest.mark.not_on("moto", "checks neither the range nor the use of an address")


@pytest.mark.not_on("moto", "draws addresses at random and may give one out twice")
def test_every_interface_has_a_primary_address_of_its_own(network):
    subnet = network.subnet()
    interfaces = [network.interface(subnet) for _ in range(20)]

    assert len({interface["PrivateIpAddress"] for interface in interfaces}) == 20
    assert all(interface["PrivateIpAddresses"][0]["Primary"] for interface in interfaces)


@TAKES_ANY
def test_the_five_addresses_that_aws_keeps_are_never_given(network):
    subnet = network.subnet("10.0.0.0/28")
    interface = network.interface(subnet, SecondaryPrivateIpAddressCount=10)

    assert set(addresses_of(interface)) == {f"10.0.0.{host}" for host in range(4, 15)}


@TAKES_ANY
@pytest.mark.parametrize("host", [0, 1, 2, 3, 15])
def test_an_address_that_aws_keeps_is_refused(network, host):
    code, message = refusal(
        network.ec2.create_network_interface,
        SubnetId=network.subnet("10.0.0.0/28"),
        PrivateIpAddress=f"10.0.0.{host}",
    )
    assert (code, "reserved" in message) == ("InvalidParameterValue", True)


@TAKES_ANY
@pytest.mark.parametrize(
    ("address", "code"),
    [
        pytest.param("10.0.1.5", "InvalidParameterValue", id="outside of the subnet"),
        pytest.param("10.0.0.50", "InvalidIPAddress.InUse", id="in use"),
    ],
)
def test_a_given_address_is_refused(network, address, code):
    subnet = network.subnet()
    network.interface(subnet, PrivateIpAddress="10.0.0.50")

    assert refusal(network.ec2.create_network_interface, SubnetId=subnet, PrivateIpAddress=address)[0] == code


@TAKES_ANY
def test_a_subnet_without_a_free_address_says_so(network):
    subnet = network.subnet("10.0.0.0/28")
    network.interface(subnet, SecondaryPrivateIpAddressCount=10)

    code, _ = refusal(network.ec2.create_network_interface, SubnetId=subnet)

    assert (code, network.available(subnet)) == ("InsufficientFreeAddressesInSubnet", 0)


@TAKES_ANY
def test_secondary_addresses_are_all_or_nothing(network):
    subnet = network.subnet("10.0.0.0/28")
    interface_id = network.interface(subnet)["NetworkInterfaceId"]

    code, _ = refusal(
        network.ec2.assign_private_ip_addresses, NetworkInterfaceId=interface_id, SecondaryPrivateIpAddressCount=11
    )

    assert (code, network.available(subnet)) == ("InsufficientFreeAddressesInSubnet", 10)


def test_secondary_addresses_are_assigned_and_unassigned(network):
    interface_id = network.interface(network.subnet(), PrivateIpAddress="10.0.0.10")["NetworkInterfaceId"]
    network.ec2.assign_private_ip_addresses(
        NetworkInterfaceId=interface_id, PrivateIpAddresses=["10.0.0.20", "10.0.0.21"]
    )
    network.ec2.unassign_private_ip_addresses(NetworkInterfaceId=interface_id, PrivateIpAddresses=["10.0.0.20"])

    assert addresses_of(network.describe_interface(interface_id)) == ["10.0.0.10", "10.0.0.21"]


@TAKES_ANY
def test_the_primary_address_cannot_be_unassigned(network):
    interface_id = network.interface(network.subnet(), PrivateIpAddress="10.0.0.10")["NetworkInterfaceId"]

    code, _ = refusal(
        network.ec2.unassign_private_ip_addresses, NetworkInterfaceId=interface_id, PrivateIpAddresses=["10.0.0.10"]
    )
    assert code == "InvalidParameterValue"


def test_an_address_is_free_again_when_its_interface_goes(network):
    subnet = network.subnet()
    interface = network.interface(subnet, PrivateIpAddress="10.0.0.50")
    network.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])

    assert network.interface(subnet, PrivateIpAddress="10.0.0.50")["PrivateIpAddress"] == "10.0.0.50"


@pytest.mark.not_on("moto", "deletes a subnet with interfaces")
def test_a_subnet_with_an_interface_cannot_be_deleted(network):
    subnet = network.subnet()
    interface = network.interface(subnet)

    code, message = refusal(network.ec2.delete_subnet, SubnetId=subnet)
    assert (code, subnet in message) == ("DependencyViolation", True)

    network.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    network.ec2.delete_subnet(SubnetId=subnet)
    assert refusal(network.ec2.describe_subnets, SubnetIds=[subnet])[0] == "InvalidSubnetID.NotFound"
