"""Laws of IPv6 blocks and their plan, against an oracle that looks at every block of a small subnet."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv6Network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.analyse import Analysis
from functions.capacity.ipv6_blocks import ipv6_block_map
from functions.capacity.ipv6_plan import plan_ipv6
from functions.capacity.ipv6_ranges import aligned, between, covered, largest_aligned, merged, within
from functions.capacity.model import Interface, Ipv6Reservation, Policy
from functions.capacity.plan import Limit, Plan
from tests.builders import a_demand, a_reservation, a_subnet, an_interface, an_ipv6_reservation, under_demand

SMALL = IPv6Network("2001:db8:0:0:ff00::/72")  # 256 blocks: few enough to look at each
BLOCKS = range(256)
ENDS = {*BLOCKS[:32], *BLOCKS[224:]}  # an eighth at each end, which stays open
NUMBERS = st.integers(-3, 258)
FREELY = Policy(max_creates_per_run=1000, max_reservations_per_subnet=1000, max_creates_per_subnet_per_day=1000)


def network(number: int, length: int) -> IPv6Network:
    return IPv6Network((int(SMALL.network_address) + (number << 48), length), strict=False)


def first_of(number: int) -> int:
    return int(SMALL.network_address) + (number << 48)


@dataclass(frozen=True)
class Life:
    """What stands in the small subnet, by block numbers; some of them lie outside."""

    prefixes: tuple[int, ...]
    addresses: tuple[int, ...]
    reservations: tuple[Ipv6Reservation, ...]

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        one, other = an_interface("10.0.0.5"), an_interface("10.0.0.6", interface_id="eni-2")
        return (
            replace(one, ipv6_prefixes=tuple(map(first_of, self.prefixes))),
            replace(other, ipv6_addresses=tuple(first_of(n) + 77 for n in self.addresses)),
        )

    def analysis(self, mode: str, demand: int, made: Iterable[Ipv6Reservation] = ()) -> Analysis:
        subnet = a_subnet(
            mode=mode, ipv6_cidr=SMALL, interfaces=self.interfaces, ipv6_reservations=(*self.reservations, *made)
        )
        return under_demand(subnet, a_demand(0, ipv6_prefixes=demand))

    @property
    def usable(self) -> list[IPv6Network]:
        return [each.cidr for each in self.reservations if each.reserves_prefixes and each.cidr.prefixlen <= 80]

    @property
    def others(self) -> list[IPv6Network]:
        return [each.cidr for each in self.reservations if each.cidr not in self.usable]

    @property
    def free(self) -> set[int]:
        """Every block looked at by itself."""
        taken = {0, 255, *self.prefixes, *self.addresses}
        return {n for n in BLOCKS if n not in taken and not touched(n, self.others)}

    @property
    def closed(self) -> set[int]:
        """What reservations touch."""
        return {n for n in BLOCKS if touched(n, [each.cidr for each in self.reservations])}

    @property
    def has_room(self) -> bool:
        """Whether a single address can stand at an end of the subnet."""
        return not self.closed.union(self.prefixes).issuperset(ENDS)


def touched(number: int, by: Iterable[IPv6Network]) -> bool:
    return any(network(number, 80).overlaps(each) for each in by)


@st.composite
def lives(draw) -> Life:
    drawn = draw(st.lists(st.tuples(NUMBERS, st.integers(74, 82), st.booleans(), st.booleans()), max_size=5))
    reservations = list[Ipv6Reservation]()
    for number, length, prefix, ours in drawn:
        cidr = network(number, length)
        if not any(cidr.overlaps(each.cidr) for each in reservations):  # EC2 refuses those
            reservations.append(an_ipv6_reservation(cidr, kind="prefix" if prefix else "explicit", ours=ours))
    return Life(
        prefixes=tuple(draw(st.lists(NUMBERS, max_size=60))),
        addresses=tuple(draw(st.lists(NUMBERS, max_size=60))),
        reservations=tuple(reservations),
    )


MODES = st.sampled_from(["ahead", "steer"])


@given(lives())
def test_a_block_is_free_where_nothing_speaks_for_it(life):
    blocks, free = ipv6_block_map(life.analysis("", 0).subnet), life.free
    assert blocks is not None
    assert blocks.free == len(free)
    assert blocks.free_reserved == sum(touched(n, life.usable) for n in free)
    assert blocks.in_use == len(set(life.prefixes) & set(BLOCKS))
    assert blocks.draining == len(
        {
            n
            for n in set(life.addresses) & set(BLOCKS[1:-1]) - set(life.prefixes)
            if touched(n, life.usable) and not touched(n, life.others)
        }
    )
    assert _is_largest(blocks.largest_free_block, free)


def _is_largest(block: IPv6Network | None, free: set[int]) -> bool:
    """Whether no aligned range of free blocks is larger, or as large and before it."""
    for size in (128, 64, 32, 16, 8, 4, 2, 1):
        for start in range(0, 256, size):
            if free.issuperset(range(start, start + size)):
                return block == network(start, 80 - (size.bit_length() - 1))
    return block is None


@given(lives(), st.integers(0, 300), MODES)
def test_planned_reservations_are_aligned_disjoint_inside_and_over_nobodys(life, demand, mode):
    plan = plan_ipv6(life.analysis(mode, demand), FREELY, created_today=0)
    for one in cidrs(plan):
        assert one.subnet_of(SMALL)
        assert one.prefixlen <= 80
        assert not one.overlaps(network(0, 80)), "the first block can never be a prefix"
        assert not one.overlaps(network(255, 80)), "nor can the last"
        assert not any(one.overlaps(each.cidr) for each in life.reservations)
    assert not any(one.overlaps(other) for one, other in pairwise(sorted(cidrs(plan))))


@given(lives(), st.integers(0, 300), MODES)
def test_an_action_says_what_it_holds(life, demand, mode):
    plan = plan_ipv6(life.analysis(mode, demand), FREELY, created_today=0)
    for each, cidr in zip(plan.actions, cidrs(plan), strict=True):
        inside = {n for n in BLOCKS if touched(n, [cidr])}
        assert each.free == len(inside & life.free)
        assert each.draining == len((inside & set(life.addresses)) - set(life.prefixes))
        assert 0 < len(each.reason) <= 255


def cidrs(plan: Plan) -> list[IPv6Network]:
    found = [each.cidr for each in plan.actions if isinstance(each.cidr, IPv6Network)]
    assert len(found) == len(plan.actions)
    return found


def made(plan: Plan) -> list[Ipv6Reservation]:
    return [an_ipv6_reservation(each) for each in cidrs(plan)]


@given(lives(), st.integers(0, 300), MODES)
def test_act_then_plan_plans_nothing(life, demand, mode):
    plan = plan_ipv6(life.analysis(mode, demand), FREELY, created_today=0)
    again = plan_ipv6(life.analysis(mode, demand, made(plan)), FREELY, created_today=0)
    assert (again.actions, again.deferred) == ((), 0)


@given(lives(), st.integers(0, 300), MODES, st.integers(1, 5))
def test_in_small_steps_it_comes_to_an_end_too(life, demand, mode, at_once):
    policy, done = replace(FREELY, max_creates_per_run=at_once), list[Ipv6Reservation]()
    while (plan := plan_ipv6(life.analysis(mode, demand, done), policy, created_today=0)).actions:
        assert len(plan.actions) <= at_once
        done += made(plan)
    assert plan.deferred == 0
    assert not any(one.cidr.overlaps(other.cidr) for one, other in pairwise(sorted(done, key=lambda e: e.cidr)))


@given(lives(), st.integers(0, 300), MODES, st.randoms(use_true_random=False))
def test_the_order_of_interfaces_and_reservations_does_not_matter(life, demand, mode, random):
    analysis = life.analysis(mode, demand)
    interfaces, reservations = list(analysis.subnet.interfaces), list(analysis.subnet.ipv6_reservations)
    prefixes = list(interfaces[0].ipv6_prefixes)
    for each in (interfaces, reservations, prefixes):
        random.shuffle(each)
    moved = [replace(each, ipv6_prefixes=tuple(prefixes)) if each.ipv6_prefixes else each for each in interfaces]
    other = replace(analysis.subnet, interfaces=tuple(moved), ipv6_reservations=tuple(reservations))
    shuffled = under_demand(other, analysis.demand)
    assert plan_ipv6(shuffled, FREELY, created_today=0) == plan_ipv6(analysis, FREELY, created_today=0)


@given(lives(), st.integers(1, 300))
def test_ahead_holds_the_demand_or_says_what_keeps_it(life, demand):
    """The oracle: what the middle, three quarters of the subnet, could give."""
    analysis = life.analysis("ahead", demand)
    plan = plan_ipv6(analysis, FREELY, created_today=0)
    after = ipv6_block_map(life.analysis("ahead", demand, made(plan)).subnet)
    assert after is not None
    reservable = {n for n in life.free if n in range(32, 224) or touched(n, life.usable)}
    if life.has_room:
        assert after.free_reserved >= min(demand, len(reservable))
        assert bool(plan.limits) == (after.free_reserved < demand)
    else:
        assert (plan.actions, set(plan.limits)) == ((), {Limit.FLOOR})


@given(lives())
def test_steer_holds_all_of_the_middle_and_leaves_room_for_single_addresses(life):
    plan = plan_ipv6(life.analysis("steer", 1), FREELY, created_today=0)
    after = ipv6_block_map(life.analysis("steer", 1, made(plan)).subnet)
    assert after is not None
    if life.has_room:
        assert after.room_in(range(32)) + after.room_in(range(224, 256)) > 0
        assert {n for n in BLOCKS if touched(n, cidrs(plan))} == set(BLOCKS) - ENDS - life.closed
    else:
        assert (plan.actions, set(plan.limits)) == ((), {Limit.FLOOR})


@given(lives(), st.integers(0, 300), MODES, st.integers(0, 60))
def test_more_free_space_never_plans_worse(life, demand, mode, gone):
    def held_after(before: Life) -> int:
        plan = plan_ipv6(before.analysis(mode, demand), FREELY, created_today=0)
        blocks = ipv6_block_map(before.analysis(mode, demand, made(plan)).subnet)
        assert blocks is not None
        return int(min(demand, blocks.free_reserved))

    emptier = replace(life, prefixes=life.prefixes[gone:] or life.prefixes[-1:], addresses=life.addresses[gone:])
    assert held_after(emptier) >= held_after(life)


@given(lives(), st.integers(0, 300), st.integers(0, 12), st.integers(0, 12))
def test_the_caps_hold_for_both_families_together(life, demand, most, ipv4):
    analysis = life.analysis("steer", demand)
    subnet = replace(analysis.subnet, reservations=tuple(a_reservation(f"10.0.0.{16 * n}/28") for n in range(ipv4)))
    analysis = replace(analysis, subnet=subnet)
    plan = plan_ipv6(analysis, replace(FREELY, max_reservations_per_subnet=most), created_today=0)
    ours = ipv4 + sum(each.ours for each in life.reservations)
    assert len(plan.actions) <= max(0, most - ours)
    day = plan_ipv6(analysis, replace(FREELY, max_creates_per_subnet_per_day=9), created_today=most)
    assert len(day.actions) <= max(0, 9 - most)


# --- the ranges themselves, against sets of numbers ---

SETS = st.frozensets(st.integers(0, 40))
SPANS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda each: range(*sorted(each)))


def numbers(ranges: Iterable[range]) -> set[int]:
    return {n for each in ranges for n in each}


@given(st.lists(SPANS, max_size=8), SPANS)
def test_ranges_are_sets(spans, span):
    ranges = merged(spans)
    assert numbers(ranges) == numbers(spans)
    assert all(one.stop < other.start for one, other in pairwise(ranges)), "none touches another"
    assert covered(ranges) == len(numbers(spans))
    assert numbers(within(ranges, span)) == numbers(spans) & set(span)
    assert numbers(between(ranges, span)) == set(span) - numbers(spans)


@given(SPANS)
def test_a_range_is_cut_into_the_fewest_aligned_ones(run):
    pieces = list(aligned(run))
    assert [n for each in pieces for n in each] == list(run)
    for each in pieces:
        assert len(each).bit_count() == 1
        assert each.start % len(each) == 0
    for one, other in pairwise(pieces):
        joined = range(one.start, other.stop)
        assert len(one) != len(other) or one.start % len(joined), "two halves of one CIDR would be it"
    if run:
        assert largest_aligned(run) == max(pieces, key=len)


@pytest.mark.parametrize("length", [80, 79, 78, 77, 64, 56, 44])
def test_subnets_of_every_size_are_planned_without_looking_at_each_block(length):
    subnet = a_subnet(mode="steer", ipv6_cidr=f"2001:db8::/{length}")
    plan = plan_ipv6(under_demand(subnet, a_demand(0, ipv6_prefixes=1)), FREELY, created_today=0)
    assert len(plan.actions) == {80: 0, 79: 0, 78: 2, 77: 4}.get(length, 4)
