"""What is reserved of a /64 for the nodes of IPv6 clusters, by numbers that can be checked by hand."""

from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.ipv6_plan import plan_ipv6
from functions.capacity.model import Ipv6Reservation, Policy
from functions.capacity.plan import Limit, Plan
from tests.builders import (
    a_demand,
    a_reservation,
    a_subnet,
    an_interface,
    an_ipv6_reservation,
    under_demand,
)

POLICY = Policy()
NODE = an_interface("10.0.0.5", ipv6_prefixes=["2001:db8:0:1:1::/80"])


def plan_in(
    mode: str,
    demand: int = 3,
    *,
    cidr: str = "2001:db8:0:1::/64",
    policy: Policy = POLICY,
    partial: str = "",
    **of: Any,
) -> Plan:
    subnet = a_subnet(mode=mode, ipv6_cidr=cidr, **of)
    return plan_ipv6(under_demand(subnet, a_demand(0, ipv6_prefixes=demand), partial=partial), policy, created_today=0)


def cidrs(plan: Plan) -> list[str]:
    return [str(each.cidr) for each in plan.actions]


def test_steer_holds_the_middle_of_a_64_in_one_decision_of_four_calls():
    plan = plan_in("steer")
    assert cidrs(plan) == [
        "2001:db8:0:1:4000::/66",
        "2001:db8:0:1:8000::/66",
        "2001:db8:0:1:2000::/67",
        "2001:db8:0:1:c000::/67",
    ]
    assert (plan.deferred, plan.limits) == (0, frozenset())
    assert sum(each.free for each in plan.actions) == 49152, "three quarters of 65,536"


def test_steer_goes_around_what_somebody_else_reserved():
    theirs = [an_ipv6_reservation("2001:db8:0:1:4000::/66", ours=False, kind="explicit")]
    assert cidrs(plan_in("steer", ipv6_reservations=theirs)) == [
        "2001:db8:0:1:8000::/66",
        "2001:db8:0:1:2000::/67",
        "2001:db8:0:1:c000::/67",
    ]


def test_steer_leaves_gaps_that_are_not_worth_a_call():
    theirs = [an_ipv6_reservation(f"2001:db8:0:1:{n:x}::/80", ours=False) for n in (0x4000, 0x7FFF)]
    plan = plan_in("steer", ipv6_reservations=theirs, policy=Policy(max_creates_per_run=100))
    lengths = sorted(int(each.split("/")[1]) for each in cidrs(plan))
    assert lengths[:3] == [66, 67, 67]
    assert lengths[-1] == 72, "a 256th of the subnet"


@pytest.mark.parametrize(
    ("demand", "expected"),
    [
        pytest.param(0, [], id="nothing asked for"),
        pytest.param(3, ["2001:db8:0:1:2000::/72"], id="a few: the smallest range, with room to grow"),
        pytest.param(257, ["2001:db8:0:1:2000::/71"], id="some: the next power of two"),
        pytest.param(40000, ["2001:db8:0:1:4000::/66", "2001:db8:0:1:8000::/66", "2001:db8:0:1:2000::/67"], id="many"),
    ],
)
def test_ahead_reserves_the_demand_in_as_few_ranges_as_that_takes(demand, expected):
    plan = plan_in("ahead", demand, interfaces=[NODE])
    assert cidrs(plan) == expected
    assert not plan.limits


def test_ahead_counts_what_is_reserved_already_whoever_reserved_it():
    theirs = an_ipv6_reservation("2001:db8:0:1:9000::/70", ours=False)
    assert cidrs(plan_in("ahead", 1024, ipv6_reservations=[theirs])) == []
    assert cidrs(plan_in("ahead", 1025, ipv6_reservations=[theirs])) == ["2001:db8:0:1:2000::/72"]


def test_ahead_takes_a_range_without_single_addresses_where_there_is_one():
    single = an_interface("10.0.0.6", ipv6_addresses=["2001:db8:0:1:2000::7"])
    (action,) = plan_in("ahead", 256, interfaces=[single]).actions
    assert (str(action.cidr), action.free, action.draining) == ("2001:db8:0:1:2100::/72", 256, 0)


def test_where_no_range_has_enough_the_smallest_with_the_most_is_taken_first():
    """All of the middle is in use but three blocks, two of them in one /72."""
    free = {0x4001, 0x4002, 0x9000}
    used = tuple((0x20010DB8_0000_0001 << 64) + (n << 48) for n in range(0x2000, 0xE000) if n not in free)
    full = replace(NODE, ipv6_prefixes=used)
    plan = plan_in("ahead", 5, interfaces=[full])
    assert cidrs(plan) == ["2001:db8:0:1:4000::/72", "2001:db8:0:1:9000::/72"]
    assert set(plan.limits) == {Limit.FLOOR}


