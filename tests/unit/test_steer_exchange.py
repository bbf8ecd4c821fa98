"""What `steer` makes of calls and reservations that are left: /24s of fourteen blocks, 10.0.0.16/28 is block 1."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import block_map
from functions.capacity.model import Policy, Subnet
from functions.capacity.plan import Limit, Plan
from functions.capacity.steer import CALLS, FOR_RELEASES, History, Sample, steer
from tests.builders import NOW, a_reservation, a_subnet, an_analysis, an_interface, with_ages

MINUTE, DAY = 60.0, timedelta(days=1).total_seconds()
FULL_EDGES = [
    an_interface(*(f"10.0.0.{n}" for n in range(4, 16))),
    an_interface(*(f"10.0.0.{n}" for n in range(240, 255))),
]
NOON = (Sample(at=NOW.replace(hour=12), latest=0, singles=0, free=0),)
FREELY = Policy(max_reservations_per_subnet=64)


Ages = dict[int, tuple[float, ...]]  # of single addresses, by block, in seconds


def a_subnet_with(singles: Ages, *reserved: str, prefixes: Iterable[int] = (), ours: bool = True) -> Analysis:
    """Single addresses by block and age in seconds, ranges in reservations, and blocks that prefixes take."""
    inside = [an_interface(*(f"10.0.0.{16 * n + i}" for i in range(len(ages)))) for n, ages in singles.items()]
    node = an_interface(prefixes=[f"10.0.0.{16 * n}/28" for n in prefixes])
    reservations = [a_reservation(each, ours=ours) for each in reserved]
    subnet = a_subnet(interfaces=[*FULL_EDGES, *inside, node], reservations=reservations)
    return with_ages(an_analysis(subnet), singles)


def planned(analysis: Analysis, *, policy: Policy = FREELY, created: int = 0, history: History = NOON) -> Plan:
    return steer(analysis, policy, history, created_today=created, released_today=0)


def after(subnet: Subnet, decision: Plan) -> Subnet:
    gone = {each.reservation_id for each in decision.releases}
    kept = tuple(each for each in subnet.reservations if each.id not in gone)
    return replace(subnet, reservations=kept + tuple(a_reservation(each.cidr) for each in decision.actions))


def held(decision: Plan) -> list[str]:
    return [str(each.cidr) for each in decision.actions]


def given_back(decision: Plan) -> list[str]:
    return [str(each.cidr) for each in decision.releases]


# Block 4 is spoiled for good inside a reservation, and the pool has room beyond what single addresses need.
OLD: Ages = {4: (30 * DAY, 30 * DAY)}
HELD = ("10.0.0.64/28", "10.0.0.80/28", "10.0.0.96/27", "10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/28")
TOUCHED = a_subnet_with(OLD | {1: (30 * DAY,) * 10, 2: (30 * DAY,) * 4, 3: (MINUTE,)}, *HELD)


def test_a_block_that_was_just_touched_is_closed_where_one_that_stays_can_be_opened_in_its_stead():
    first = planned(TOUCHED)
    assert (held(first), given_back(first)) == (["10.0.0.48/28"], [])
    busier = a_subnet_with(OLD | {1: (30 * DAY,) * 14, 2: (30 * DAY,) * 9, 3: (MINUTE,)}, *HELD, "10.0.0.48/28")
    assert given_back(planned(busier))[0] == "10.0.0.64/28"  # once single addresses need the room, not the touched one


@pytest.mark.parametrize(
    ("analysis", "facts"),
    [
        pytest.param(
            a_subnet_with({**OLD, 3: (MINUTE,), 1: (DAY,) * 14, 2: (DAY,) * 14}, *HELD), {}, id="room is needed"
        ),
        pytest.param(
            a_subnet_with({1: (DAY,) * 10, 2: (DAY,) * 4, 3: (MINUTE,)}, *HELD), {}, id="all that is held drains"
        ),
        pytest.param(
            a_subnet_with({**OLD, 1: (9 * DAY,) * 10, 2: (9 * DAY,) * 4, 3: (9 * DAY,)}, *HELD),
            {},
            id="as old as that one",
        ),
        pytest.param(
            a_subnet_with({**OLD, 1: (DAY,) * 10, 2: (DAY,) * 4, 3: (MINUTE,)}, *HELD, ours=False),
            {},
            id="not ours to open",
        ),
        pytest.param(TOUCHED, {"created": CALLS - FOR_RELEASES - 1}, id="the day's calls are spent before its time"),
        pytest.param(TOUCHED, {"policy": Policy(max_reservations_per_subnet=len(HELD))}, id="no object is left"),
        pytest.param(TOUCHED, {"policy": Policy(max_creates_per_run=0)}, id="this run has none left"),
        pytest.param(
            TOUCHED,
            {"history": (replace(NOON[0], fair=50.0),)},
            id="single addresses do not scatter: it stays as it is",
        ),
    ],
)
def test_nothing_changes_places_where(analysis, facts):
    decision = planned(analysis, **facts)
    assert (held(decision), given_back(decision)) == ([], [])


STUCK: Ages = {8: (30 * DAY,), 10: (30 * DAY,), 11: (30 * DAY,)}  # in 10.0.0.128/26, beside three free blocks


def test_all_that_is_needed_of_a_large_reservation_is_opened_at_once():
    """Room for some thirty addresses is missing: two of its spoiled blocks have it, not one and another later."""
    full: Ages = dict.fromkeys(range(1, 8), (DAY,) * 16)
    analysis = a_subnet_with(full | STUCK, "10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/28")
    first = planned(analysis)
    assert given_back(first) == ["10.0.0.128/26"]
    opened = after(analysis.subnet, first)
    second = planned(with_ages(an_analysis(opened), STUCK))
    closed = block_map(after(opened, second))
    assert 9 in closed.reserved
    assert len({8, 10, 11} - closed.reserved) >= 2


FULL: Ages = {1: (DAY,) * 16, 2: (DAY,) * 16, 3: (DAY,) * 16, 12: (DAY,) * 16, 13: (DAY,) * 16, 14: (DAY,) * 16}


def test_what_prefixes_take_alone_is_given_back_first_where_a_split_needs_more_objects_than_there_are():
    analysis = a_subnet_with(FULL | STUCK, "10.0.0.64/28", "10.0.0.96/27", "10.0.0.128/26", prefixes=[4, 5, 6, 7])
    at_the_cap = planned(analysis, policy=Policy(max_reservations_per_subnet=3))
    assert given_back(at_the_cap) == ["10.0.0.64/28", "10.0.0.128/26"]
    assert at_the_cap.releases[0].reason.startswith("prefixes take all of it, others need its place; ")
    assert given_back(planned(analysis)) == ["10.0.0.128/26"]


def test_where_no_object_can_be_had_single_addresses_get_their_room_all_the_same():
    analysis = a_subnet_with(FULL | STUCK, "10.0.0.128/26", prefixes=[4, 5, 6, 7])
    assert given_back(planned(analysis, policy=Policy(max_reservations_per_subnet=1))) == ["10.0.0.128/26"]


def test_what_prefixes_take_alone_makes_room_for_what_can_be_held():
    """Six free blocks are open and all the reservations that may be stand over prefixes."""
    analysis = a_subnet_with({}, "10.0.0.16/28", "10.0.0.32/27", "10.0.0.64/26", prefixes=range(1, 8))
    policy = Policy(max_reservations_per_subnet=3)
    first = planned(analysis, policy=policy)
    assert (held(first), given_back(first)[0]) == ([], "10.0.0.16/28")
    assert first.deferred
    second = planned(an_analysis(after(analysis.subnet, first)), policy=policy)
    assert held(second)
    assert len(after(after(analysis.subnet, first), second).reservations) <= 3


def test_what_comes_after_the_last_object_waits_for_a_run_that_makes_room():
    """Otherwise a look much later would go on with it."""
    analysis = a_subnet_with({}, "10.0.0.16/28", "10.0.0.32/27", prefixes=range(1, 4))
    decision = planned(analysis, policy=Policy(max_reservations_per_subnet=3, max_creates_per_run=1))
    assert (len(held(decision)), given_back(decision)) == (1, [])
    assert decision.deferred


def test_the_last_call_of_the_day_makes_no_room_since_none_is_left_to_use_it():
    analysis = a_subnet_with({}, "10.0.0.16/28", "10.0.0.32/27", "10.0.0.64/26", prefixes=range(1, 8))
    decision = planned(analysis, policy=Policy(max_reservations_per_subnet=3), created=CALLS - FOR_RELEASES - 1)
    assert (held(decision), given_back(decision)) == ([], [])


def test_a_reservation_that_still_keeps_something_free_is_not_given_up_for_another():
    analysis = a_subnet_with({}, "10.0.0.16/28", "10.0.0.32/27", "10.0.0.64/26")
    decision = planned(analysis, policy=Policy(max_reservations_per_subnet=3))
    assert (held(decision), given_back(decision)) == ([], [])
    assert Limit.OBJECTS in decision.limits
