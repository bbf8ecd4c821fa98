"""A subnet's findings as one table, and what becomes of them along any story.

The subnet is a /24 with its fourteen blocks free, and a node takes seven: a demand of 21 prefixes lacks seven.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.subnet_numbers import LISTED
from functions.capacity.findings.subnet_state import LEAD, THREE_LOOKS, Situation, reserved, subnet_state
from functions.capacity.incidents import Incidents, State, follow
from functions.capacity.owners import Owner
from functions.capacity.pins import Holder, Newcomer
from tests.builders import (
    NOW,
    SUBNET,
    a_demand,
    a_group,
    a_reservation,
    a_subnet,
    an_analysis,
    an_interface,
    under_demand,
)

FREE, NODE = 14, 7
BLOCKS = [a_reservation(f"10.0.0.{16 * n}/28", reservation_id=f"scr-{n}") for n in range(1, 5)]
IDS = [each.id for each in BLOCKS]


def a_situation(
    prefixes: int = 0, *, urgent: bool = False, ours: int = 0, partial: bool = False, unfinished: bool = False
) -> Situation:
    """The demand in prefixes, all of it wanted now or as little of it as can be, and the first `ours` of BLOCKS."""
    demand = a_demand(prefixes, urgent=prefixes if urgent else prefixes % NODE, node=NODE)
    return Situation(
        analysis=under_demand(a_subnet(), demand, partial="counts disagree" if partial else ""),
        ours=tuple(BLOCKS[:ours]),
        unfinished=unfinished,
    )


W, C, U = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        pytest.param(a_situation(), [], id="nothing is asked of it"),
        pytest.param(a_situation(7), [], id="a node to spare"),
        pytest.param(a_situation(8), [(FindingId.SHORTAGE, W, False)], id="nearly a node to spare opens nothing"),
        pytest.param(a_situation(FREE), [(FindingId.SHORTAGE, W, False)], id="nor does a demand that just fits"),
        pytest.param(a_situation(FREE + 1), [(FindingId.SHORTAGE, W, True)], id="one prefix too few"),
        pytest.param(a_situation(21, urgent=True), [(FindingId.SHORTAGE, C, True)], id="lacking for nodes wanted now"),
        pytest.param(
            a_situation(21, unfinished=True), [(FindingId.SHORTAGE, U, True)], id="before all is done nobody knows"
        ),
        pytest.param(
            a_situation(21, partial=True),
            [(FindingId.PARTIAL, W, True), (FindingId.SHORTAGE, U, True)],
            id="nor while not all can be seen",
        ),
    ],
)
def test_what_is_so(now, expected):
    assert [(each.id, each.severity, each.opens) for each in subnet_state(now)] == expected


def test_a_shortage_says_how_much_is_lacking_what_there_is_and_what_kept_us():
    (shortage,) = subnet_state(replace(a_situation(28, ours=2), why_not="the cap"))
    assert (shortage.magnitude, shortage.grain) == (FREE, NODE)
    assert shortage.title == f"{SUBNET} lacks 14 of the 28 prefixes asked of it"
    assert shortage.done == (
        "2 reservations of Headroom's: 2 free, 0 draining, 0 assigned",
        "no more, because the cap",
    )


def test_a_shortage_names_the_reservations_of_others():
    theirs = [
        a_reservation("10.0.0.208/28", ours=False, reservation_id="scr-b"),
        a_reservation("10.0.0.16/28", ours=False, kind="explicit", reservation_id="scr-a"),
        a_reservation("10.0.0.32/28", reservation_id="scr-ours"),
    ]
    subnet = a_subnet(interfaces=[an_interface("10.0.0.210")], reservations=theirs)
    (shortage,) = subnet_state(Situation(analysis=under_demand(subnet, a_demand(28, urgent=0, node=NODE))))
    assert shortage.done[1:] == (
        "10.0.0.16/28 (scr-a), somebody else's, never changed: no prefix that EC2 chooses comes into its 1 block",
        "10.0.0.208/28 (scr-b), somebody else's for prefixes, counted, never changed: 0 free, 1 draining, 0 assigned",
    )


@pytest.mark.parametrize(
    ("how", "hold", "severity"),
    [
        pytest.param({}, LEAD, W, id="its own draining will cover it"),
        pytest.param({"asked": 16}, THREE_LOOKS, W, id="but not all of it"),
        pytest.param({"hours": 24}, THREE_LOOKS, W, id="but what has been there for a day stays"),
        pytest.param({"urgent": 12}, timedelta(0), C, id="but the next node finds too little"),
        pytest.param({"owner": Owner.DATABASE}, THREE_LOOKS, W, id="but what stands there will not go"),
        pytest.param({"mode": "ahead"}, THREE_LOOKS, W, id="but nobody steers it"),
    ],
)
def test_how_long_a_shortage_waits_while_blocks_drain(how, hold, severity):
    (shortage,) = subnet_state(draining(**how))
    assert (shortage.hold, shortage.severity) == (hold, severity)


def draining(
    *, mode: str = "steer", owner: Owner = Owner.POD, hours: int = 0, asked: int = 12, urgent: int = 0, node: int = 4
) -> Situation:
    """Two free blocks, and twelve with an address each, all in a reservation of ours."""
    attached = int((NOW - timedelta(hours=hours)).timestamp())
    singles = [replace(an_interface(f"10.0.0.{16 * n}"), owner=owner, attached=attached) for n in range(1, 13)]
    subnet = a_subnet(mode=mode, interfaces=singles, reservations=[a_reservation("10.0.0.0/24")])
    return Situation(analysis=under_demand(subnet, a_demand(asked, urgent=urgent, node=node)), at=NOW)


@pytest.mark.parametrize(
    ("how", "severity"),
    [
        pytest.param({}, W, id="the next node has its blocks, and what drains covers the others"),
        pytest.param({"node": 3, "asked": 16}, C, id="the next node has not"),
        pytest.param({"urgent": 14, "asked": 18}, C, id="what drains is too little"),
        pytest.param({"hours": 24}, C, id="what was there for a day will stay"),
        pytest.param({"mode": "ahead"}, C, id="nobody steers it"),
    ],
)
def test_nodes_that_lack_blocks_are_critical_unless_a_steered_subnet_drains_for_them(how, severity):
    (shortage,) = subnet_state(draining(**{"asked": 14, "urgent": 10, "node": 2, **how}))
    assert shortage.severity is severity
    assert shortage.hold == (THREE_LOOKS if severity is W else timedelta(0))


def test_a_shortage_tells_what_drains_from_what_is_lacking():
    now = draining(asked=16)
    (shortage,) = subnet_state(now)
    assert shortage.title == f"{SUBNET} lacks 14 of the 16 prefixes asked of it, 10 of them draining"
    assert (shortage.numbers["draining"], shortage.numbers["expectedToDrainWithinADay"]) == (12, 10)


@pytest.mark.parametrize(
    ("now", "known", "news", "after"),
    [
        pytest.param(a_situation(ours=2), 0, 2, 2, id="first reservations are told"),
        pytest.param(a_situation(ours=2), 2, 0, 2, id="known reservations are not told again"),
        pytest.param(a_situation(ours=3), 2, 1, 3, id="one more is told"),
        pytest.param(a_situation(ours=2, unfinished=True), 0, 0, 0, id="a decision half done is not told yet"),
        pytest.param(a_situation(ours=1, unfinished=True), 2, 0, 2, id="nor does it forget anything"),
        pytest.param(a_situation(ours=1, partial=True), 2, 0, 2, id="nor does a view that is not whole"),
        pytest.param(a_situation(), 2, 0, 0, id="reservations that are gone are forgotten in silence"),
    ],
)
def test_reservations_are_told_once(now, known, news, after):
    told, ids = reserved(now, frozenset(IDS[:known]))
    assert (len(told.done) if told else 0) == news
    assert ids == frozenset(IDS[:after])


@pytest.mark.parametrize(("known", "told"), [(0, True), (2, False)], ids=["at first", "not again"])
def test_a_steered_subnets_pool_moves_all_day_and_is_told_of_once(known, told):
    now = Situation(analysis=under_demand(a_subnet(mode="steer"), a_demand(0)), ours=tuple(BLOCKS))
    finding, _ = reserved(now, frozenset(IDS[:known]))
    assert bool(finding) == told
    assert finding is None or "is steered now: 4 blocks held" in finding.title


def test_many_reservations_are_listed_in_order_and_then_counted():
    many = tuple(a_reservation(f"10.0.0.{16 * n}/28") for n in range(14, 0, -1))
    told, _ = reserved(replace(a_situation(), ours=many), frozenset())
    assert told is not None
    assert (told.id, told.severity) == (FindingId.RESERVED, Severity.INFO)
    lines = list(told.done)
    assert [each.split()[0] for each in lines[:LISTED]] == [f"10.0.0.{16 * n}/28" for n in range(1, LISTED + 1)]
    assert lines[LISTED:] == ["and 2 more"]


def test_a_subnet_that_only_needs_its_tag_comes_with_the_command_for_it():
    (finding,) = subnet_state(Situation(analysis=an_analysis(a_subnet(mode=""), a_group(most=9))))
    assert finding.remedy[0].endswith(f"aws ec2 create-tags --resources {SUBNET} --tags Key=headroom:mode,Value=ahead")
    (finding,) = subnet_state(Situation(analysis=an_analysis(a_subnet(mode="ahead"), a_group(most=9))))
    assert finding.remedy == ()


STRAY = Newcomer(
    reservation_id="scr-1",
    holder=Holder(address=167772180, interface_id="eni-9", owner=Owner.LAMBDA, primary=True),
)


def test_single_addresses_inside_our_reservations_are_told_once_a_day():
    came, quiet = replace(a_situation(), newcomers=(STRAY,)), a_situation()
    heard = told(
        [(came, 0), (came, 60), (quiet, 60), (came, 3600), (quiet, 60), (quiet, 86_399), (quiet, 1), (came, 60)]
    )
    assert [state for _, state in heard] == [State.OPEN, State.RESOLVED, State.OPEN]
    (finding,) = subnet_state(came)
    assert finding.id is FindingId.STRAYS
    assert "10.0.0.20, primary address of eni-9 (Lambda function), in scr-1" in str(finding.numbers["addresses"])


def told(story: list[tuple[Situation, int]]) -> list[tuple[str, State]]:
    """Finding and state of all that is said along a story of situations, each so many seconds after the last."""
    incidents: Incidents = {}
    at, heard = NOW, list[tuple[str, State]]()
    for situation, seconds in story:
        at += timedelta(seconds=seconds)
        changes, incidents = follow(subnet_state(situation), incidents, at)
        heard += [(each.incident.finding, each.state) for each in changes]
    return heard


SITUATIONS = st.builds(
    a_situation, st.integers(0, 35), urgent=st.booleans(), partial=st.booleans(), unfinished=st.booleans()
)
STORIES = st.lists(st.tuples(SITUATIONS, st.sampled_from([1, 60, 300, 3600])), min_size=1, max_size=25)


@given(STORIES)
def test_every_incident_opens_before_anything_else_and_resolves_before_it_opens_again(story):
    is_open = {FindingId.SHORTAGE.value: False, FindingId.PARTIAL.value: False}
    for finding, state in told(story):
        assert is_open[finding] == (state is not State.OPEN)
        is_open[finding] = state is not State.RESOLVED


@given(st.lists(st.integers(FREE - NODE + 1, FREE + NODE), min_size=1, max_size=50))
def test_a_demand_that_swings_by_less_than_a_node_around_what_fits_is_told_once_at_most(swings):
    heard = [state for _, state in told([(a_situation(prefixes), 600) for prefixes in swings])]
    assert heard in ([], [State.OPEN])