def test_single_addresses_in_a_range_drain():
    scattered = an_interface("10.0.0.6", ipv6_addresses=["2001:db8:0:1:4000::7", "2001:db8:0:1:4000::8"])
    found = {str(each.cidr): (each.free, each.draining) for each in plan_in("steer", interfaces=[scattered]).actions}
    assert found["2001:db8:0:1:4000::/66"] == (16383, 1)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param({"mode": "observe"}, "the subnet's tag does not ask for more", id="observe"),
        pytest.param({"mode": ""}, "the subnet's tag does not ask for more", id="no tag"),
        pytest.param({"mode": "steer", "cidr": ""}, "the subnet has no IPv6 CIDR", id="no IPv6 CIDR"),
        pytest.param({"mode": "steer", "demand": 0}, "no node takes IPv6 prefixes here", id="no IPv6 cluster"),
        pytest.param({"mode": "steer", "partial": "EC2 counts 9"}, "EC2 counts 9", id="a view that is not whole"),
    ],
)
def test_it_only_watches_and_says_why(given, why):
    plan = plan_in(**given)
    assert (plan.actions, plan.reason) == ((), f"only watching: {why}")


def test_nodes_that_are_there_are_reason_enough_to_steer():
    assert len(plan_in("steer", 0, interfaces=[NODE]).actions) == 4


ENDS = [an_ipv6_reservation(f"2001:db8:0:1:{n}::/67", ours=False, kind="explicit") for n in ("0", "e000")]


@pytest.mark.parametrize("mode", ["ahead", "steer"])
def test_where_single_addresses_have_room_only_in_the_middle_it_stays_open(mode):
    plan = plan_in(mode, ipv6_reservations=ENDS)
    assert (plan.actions, set(plan.limits)) == ((), {Limit.FLOOR})
    assert "no room but in the middle of 2001:db8:0:1::/64" in plan.reason
    assert plan_in(mode, ipv6_reservations=ENDS[:1]).actions, "one end is enough"


@pytest.mark.parametrize(
    ("policy", "made", "deferred", "limits"),
    [
        pytest.param(Policy(max_creates_per_run=3), 3, 1, set(), id="calls of one run: the rest is for the next"),
        pytest.param(Policy(max_reservations_per_subnet=3), 2, 0, {Limit.OBJECTS}, id="objects, one of them IPv4"),
        pytest.param(Policy(max_creates_per_subnet_per_day=1), 1, 0, {Limit.DAY}, id="calls of a day"),
        pytest.param(Policy(max_reservations_per_subnet=0), 0, 0, {Limit.OBJECTS}, id="nothing allowed"),
    ],
)
def test_caps(policy, made, deferred, limits):
    plan = plan_in("steer", policy=policy, reservations=[a_reservation("10.0.0.16/28")])
    assert (len(plan.actions), plan.deferred, set(plan.limits)) == (made, deferred, limits)


@pytest.mark.parametrize(
    ("demand", "limit"),
    [
        pytest.param(49152, set(), id="all of the middle"),
        pytest.param(49153, {Limit.FLOOR}, id="more: the ends are for single addresses"),
    ],
)
def test_what_ahead_cannot_reserve_it_names(demand, limit):
    assert set(plan_in("ahead", demand).limits) == limit


def test_a_subnet_without_enough_blocks_says_so():
    everything = an_ipv6_reservation("2001:db8:0:1::/65", ours=False)
    upper = an_ipv6_reservation("2001:db8:0:1:8000::/66", ours=False)
    last = an_ipv6_reservation("2001:db8:0:1:c000::/67", ours=False)
    held = [replace(NODE, ipv6_prefixes=tuple((0x20010DB8_0000_0001 << 64) + (n << 48) for n in range(0xE000, 0xFFFF)))]
    plan = plan_in("ahead", 60000, interfaces=held, ipv6_reservations=[everything, upper, last])
    assert (plan.actions, set(plan.limits)) == ((), {Limit.SUBNET})


def test_the_reason_has_the_numbers_and_fits_a_description():
    (action,) = plan_in("ahead", 3, interfaces=[NODE]).actions
    assert action.reason == (
        "3 /80 prefixes may still be asked for, before this 0 were free in reservations, 65533 outside, 1 in use, "
        "for demo/workers"
    )
    assert "all but an eighth at each end is kept for prefixes" in plan_in("steer").reason
    long = under_demand(a_subnet(ipv6_cidr="2001:db8::/64"), a_demand(0, ipv6_prefixes=3, group="g" * 300))
    assert len(plan_ipv6(long, POLICY, created_today=0).reason) == 255


def test_the_next_decision_finishes_what_the_caps_of_one_run_cut():
    policy, done = Policy(max_creates_per_run=3), list[Ipv6Reservation]()
    for _ in range(2):
        plan = plan_in("steer", policy=policy, ipv6_reservations=done)
        done += [an_ipv6_reservation(each) for each in cidrs(plan)]
    assert len(done) == 4
    assert not plan_in("steer", policy=policy, ipv6_reservations=done).actions
