"""The address-space model against a naive one: sets of addresses, everything counted by looking at each."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from ec2_rules.allocation import Order
from ec2_rules.errors import Ec2Error
from ec2_rules.subnet import Subnet
from ec2_rules.tally import Tally

BASE = int(IPv4Address("10.0.0.0"))
T = TypeVar("T")
IPV6 = "2600:1f18::/64"


def numbers(cidr: str) -> set[int]:
    return {int(address) - BASE for address in IPv4Network(cidr)}


def number(address: str) -> int:
    return int(IPv4Address(address)) - BASE


def cidr_of(first: int, length: int) -> str:
    return str(IPv4Network((BASE + first, length)))


def outcome(call: Callable[..., T], *args: Any) -> T | Ec2Error:
    """What a request gives: its result, or its refusal."""
    try:
        return call(*args)
    except Ec2Error as error:
        return error


class AgainstNaive(RuleBasedStateMachine):
    """The same requests to both. Expected: granted exactly where the naive one sees room, and the same counts."""

    singles = Bundle("singles")
    prefixes = Bundle("prefixes")
    reservations = Bundle("reservations")

    @initialize(length=st.sampled_from([24, 25, 26, 27, 28]), order=st.sampled_from(Order), seed=st.integers(0, 9))
    def open_subnet(self, length: int, order: Order, seed: int) -> None:
        self.size = 2 ** (32 - length)
        self.length = length
        self.subnet = Subnet(f"10.0.0.0/{length}", order=order, rng=Random(seed))
        self.all = set(range(self.size))
        self.used = {0, 1, 2, 3, self.size - 1}
        self.reserved: dict[str, tuple[set[int], str]] = {}

    def under(self, *kinds: str) -> set[int]:
        return {one for range_, kind in self.reserved.values() if kind in kinds for one in range_}

    def open_pool(self) -> set[int]:
        return self.all - self.used - self.under("prefix", "explicit")

    def free_blocks(self) -> list[set[int]]:
        """Blocks for automatic prefixes: wholly free in the open pool, or wholly free and wholly reserved for them."""
        blocks = [set(range(first, first + 16)) for first in range(0, self.size, 16)]
        pools = (self.open_pool(), self.under("prefix") - self.used)
        return [block for block in blocks if any(block <= pool for pool in pools)]

    @rule(target=singles)
    def take_single(self):
        pool = self.open_pool()
        address = outcome(self.subnet.ipv4.take_address)
        if isinstance(address, Ec2Error):
            assert (address.code, pool) == ("InsufficientFreeAddressesInSubnet", set())
            return multiple()
        assert number(address) in pool
        self.used.add(number(address))
        return address

    @rule(target=singles, offset=st.integers(0, 255))
    def take_named_single(self, offset: int):
        address = str(IPv4Address(BASE + offset))
        if isinstance(outcome(self.subnet.ipv4.take_address, address), Ec2Error):
            assert offset in self.used or offset >= self.size
            return multiple()
        assert offset in self.all - self.used
        self.used.add(offset)
        return address

    @rule(address=consumes(singles))
    def release_single(self, address: str) -> None:
        self.subnet.ipv4.release_address(address)
        self.used.remove(number(address))

    @rule(target=prefixes, count=st.integers(1, 4))
    def take_prefixes(self, count: int):
        free, before = self.free_blocks(), self.subnet.available_ip_address_count
        taken = outcome(self.subnet.ipv4.take_prefixes, count)
        if isinstance(taken, Ec2Error):
            enough = len(self.all - self.used - self.under("explicit")) >= 16 * count
            assert count > len(free)
            assert taken.code == ("InsufficientCidrBlocks" if enough else "InvalidParameterValue")
            assert self.subnet.available_ip_address_count == before
            return multiple()
        reserved = [prefix for prefix in taken if numbers(prefix) <= self.under("prefix")]
        assert len(reserved) == min(count, sum(block <= self.under("prefix") for block in free))
        assert len(set(taken)) == count
        assert all(numbers(prefix) in free for prefix in taken)
        self.used.update(*map(numbers, taken))
        return multiple(*taken)

    @rule(target=prefixes, block=st.integers(0, 15))
    def take_named_prefix(self, block: int):
        prefix = cidr_of(16 * block, 28)
        if isinstance(outcome(self.subnet.ipv4.take_prefix, prefix), Ec2Error):
            assert numbers(prefix) & self.used or 16 * block >= self.size
            return multiple()
        assert not numbers(prefix) & self.used
        self.used |= numbers(prefix)
        return prefix

    @rule(prefix=consumes(prefixes))
    def release_prefix(self, prefix: str) -> None:
        self.subnet.ipv4.release_prefix(prefix)
        self.used -= numbers(prefix)

    @rule(
        target=reservations,
        length=st.integers(24, 32),
        place=st.integers(0, 255),
        kind=st.sampled_from(["prefix", "explicit"]),
        reservation_id=st.uuids().map(str),
    )
    def reserve(self, length: int, place: int, kind: str, reservation_id: str):
        first = place // 2 ** (32 - length) * 2 ** (32 - length)
        range_ = numbers(cidr_of(first, length))
        made = outcome(self.subnet.create_reservation, reservation_id, cidr_of(first, length), kind)
        if isinstance(made, Ec2Error):
            assert range_ & self.under("prefix", "explicit") or not range_ <= self.all
            return multiple()
        assert not range_ & self.under("prefix", "explicit")
        assert range_ <= self.all
        self.reserved[reservation_id] = (range_, kind)
        return reservation_id

    @rule(reservation_id=consumes(reservations))
    def unreserve(self, reservation_id: str) -> None:
        self.subnet.delete_reservation(reservation_id)
        del self.reserved[reservation_id]

    @invariant()
    def counts_are_those_of_looking_at_each(self) -> None:
        assert self.subnet.available_ip_address_count == len(self.open_pool())
        assert self.subnet.ipv4.free_blocks == len(self.free_blocks())

    @invariant()
    def the_same_is_in_use(self) -> None:
        assert [number(address) for address in self.subnet.ipv4.used()] == sorted(self.used)


AgainstNaive.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAgainstNaive = AgainstNaive.TestCase


@pytest.mark.parametrize("order", Order)
@given(cidr_lengths=st.lists(st.integers(27, 30), max_size=8), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_subnet_gives_out_every_address_once_and_then_no_more(order, cidr_lengths, seed):
    subnet = Subnet("10.0.0.0/24", order=order, rng=Random(seed))
    for place, length in enumerate(cidr_lengths):
        subnet.create_reservation(str(place), cidr_of(32 * place, length), "prefix")
    expected = subnet.available_ip_address_count

    taken = [subnet.ipv4.take_address() for _ in range(expected)]

    assert len(set(taken)) == expected
    with pytest.raises(Ec2Error, match="InsufficientFreeAddressesInSubnet"):
        subnet.ipv4.take_address()


@given(requests=st.lists(st.one_of(st.none(), st.integers(1, 5)), max_size=40), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_giving_everything_back_restores_the_subnet(requests, seed):
    subnet = Subnet("10.0.0.0/23", IPV6, rng=Random(seed))
    subnet.create_reservation("scr-1", "10.0.0.128/26", "prefix")
    before = (subnet.available_ip_address_count, subnet.ipv4.free_blocks, subnet.ipv6.free_blocks)
    addresses, prefixes = [], []
    for request in requests:
        for space in (subnet.ipv4, subnet.ipv6):
            if request is None:
                address = outcome(space.take_address)
                addresses += [] if isinstance(address, Ec2Error) else [(space, address)]
            else:
                taken = outcome(space.take_prefixes, request)
                prefixes += [] if isinstance(taken, Ec2Error) else [(space, prefix) for prefix in taken]
    for space, address in addresses:
        space.release_address(address)
    for space, prefix in prefixes:
        space.release_prefix(prefix)

    assert (subnet.available_ip_address_count, subnet.ipv4.free_blocks, subnet.ipv6.free_blocks) == before


@given(
    lengths=st.lists(st.integers(66, 80), max_size=6),
    wanted=st.lists(st.integers(1, 20), min_size=1, max_size=10),
    order=st.sampled_from(Order),
    seed=st.integers(0, 99),
)
@settings(max_examples=60, deadline=None)
def test_ipv6_prefixes_are_aligned_apart_and_reserved_first(lengths, wanted, order, seed):
    subnet = Subnet(None, IPV6, order=order, rng=Random(seed))
    ranges = []
    for place, length in enumerate(lengths):
        cidr = f"2600:1f18:0:0:{place + 1:x}000::/{max(length, 68)}"
        ranges.append(IPv6Network(cidr))
        subnet.create_reservation(str(place), str(IPv6Network(cidr)), "prefix")
    in_reservations = sum(2 ** (80 - range_.prefixlen) for range_ in ranges)
    free = subnet.ipv6.free_blocks

    taken = [IPv6Network(prefix) for count in wanted for prefix in subnet.ipv6.take_prefixes(count)]

    assert free == 65_534
    assert {prefix.prefixlen for prefix in taken} == {80}
    assert len(set(taken)) == sum(wanted)
    inside = [prefix for prefix in taken if any(prefix.subnet_of(range_) for range_ in ranges)]
    assert len(inside) == min(in_reservations, sum(wanted))
    assert subnet.ipv6.free_blocks == free - sum(wanted)


@given(counts=st.lists(st.integers(0, 5), min_size=1, max_size=40), data=st.data())
def test_a_tally_is_a_row_of_counts(counts, data):
    tally = Tally(counts)
    for _ in range(data.draw(st.integers(0, 10))):
        index, count = data.draw(st.integers(0, len(counts) - 1)), data.draw(st.integers(0, 5))
        tally[index] = counts[index] = count

    each = [(index, rank) for index, count in enumerate(counts) for rank in range(count)]

    assert tally.total == sum(counts)
    assert [tally.before(index) for index in range(len(counts) + 1)] == [
        sum(counts[:i]) for i in range(len(counts) + 1)
    ]
    assert [tally.locate(rank) for rank in range(tally.total)] == each
