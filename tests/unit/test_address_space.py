import random
from ipaddress import IPv4Network

import pytest

from functions.capacity.address_space import AddressSpace, address_space
from functions.capacity.aligned_blocks import numbers
from tests.builders import a_reservation, a_subnet, an_interface


def counts(space: AddressSpace) -> tuple[int, int, int, int, int, int]:
    return (
        space.in_use_addresses,
        space.free_addresses,
        space.allocatable_prefixes,
        space.free_prefixes,
        space.reserved_free_prefixes,
        space.assigned_prefixes,
    )


@pytest.mark.parametrize(
    ("cidr", "interfaces", "reservations", "expected"),
    [
        pytest.param("10.0.0.0/24", [], [], (0, 251, 14, 14, 0, 0), id="an empty /24"),
        pytest.param("10.0.0.0/28", [], [], (0, 11, 0, 0, 0, 0), id="a /28 has no prefix to give"),
        pytest.param("10.0.0.0/27", [], [], (0, 27, 0, 0, 0, 0), id="nor has a /27"),
        pytest.param("10.0.0.0/26", [], [], (0, 59, 2, 2, 0, 0), id="a /26 has two"),
        pytest.param("10.0.0.0/16", [], [], (0, 65531, 4094, 4094, 0, 0), id="a /16"),
        pytest.param(
            "10.0.0.0/24", [an_interface("10.0.0.37")], [], (1, 250, 14, 13, 0, 0), id="an address spoils its block"
        ),
        pytest.param(
            "10.0.0.0/24",
            [an_interface("10.0.0.5", prefixes=["10.0.0.64/28"])],
            [],
            (17, 234, 14, 13, 0, 1),
            id="a prefix is 16 addresses in use",
        ),
        pytest.param(
            "10.0.0.0/24",
            [an_interface("10.0.0.65", prefixes=["10.0.0.64/28"])],
            [],
            (16, 235, 14, 13, 0, 1),
            id="an address inside a prefix is in use once",
        ),
        pytest.param(
            "10.0.0.0/24",
            [an_interface("10.9.0.5", "10.1.0.40", prefixes=["10.0.1.0/28"])],
            [],
            (0, 251, 14, 14, 0, 0),
            id="what lies outside the CIDR is not the subnet's",
        ),
        pytest.param(
            "10.0.0.0/24",
            [an_interface("10.0.0.1", "10.0.0.255")],
            [],
            (0, 251, 14, 14, 0, 0),
            id="AWS's own addresses are nobody's use",
        ),
        pytest.param(
            "10.0.0.0/24",
            [an_interface("10.0.0.130")],
            [a_reservation("10.0.0.128/26")],
            (1, 250, 14, 13, 3, 0),
            id="free inside a `prefix` reservation is free",
        ),
        pytest.param(
            "10.0.0.0/24",
            [an_interface("10.0.0.130")],
            [a_reservation("10.0.0.128/26", kind="explicit")],
            (1, 187, 14, 10, 0, 0),
            id="EC2 gives nothing by itself from an `explicit` reservation",
        ),
        pytest.param(
            "10.0.0.0/24",
            [],
            [a_reservation("10.0.0.64/30", kind="explicit")],
            (0, 247, 14, 13, 0, 0),
            id="however small it is",
        ),
        pytest.param(
            "10.0.0.0/24",
            [],
            [a_reservation("10.0.0.0/24")],
            (0, 251, 14, 14, 14, 0),
            id="a reservation of the whole subnet holds no edge block",
        ),
        pytest.param(
            "10.0.0.0/24",
            [],
            [a_reservation("10.0.0.0/23", kind="explicit"), a_reservation("10.1.0.0/24")],
            (0, 0, 14, 0, 0, 0),
            id="reservations wider than the subnet, or of another CIDR",
        ),
    ],
)
def test_counts(cidr, interfaces, reservations, expected):
    assert counts(address_space(a_subnet(cidr, interfaces=interfaces, reservations=reservations))) == expected


def test_the_cover_of_an_empty_subnet_is_all_but_awss_five():
    space = address_space(a_subnet("10.0.0.0/27"))
    assert list(space.cover_cidrs()) == [
        "10.0.0.4/30",
        "10.0.0.8/29",
        "10.0.0.16/29",
        "10.0.0.24/30",
        "10.0.0.28/31",
        "10.0.0.30/32",
    ]
    assert {length: list(numbers) for length, numbers in space.free_cover.items()} == {
        29: [1, 2],
        30: [1, 6],
        31: [14],
        32: [30],
    }


def test_the_largest_free_block_is_the_first_of_its_size():
    empty = address_space(a_subnet("10.0.0.0/24"))
    assert empty.largest_free_block == IPv4Network("10.0.0.64/26")
    used = address_space(a_subnet("10.0.0.0/24", interfaces=[an_interface("10.0.0.70", "10.0.0.130")]))
    assert used.largest_free_block == IPv4Network("10.0.0.32/27")


def test_a_full_subnet_has_neither_cover_nor_largest_block():
    everything = [an_interface(*(f"10.0.0.{n}" for n in range(4, 15)))]
    space = address_space(a_subnet("10.0.0.0/28", interfaces=everything))
    assert (space.largest_free_block, dict(space.free_cover), list(space.cover_cidrs())) == (None, {}, [])
    assert list(space.in_use_by_block) == [11]


def test_the_view_of_each_block():
    space = address_space(
        a_subnet("10.0.0.0/26", interfaces=[an_interface("10.0.0.5", "10.0.0.6", prefixes=["10.0.0.32/28"])])
    )
    assert list(space.in_use_by_block) == [2, 0, 16, 0]
    assert list(space.free_blocks) == [1]


@pytest.mark.parametrize("length", range(16, 33))
@pytest.mark.parametrize("share", [0, 0.01, 0.1, 0.9, 1])
def test_the_blocks_of_a_16_are_numbered_however_many_they_are(length, share):
    rng, count = random.Random(length), 2 ** (length - 16)
    chosen = [n for n in range(count) if rng.random() < share]
    span = 2 ** (32 - length)
    bits = bytearray(8192)
    for last in (n * span + span - 1 for n in chosen):
        bits[last // 8] |= 128 >> last % 8
    assert list(numbers(int.from_bytes(bits, "big"), length, 65536)) == chosen
