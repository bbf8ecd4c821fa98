"""Subnet CIDR reservations."""

import pytest

from tests.contract.network import addresses_of, prefixes_of, refusal, tag_list, within

NO_DESCRIPTION = pytest.mark.not_on("moto", "drops the description and tags that a reservation is made with")
NO_PREFIXES = pytest.mark.not_on("moto", "ignores prefixes on interfaces")


def test_a_reservation_is_shown_as_it_was_made(network):
    subnet = network.subnet()
    made = network.reserve(subnet, "10.0.0.64/26", "explicit")

    shown = network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]

    assert [one["SubnetCidrReservationId"] for one in shown] == [made["SubnetCidrReservationId"]]
    assert (shown[0]["Cidr"], shown[0]["ReservationType"], shown[0]["SubnetId"]) == ("10.0.0.64/26", "explicit", subnet)


@NO_DESCRIPTION
def test_a_reservation_keeps_its_description_and_tags(network):
    subnet = network.subnet()
    tags = [{"ResourceType": "subnet-cidr-reservation", "Tags": tag_list({"owner": "headroom"})}]
    network.reserve(subnet, "10.0.0.64/26", Description="for nodes", TagSpecifications=tags)

    shown = network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"][0]

    assert (shown["Description"], shown["Tags"]) == ("for nodes", tag_list({"owner": "headroom"}))


def test_the_tags_of_a_reservation_can_change(network):
    subnet = network.subnet()
    reservation_id = network.reserve(subnet, "10.0.0.64/26")["SubnetCidrReservationId"]
    network.ec2.create_tags(Resources=[reservation_id, subnet], Tags=tag_list({"a": "1", "b": "2"}))
    network.ec2.delete_tags(Resources=[reservation_id], Tags=[{"Key": "a"}])

    shown = network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"][0]
    described = network.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [reservation_id]}])["Tags"]

    assert shown["Tags"] == tag_list({"b": "2"})
    assert [(one["Key"], one["ResourceType"]) for one in described] == [("b", "subnet-cidr-reservation")]
    assert {one["Key"] for one in network.describe_subnet(subnet)["Tags"]} == {"a", "b"}


@pytest.mark.parametrize(
    ("cidr", "message"),
    [
        pytest.param(
            "10.0.0.64/28",
            "Reservation CIDR 10.0.0.64/28 has overlap with existing reserved CIDR block",
            id="inside another reservation",
        ),
        pytest.param(
            "10.0.0.0/25",
            "Reservation CIDR 10.0.0.0/25 has overlap with existing reserved CIDR block",
            id="around another reservation",
        ),
        pytest.param(
            "10.0.1.0/28",
            "Reservation CIDR should be within subnet CIDR block (10.0.0.0/24)",
            id="outside of the subnet",
        ),
        pytest.param(
            "10.0.0.0/23",
            "Reservation CIDR should be within subnet CIDR block (10.0.0.0/24)",
            id="wider than the subnet",
        ),
    ],
)
def test_a_reservation_is_refused(network, cidr, message):
    subnet = network.subnet()
    network.reserve(subnet, "10.0.0.64/26")

    assert refusal(
        network.ec2.create_subnet_cidr_reservation, SubnetId=subnet, Cidr=cidr, ReservationType="prefix"
    ) == ("InvalidParameterValue", message)


@pytest.mark.parametrize("cidr", ["10.0.0.1/28", "10.0.0.0/33", "nonsense"])
def test_a_reservation_needs_a_canonical_cidr_block(network, cidr):
    code, _ = refusal(
        network.ec2.create_subnet_cidr_reservation, SubnetId=network.subnet(), Cidr=cidr, ReservationType="prefix"
    )
    assert code.startswith("InvalidParameter")


def test_a_reservation_is_of_one_of_two_types(network):
    code, _ = refusal(
        network.ec2.create_subnet_cidr_reservation,
        SubnetId=network.subnet(),
        Cidr="10.0.0.64/26",
        ReservationType="other",
    )
    assert code.startswith("InvalidParameter")


def test_a_reservation_of_a_subnet_that_is_not_there_is_refused(network):
    code, _ = refusal(
        network.ec2.create_subnet_cidr_reservation,
        SubnetId="subnet-0123456789abcdef0",
        Cidr="10.0.0.64/26",
        ReservationType="prefix",
    )
    assert code == "InvalidSubnetID.NotFound"


def test_deleting_a_reservation_twice_is_refused_the_second_time(network):
    reservation_id = network.reserve(network.subnet(), "10.0.0.64/26")["SubnetCidrReservationId"]
    deleted = network.ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation_id)

    assert deleted["DeletedSubnetCidrReservation"]["Cidr"] == "10.0.0.64/26"
    code, message = refusal(network.ec2.delete_subnet_cidr_reservation, SubnetCidrReservationId=reservation_id)
    assert (code, reservation_id in message) == ("InvalidSubnetCidrReservationID.NotFound", True)


def test_a_dry_run_says_that_it_would_have_succeeded_and_does_nothing(network):
    subnet = network.subnet()

    code, message = refusal(
        network.ec2.create_subnet_cidr_reservation,
        SubnetId=subnet,
        Cidr="10.0.0.64/26",
        ReservationType="prefix",
        DryRun=True,
    )

    assert (code, "DryRun flag is set" in message) == ("DryRunOperation", True)
    assert not network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]


