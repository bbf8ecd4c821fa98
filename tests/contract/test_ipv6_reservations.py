"""Subnet CIDR reservations of IPv6: the same rules as of IPv4, and no effect on the count of IPv4 addresses."""

import pytest

from tests.contract.network import refusal, tag_list, within

pytestmark = pytest.mark.not_on("moto", "enumerates the addresses of a reservation, and a /66 has 2^62")


@pytest.fixture
def subnet(network) -> str:
    return str(network.subnet(ipv6=True))


@pytest.fixture
def base(network) -> str:
    return str(network.ipv6_cidr().removesuffix("::/64"))


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        pytest.param(
            "{base}:4000::/67", "Reservation CIDR {base}:4000::/67 has overlap with existing reserved CIDR block",
            id="inside another reservation",
        ),
        pytest.param(
            "{base}::/65", "Reservation CIDR {base}::/65 has overlap with existing reserved CIDR block",
            id="around another reservation",
        ),
        pytest.param(
            "2001:db8::/66", "Reservation CIDR should be within subnet CIDR block ({base}::/64)",
            id="outside of the subnet",
        ),
    ],
)  # fmt: skip
def test_an_ipv6_reservation_is_refused(network, subnet, base, cidr, message):
    network.reserve(subnet, f"{base}:4000::/66")

    assert refusal(
        network.ec2.create_subnet_cidr_reservation,
        SubnetId=subnet,
        Cidr=cidr.format(base=base),
        ReservationType="prefix",
    ) == ("InvalidParameterValue", message.format(base=base))


def test_a_subnet_without_ipv6_takes_no_reservation_of_it(network, base):
    code, message = refusal(
        network.ec2.create_subnet_cidr_reservation,
        SubnetId=network.subnet("10.0.1.0/24"),
        Cidr=f"{base}:4000::/66",
        ReservationType="prefix",
    )
    assert (code, "within subnet CIDR block" in message) == ("InvalidParameterValue", True)


def test_it_keeps_its_description_and_tags(network, subnet, base):
    tags = [{"ResourceType": "subnet-cidr-reservation", "Tags": tag_list({"owner": "headroom"})}]
    network.reserve(subnet, f"{base}:4000::/66", Description="for nodes", TagSpecifications=tags)

    (shown,) = network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv6CidrReservations"]

    assert (shown["Cidr"], shown["Description"], shown["Tags"]) == (
        f"{base}:4000::/66",
        "for nodes",
        tag_list({"owner": "headroom"}),
    )


def test_it_leaves_the_count_of_ipv4_addresses_alone(network, subnet, base):
    before = network.available(subnet)
    network.reserve(subnet, f"{base}:4000::/66")
    assert network.available(subnet) == before


def test_prefixes_come_from_it_until_it_is_deleted(network, subnet, base):
    reservation_id = network.reserve(subnet, f"{base}:4000::/79")["SubnetCidrReservationId"]
    one, other = (network.interface(subnet)["NetworkInterfaceId"] for _ in range(2))

    taken = network.ec2.assign_ipv6_addresses(NetworkInterfaceId=one, Ipv6PrefixCount=2)["AssignedIpv6Prefixes"]
    network.ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation_id)
    held = network.ec2.assign_ipv6_addresses(NetworkInterfaceId=other, Ipv6PrefixCount=2)["AssignedIpv6Prefixes"]

    assert all(within(each, f"{base}:4000::/79") for each in taken), "what is in use stays in use"
    assert not any(within(each, f"{base}:4000::/79") for each in held)
    assert not network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv6CidrReservations"]


def test_reservations_of_both_families_come_in_the_same_pages(network, subnet, base):
    made = [network.reserve(subnet, f"{base}:{n}000::/70")["Cidr"] for n in range(1, 8)]
    made += [network.reserve(subnet, f"10.0.0.{16 * n}/28")["Cidr"] for n in range(1, 6)]

    pages = [network.ec2.get_subnet_cidr_reservations(SubnetId=subnet, MaxResults=5)]
    while "NextToken" in pages[-1]:
        token = pages[-1]["NextToken"]
        pages.append(network.ec2.get_subnet_cidr_reservations(SubnetId=subnet, MaxResults=5, NextToken=token))
    seen = [page["SubnetIpv4CidrReservations"] + page["SubnetIpv6CidrReservations"] for page in pages]

    assert [len(page) for page in seen] == [5, 5, 2]
    assert sorted(one["Cidr"] for page in seen for one in page) == sorted(made)
