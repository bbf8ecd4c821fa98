"""What `steer` plans in a subnet. A /24 has fourteen blocks that can be prefixes: 10.0.0.16/28 to 10.0.0.224/28."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from functions.capacity.blocks import block_map
from functions.capacity.model import Interface, Policy, Reservation, Subnet
from functions.capacity.plan import LONGEST_REASON, Limit, Plan
from functions.capacity.steer import CALLS, FOR_RELEASES, FOR_THE_FLOOR, RELEASES, History, Sample, steer
from functions.capacity.steering.hold import aligned
from functions.capacity.steering.pool import INVITED
from functions.capacity.subnet_policy import by_size
from tests.builders import NOW, a_demand, a_reservation, a_subnet, an_analysis, an_interface, looks, under_demand

POLICY = Policy()


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


REST = ("10.0.0.16/28", "10.0.0.32/27", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/28")


BLOCKS = [f"10.0.0.{16 * n}/28" for n in range(1, 15)]


def steered(subnet: Subnet, *, policy: Policy = POLICY, created: int = 0, released: int = 0) -> Plan:
    return steer(an_analysis(subnet), policy, (), created_today=created, released_today=released)


def singles_in(blocks: Iterable[int], each: int) -> list[Interface]:
    base = int(IPv4Address("10.0.0.0"))
    return [
        an_interface(*(str(IPv4Address(base + 16 * n + i)) for i in range(4 if n == 0 else 0, each))) for n in blocks
    ]


def reserved(*cidrs: str, ours: bool = True) -> list[Reservation]:
    return [a_reservation(each, ours=ours) for each in cidrs]


def opened(planned: Plan) -> list[str]:
    return [str(each.cidr) for each in planned.releases]


def held(planned: Plan) -> set[str]:
    return {str(each.cidr) for each in planned.actions}


FULL_EDGES = singles_in([0, 15], 15)  # no single address is left where no prefix can be


def test_a_new_subnet_is_held_but_for_the_edges_and_a_small_pool():
    planned = steered(a_subnet())
    after = block_map(replace(a_subnet(), reservations=tuple(a_reservation(c) for c in held(planned))))
    assert planned.releases == ()
    assert POLICY.single_address_floor <= after.open_addresses <= POLICY.single_address_floor + 48


def test_what_is_held_already_stays():
    planned = steered(a_subnet(reservations=reserved(*REST)))
    assert (planned.actions, planned.releases, planned.deferred) == ((), (), 0)


@pytest.mark.parametrize(
    ("singles", "expected"),
    [
        pytest.param([], ["10.0.0.16/28"], id="of free blocks the first is released"),
        pytest.param([(14, 3)], ["10.0.0.224/28"], id="a block that single addresses spoiled goes before a free one"),
        pytest.param([(1, 2), (14, 3)], ["10.0.0.224/28"], id="the fuller it is the longer it would drain"),
        pytest.param([(1, 16)], ["10.0.0.32/28"], id="a full block would bring nothing"),
    ],
)
def test_single_addresses_get_the_block_that_costs_least(singles, expected):
    inside = [each for n, count in singles for each in singles_in([n], count)]
    subnet = a_subnet(interfaces=[*FULL_EDGES, *inside], reservations=reserved(*BLOCKS))
    assert opened(steered(subnet))[:1] == expected


def test_of_a_large_reservation_only_one_block_is_given_up_in_the_end():
    subnet = a_subnet(interfaces=FULL_EDGES, reservations=reserved("10.0.0.128/26"))
    subnet = replace(
        subnet, reservations=(*subnet.reservations, *reserved(*REST[:3], "10.0.0.192/27", REST[-1], ours=False))
    )
    first = steered(subnet)
    assert opened(first) == ["10.0.0.128/26"]
    assert first.deferred
    after = replace(subnet, reservations=tuple(each for each in subnet.reservations if not each.ours))
    second = steered(after)
    assert sum(each.cidr.num_addresses for each in second.actions) in {16, 32}


@pytest.mark.parametrize(
    "reservations",
    [
        pytest.param(reserved(*REST, ours=False), id="somebody else's"),
        pytest.param([a_reservation(each, kind="explicit") for each in REST], id="explicit, whoever made them"),
        pytest.param([a_reservation("10.0.0.16/29")], id="smaller than a block"),
    ],
)
def test_only_our_own_reservations_of_whole_blocks_are_released(reservations):
    assert opened(steered(a_subnet(interfaces=singles_in(range(16), 15), reservations=reservations))) == []


def test_a_partial_view_changes_nothing():
    planned = steered(a_subnet(available=7))
    assert (planned.actions, planned.releases) == ((), ())
    assert planned.reason.startswith("only watching: EC2 counts 7 available addresses")


@pytest.mark.parametrize(
    ("created", "released", "creates"),
    [
        pytest.param(0, 0, 5, id="five in one run"),
        pytest.param(CALLS - FOR_RELEASES - 3, 0, 3, id="what is left of the day"),
        pytest.param(0, CALLS - FOR_RELEASES - 3, 3, id="releases count too"),
        pytest.param(CALLS - FOR_RELEASES, 0, 0, id="the last calls are kept for releases"),
    ],
)
def test_the_caps_on_creates(created, released, creates):
    planned = steered(a_subnet("10.0.0.0/20"), created=created, released=released)
    assert len(planned.actions) == creates
    assert (Limit.DAY in planned.limits) == (creates < 5)


def test_a_larger_subnet_has_more_calls_in_proportion():
    subnet, policy = a_subnet("10.0.0.0/18"), by_size(POLICY, 16384)
    assert len(steered(subnet, policy=policy, created=4 * CALLS - FOR_RELEASES - 3).actions) == 3


@pytest.mark.parametrize(
    ("released", "floor", "releases"),
    [
        pytest.param(0, 16, RELEASES, id="five in one run"),
        pytest.param(CALLS - 2, 0, 2, id="what is left of the day"),
        pytest.param(CALLS, 0, 0, id="the day's calls are spent"),
        pytest.param(CALLS, 16, RELEASES, id="below the floor a single address may wait: there are more"),
        pytest.param(CALLS + FOR_THE_FLOOR - 1, 16, 1, id="but not without end"),
    ],
)
def test_the_caps_on_releases(released, floor, releases):
    blocks = [f"10.0.{n // 16}.{n % 16 * 16}/28" for n in range(1, 30)]
    subnet = a_subnet(
        "10.0.0.0/22", interfaces=singles_in([0, *range(30, 64)], 16)[:-1], reservations=reserved(*blocks)
    )
    subnet = replace(subnet, available=(16 * 29 + 5,))
    policy = replace(POLICY, single_address_floor=floor)
    planned = steered(replace(subnet, available=_counted(subnet)), policy=policy, released=released)
    assert len(planned.releases) == releases


def _counted(subnet: Subnet) -> tuple[int, ...]:
    used = sum(len(each.addresses) for each in subnet.interfaces)
    return (subnet.cidr.num_addresses - 5 - used,)


def test_a_subnet_with_as_many_reservations_as_allowed_gets_no_more():
    policy = replace(POLICY, max_reservations_per_subnet=2)
    first = steered(a_subnet("10.0.0.0/20"), policy=policy)
    assert (len(first.actions), first.deferred) == (2, 0)
    assert Limit.OBJECTS in first.limits


def test_every_action_gives_its_numbers():
    (action, *_) = steered(a_subnet("10.0.0.0/20")).actions
    assert (action.free, action.draining) == (16, 0)
    assert action.reason.startswith("4091 addresses are open to single requests, which need ")
    assert len(action.reason) <= LONGEST_REASON
    (given_back, *_) = steered(a_subnet(interfaces=FULL_EDGES, reservations=reserved(*BLOCKS))).releases
    assert given_back.reason.startswith("opens 16 addresses and 1 free blocks; ")


def test_where_singles_do_not_scatter_nothing_is_reserved():
    spared = Sample(at=NOW, latest=9, singles=9, free=10, fair=20.0)
    planned = steer(an_analysis(a_subnet("10.0.0.0/20")), POLICY, (spared,), created_today=0, released_today=0)
    assert (planned.actions, planned.releases) == ((), ())


@pytest.mark.parametrize(
    ("gain", "expected"),
    [pytest.param(0, 16, id="quiet: the floor"), pytest.param(30, 38, id="a burst of 30 was seen")],
)
def test_the_margin_learns_from_bursts(gain, expected):
    seen = Sample(at=NOW, latest=0, singles=0, free=0, gain=gain)
    subnet = a_subnet("10.0.0.0/22")
    planned = steer(under_demand(subnet, a_demand(0)), POLICY, (seen,), created_today=0, released_today=0)
    assert lowest_of(planned) == expected


def lowest_of(planned: Plan) -> int:
    """Open addresses below which blocks are released, by the plan's reason."""
    return int(planned.reason.split("which need ")[1].split(" to ")[0])


