import tracemalloc
from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.ipv6_blocks import Ipv6Blocks, Ipv6Reservation, ipv6_blocks

SUBNET = IPv6Network("2001:db8:0:1::/64")


def a_reservation(cidr: str, kind: str = "prefix") -> Ipv6Reservation:
    return Ipv6Reservation(cidr=IPv6Network(cidr), reserves_prefixes=kind == "prefix")


def at(*addresses: str) -> list[int]:
    return [int(IPv6Address(each)) for each in addresses]


def counts(blocks: Ipv6Blocks) -> tuple[int, int, int]:
    return blocks.free, blocks.free_reserved, blocks.free_open


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, (65534, 0, 65534), id="an empty /64: all but the first and the last"),
        pytest.param({"prefixes": at("2001:db8:0:1:1::")}, (65533, 0, 65533), id="a prefix takes its block"),
        pytest.param({"addresses": at("2001:db8:0:1:1::7")}, (65533, 0, 65533), id="so does an address"),
        pytest.param(
            {"prefixes": at("2001:db8:0:1:1::"), "addresses": at("2001:db8:0:1:1::7", "2001:db8:0:1::9")},
            (65533, 0, 65533),
            id="once, and the first block is AWS's anyway",
        ),
        pytest.param({"addresses": at("2001:db8:0:2::1")}, (65534, 0, 65534), id="what lies outside is not its own"),
        pytest.param(
            {"reservations": [a_reservation("2001:db8:0:1::/65")], "addresses": at("2001:db8:0:1:7::1")},
            (65533, 32766, 32767),
            id="reserved and open",
        ),
        pytest.param(
            {"reservations": [a_reservation("2001:db8:0:1:8000::/65", "explicit")]},
            (32767, 0, 32767),
            id="EC2 assigns nothing from an explicit reservation",
        ),
        pytest.param(
            {"reservations": [a_reservation("2001:db8:0:1:5::/96")]},
            (65533, 0, 65533),
            id="a reservation smaller than a block takes it",
        ),
        pytest.param(
            {"reservations": [a_reservation("2001:db8::/48")]}, (65534, 65534, 0), id="a reservation of more than this"
        ),
        pytest.param(
            {"reservations": [a_reservation("2001:db8:0:9::/64")]}, (65534, 0, 65534), id="a reservation elsewhere"
        ),
    ],
)
def test_counts(given, expected):
    assert counts(ipv6_blocks(SUBNET, **given)) == expected


@pytest.mark.parametrize(
    ("cidr", "allocatable"),
    [("2001:db8::/80", 0), ("2001:db8::/79", 0), ("2001:db8::/78", 2), ("2001:db8::/64", 65534)],
)
def test_the_edges_can_never_be_a_prefix(cidr, allocatable):
    blocks = ipv6_blocks(IPv6Network(cidr))
    assert (blocks.allocatable, blocks.free) == (allocatable, allocatable)


def test_the_largest_free_block_is_the_first_of_its_size():
    assert ipv6_blocks(SUBNET).largest_free_block == IPv6Network("2001:db8:0:1:4000::/66")
    one = ipv6_blocks(SUBNET, addresses=at("2001:db8:0:1:4000::1", "2001:db8:0:1:9000::1"))
    assert one.largest_free_block == IPv6Network("2001:db8:0:1:2000::/67")


def test_a_subnet_without_a_free_block_has_no_largest():
    assert ipv6_blocks(IPv6Network("2001:db8::/79")).largest_free_block is None


def test_a_subnet_of_68_thousand_million_blocks_costs_no_more_than_what_stands_in_it():
    cidr, used = IPv6Network("2001:db8::/44"), 1000
    prefixes = [int(cidr.network_address) + (n << 60) for n in range(1, used + 1)]
    tracemalloc.start()
    try:
        blocks = ipv6_blocks(cidr, prefixes=prefixes, reservations=[a_reservation("2001:db8::/45")])
        assert counts(blocks) == (2**36 - 2 - used, 2**35 - 1 - used, 2**35 - 1)
        assert blocks.largest_free_block == IPv6Network("2001:db8:4::/46")
        assert tracemalloc.get_traced_memory()[1] < 1000 * used
    finally:
        tracemalloc.stop()


SMALL = IPv6Network("2001:db8::/72")  # 256 blocks: few enough to look at each
NUMBERS = st.integers(-3, 260)


def network(number: int, length: int) -> IPv6Network:
    return IPv6Network((int(SMALL.network_address) + (number << 48), length), strict=False)


@given(
    st.lists(NUMBERS, max_size=30),
    st.lists(NUMBERS, max_size=30),
    st.lists(st.tuples(NUMBERS, st.integers(74, 82), st.booleans()), max_size=4),
)
def test_a_block_is_free_where_nothing_speaks_for_it(prefixes, addresses, reserved):
    base = int(SMALL.network_address)
    reservations = [Ipv6Reservation(cidr=network(n, length), reserves_prefixes=kind) for n, length, kind in reserved]
    blocks = ipv6_blocks(
        SMALL,
        prefixes=[base + (n << 48) for n in prefixes],
        addresses=[base + (n << 48) + 77 for n in addresses],
        reservations=reservations,
    )
    usable = [r.cidr for r in reservations if r.reserves_prefixes and r.cidr.prefixlen <= 80]
    others = [r.cidr for r in reservations if r.cidr not in usable or not r.reserves_prefixes]
    free = {
        n
        for n in range(1, 255)
        if n not in prefixes and n not in addresses and not any(network(n, 80).overlaps(each) for each in others)
    }
    assert {n for run in blocks.free_runs() for n in run} == free
    assert blocks.free == len(free)
    assert blocks.free_reserved == len({n for n in free if any(network(n, 80).subnet_of(each) for each in usable)})
    assert _is_largest(blocks.largest_free_block, free)


def _is_largest(block: IPv6Network | None, free: set[int]) -> bool:
    """Whether no aligned range of free blocks is larger, or as large and before it."""
    for size in (128, 64, 32, 16, 8, 4, 2, 1):
        for start in range(0, 256, size):
            if free.issuperset(range(start, start + size)):
                return block == network(start, 80 - (size.bit_length() - 1))
    return block is None
