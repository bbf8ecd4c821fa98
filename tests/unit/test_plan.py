"""What is planned in a subnet. A /24 has fourteen blocks that can be prefixes: 10.0.0.16/28 to 10.0.0.224/28."""

from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from functions.capacity.model import Interface, Policy
from functions.capacity.plan import LONGEST_REASON, Limit, Plan, plan
from functions.capacity.steering.samples import History, Sample
from tests.builders import NOW, a_demand, a_group, a_reservation, a_subnet, an_analysis, an_interface, under_demand

POLICY = Policy()
NO_FLOOR = Policy(single_address_floor=0)


def cidrs(planned: Plan) -> list[str]:
    return [str(each.cidr) for each in planned.actions]


def singles_in(blocks: Iterable[int], each: int = 1) -> list[Interface]:
    """Interfaces with `each` single addresses in every one of these blocks of 10.0.0.0."""
    base = int(IPv4Address("10.0.0.0"))
    return [an_interface(*(str(IPv4Address(base + 16 * n + i)) for i in range(each))) for n in blocks]


FULL = singles_in(range(1, 15))  # one address in every block that could be a prefix


@pytest.mark.parametrize(
    ("subnet", "demand", "expected"),
    [
        pytest.param(a_subnet(), a_demand(0), [], id="no demand, no plan"),
        pytest.param(a_subnet(), a_demand(1), ["10.0.0.16/28"], id="the first block is never reserved"),
        pytest.param(
            a_subnet(), a_demand(4), ["10.0.0.64/26"], id="one large range rather than four blocks where one is free"
        ),
        pytest.param(
            a_subnet(), a_demand(5), ["10.0.0.64/26", "10.0.0.16/28"], id="large ranges first, the rest in small ones"
        ),
        pytest.param(
            a_subnet("10.0.0.0/22"),
            a_demand(20),
            ["10.0.1.0/24", "10.0.0.64/26"],
            id="a /24 at most, however much is free",
        ),
        pytest.param(
            a_subnet("10.0.0.0/21"),
            a_demand(32),
            ["10.0.1.0/24", "10.0.2.0/24"],
            id="two /24 rather than one /23",
        ),
        pytest.param(
            a_subnet(interfaces=singles_in([2])),
            a_demand(3),
            ["10.0.0.64/27", "10.0.0.16/28"],
            id="a free block comes before one with an address in it",
        ),
        pytest.param(
            a_subnet(interfaces=[*singles_in([1, 2], each=3), *singles_in([4]), *singles_in(range(6, 15), each=2)]),
            a_demand(3),
            ["10.0.0.48/28", "10.0.0.64/27"],
            id="both free blocks, and the emptiest to drain, which shares a range with one of them",
        ),
        pytest.param(
            a_subnet(interfaces=[*singles_in([7]), *singles_in(set(range(1, 15)) - {7}, each=4)]),
            a_demand(1),
            ["10.0.0.112/28"],
            id="of the blocks with addresses the emptiest drains first",
        ),
        pytest.param(
            a_subnet(interfaces=[an_interface("10.0.0.5", prefixes=["10.0.0.64/28", "10.0.0.96/28"])]),
            a_demand(2),
            ["10.0.0.32/27"],
            id="an assigned prefix is left out",
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.64/26", ours=False)]),
            a_demand(4),
            [],
            id="a person's reservation that is enough is enough",
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.64/26", ours=False)]),
            a_demand(6),
            ["10.0.0.32/27"],
            id="a person's reservation is counted and not overlapped",
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.0/25", kind="explicit")]),
            a_demand(2),
            ["10.0.0.128/27"],
            id="an explicit reservation is neither counted nor overlapped",
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.64/30")]),
            a_demand(4),
            ["10.0.0.128/26"],
            id="a reservation smaller than a block takes the whole block",
        ),
        pytest.param(
            a_subnet(interfaces=FULL, reservations=[a_reservation("10.0.0.64/26")]),
            a_demand(4),
            [],
            id="reserved blocks that drain already are waited for",
        ),
        pytest.param(
            a_subnet(interfaces=singles_in(range(4, 8)), reservations=[a_reservation("10.0.0.64/26")]),
            a_demand(4),
            ["10.0.0.128/26"],
            id="but not where free blocks can be had at once",
        ),
        pytest.param(a_subnet("10.0.0.0/28"), a_demand(3), [], id="a subnet of one block has nothing to give"),
        pytest.param(a_subnet("10.0.0.0/27"), a_demand(3), [], id="nor has one of two"),
    ],
)
def test_what_is_reserved(subnet, demand, expected):
    assert cidrs(plan(under_demand(subnet, demand), NO_FLOOR, created_today=0)) == expected


def test_an_action_says_how_many_of_its_blocks_are_free_and_how_many_drain():
    subnet = a_subnet(interfaces=singles_in(set(range(1, 15)) - {4, 6}))
    planned = plan(under_demand(subnet, a_demand(6)), NO_FLOOR, created_today=0)
    assert [(str(a.cidr), a.free, a.draining) for a in planned.actions] == [
        ("10.0.0.64/27", 1, 1),
        ("10.0.0.96/28", 1, 0),
        ("10.0.0.16/28", 0, 1),
        ("10.0.0.32/27", 0, 2),
    ]


