"""The analyses of a subnet's addresses against `ipaddress`, address by address, and against netaddr's sets."""

from ipaddress import IPv4Address, IPv4Network, collapse_addresses

import netaddr  # type: ignore[import-untyped]
from hypothesis import given

from functions.capacity.address_space import address_space
from functions.capacity.blocks import block_map
from functions.capacity.model import BLOCK, Subnet
from tests.property.subnets import subnets


def kept_by_aws(subnet: Subnet) -> set[int]:
    first, last = int(subnet.cidr.network_address), int(subnet.cidr.broadcast_address)
    return {*range(first, first + 4), last}


def in_use(subnet: Subnet) -> set[int]:
    held = {p + n for interface in subnet.interfaces for p in interface.prefixes for n in range(BLOCK)}
    everything = held.union(*(interface.addresses for interface in subnet.interfaces))
    return {address for address in everything if IPv4Address(address) in subnet.cidr} - kept_by_aws(subnet)


def under(subnet: Subnet, *, prefix: bool) -> set[int]:
    return {int(a) for each in subnet.reservations if each.reserves_prefixes == prefix for a in each.cidr}


def assignable(subnet: Subnet) -> set[int]:
    everything = {int(a) for a in subnet.cidr}
    return everything - in_use(subnet) - kept_by_aws(subnet) - under(subnet, prefix=False)


def blocks_within(addresses: set[int], subnet: Subnet) -> list[int]:
    base = int(subnet.cidr.network_address)
    numbers = range(subnet.cidr.num_addresses // BLOCK)
    return [n for n in numbers if addresses.issuperset(range(base + n * BLOCK, base + (n + 1) * BLOCK))]


@given(subnets(longest=28))
def test_counts_are_those_of_the_sets(subnet):
    space = address_space(subnet)
    assert space.in_use_addresses == len(in_use(subnet))
    assert space.free_addresses == len(assignable(subnet))
    assert list(space.free_blocks) == blocks_within(assignable(subnet), subnet)
    assert space.free_prefixes == len(space.free_blocks)
    reserved = blocks_within(under(subnet, prefix=True), subnet)
    assert space.reserved_free_prefixes == len(set(reserved) & set(space.free_blocks))
    assert space.assigned_prefixes == sum(len(each.prefixes) for each in subnet.interfaces)


@given(subnets(longest=28))
def test_each_block_counts_its_own(subnet):
    base = int(subnet.cidr.network_address)
    expected = [0] * (subnet.cidr.num_addresses // BLOCK)
    for address in in_use(subnet):
        expected[(address - base) // BLOCK] += 1
    assert list(address_space(subnet).in_use_by_block) == expected


@given(subnets(longest=28))
def test_the_cover_is_the_one_that_ipaddress_and_netaddr_find(subnet):
    free = assignable(subnet)
    space = address_space(subnet)
    cover = [IPv4Network(each) for each in space.cover_cidrs()]
    assert cover == list(collapse_addresses(IPv4Network((each, 32)) for each in sorted(free)))
    sets = netaddr.IPSet(netaddr.IPAddress(each, 4) for each in free)
    assert [str(each) for each in cover] == [str(each) for each in sets.iter_cidrs()]
    assert space.largest_free_block == min(cover, key=lambda each: each.prefixlen, default=None)


@given(subnets(longest=28))
def test_free_blocks_are_the_block_maps_but_for_reservations_smaller_than_a_block(subnet):
    blocks = block_map(subnet)
    small = {
        (int(each.cidr.network_address) - int(subnet.cidr.network_address)) // BLOCK
        for each in subnet.reservations
        if each.reserves_prefixes and each.cidr.prefixlen > 28
    }
    assert set(address_space(subnet).free_blocks) - small == blocks.free
