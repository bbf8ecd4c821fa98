import tracemalloc
from dataclasses import replace
from ipaddress import IPv6Network

import pytest

from functions.capacity.ipv6_blocks import Ipv6Blocks, ipv6_block_map, ipv6_blocks
from tests.builders import a_subnet, an_interface, an_ipv6_reservation

SUBNET = IPv6Network("2001:db8:0:1::/64")


def blocks_of(prefixes=(), addresses=(), reservations=()) -> Ipv6Blocks:
    return ipv6_blocks(SUBNET, [an_interface(ipv6_prefixes=prefixes, ipv6_addresses=addresses)], reservations)


def counts(blocks: Ipv6Blocks) -> tuple[int, int, int]:
    return blocks.free, blocks.free_reserved, blocks.free_open


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, (65534, 0, 65534), id="an empty /64: all but the first and the last"),
        pytest.param({"prefixes": ["2001:db8:0:1:1::/80"]}, (65533, 0, 65533), id="a prefix takes its block"),
        pytest.param({"addresses": ["2001:db8:0:1:1::7"]}, (65533, 0, 65533), id="so does an address"),
        pytest.param(
            {"prefixes": ["2001:db8:0:1:1::/80"], "addresses": ["2001:db8:0:1:1::7", "2001:db8:0:1::9"]},
            (65533, 0, 65533),
            id="once, and the first block is AWS's anyway",
        ),
        pytest.param({"addresses": ["2001:db8:0:2::1"]}, (65534, 0, 65534), id="what lies outside is not its own"),
        pytest.param({"addresses": ["2001:db8::1"]}, (65534, 0, 65534), id="neither is what lies before it"),
        pytest.param(
            {"reservations": [an_ipv6_reservation("2001:db8:0:1::/65")], "addresses": ["2001:db8:0:1:7::1"]},
            (65533, 32766, 32767),
            id="reserved and open",
        ),
        pytest.param(
            {"reservations": [an_ipv6_reservation("2001:db8:0:1:8000::/65", kind="explicit")]},
            (32767, 0, 32767),
            id="EC2 assigns nothing from an explicit reservation",
        ),
        pytest.param(
            {"reservations": [an_ipv6_reservation("2001:db8:0:1:5::/96")]},
            (65533, 0, 65533),
            id="a reservation smaller than a block takes it",
        ),
        pytest.param(
            {"reservations": [an_ipv6_reservation("2001:db8::/48")]},
            (65534, 65534, 0),
            id="a reservation of more than this",
        ),
        pytest.param(
            {"reservations": [an_ipv6_reservation("2001:db8:0:9::/64")]},
            (65534, 0, 65534),
            id="a reservation elsewhere",
        ),
    ],
)
def test_counts(given, expected):
    assert counts(blocks_of(**given)) == expected


@pytest.mark.parametrize(
    ("cidr", "allocatable"),
    [("2001:db8::/80", 0), ("2001:db8::/79", 0), ("2001:db8::/78", 2), ("2001:db8::/64", 65534)],
)
def test_the_edges_can_never_be_a_prefix(cidr, allocatable):
    blocks = ipv6_blocks(IPv6Network(cidr))
    assert (len(blocks.allocatable), blocks.free) == (allocatable, allocatable)


def test_the_largest_free_block_is_the_first_of_its_size():
    assert blocks_of().largest_free_block == IPv6Network("2001:db8:0:1:4000::/66")
    two = blocks_of(addresses=["2001:db8:0:1:4000::1", "2001:db8:0:1:9000::1"])
    assert two.largest_free_block == IPv6Network("2001:db8:0:1:2000::/67")


def test_a_subnet_without_a_free_block_has_no_largest():
    assert ipv6_blocks(IPv6Network("2001:db8::/79")).largest_free_block is None


def test_prefixes_in_use_and_blocks_that_drain_are_counted():
    blocks = blocks_of(
        prefixes=["2001:db8:0:1:1::/80", "2001:db8:0:1:2::/80"],
        addresses=["2001:db8:0:1:3::1", "2001:db8:0:1:3::2", "2001:db8:0:1:9000::1", "2001:db8:0:1::5"],
        reservations=[an_ipv6_reservation("2001:db8:0:1::/65")],
    )
    assert (blocks.in_use, blocks.draining) == (2, 1), "the first block will never be free, 9000 is not reserved"


@pytest.mark.parametrize(
    "cidr", [pytest.param("", id="none"), pytest.param("2001:db8::/96", id="one smaller than a prefix")]
)
def test_a_subnet_has_no_view_of_ipv6_without_a_cidr_for_it(cidr):
    assert ipv6_block_map(a_subnet(ipv6_cidr=cidr)) is None


def test_the_view_is_of_the_subnets_own_interfaces_and_reservations():
    subnet = a_subnet(
        ipv6_cidr=SUBNET,
        interfaces=[an_interface("10.0.0.5", ipv6_prefixes=["2001:db8:0:1:1::/80"])],
        ipv6_reservations=[an_ipv6_reservation("2001:db8:0:1:8000::/65", kind="explicit")],
    )
    assert ipv6_block_map(subnet) == blocks_of(["2001:db8:0:1:1::/80"], (), subnet.ipv6_reservations)
    assert ipv6_block_map(replace(subnet, interfaces=(), ipv6_reservations=())) == blocks_of()


def test_a_subnet_of_68_thousand_million_blocks_costs_no_more_than_what_stands_in_it():
    cidr, used = IPv6Network("2001:db8::/44"), 1000
    first = int(cidr.network_address)
    holder = replace(an_interface(), ipv6_prefixes=tuple(first + (n << 60) for n in range(1, used + 1)))
    tracemalloc.start()
    try:
        blocks = ipv6_blocks(cidr, [holder], [an_ipv6_reservation("2001:db8::/45")])
        assert counts(blocks) == (2**36 - 2 - used, 2**35 - 1 - used, 2**35 - 1)
        assert blocks.largest_free_block == IPv6Network("2001:db8:4::/46")
        assert tracemalloc.get_traced_memory()[1] < 1000 * used
    finally:
        tracemalloc.stop()
