from ipaddress import IPv4Network

import pytest

from functions.capacity.vpc_space import VpcSpace, free_cidrs, secondary_cidrs


def networks(text: str) -> tuple[IPv4Network, ...]:
    return tuple(map(IPv4Network, text.split()))


@pytest.mark.parametrize(
    ("vpc", "subnets", "length", "how_many", "expected"),
    [
        pytest.param("10.0.0.0/16", "", 20, 2, "10.0.0.0/20 10.0.16.0/20", id="an empty VPC, from its lowest on"),
        pytest.param("10.0.0.0/16", "10.0.0.0/20", 20, 1, "10.0.16.0/20", id="beside a subnet"),
        pytest.param(
            "10.0.0.0/16",
            "10.0.0.0/24 10.0.2.0/23 10.0.128.0/17",
            24,
            3,
            "10.0.1.0/24 10.0.4.0/24 10.0.5.0/24",
            id="the smallest hole that fits, then the next",
        ),
        pytest.param("10.0.0.0/16", "10.0.0.0/17 10.0.128.0/17", 28, 1, "", id="a full VPC"),
        pytest.param("10.0.0.0/16", "10.0.8.0/28 10.0.128.0/17", 18, 3, "10.0.64.0/18", id="fewer than asked for"),
        pytest.param("10.0.0.0/17 10.0.128.0/17", "", 16, 1, "", id="never across two blocks of the VPC"),
        pytest.param(
            "10.0.0.0/24 100.64.0.0/16", "10.0.0.0/24", 20, 1, "100.64.0.0/20", id="in a secondary block, with room"
        ),
        pytest.param("10.0.0.0/24", "10.0.0.0/25 10.0.0.0/28", 25, 2, "10.0.0.128/25", id="subnets that overlap"),
        pytest.param("10.1.0.0/24 10.0.0.0/24", "", 24, 1, "10.0.0.0/24", id="of two alike the lower"),
        pytest.param("", "10.0.0.0/25", 25, 1, "", id="no block known"),
        pytest.param("10.0.0.0/16", "", 16, 0, "", id="none asked for"),
    ],
)
def test_free_ranges(vpc, subnets, length, how_many, expected):
    assert free_cidrs(networks(vpc), networks(subnets), length, how_many) == networks(expected)


@pytest.mark.parametrize(
    ("vpc", "taken", "length", "how_many", "expected"),
    [
        pytest.param("10.0.0.0/16", "", 16, 2, "100.64.0.0/16 100.65.0.0/16", id="the usual for pods first"),
        pytest.param("10.0.0.0/16 100.64.0.0/16", "", 18, 1, "100.65.0.0/18", id="clear of what it has"),
        pytest.param("10.0.0.0/16", "100.64.0.0/15", 16, 1, "100.66.0.0/16", id="clear of a peer's"),
        pytest.param("10.5.0.0/16", "100.64.0.0/10", 16, 1, "10.0.0.0/16", id="then the primary's own kind"),
        pytest.param("10.1.0.0/16", "100.64.0.0/10", 16, 1, "10.2.0.0/16", id="10.0/16 never beside 10.1/16"),
        pytest.param("10.0.0.0/24", "100.64.0.0/10", 24, 1, "10.1.0.0/24", id="10.0/16 never beside itself"),
        pytest.param(
            "10.2.0.0/16", "100.64.0.0/10 10.0.0.0/10 10.64.0.0/11 10.96.0.0/14", 16, 1, "10.101.0.0/16", id="EKS's own"
        ),
        pytest.param("172.16.0.0/16", "100.64.0.0/10", 16, 1, "172.18.0.0/16", id="not Docker's network"),
        pytest.param("172.16.0.0/16", "100.64.0.0/10 172.16.0.0/13 172.24.0.0/14 172.28.0.0/15", 17, 9,
                     "172.30.0.0/17 172.30.128.0/17", id="172.31/16 is restricted"),
        pytest.param("192.168.0.0/17", "100.64.0.0/10", 17, 9, "192.168.128.0/17", id="192.168 has but one /16"),
        pytest.param("198.19.0.0/16", "100.64.0.0/10", 24, 9, "", id="nothing of RFC 1918 beside others"),
        pytest.param("198.19.0.0/16 10.2.0.0/16", "100.64.0.0/10", 24, 9, "", id="the primary block decides"),
        pytest.param("", "", 16, 1, "100.64.0.0/16", id="no block known"),
    ],
)  # fmt: skip
def test_ranges_to_add(vpc, taken, length, how_many, expected):
    assert secondary_cidrs(networks(vpc), networks(taken), length, how_many) == networks(expected)


@pytest.mark.parametrize("length", [15, 29])
@pytest.mark.parametrize("of", [free_cidrs, secondary_cidrs])
def test_no_subnet_and_no_block_has_such_a_size(of, length):
    with pytest.raises(ValueError, match=f"/{length} is neither"):
        of(networks("10.0.0.0/16"), (), length, 1)


def test_nothing_is_placed_over_a_block_that_comes_or_goes():
    space = VpcSpace(
        vpc_id="vpc-1", cidrs=networks("10.0.0.0/16"), subnets=(), unsettled=networks("100.64.0.0/16 10.9.0.0/16")
    )
    assert space.secondary(16) == networks("100.65.0.0/16")
    assert space.free(20) == networks("10.0.0.0/20")
