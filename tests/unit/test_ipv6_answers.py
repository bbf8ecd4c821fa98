"""IPv6 of EC2's answers, and of a saved snapshot made of them."""

from ipaddress import IPv4Network, IPv6Address, IPv6Network
from typing import Any

import pytest

from functions.aws import answers
from functions.aws.saved import Saved, snapshot_of
from functions.capacity.analyse import analyse
from functions.capacity.model import Ipv6Reservation, Reservation
from tests.builders import NOW, SUBNET

INTERFACE = {
    "NetworkInterfaceId": "eni-1",
    "SubnetId": SUBNET,
    "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.5", "Primary": True}],
    "Ipv6Addresses": [{"Ipv6Address": "2001:db8::1:0:0:7", "IsPrimaryIpv6": False}],
    "Ipv6Prefixes": [{"Ipv6Prefix": "2001:db8::5:0:0:0/80"}, {"Ipv6Prefix": "2001:db8:0:0:9::/80"}],
}


def a_reservation(cidr: str, *, kind: str = "prefix", ours: bool = True) -> dict[str, Any]:
    return {
        "SubnetCidrReservationId": f"scr-{cidr}",
        "SubnetId": SUBNET,
        "Cidr": cidr,
        "ReservationType": kind,
        "Tags": [{"Key": "headroom:owner", "Value": "headroom"}] if ours else [],
    }


def a_snapshot(**reservations: list[dict[str, Any]]) -> Saved:
    block = {"Ipv6CidrBlock": "2001:db8::/64", "Ipv6CidrBlockState": {"State": "associated"}}
    return {
        "subnets": [
            {
                "SubnetId": SUBNET,
                "CidrBlock": "10.0.0.0/24",
                "AvailabilityZone": "us-east-1a",
                "AvailableIpAddressCount": 250,
                "Ipv6CidrBlockAssociationSet": [block],
            }
        ],
        "networkInterfaces": [INTERFACE],
        "subnetCidrReservations": {SUBNET: dict(reservations)},
    }


def test_an_interface_has_its_ipv6_addresses_and_the_first_ones_of_its_prefixes():
    found = answers.interface(INTERFACE)
    assert found.ipv6_addresses == (int(IPv6Address("2001:db8::1:0:0:7")),)
    assert found.ipv6_prefixes == (int(IPv6Address("2001:db8:0:0:5::")), int(IPv6Address("2001:db8:0:0:9::")))


def test_an_interface_without_ipv6_has_none_of_either():
    found = answers.interface({"NetworkInterfaceId": "eni-1", "SubnetId": SUBNET})
    assert (found.ipv6_addresses, found.ipv6_prefixes) == ((), ())


@pytest.mark.parametrize("prefix", ["2001:db8::1/80", "2001:db8::/129", "10.0.0.0/28", ""])
def test_a_prefix_that_is_none_is_an_error(prefix):
    with pytest.raises(ValueError, match=r".*"):
        answers.interface({**INTERFACE, "Ipv6Prefixes": [{"Ipv6Prefix": prefix}]})


@pytest.mark.parametrize(
    ("cidr", "kind", "expected"),
    [
        pytest.param("10.0.0.16/28", Reservation, IPv4Network("10.0.0.16/28"), id="IPv4"),
        pytest.param("2001:db8::5:0:0:0/80", Ipv6Reservation, IPv6Network("2001:db8:0:0:5::/80"), id="IPv6"),
    ],
)
def test_what_was_created_is_of_the_family_of_its_cidr(cidr, kind, expected):
    made = answers.created(a_reservation(cidr))
    assert (type(made), made.cidr, made.ours, made.reserves_prefixes) == (kind, expected, True, True)


def test_a_saved_snapshot_carries_the_reservations_of_both_families():
    saved = a_snapshot(
        SubnetIpv4CidrReservations=[a_reservation("10.0.0.16/28")],
        SubnetIpv6CidrReservations=[
            a_reservation("2001:db8::/65"),
            a_reservation("2001:db8::8000:0:0:0/66", kind="explicit", ours=False),
        ],
    )
    (subnet,) = snapshot_of(saved, NOW).subnets
    assert [str(each.cidr) for each in subnet.reservations] == ["10.0.0.16/28"]
    assert [(str(each.cidr), each.ours, each.reserves_prefixes) for each in subnet.ipv6_reservations] == [
        ("2001:db8::/65", True, True),
        ("2001:db8:0:0:8000::/66", False, False),
    ]
    assert [str(each.cidr.version) for each in subnet.all_reservations] == ["4", "6", "6"]


def test_its_analysis_shows_the_ipv6_blocks_beside_the_others():
    saved = a_snapshot(SubnetIpv6CidrReservations=[a_reservation("2001:db8::/65")])
    (analysis,) = analyse(snapshot_of(saved, NOW))
    blocks = analysis.ipv6
    assert blocks is not None
    assert (blocks.in_use, blocks.free, blocks.free_reserved, blocks.free_open) == (2, 65531, 32764, 32767)
    assert blocks.draining == 1
    assert str(blocks.largest_free_block) == "2001:db8:0:0:4000::/66"
    assert analysis.partial == "", "EC2's count of available addresses knows nothing of IPv6"


def test_answers_that_say_nothing_of_ipv6_reservations_have_none():
    (subnet,) = snapshot_of(a_snapshot(SubnetIpv4CidrReservations=[]), NOW).subnets
    assert subnet.ipv6_reservations == ()