@pytest.mark.not_on("moto", "answers with one page only")
def test_reservations_come_in_pages_that_add_up(network):
    subnet = network.subnet()
    made = {network.reserve(subnet, f"10.0.0.{16 * n}/28")["Cidr"] for n in range(12)}

    pages = [network.ec2.get_subnet_cidr_reservations(SubnetId=subnet, MaxResults=5)]
    while "NextToken" in pages[-1]:
        token = pages[-1]["NextToken"]
        pages.append(network.ec2.get_subnet_cidr_reservations(SubnetId=subnet, MaxResults=5, NextToken=token))
    seen = [[one["Cidr"] for one in page["SubnetIpv4CidrReservations"]] for page in pages]

    assert [len(page) for page in seen] == [5, 5, 2]
    assert {cidr for page in seen for cidr in page} == made


@pytest.mark.not_on("moto", "has no tags on reservations to filter by")
def test_reservations_can_be_filtered(network):
    subnet = network.subnet()
    tags = [{"ResourceType": "subnet-cidr-reservation", "Tags": tag_list({"owner": "headroom"})}]
    network.reserve(subnet, "10.0.0.64/28", TagSpecifications=tags)
    network.reserve(subnet, "10.0.0.80/28", "explicit")

    def cidrs(name: str, value: str) -> list[str]:
        filters = [{"Name": name, "Values": [value]}]
        answer = network.ec2.get_subnet_cidr_reservations(SubnetId=subnet, Filters=filters)
        return [one["Cidr"] for one in answer["SubnetIpv4CidrReservations"]]

    assert cidrs("reservationType", "explicit") == ["10.0.0.80/28"]
    assert cidrs("tag:owner", "headroom") == ["10.0.0.64/28"]
    assert cidrs("tag-key", "other") == []


@pytest.mark.not_on("moto", "enumerates the addresses of a reservation, and a /80 has 2^48")
def test_an_ipv6_reservation_is_listed_apart(network):
    subnet = network.subnet(ipv6=True)
    cidr = network.ipv6_cidr().replace("/64", "/80")
    network.reserve(subnet, cidr)

    answer = network.ec2.get_subnet_cidr_reservations(SubnetId=subnet)

    assert [one["Cidr"] for one in answer["SubnetIpv6CidrReservations"]] == [cidr]
    assert not answer["SubnetIpv4CidrReservations"]


def test_reserving_lowers_the_available_count_and_deleting_raises_it(network):
    subnet = network.subnet()
    before = network.available(subnet)

    reservation_id = network.reserve(subnet, "10.0.0.64/26")["SubnetCidrReservationId"]
    reserved = network.available(subnet)
    network.ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation_id)

    assert (before, reserved, network.available(subnet)) == (251, 251 - 64, 251)


@NO_PREFIXES
def test_a_prefix_out_of_a_reservation_does_not_lower_the_count_again(network):
    subnet = network.subnet()
    network.reserve(subnet, "10.0.0.64/26")
    network.interface(subnet, Ipv4PrefixCount=2)

    assert network.available(subnet) == 251 - 64 - 1  # the single is the interface's primary address


@NO_PREFIXES
def test_a_reservation_may_hold_addresses_in_use_and_takes_none_away(network):
    subnet = network.subnet()
    interface = network.interface(subnet, PrivateIpAddress="10.0.0.70")
    network.reserve(subnet, "10.0.0.64/28")

    assert addresses_of(network.describe_interface(interface["NetworkInterfaceId"])) == ["10.0.0.70"]
    prefixes = prefixes_of(network.interface(subnet, Ipv4PrefixCount=1))
    assert prefixes != ["10.0.0.64/28"]


@pytest.mark.not_on("moto", "takes the primary address of a new interface from anywhere in the subnet")
def test_a_single_address_is_never_taken_from_a_reservation(network):
    subnet = network.subnet()
    network.reserve(subnet, "10.0.0.128/25")
    network.reserve(subnet, "10.0.0.64/26", "explicit")

    taken = [addresses_of(network.interface(subnet))[0] for _ in range(30)]

    assert all(within(address, "10.0.0.0/26") for address in taken)


@NO_PREFIXES
def test_an_address_that_is_freed_inside_a_reservation_is_not_handed_out_singly_again(network):
    subnet = network.subnet("10.0.0.0/27")
    interface = network.interface(subnet, PrivateIpAddress="10.0.0.20")
    network.reserve(subnet, "10.0.0.16/28")
    network.ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])

    for _ in range(12):
        network.interface(subnet)

    code, _ = refusal(network.ec2.create_network_interface, SubnetId=subnet)
    assert code == "InsufficientFreeAddressesInSubnet"


@NO_PREFIXES
def test_deleting_a_reservation_returns_its_addresses_to_the_pool(network):
    subnet = network.subnet("10.0.0.0/27")
    reservation_id = network.reserve(subnet, "10.0.0.16/28")["SubnetCidrReservationId"]
    for _ in range(12):
        network.interface(subnet)
    network.ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation_id)

    assert within(addresses_of(network.interface(subnet))[0], "10.0.0.16/28")


@NO_PREFIXES
def test_an_address_of_an_explicit_reservation_can_be_named(network):
    subnet = network.subnet()
    network.reserve(subnet, "10.0.0.64/26", "explicit")

    interface = network.interface(subnet, PrivateIpAddress="10.0.0.70", Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.80/28"}])

    assert (addresses_of(interface), prefixes_of(interface)) == (["10.0.0.70"], ["10.0.0.80/28"])
