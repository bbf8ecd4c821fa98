"""Both address families of one subnet in one plan: they share the caps, and IPv6 comes first."""

from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network
from typing import Any

import pytest

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.model import Policy
from functions.capacity.plan import Limit, Plan
from functions.capacity.planning import planned
from functions.capacity.steering.samples import Sample
from tests.builders import (
    IPV6_MODE,
    NOW,
    PREFIX_MODE,
    a_demand,
    a_group,
    a_reservation,
    a_snapshot,
    a_subnet,
    an_interface,
    an_ipv6_reservation,
    under_demand,
)

SCATTERED = tuple(an_interface(f"10.0.{n // 16}.{16 * (n % 16) + 7}", interface_id=f"eni-{n}") for n in range(0, 64, 9))
SUBNET = a_subnet("10.0.0.0/22", ipv6_cidr="2001:db8::/64", interfaces=SCATTERED)


def an_analysis(mode: str, *, ipv4: int = 0, ipv6: int = 0, **subnet: Any) -> Analysis:
    tags = {"headroom:mode": mode}
    return under_demand(replace(SUBNET, tags=tags, **subnet), a_demand(ipv4, ipv6_prefixes=ipv6))


def plan_of(analysis: Analysis, policy: Policy | None = None) -> Plan:
    policy = policy or Policy(max_creates_per_run=100)
    return planned(analysis, policy, (Sample.of(analysis, NOW),), created_today=0, released_today=0)


def made(plan: Plan) -> tuple[int, int]:
    """Reservations of IPv4 and of IPv6."""
    families = [type(each.cidr) for each in plan.actions]
    return families.count(IPv4Network), families.count(IPv6Network)


def test_nodes_of_an_ipv6_cluster_get_prefixes_and_keep_the_ipv4_addresses():
    assert made(plan_of(an_analysis("steer", ipv6=5))) == (0, 4)
    assert made(plan_of(an_analysis("ahead", ipv6=5))) == (0, 1)


def test_a_subnet_of_ipv4_nodes_is_planned_as_if_it_had_no_ipv6():
    without = plan_of(an_analysis("steer", ipv4=20, ipv6_cidr=None))
    assert plan_of(an_analysis("steer", ipv4=20)) == without
    assert without.actions


@pytest.mark.parametrize("mode", ["ahead", "steer"])
def test_nodes_of_both_families_get_both(mode):
    plan = plan_of(an_analysis(mode, ipv4=20, ipv6=5))
    assert min(made(plan)) > 0
    assert plan.reason.startswith("IPv4: ")
    assert "; IPv6: 5 /80 prefixes may still be asked for" in plan.reason


def test_ipv4_prefixes_in_use_are_reason_enough_to_hold_more():
    node = an_interface("10.0.0.5", prefixes=["10.0.0.16/28"], interface_id="eni-n")
    available = 1024 - 5 - len(SCATTERED) - 17
    plan = plan_of(an_analysis("steer", ipv6=5, interfaces=(*SCATTERED, node), available=(available,)))
    assert min(made(plan)) > 0


def test_the_calls_of_one_run_are_shared():
    plan = plan_of(an_analysis("steer", ipv4=20, ipv6=5), Policy(max_creates_per_run=5))
    assert made(plan) == (1, 4)
    assert plan.deferred > 0
    assert made(plan_of(an_analysis("steer", ipv4=20, ipv6=5), Policy(max_creates_per_run=2))) == (0, 2)


def test_the_objects_are_shared():
    policy = Policy(max_creates_per_run=100, max_reservations_per_subnet=6)
    plan = plan_of(an_analysis("steer", ipv4=20, ipv6=5), policy)
    assert made(plan) == (2, 4)
    assert Limit.OBJECTS in plan.limits
    stands = (an_ipv6_reservation("2001:db8::8000:0:0:0/65"), a_reservation("10.0.0.16/28"))
    after = an_analysis("steer", ipv4=20, ipv6=5, ipv6_reservations=stands[:1], reservations=stands[1:])
    assert sum(made(plan_of(after, policy))) == 4


def test_the_calls_of_a_day_are_shared():
    policy = Policy(max_creates_per_run=100, max_creates_per_subnet_per_day=6)
    assert made(plan_of(an_analysis("steer", ipv4=20, ipv6=5), policy)) == (2, 4)


def test_single_ipv4_addresses_still_get_reservations_back():
    """Held while the subnet had IPv4 nodes."""
    full = [an_interface(f"10.0.0.{n}", interface_id=f"eni-{n}") for n in range(4, 20)]
    subnet: dict[str, Any] = {
        "cidr": IPv4Network("10.0.0.0/24"),
        "interfaces": tuple(full),
        "reservations": (a_reservation("10.0.0.128/25"), a_reservation("10.0.0.32/27"), a_reservation("10.0.0.64/26")),
        "available": (251 - len(full),),
    }
    plan = plan_of(an_analysis("steer", ipv6=5, **subnet))
    assert plan.releases
    assert made(plan)[1] == 4


def test_a_view_that_is_not_whole_changes_nothing_in_either_family():
    plan = plan_of(replace(an_analysis("steer", ipv4=20, ipv6=5), partial="EC2 counts 9"))
    assert (plan.actions, plan.reason) == ((), "only watching: EC2 counts 9")


def test_the_demand_is_that_of_the_clusters_own_family():
    """From the snapshot: one node of each cluster to come, and one that is there."""
    v6 = a_group(name="six", cluster="six", desired=1, most=2, nodes=["i-6"])
    v4 = a_group(name="four", cluster="four", desired=1, most=1)
    there = an_interface("10.0.0.5", ipv6_prefixes=["2001:db8::5:0:0:0/80"], instance_id="i-6", interface_id="eni-6")
    subnet = a_subnet(ipv6_cidr="2001:db8::/64", mode="steer", interfaces=[there])
    (found,) = analyse(a_snapshot(subnet, groups=[v6, v4], cni={"six": IPV6_MODE, "four": PREFIX_MODE}))
    assert (found.demand.ipv6_prefixes, found.demand.ipv6_urgent, found.demand.prefixes) == (1, 0, 7)
    assert (found.ipv6_obtainable, found.ipv6_missing, found.ipv6_missing_urgent) == (65533, 0, 0)
    nothing = replace(found, ipv6=None)
    assert (nothing.ipv6_obtainable, nothing.ipv6_missing, nothing.ipv6_missing_urgent) == (0, 1, 0)
