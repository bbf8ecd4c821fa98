"""The block map against one that looks at every address."""

from hypothesis import given

from functions.capacity.blocks import block_map, expected_available
from functions.capacity.model import BLOCK, Subnet
from tests.property.subnets import subnets

Addresses = set[int]


def block(n: int, subnet: Subnet) -> Addresses:
    first = int(subnet.cidr.network_address) + n * BLOCK
    return set(range(first, first + BLOCK))


def singles(subnet: Subnet) -> Addresses:
    return {each for interface in subnet.interfaces for each in interface.addresses}


def assigned(subnet: Subnet) -> Addresses:
    return {p + n for interface in subnet.interfaces for p in interface.prefixes for n in range(BLOCK)}


def under_reservations(subnet: Subnet, *, prefix: bool) -> Addresses:
    """Addresses under reservations for prefixes, or under those that are no use for them."""
    return {
        int(address)
        for each in subnet.reservations
        if (each.reserves_prefixes and each.cidr.prefixlen <= 28) == prefix
        for address in each.cidr
    }


def kept_by_aws(subnet: Subnet) -> Addresses:
    first, last = int(subnet.cidr.network_address), int(subnet.cidr.broadcast_address)
    return {first, first + 1, first + 2, first + 3, last}


@given(subnets(longest=28))
def test_a_block_is_free_where_not_one_of_its_addresses_is_spoken_for(subnet):
    spoken_for = singles(subnet) | assigned(subnet) | kept_by_aws(subnet) | under_reservations(subnet, prefix=False)
    numbers = range(subnet.cidr.num_addresses // BLOCK)
    assert block_map(subnet).free == {n for n in numbers if block(n, subnet).isdisjoint(spoken_for)}


@given(subnets())
def test_every_block_that_can_be_a_prefix_is_exactly_one_thing(subnet):
    blocks = block_map(subnet)
    kinds = (
        blocks.free,
        blocks.held,
        blocks.draining,
        blocks.drainable,
        {n for n in blocks.taken_by_others if n not in blocks.held},
    )
    inside = [set(kind) & set(blocks.allocatable) for kind in kinds]
    assert sum(map(len, inside)) == len(blocks.allocatable)
    assert set[int]().union(*inside) == set(blocks.allocatable)
    assert blocks.free == blocks.free_open | blocks.free_reserved
    assert blocks.free_open.isdisjoint(blocks.free_reserved)


@given(subnets(longest=28))
def test_open_addresses_are_those_that_nobody_has_and_no_reservation_covers(subnet):
    blocks = block_map(subnet)
    # A reservation smaller than a block closes the whole block to us: an estimate on the safe side.
    closed = {n for taken in (blocks.held, blocks.reserved, blocks.taken_by_others) for n in taken}
    everything = {int(address) for address in subnet.cidr} - kept_by_aws(subnet) - singles(subnet)
    assert blocks.open_addresses == len(everything - {a for n in closed for a in block(n, subnet)})


@given(subnets(longest=28))
def test_the_count_that_ec2_would_give_agrees_whichever_way_it_counts_reservations(subnet):
    unused = {int(a) for a in subnet.cidr} - kept_by_aws(subnet) - singles(subnet) - assigned(subnet)
    every_reservation = under_reservations(subnet, prefix=True) | under_reservations(subnet, prefix=False)
    agreeing = expected_available(block_map(subnet))
    assert len(unused) in agreeing
    assert len(unused - every_reservation) in agreeing
    assert len(unused) + 1 not in agreeing


@given(subnets())
def test_cidrs_and_block_numbers_are_two_names_of_one_thing(subnet):
    blocks = block_map(subnet)
    for n in range(len(blocks.singles)):
        assert {int(address) for address in blocks.cidr(n)} == block(n, subnet)
