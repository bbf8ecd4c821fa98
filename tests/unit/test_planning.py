"""Which strategy a subnet gets, and what keeps any of them from acting."""

from dataclasses import replace

import pytest

from functions.capacity.model import Policy
from functions.capacity.plan import Limit, Plan
from functions.capacity.planning import planned
from functions.capacity.steering.samples import Sample
from tests.builders import NOW, a_group, a_reservation, a_subnet, an_analysis, an_interface

POLICY = Policy(max_creates_per_run=100)
SCATTERED = [an_interface(f"10.0.{n // 16}.{16 * (n % 16) + 7}", interface_id=f"eni-{n}") for n in range(0, 64, 9)]


def plan_in(mode: str, *, tags: dict[str, str] | None = None, available: int | None = None) -> Plan:
    subnet = a_subnet("10.0.0.0/22", mode=mode, interfaces=SCATTERED, available=available)
    analysis = an_analysis(replace(subnet, tags={**subnet.tags, **(tags or {})}), a_group(desired=1, most=2))
    return planned(analysis, POLICY, (Sample.of(analysis, NOW),), created_today=0, released_today=0)


def test_ahead_reserves_the_demand_and_steer_all_but_a_pool():
    ahead, steer = plan_in("ahead"), plan_in("steer")
    assert sum(each.free for each in ahead.actions) == 14, "two nodes of seven prefixes"
    assert sum(each.free for each in steer.actions) > 40
    assert not ahead.releases


@pytest.mark.parametrize(
    ("mode", "tags", "available", "why"),
    [
        pytest.param("", None, None, "the subnet's tag does not ask for more", id="no tag"),
        pytest.param("observe", None, None, "the subnet's tag does not ask for more", id="observe"),
        pytest.param("Steer", None, None, "the subnet's tag does not ask for more", id="a mode that there is not"),
        pytest.param("steer", None, 100, "EC2 counts 100 available addresses", id="a view that is not whole"),
        pytest.param("ahead", None, 100, "EC2 counts 100 available addresses", id="the same under ahead"),
        pytest.param(
            "steer",
            {"headroom:max-reservations": "many"},
            None,
            "the subnet's tag headroom:max-reservations is 'many'",
            id="a setting that is none",
        ),
    ],
)
def test_it_only_watches_and_says_why(mode, tags, available, why):
    plan = plan_in(mode, tags=tags, available=available)
    assert (plan.actions, plan.releases) == ((), ())
    assert why in plan.reason


def test_a_subnets_own_floor_counts():
    low, high = plan_in("steer"), plan_in("steer", tags={"headroom:single-address-floor": "500"})
    assert sum(each.cidr.num_addresses for each in high.actions) < sum(each.cidr.num_addresses for each in low.actions)


@pytest.mark.parametrize(("released", "asked"), [(0, 2), (8, 2), (9, 1), (10, 0), (11, 0)])
def test_what_was_given_back_today_counts_towards_the_days_cap(released, asked):
    """The release function would refuse more, so nobody asks it."""
    full = an_interface(*(f"10.0.0.{n}" for n in (*range(4, 16), *range(240, 255))))
    blocks = [a_reservation(f"10.0.0.{16 * n}/28") for n in range(1, 15)]
    analysis = an_analysis(a_subnet(mode="steer", interfaces=[full], reservations=blocks))
    policy = replace(POLICY, max_releases_per_subnet_per_day=10)
    plan = planned(analysis, policy, (Sample.of(analysis, NOW),), created_today=0, released_today=released)
    assert len(plan.releases) == asked
    assert (Limit.RELEASES in plan.limits) == (asked < 2)
