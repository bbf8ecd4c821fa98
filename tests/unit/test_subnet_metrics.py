"""What CloudWatch is told of a subnet and a cluster, value by value."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity import subnet_metrics
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.subnet_metrics import METRICS, UNITS, Measured, Seen, fragmentation, measured, of_subnet
from tests.builders import (
    NOW,
    SUBNET,
    a_demand,
    a_group,
    a_reservation,
    a_snapshot,
    a_subnet,
    an_analysis,
    an_interface,
    under_demand,
)
from tests.unit.test_forecast import HOUR, a_view, fine, kept

EMPTY = a_subnet()
# Of a /24's 14 blocks: 1 held, 2 reserved (one of them draining), 1 spoilt by two addresses, 10 free and open.
MIXED = a_subnet(
    interfaces=[
        an_interface("10.0.0.17", "10.0.0.18", "10.0.0.49", interface_id="eni-1"),
        an_interface(prefixes=["10.0.0.80/28"], interface_id="eni-2"),
    ],
    reservations=[a_reservation("10.0.0.32/27")],
)
EXPLICIT = a_subnet(reservations=[a_reservation("10.0.0.128/25", kind="explicit", ours=False)])
FULL = a_subnet("10.0.0.0/26", interfaces=[an_interface(prefixes=["10.0.0.16/28", "10.0.0.32/28"])])


def seen(analysis: Analysis, **facts: Any) -> Seen:
    facts.setdefault("history", ())
    facts.setdefault("now", NOW)
    return Seen(analysis=analysis, **facts)


def told(analysis: Analysis, **facts: Any) -> Mapping[str, float]:
    return of_subnet(seen(analysis, **facts)).values


@pytest.mark.parametrize(
    ("name", "of_empty", "of_mixed", "of_explicit", "of_full"),
    [
        ("FreePrefixesReserved", 0, 1, 0, 0),
        ("FreePrefixesOpen", 14, 10, 7, 0),
        ("MissingPrefixes", 0, 0, 0, 0),
        ("AssignedPrefixes", 0, 1, 0, 2),
        ("DrainingBlocks", 0, 1, 0, 0),
        ("OpenAddresses", 251, 251 - 16 - 32 - 2, 128 - 4, 27),
        ("Fragmentation", 0, 100 * (15 + 14) / (208 - 3), 0, 0),
        ("FailuresSeen", 0, 0, 0, 0),
        ("CallsToday", 0, 0, 0, 0),
        ("ViewAge", 0, 0, 0, 0),
    ],
)
def test_each_value_is_told_also_when_all_is_well(name, of_empty, of_mixed, of_explicit, of_full):
    found = [told(an_analysis(subnet))[name] for subnet in (EMPTY, MIXED, EXPLICIT, FULL)]
    assert found == pytest.approx([of_empty, of_mixed, of_explicit, of_full])


def test_what_the_run_counted_is_told_as_it_is():
    values = told(an_analysis(EMPTY), calls=12, failures=3)
    assert (values["CallsToday"], values["FailuresSeen"]) == (12, 3)


@pytest.mark.parametrize(("asked", "missing"), [(0, 0), (14, 0), (15, 1), (40, 26)])
def test_prefixes_are_missing_that_may_be_asked_for_beyond_what_is_free(asked, missing):
    assert told(under_demand(EMPTY, a_demand(asked)))["MissingPrefixes"] == missing


@pytest.mark.parametrize(
    ("growth", "days", "hours"),
    [
        (lambda at: 100 + at, 0, 154),
        (lambda at: 100 + at, 4, 154),
        (lambda _: 100.0, 4, None),
        (lambda at: 100 - at, 4, None),
    ],
    ids=["an hour's rise", "a rise of days", "no growth is no end in sight", "a fall is none"],
)
def test_hours_to_exhaustion_follow_the_forecast_and_are_left_out_where_none_is_in_sight(growth, days, hours):
    history = kept(growth, days) if days else fine(growth)
    found = told(a_view(100), history=history).get("HoursToExhaustion")
    assert found == (pytest.approx(hours, abs=1.5) if hours else None)


def test_nothing_left_is_no_hours_even_where_growth_is_not_known():
    assert told(an_analysis(FULL))["HoursToExhaustion"] == 0


def test_of_a_subnet_that_is_not_seen_whole_only_what_is_certain_is_told():
    unseen = replace(an_analysis(MIXED), partial="EC2 counts more")
    assert told(unseen, calls=4, failures=2) == {"CallsToday": 4, "FailuresSeen": 2}
    history = fine(lambda _: 0.0)
    values = told(unseen, history=history, now=history[-1].at + HOUR)
    assert values == {"CallsToday": 0, "FailuresSeen": 0, "ViewAge": 3600}


@given(st.lists(st.integers(4, 250), unique=True), st.sets(st.integers(0, 15), max_size=6))
def test_fragmentation_is_a_share_and_nothing_where_every_free_address_is_in_a_whole_block(singles, held):
    used = {address // 16 for address in singles}
    node = an_interface(prefixes=[f"10.0.0.{16 * n}/28" for n in held - used], interface_id="eni-1")
    others = an_interface(*(f"10.0.0.{n}" for n in singles), interface_id="eni-2")
    subnet = a_subnet(interfaces=[node, others])
    share = told(an_analysis(subnet))["Fragmentation"]
    assert 0 <= share <= 100
    inside = [sum(address // 16 == n for address in singles) for n in range(1, 15)]
    assert (share == 0) == all(count in {0, 16} for count in inside)


# --- clusters ---------------------------------------------------------------------------------------------------------


def two_subnets(*, clusters: tuple[str, str] = ("demo", "demo")) -> list[Analysis]:
    other = replace(MIXED, id="subnet-9")
    groups = [
        a_group(cluster=clusters[0]),
        a_group(cluster=clusters[1], name="others", subnets=["subnet-9"]),
    ]
    return list(analyse(a_snapshot(EMPTY, other, groups=groups)))


def sums(analyses: list[Analysis], whole: set[str]) -> dict[str, Measured]:
    found = list(measured([seen(each, calls=2) for each in analyses], whole))
    assert [each.name for each in found[:2]] == [SUBNET, "subnet-9"]
    return {each.name: each for each in found[2:]}


def test_a_cluster_is_the_sum_of_the_subnets_that_its_nodes_can_use():
    (demo,) = sums(two_subnets(), {"demo"}).values()
    assert demo.dimension == "ClusterName"
    assert demo.values.keys() == UNITS.keys() - {"HoursToExhaustion"}, "no growth is known"
    assert (demo.values["FreePrefixesOpen"], demo.values["AssignedPrefixes"], demo.values["CallsToday"]) == (24, 1, 4)


def test_what_is_no_count_is_told_of_a_cluster_as_of_one_large_subnet():
    analyses = two_subnets()
    (demo,) = sums(analyses, {"demo"}).values()
    assert demo.values["Fragmentation"] == fragmentation(*(each.blocks for each in analyses))
    assert 0.0 < demo.values["Fragmentation"] < fragmentation(analyses[1].blocks)
    assert demo.values["ViewAge"] == 0.0


@pytest.mark.parametrize(
    ("hours", "expected"), [((5.0, 3.0), 3.0), ((None, 7.0), 7.0), ((None, None), None)], ids=["two", "one", "none"]
)
def test_a_cluster_is_exhausted_with_the_first_of_its_subnets_that_is_known_to_end(hours, expected, monkeypatch):
    ends = dict(zip((SUBNET, "subnet-9"), hours, strict=True))
    of = {each.name: each for each in METRICS}["HoursToExhaustion"]
    monkeypatch.setattr(
        subnet_metrics,
        "METRICS",
        tuple(replace(each, of=lambda seen: ends[seen.analysis.subnet.id]) if each is of else each for each in METRICS),
    )
    (demo,) = sums(two_subnets(), {"demo"}).values()
    assert demo.values.get("HoursToExhaustion") == expected


def test_each_cluster_has_its_own_sum():
    found = sums(two_subnets(clusters=("demo", "shop")), {"demo", "shop"})
    assert {name: each.values["FreePrefixesOpen"] for name, each in found.items()} == {"demo": 14, "shop": 10}


def test_a_cluster_of_which_only_a_part_was_looked_at_has_no_sum():
    assert sums(two_subnets(), set()) == {}


def test_what_is_not_known_of_one_subnet_has_no_sum():
    analyses = two_subnets()
    analyses[1] = replace(analyses[1], partial="EC2 counts more")
    assert set(sums(analyses, {"demo"})["demo"].values) == {"CallsToday", "FailuresSeen"}, "its age is not known either"


def test_no_metric_is_there_twice():
    assert len({each.name for each in METRICS}) == len(METRICS)