# An empty /26 has 59 addresses to hand out singly, and two blocks to reserve, of 16 each.
@pytest.mark.parametrize(
    ("floor", "interfaces", "blocks", "limits"),
    [
        pytest.param(27, 0, 2, set(), id="59 - 32 leaves just the floor"),
        pytest.param(28, 0, 1, {Limit.FLOOR}, id="one address more to keep costs a whole block"),
        pytest.param(43, 0, 1, {Limit.FLOOR}, id="59 - 16 leaves just the floor"),
        pytest.param(44, 0, 0, {Limit.FLOOR}, id="no block without going below the floor"),
        pytest.param(16, 11, 2, set(), id="addresses for interfaces that will come fit beside the floor"),
        pytest.param(16, 12, 1, {Limit.FLOOR}, id="addresses for interfaces that will come are kept like the floor"),
        pytest.param(1000, 0, 0, {Limit.FLOOR}, id="a subnet below the floor already gives nothing"),
    ],
)
def test_single_addresses_keep_their_floor(floor, interfaces, blocks, limits):
    analysis = under_demand(a_subnet("10.0.0.0/26"), a_demand(2, interfaces=interfaces))
    planned = plan(analysis, Policy(single_address_floor=floor), created_today=0)
    assert sum(each.free for each in planned.actions) == blocks
    assert planned.limits == limits


# Open: 64 - 5 - 14 = 45 addresses. Block 1 would cost 14 of them, block 2 only 4.
@pytest.mark.parametrize(
    ("floor", "expected"),
    [
        pytest.param(31, ["10.0.0.16/28"], id="the emptiest, where it leaves just the floor"),
        pytest.param(32, ["10.0.0.32/28"], id="a fuller one, where the emptiest would cost too much"),
        pytest.param(41, ["10.0.0.32/28"], id="a fuller one, where it leaves just the floor"),
        pytest.param(42, [], id="none, where any would cost too much"),
    ],
)
def test_a_block_that_drains_costs_the_addresses_that_are_free_in_it(floor, expected):
    subnet = a_subnet("10.0.0.0/26", interfaces=[*singles_in([1], each=2), *singles_in([2], each=12)])
    planned = plan(under_demand(subnet, a_demand(1)), Policy(single_address_floor=floor), created_today=0)
    assert cidrs(planned) == expected
    assert planned.limits == (set() if expected else {Limit.FLOOR})


@pytest.mark.parametrize(
    ("subnet", "prefixes", "limits"),
    [
        pytest.param(a_subnet(), 14, set(), id="just enough blocks is no limit"),
        pytest.param(a_subnet(), 15, {Limit.SUBNET}, id="one block too few"),
        pytest.param(a_subnet(interfaces=FULL), 14, set(), id="blocks that will drain cover the demand in time"),
        pytest.param(a_subnet("10.0.0.0/28"), 1, {Limit.SUBNET}, id="no block at all"),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.0/24", kind="explicit")]),
            1,
            {Limit.SUBNET},
            id="all of it kept by others",
        ),
    ],
)
def test_a_subnet_with_too_few_blocks_is_named_as_the_limit(subnet, prefixes, limits):
    assert plan(under_demand(subnet, a_demand(prefixes)), NO_FLOOR, created_today=0).limits == limits


SCATTERED = a_subnet(interfaces=singles_in(range(2, 15, 2)))  # free: blocks 1, 3, 5, ... 13, no two together


