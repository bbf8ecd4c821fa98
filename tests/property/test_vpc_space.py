"""Free ranges against Python's own `ipaddress`, address by address, in spaces small enough for that."""

from ipaddress import IPv4Network

from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.vpc_space import IN_USE_ELSEWHERE, PODS_OWN, PRIVATE, RESTRICTED, free_cidrs, secondary_cidrs

BLOCKS = (IPv4Network("10.0.0.0/22"), IPv4Network("10.0.8.0/24"), IPv4Network("10.0.4.0/23"))
AROUND = IPv4Network("10.0.0.0/20")


@st.composite
def ranges(draw, within: IPv4Network = AROUND, most: int = 12) -> list[IPv4Network]:
    """Ranges in and around the VPC, apart or over each other."""
    lengths = st.integers(max(within.prefixlen, 16), 28)
    wanted = draw(st.lists(st.tuples(lengths, st.integers(0, within.num_addresses - 1)), max_size=most))
    base = int(within.network_address)
    return [IPv4Network((base + at, length), strict=False) for length, at in wanted]


VPCS = st.lists(st.sampled_from(BLOCKS), unique=True)


@given(VPCS, ranges(), st.integers(20, 28), st.integers(0, 40))
def test_what_is_found_is_free_and_nothing_free_is_missed(vpc, subnets, length, how_many):
    found = free_cidrs(vpc, subnets, length, how_many)
    for cidr in found:
        assert cidr.prefixlen == length
        assert any(cidr.subnet_of(block) for block in vpc)
        assert not any(cidr.overlaps(each) for each in subnets)
    assert not any(one.overlaps(two) for n, one in enumerate(found) for two in found[:n])
    everything = [
        cidr
        for block in vpc
        if block.prefixlen <= length
        for cidr in block.subnets(new_prefix=length)
        if not any(cidr.overlaps(each) for each in subnets)
    ]
    assert len(found) == min(how_many, len(everything))
    assert set(found) <= set(everything)


@given(VPCS, ranges(), st.integers(22, 28))
def test_the_smallest_hole_is_used(vpc, subnets, length):
    def hole(cidr: IPv4Network) -> IPv4Network:
        """The largest aligned range around this one that is free."""
        wider = cidr.supernet()
        free = any(wider.subnet_of(each) for each in vpc) and not any(wider.overlaps(each) for each in subnets)
        return hole(wider) if free else cidr

    everything = free_cidrs(vpc, subnets, length, 4096)
    assert all(hole(each).prefixlen <= hole(everything[0]).prefixlen for each in everything)


@given(VPCS, ranges(), st.integers(20, 28), st.randoms(use_true_random=False))
def test_the_order_of_what_aws_answers_does_not_matter(vpc, subnets, length, rng):
    shuffled = free_cidrs(rng.sample(vpc, len(vpc)), rng.sample(subnets, len(subnets)), length, 3)
    assert shuffled == free_cidrs(vpc, subnets, length, 3)


PRIMARY = st.one_of(*(ranges(within, 4) for within in (*PRIVATE, PODS_OWN, IPv4Network("198.19.0.0/16"))))


@given(PRIMARY, st.one_of(ranges(PODS_OWN), ranges(PRIVATE[0]), ranges(PRIVATE[1])), st.integers(16, 28))
def test_what_may_be_added_overlaps_nothing_and_keeps_to_the_rules(vpc, taken, length):
    for cidr in secondary_cidrs(vpc, taken, length, 3):
        assert cidr.prefixlen == length
        assert not any(cidr.overlaps(each) for each in [*vpc, *taken, *IN_USE_ELSEWHERE])
        kinds = [each for each in PRIVATE if cidr.subnet_of(each)]
        assert cidr.subnet_of(PODS_OWN) or (kinds and vpc[0].subnet_of(kinds[0]))
        assert not any(cidr.overlaps(never) for has, never in RESTRICTED for each in vpc if each.overlaps(has))