@pytest.mark.parametrize(
    ("was_free", "expected"),
    [
        pytest.param([40] * 25, 246, id="40 blocks were left at every look: 6 % of the subnet for a burst never seen"),
        pytest.param(
            [40] * 22, 152, id="so they were, but no day was seen: 0.35 of what is free above the scarce ones"
        ),
        pytest.param(
            [40] * 12 + [13] + [40] * 12, 20, id="a block in twenty was left once: nobody may burst but nodes"
        ),
        pytest.param([70] + [40] * 24, 156, id="30 fewer than yesterday: 15 fewer will be left"),
    ],
)
def test_the_margin_for_a_burst_never_seen_is_what_is_always_left(was_free, expected):
    """Hourly looks at a /20 in which 40 blocks are free now."""
    subnet = a_subnet(
        "10.0.0.0/20", interfaces=[an_interface(prefixes=[f"10.0.{n // 16}.{n % 16 * 16}/28" for n in range(1, 215)])]
    )
    history = tuple(Sample(at=NOW + n * HOUR, latest=0, singles=0, free=each) for n, each in enumerate(was_free))
    planned = steer(under_demand(subnet, a_demand(4, interfaces=4)), POLICY, history, created_today=0, released_today=0)
    assert lowest_of(planned) == expected


def test_ranges_are_aligned_and_filled_up_with_blocks_in_use():
    assert list(aligned({4, 5, 7, 9}, {6}, 16)) == [(4, 4), (9, 1)]
    assert list(aligned({4, 5, 6, 7}, (), 2)) == [(4, 2), (6, 2)]