@pytest.mark.parametrize(
    ("subnet", "policy", "created_today", "made", "deferred", "limits"),
    [
        pytest.param(SCATTERED, POLICY, 0, 5, 2, set(), id="five a run, the rest is deferred"),
        pytest.param(SCATTERED, Policy(max_creates_per_run=7), 0, 7, 0, set(), id="as many as one run may make"),
        pytest.param(
            SCATTERED, Policy(max_creates_per_run=0), 0, 0, 7, set(), id="a run that may make none defers all"
        ),
        pytest.param(
            SCATTERED,
            Policy(max_reservations_per_subnet=3),
            0,
            3,
            0,
            {Limit.OBJECTS},
            id="what the cap on objects forbids is not deferred",
        ),
        pytest.param(
            SCATTERED, Policy(max_reservations_per_subnet=6), 0, 5, 1, {Limit.OBJECTS}, id="both caps at once"
        ),
        pytest.param(
            SCATTERED, Policy(max_reservations_per_subnet=7), 0, 5, 2, set(), id="the cap on objects reached just so"
        ),
        pytest.param(
            a_subnet(
                interfaces=singles_in(range(2, 15, 2)),
                reservations=[a_reservation("10.0.0.16/28"), a_reservation("10.0.0.48/28", ours=False)],
            ),
            Policy(max_reservations_per_subnet=3),
            0,
            2,
            0,
            {Limit.OBJECTS},
            id="our reservations count for the cap, other people's do not",
        ),
        pytest.param(
            a_subnet(
                interfaces=singles_in(range(2, 15, 2)),
                reservations=[a_reservation("10.0.0.16/28"), a_reservation("10.0.0.48/28")],
            ),
            Policy(max_reservations_per_subnet=1),
            0,
            0,
            0,
            {Limit.OBJECTS},
            id="a cap lowered below what there is asks for nothing more",
        ),
        pytest.param(SCATTERED, POLICY, 198, 2, 0, {Limit.DAY}, id="two left for today"),
        pytest.param(SCATTERED, POLICY, 200, 0, 0, {Limit.DAY}, id="none left for today"),
        pytest.param(SCATTERED, POLICY, 999, 0, 0, {Limit.DAY}, id="more counted than allowed is none left"),
        pytest.param(
            SCATTERED,
            Policy(max_creates_per_subnet_per_day=4, max_reservations_per_subnet=2),
            0,
            2,
            0,
            {Limit.DAY, Limit.OBJECTS},
            id="every cap that bounds is named",
        ),
    ],
)
def test_caps(subnet, policy, created_today, made, deferred, limits):  # noqa: PLR0917 - a table's columns
    planned = plan(under_demand(subnet, a_demand(7)), policy, created_today=created_today)
    assert (len(planned.actions), planned.deferred, planned.limits) == (made, deferred, limits)


@pytest.mark.parametrize(
    ("mode", "plans"),
    [
        pytest.param("ahead", True, id="ahead may reserve"),
        pytest.param("observe", False, id="observe only looks"),
        pytest.param("", False, id="no tag means observe"),
        pytest.param("steer", False, id="steer is planned elsewhere"),
        pytest.param("balance", False, id="a mode of another version means observe"),
        pytest.param("AHEAD", False, id="the tag's value is exact"),
    ],
)
def test_only_a_subnet_that_asks_for_it_is_changed(mode, plans):
    planned = plan(under_demand(a_subnet(mode=mode), a_demand(3)), POLICY, created_today=0)
    assert bool(planned.actions) == plans
    assert plans or planned.reason == "only watching: the subnet's tag does not ask for more"


def test_a_partial_view_plans_nothing_and_says_why():
    planned = plan(under_demand(a_subnet(), a_demand(3), partial="3 addresses unseen"), POLICY, created_today=0)
    assert planned == Plan(subnet_id=planned.subnet_id, reason="only watching: 3 addresses unseen")


def test_counts_that_disagree_make_the_view_partial():
    planned = plan(an_analysis(a_subnet(available=200), a_group(most=1)), POLICY, created_today=0)
    assert planned.actions == ()
    assert planned.reason.startswith("only watching: EC2 counts 200 available addresses")


def test_the_reason_gives_demand_and_supply_and_who_asks():
    subnet = a_subnet(interfaces=singles_in([2]), reservations=[a_reservation("10.0.0.128/27")])
    (action,) = plan(under_demand(subnet, a_demand(4)), POLICY, created_today=0).actions
    assert action.reason == (
        "4 prefixes may still be asked for, before this 2 were free in reservations, 11 outside, for demo/workers"
    )


def test_the_reason_fits_a_reservations_description():
    reasons = [
        plan(under_demand(a_subnet(), a_demand(4, group="n" * length)), POLICY, created_today=0).actions[0].reason
        for length in range(140, 180)
    ]
    assert max(map(len, reasons)) == LONGEST_REASON == 255
    assert reasons[0].endswith("nnn")
    assert reasons[-1].endswith("n...")
    assert len({len(each) for each in reasons if each.endswith("...")}) == 1  # cut only where it would not fit


def test_without_groups_the_plan_still_has_its_numbers():
    planned = plan(an_analysis(), POLICY, created_today=0)
    assert planned.actions == ()
    assert planned.reason.startswith("0 prefixes may still be asked for, before this 0 were free in reservations, 14")


def after(*looks: tuple[timedelta, int]) -> History:
    """Looks so long ago, each with so many single addresses."""
    return tuple(Sample(at=NOW - ago, latest=singles, singles=singles, free=0) for ago, singles in looks)


@pytest.mark.parametrize(
    ("history", "free"),
    [
        pytest.param((), 62, id="without looks: all but the floor, which the edges hold"),
        pytest.param(after((timedelta(0), 0)), 47, id="less than a day of looks: a quarter of the subnet is left"),
        pytest.param(after((timedelta(days=2), 0), (timedelta(0), 0)), 62, id="none in two days: the same"),
        pytest.param(after((timedelta(days=2), 500), (timedelta(0), 0)), 32, id="room for as many as there ever were"),
    ],
)
def test_what_stays_open_follows_what_single_addresses_took(history, free):
    subnet = under_demand(a_subnet("10.0.0.0/22"), a_demand(62))
    planned = plan(subnet, Policy(max_creates_per_run=200), created_today=0, history=history)
    assert sum(each.free for each in planned.actions) == free
