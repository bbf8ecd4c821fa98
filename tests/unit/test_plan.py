from dataclasses import replace
from ipaddress import IPv4Network

import pytest

from functions.capacity.model import Policy
from functions.capacity.plan import LONGEST_REASON, Limit, plan
from tests.builders import a_group, a_reservation, a_subnet, an_analysis, an_interface

POLICY = Policy(max_creates_per_run=100)
ONE_NODE = a_group(most=1)  # seven prefixes, one single address
TWO_NODES = a_group(most=2)


def cidrs(planned) -> list[str]:
    return [str(each.cidr) for each in planned.actions]


def blocks(planned) -> int:
    return sum(each.cidr.num_addresses // 16 for each in planned.actions)


def single_in(*numbers: int):
    """An interface with one address in each of these blocks."""
    return an_interface(*(f"10.0.{n // 16}.{n % 16 * 16 + 7}" for n in numbers))


def test_free_blocks_cover_the_demand_in_large_ranges():
    planned = plan(an_analysis(a_subnet("10.0.0.0/23"), ONE_NODE), POLICY, created_today=0)
    assert blocks(planned) == 7
    assert sorted(each.cidr.prefixlen for each in planned.actions) == [26, 27, 28]
    assert sum(each.free for each in planned.actions) == 7


def test_no_reservation_is_larger_than_a_24():
    planned = plan(an_analysis(a_subnet("10.0.0.0/20"), a_group(most=30)), POLICY, created_today=0)
    assert blocks(planned) == 210
    assert min(each.cidr.prefixlen for each in planned.actions) == 24


def test_when_free_blocks_do_not_suffice_the_emptiest_are_drained():
    crowded = an_interface("10.0.0.33", "10.0.0.34", "10.0.0.35")
    subnet = a_subnet("10.0.0.0/24", interfaces=[single_in(1, *range(8, 15)), crowded])
    planned = plan(an_analysis(subnet, ONE_NODE), POLICY, created_today=0)
    assert sum(each.free for each in planned.actions) == 5  # blocks 3 to 7
    assert sum(each.draining for each in planned.actions) == 2
    assert IPv4Network("10.0.0.32/28") not in [each.cidr for each in planned.actions]


def test_what_is_reserved_already_counts_whoever_made_it():
    reserved = [a_reservation("10.0.0.64/26", ours=False), a_reservation("10.0.0.128/27")]
    planned = plan(an_analysis(a_subnet("10.0.0.0/24", reservations=reserved), ONE_NODE), POLICY, created_today=0)
    assert blocks(planned) == 1


def test_assigned_blocks_in_reservations_are_not_counted_twice():
    node = an_interface("10.0.0.9", prefixes=["10.0.0.64/28", "10.0.0.80/28"], instance_id="i-1")
    subnet = a_subnet("10.0.0.0/24", interfaces=[node], reservations=[a_reservation("10.0.0.64/26")])
    planned = plan(an_analysis(subnet, a_group(most=1, nodes=["i-1"])), POLICY, created_today=0)
    assert blocks(planned) == 3  # five to come, two are free in the reservation


def test_explicit_reservations_are_avoided():
    taken = a_reservation("10.0.0.64/26", kind="explicit", ours=False)
    planned = plan(an_analysis(a_subnet("10.0.0.0/24", reservations=[taken]), ONE_NODE), POLICY, created_today=0)
    assert blocks(planned) == 7
    assert not any(each.cidr.overlaps(taken.cidr) for each in planned.actions)


def test_single_addresses_keep_their_floor_and_those_of_the_nodes_to_come():
    analysis = an_analysis(a_subnet("10.0.0.0/25"), a_group(most=20))  # 123 open addresses, 6 allocatable blocks
    policy = replace(POLICY, single_address_floor=40)
    planned = plan(analysis, policy, created_today=0)
    assert blocks(planned) == 3  # 123 - 40 - 20 = 63 addresses to spare
    assert planned.limits == {Limit.FLOOR}


def test_a_subnet_that_is_too_small_says_so():
    planned = plan(an_analysis(a_subnet("10.0.0.0/25"), TWO_NODES), POLICY, created_today=0)
    assert blocks(planned) == 6
    assert planned.limits == {Limit.SUBNET}


def test_a_run_makes_no_more_than_it_may_and_defers_the_rest():
    odd = single_in(*range(1, 31, 2))
    analysis = an_analysis(a_subnet("10.0.0.0/23", interfaces=[odd]), TWO_NODES)
    planned = plan(analysis, replace(POLICY, max_creates_per_run=5), created_today=0)
    assert len(planned.actions) == 5
    assert planned.deferred == 14 - 5


@pytest.mark.parametrize(
    ("policy", "created_today", "made", "limit"),
    [
        pytest.param(replace(POLICY, max_reservations_per_subnet=3), 0, 3, Limit.OBJECTS, id="objects in the subnet"),
        pytest.param(replace(POLICY, max_creates_per_subnet_per_day=10), 6, 4, Limit.DAY, id="creates in a day"),
        pytest.param(replace(POLICY, max_creates_per_subnet_per_day=10), 99, 0, Limit.DAY, id="the day is used up"),
    ],
)
def test_caps(policy, created_today, made, limit):
    odd = single_in(*range(1, 31, 2))
    planned = plan(
        an_analysis(a_subnet("10.0.0.0/23", interfaces=[odd]), TWO_NODES), policy, created_today=created_today
    )
    assert len(planned.actions) == made
    assert planned.deferred == 0
    assert planned.limits == {limit}


def test_our_reservations_count_towards_the_cap_and_a_persons_do_not():
    theirs = [a_reservation(f"10.0.1.{16 * n}/28", ours=False) for n in range(6)]
    planned = plan(
        an_analysis(a_subnet("10.0.0.0/23", reservations=theirs), ONE_NODE),
        replace(POLICY, max_reservations_per_subnet=1),
        created_today=0,
    )
    assert len(planned.actions) == 1


@pytest.mark.parametrize("mode", ["", "observe", "AHEAD", "yes"])
def test_without_a_known_opt_in_nothing_is_planned(mode):
    planned = plan(an_analysis(a_subnet(mode=mode), ONE_NODE), POLICY, created_today=0)
    assert planned.actions == ()
    assert "only watching" in planned.reason


def test_a_partial_view_plans_nothing_and_says_why():
    planned = plan(an_analysis(a_subnet(available=100), ONE_NODE), POLICY, created_today=0)
    assert planned.actions == ()
    assert "EC2 counts 100 available addresses" in planned.reason


def test_without_demand_nothing_is_planned():
    assert plan(an_analysis(a_subnet()), POLICY, created_today=0).actions == ()


def test_each_action_carries_its_reason_in_numbers():
    planned = plan(an_analysis(a_subnet("10.0.0.0/24"), ONE_NODE), POLICY, created_today=0)
    for action in planned.actions:
        assert action.reason == (
            "7 prefixes may still be asked for, before this 0 were free in reservations, 14 outside, for demo/workers"
        )


def test_a_reason_is_never_longer_than_a_description_may_be():
    groups = [a_group(name=f"{n}-{'x' * 60}", most=1) for n in range(9)]
    planned = plan(an_analysis(a_subnet("10.0.0.0/20"), *groups), POLICY, created_today=0)
    assert len(planned.reason) == LONGEST_REASON