@pytest.mark.parametrize(
    ("hours", "singles", "expected"),
    [
        pytest.param(
            20, 6, {"10.0.0.64/27", "10.0.0.96/28"}, id="no day was seen: what is open beyond the pool is held"
        ),
        pytest.param(23, 6, set(), id="a day was seen: a block that will hardly drain is not worth the call"),
        pytest.param(23, 5, {"10.0.0.64/27", "10.0.0.96/28"}, id="a day was seen, and it may drain"),
    ],
)
def test_a_block_worth_little_is_left_open_once_a_day_was_seen(hours, singles, expected):
    """Six open blocks are alike, the others are held. The chance to leave is 0.75 where no age is known."""
    rest = reserved("10.0.0.112/28", "10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/28")
    subnet = a_subnet(interfaces=[*FULL_EDGES, *singles_in(range(1, 7), singles)], reservations=rest)
    history = looks([65] * hours, every=HOUR)
    planned = steer(an_analysis(subnet), POLICY, history, created_today=0, released_today=0)
    assert held(planned) == expected


def test_the_first_blocks_of_a_new_subnet_are_left_to_single_addresses():
    after = replace(a_subnet(), reservations=tuple(a_reservation(each) for each in held(steered(a_subnet()))))
    assert block_map(after).free_open == {1}


def width(history: History, *, created: int = 0, free: int = 14) -> int:
    """How wide the pool of a /24 may be."""
    reservations = reserved(*BLOCKS[:free])
    planned = steer(
        an_analysis(a_subnet(reservations=reservations)), POLICY, history, created_today=created, released_today=0
    )
    low, high = planned.reason.split("which need ")[1].split(";")[0].split(" to ")
    return int(high) - int(low)


def test_calls_over_the_days_pace_make_the_pool_wider():
    midnight = Sample(at=NOW.replace(hour=0), latest=0, singles=0, free=0)
    late = replace(midnight, at=NOW.replace(hour=23))
    assert width((midnight,), created=60) == width((midnight,))
    assert width((midnight,), created=80) == width((midnight,)) + 32
    assert width((late,), created=170) == width((late,))


def a_day(*, scarce_at: int) -> History:
    """Hourly looks: in the hours to come yesterday, 90 single addresses; few blocks free from the given one on."""
    return tuple(
        Sample(at=NOW + n * HOUR, latest=0, singles=90 if n == 3 else 0, free=0 if n >= scarce_at else 14)
        for n in range(25)
    )


@pytest.mark.parametrize(
    ("scarce_at", "wider"),
    [
        pytest.param(5, 90, id="back before blocks get scarce: closing would soon be undone"),
        pytest.param(2, 0, id="back only after blocks were scarce: the room is needed till then"),
    ],
)
def test_room_is_kept_for_single_addresses_that_will_be_back(scarce_at, wider):
    quiet = tuple(replace(each, singles=0) for each in a_day(scarce_at=scarce_at))
    assert width(a_day(scarce_at=scarce_at)) == width(quiet) + wider


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        pytest.param(9, 16 + INVITED, id="as many nodes as may come between two looks"),
        pytest.param(2, 16 + 2, id="two blocks invite two nodes at the most"),
        pytest.param(0, 16, id="no block, no node: the rest is anybody's"),
    ],
)
def test_only_nodes_that_find_a_block_are_invited(free, expected):
    """Each takes a single address of its own beside its prefixes. No single address has come yet."""
    node = an_interface(prefixes=BLOCKS[free:])
    scarce = Sample(at=NOW, latest=0, singles=0, free=0)
    analysis = under_demand(a_subnet(interfaces=[node]), a_demand(9, interfaces=9))
    planned = steer(analysis, POLICY, (scarce,), created_today=0, released_today=0)
    assert lowest_of(planned) == expected
