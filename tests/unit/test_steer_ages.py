"""What `steer` makes of knowing since when single addresses are there: /24s of fourteen blocks, by their numbers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from functions.capacity.blocks import BlockMap, block_map
from functions.capacity.model import Policy
from functions.capacity.steer import remembered, steer
from functions.capacity.steering.layout import CLOSED, best_ranges
from functions.capacity.steering.staying import UNKNOWN, leaves, worths
from tests.builders import NOW, a_reservation, a_subnet, an_analysis, an_interface, with_ages

MINUTE, DAY = 60.0, timedelta(days=1).total_seconds()


def worth_of(count: int, *ages: float) -> float:
    blocks = BlockMap(a_subnet(), bytes([count]), frozenset(), frozenset(), frozenset(), {0: tuple(-a for a in ages)})
    return worths(blocks, 0.0)[0]


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        pytest.param(worth_of(1, DAY), worth_of(1, MINUTE), id="what has been there for a day stays"),
        pytest.param(worth_of(1, 30 * DAY), worth_of(1, DAY), id="what has been there for a month even more so"),
        pytest.param(worth_of(1, 2 * DAY), worth_of(3, MINUTE, MINUTE, MINUTE), id="one old is worse than three young"),
        pytest.param(worth_of(2, MINUTE, MINUTE), worth_of(1, MINUTE), id="two are worse than one"),
        pytest.param(worth_of(1, MINUTE), worth_of(0), id="one is worse than none"),
        pytest.param(worth_of(2, MINUTE), worth_of(2, MINUTE, MINUTE), id="an unknown one is worse than a young one"),
    ],
)
def test_a_block_is_worth_the_chance_that_it_drains(worse, better):
    assert 0 < worse < better <= 1


def test_what_nobody_knows_the_age_of_counts_as_it_did():
    assert worth_of(3) == UNKNOWN**3
    blocks = with_ages(an_analysis(a_subnet(interfaces=[an_interface("10.0.0.16")])), {1: (DAY,)}).blocks
    assert worths(blocks, None)[:2] == [1.0, UNKNOWN]


def test_an_address_from_the_future_counts_as_new():
    assert leaves(-DAY) == leaves(0)


@pytest.mark.parametrize(
    ("gains", "price", "expected"),
    [
        pytest.param([1, 1, 1, 1], 0.5, [(0, 4)], id="one range, where all is worth it"),
        pytest.param([1, 1, -3, 1], 0.5, [(0, 2), (3, 1)], id="around a block that is better left out"),
        pytest.param([1, 1, -0.2, 1], 0.5, [(0, 4)], id="over it, where one more range costs more"),
        pytest.param([1, CLOSED, 1, 1], 0.5, [(0, 1), (2, 2)], id="never over what cannot be held"),
        pytest.param([0.4, 0.4, 0.3, 0], 0.5, [(0, 4)], id="together they are worth a range"),
        pytest.param([0.4, CLOSED, 0.4, -1], 0.5, [], id="alone they are not"),
        pytest.param([1, 1, 1], 0.5, [(0, 1), (1, 1), (2, 1)], id="ranges stay aligned within what there is"),
    ],
)
def test_ranges_are_laid_where_they_are_worth_most(gains, price, expected):
    assert best_ranges(gains, price, 16) == expected


@pytest.mark.parametrize("largest", [1, 2, 4])
def test_no_range_is_larger_than_allowed(largest):
    assert {count for _, count in best_ranges([1.0] * 8, 0.1, largest)} == {largest}


def adopting(ages: Mapping[int, tuple[float, ...]]) -> set[IPv4Network]:
    """What is held in a /20 that Headroom comes to, with one single address in each of these blocks."""
    base = int(IPv4Network("10.0.0.0/20").network_address)
    interfaces = [an_interface(str(IPv4Network((base + 16 * n, 32)).network_address)) for n in ages]
    subnet = a_subnet("10.0.0.0/20", interfaces=interfaces)
    for _ in range(100):
        analysis = with_ages(an_analysis(replace(subnet, available=(0, 4096))), ages)
        history = remembered((), analysis, NOW)
        planned = steer(analysis, Policy(), history, created_today=0, released_today=0)
        if not planned.actions:
            break
        made = tuple(a_reservation(each.cidr) for each in planned.actions)
        subnet = replace(subnet, reservations=subnet.reservations + made)
    return {each.cidr for each in subnet.reservations}


def test_blocks_that_stay_are_left_to_single_addresses_when_a_subnet_is_adopted():
    stuck, young = (5, 37, 100, 135, 201, 230), (8, 60, 90, 150, 180, 210)
    held = adopting(dict.fromkeys(stuck, (5 * DAY,)) | dict.fromkeys(young, (MINUTE,)))
    after = block_map(a_subnet("10.0.0.0/20", reservations=[a_reservation(each) for each in held]))
    assert not after.reserved & set(stuck)
    assert after.reserved >= set(young)
    assert len(held) <= Policy().max_reservations_per_subnet


def test_of_two_draining_blocks_the_one_that_will_not_drain_is_given_back():
    blocks = [f"10.0.0.{16 * n}/28" for n in range(1, 15)]
    edges = [
        an_interface(*(f"10.0.0.{n}" for n in range(4, 16))),
        an_interface(*(f"10.0.0.{n}" for n in range(240, 255))),
    ]
    inside = [an_interface("10.0.0.49"), an_interface("10.0.0.50"), an_interface("10.0.0.145")]
    subnet = a_subnet(interfaces=[*edges, *inside], reservations=[a_reservation(each) for each in blocks])
    analysis = with_ages(an_analysis(subnet), {3: (MINUTE, MINUTE), 9: (9 * DAY,)})
    planned = steer(analysis, Policy(), remembered((), analysis, NOW), created_today=0, released_today=0)
    assert str(planned.releases[0].cidr) == "10.0.0.144/28"
