"""`decide` as one table, and the laws it keeps along any story.

The subnet is a /24 with its fourteen blocks free, and a node takes seven: a demand of 21 prefixes lacks seven.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.alerts import (
    PARTIAL_HOLD,
    STRAYS_AGAIN,
    Notice,
    Partial,
    Shortage,
    Situation,
    State,
    Told,
    decide,
)
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.owners import Owner
from functions.capacity.pins import Holder, Newcomer
from tests.builders import NOW, a_demand, a_reservation, a_subnet, under_demand

FREE, NODE = 14, 7
EARLIER = NOW - timedelta(hours=1)
BLOCKS = [a_reservation(f"10.0.0.{16 * n}/28", reservation_id=f"scr-{n}") for n in range(1, 5)]


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


def told(
    *,
    ours: int = 0,
    missing: int = 0,
    urgent: bool = False,
    since: datetime = EARLIER,
    partial: Partial | None = None,
) -> Told:
    return Told(
        reservations=frozenset(each.id for each in BLOCKS[:ours]),
        shortage=Shortage(since=since, missing=missing, urgent=urgent) if missing else None,
        partial=partial,
    )


RESERVED = (FindingId.RESERVED, State.DONE, Severity.INFO)
UNSEEN = (FindingId.PARTIAL, State.OPEN, Severity.WARNING)
SEEN_AGAIN = (FindingId.PARTIAL, State.RESOLVED, Severity.WARNING)


def shortage(state: State, severity: Severity = Severity.WARNING) -> tuple[FindingId, State, Severity]:
    return (FindingId.SHORTAGE, state, severity)


@pytest.mark.parametrize(
    ("now", "before", "notices", "after"),
    [
        pytest.param(a_situation(), told(), [], told(), id="nothing is so, nothing is said"),
        # reservations
        pytest.param(a_situation(ours=2), told(), [RESERVED], told(ours=2), id="first reservations are told"),
        pytest.param(a_situation(ours=2), told(ours=2), [], told(ours=2), id="known reservations are not told again"),
        pytest.param(a_situation(ours=3), told(ours=2), [RESERVED], told(ours=3), id="one more is told"),
        pytest.param(
            a_situation(ours=2, unfinished=True), told(), [], told(), id="a decision half done is not told yet"
        ),
        pytest.param(
            a_situation(ours=1, unfinished=True), told(ours=2), [], told(ours=2), id="nor does it forget anything"
        ),
        pytest.param(a_situation(), told(ours=2), [], told(), id="reservations that are gone are forgotten in silence"),
        pytest.param(a_situation(ours=1), told(ours=2), [], told(ours=1), id="one of two is gone"),
        # shortage
        pytest.param(a_situation(FREE), told(), [], told(), id="a demand that just fits is no shortage"),
        pytest.param(
            a_situation(FREE + 1), told(), [shortage(State.OPEN)], told(missing=1, since=NOW), id="one prefix too few"
        ),
        pytest.param(
            a_situation(21, urgent=True),
            told(),
            [shortage(State.OPEN, Severity.CRITICAL)],
            told(missing=7, urgent=True, since=NOW),
            id="what is lacking for nodes wanted now is critical",
        ),
        pytest.param(
            a_situation(21, unfinished=True), told(), [], told(), id="a shortage is not told before all is done"
        ),
        pytest.param(
            a_situation(21, ours=1),
            told(),
            [RESERVED, shortage(State.OPEN)],
            told(ours=1, missing=7, since=NOW),
            id="what was done is told before what is still lacking",
        ),
        pytest.param(a_situation(21), told(missing=7), [], told(missing=7), id="an open shortage stays silent"),
        pytest.param(a_situation(15), told(missing=7), [], told(missing=7), id="a smaller one stays silent too"),
        pytest.param(
            a_situation(27), told(missing=7), [], told(missing=7), id="worse by less than a node stays silent"
        ),
        pytest.param(
            a_situation(28),
            told(missing=7),
            [shortage(State.WORSE)],
            told(missing=14),
            id="worse by a whole node is told, and since when",
        ),
        pytest.param(
            a_situation(21, urgent=True),
            told(missing=7),
            [shortage(State.WORSE, Severity.CRITICAL)],
            told(missing=7, urgent=True),
            id="no worse in numbers, but wanted now",
        ),
        pytest.param(
            a_situation(21, urgent=True),
            told(missing=7, urgent=True),
            [],
            told(missing=7, urgent=True),
            id="lacking for nodes wanted now as before",
        ),
        pytest.param(
            a_situation(21),
            told(missing=7, urgent=True),
            [],
            told(missing=7, urgent=True),
            id="no longer wanted now, but still lacking",
        ),
        pytest.param(a_situation(FREE), told(missing=7), [], told(missing=7), id="a demand that just fits is not over"),
        pytest.param(a_situation(8), told(missing=7), [], told(missing=7), id="nearly a node to spare is not over"),
        pytest.param(
            a_situation(7), told(missing=7), [shortage(State.RESOLVED)], told(), id="a node to spare resolves it"
        ),
        pytest.param(
            a_situation(), told(missing=7), [shortage(State.RESOLVED)], told(), id="a demand that is gone resolves it"
        ),
        # partial view
        pytest.param(
            a_situation(partial=True),
            told(),
            [],
            told(partial=Partial(since=NOW)),
            id="a view that is not whole is noted",
        ),
        pytest.param(
            a_situation(partial=True),
            told(partial=Partial(since=NOW - PARTIAL_HOLD + timedelta(seconds=1))),
            [],
            told(partial=Partial(since=NOW - PARTIAL_HOLD + timedelta(seconds=1))),
            id="and not told before it has lasted",
        ),
        pytest.param(
            a_situation(partial=True),
            told(partial=Partial(since=NOW - PARTIAL_HOLD)),
            [UNSEEN],
            told(partial=Partial(since=NOW - PARTIAL_HOLD, told=True)),
            id="told once it has lasted",
        ),
        pytest.param(
            a_situation(partial=True),
            told(partial=Partial(since=EARLIER, told=True)),
            [],
            told(partial=Partial(since=EARLIER, told=True)),
            id="and once only",
        ),
        pytest.param(
            a_situation(), told(partial=Partial(since=EARLIER)), [], told(), id="over before it was told: not a word"
        ),
        pytest.param(
            a_situation(), told(partial=Partial(since=EARLIER, told=True)), [SEEN_AGAIN], told(), id="over: resolved"
        ),
        pytest.param(
            a_situation(28, ours=3, partial=True),
            told(ours=1, missing=7, partial=Partial(since=EARLIER, told=True)),
            [],
            told(ours=1, missing=7, partial=Partial(since=EARLIER, told=True)),
            id="while the view is not whole nothing else opens or closes",
        ),
        pytest.param(
            a_situation(28, ours=3),
            told(ours=1, missing=7, partial=Partial(since=EARLIER, told=True)),
            [SEEN_AGAIN, RESERVED, shortage(State.WORSE)],
            told(ours=3, missing=14),
            id="once it is whole again all of it is told",
        ),
    ],
)
def test_decide(now, before, notices, after):
    found, known = decide(now, before, NOW)
    assert [(each.finding, each.state, each.severity) for each in found] == notices
    assert known == after


def test_a_notice_of_reservations_is_about_the_new_ones_only():
    (notice,), _ = decide(a_situation(ours=3), told(ours=2), NOW)
    assert notice.reservations == (BLOCKS[2],)


def test_a_notice_of_a_shortage_says_what_there_is_what_kept_us_and_since_when():
    (notice,), _ = decide(replace(a_situation(28, ours=2), why_not="the cap"), told(ours=2, missing=7), NOW)
    assert (notice.reservations, notice.why_not, notice.since) == (tuple(BLOCKS[:2]), "the cap", EARLIER)


def test_a_resolved_incident_says_when_it_began():
    before = told(missing=7, partial=Partial(since=EARLIER, told=True))
    notices, _ = decide(a_situation(), before, NOW)
    assert [(each.state, each.since) for each in notices] == [(State.RESOLVED, EARLIER)] * 2


SITUATIONS = st.builds(
    a_situation,
    st.integers(0, 35),
    urgent=st.booleans(),
    ours=st.integers(0, len(BLOCKS)),
    partial=st.booleans(),
    unfinished=st.booleans(),
)
STORIES = st.lists(st.tuples(SITUATIONS, st.sampled_from([1, 60, 3600])), min_size=1, max_size=25)


def followed(story: list[tuple[Situation, int]]) -> list[Notice]:
    """All that is said along a story of situations, each so many seconds after the last."""
    known, at, said = Told(), NOW, list[Notice]()
    for situation, seconds in story:
        at += timedelta(seconds=seconds)
        notices, known = decide(situation, known, at)
        said += notices
    return said


@given(STORIES)
def test_deciding_again_with_its_own_result_says_nothing(story):
    known, at = Told(), NOW
    for situation, seconds in story:
        at += timedelta(seconds=seconds)
        _, known = decide(situation, known, at)
        assert decide(situation, known, at) == ((), known)


@given(STORIES)
def test_every_incident_opens_before_it_gets_worse_and_resolves_before_it_opens_again(story):
    is_open = {FindingId.SHORTAGE: False, FindingId.PARTIAL: False}
    for notice in followed(story):
        if notice.finding is FindingId.RESERVED:
            assert notice.state is State.DONE
            continue
        assert is_open[notice.finding] == (notice.state is not State.OPEN)
        is_open[notice.finding] = notice.state is not State.RESOLVED


@given(STORIES)
def test_nobody_is_told_of_the_same_reservation_twice_while_it_stands(story):
    growing = sorted((situation for situation, _ in story), key=lambda each: len(each.ours))
    told_of = [
        r.id for n in followed([(s, 60) for s in growing]) if n.finding is FindingId.RESERVED for r in n.reservations
    ]
    assert len(told_of) == len(set(told_of))


@given(st.lists(st.integers(FREE - NODE + 1, FREE + NODE), min_size=1, max_size=50))
def test_a_demand_that_swings_by_less_than_a_node_around_what_fits_is_told_once_at_most(swings):
    said = followed([(a_situation(prefixes), 60) for prefixes in swings])
    assert len(said) == (1 if max(swings) > FREE else 0)


STRAY = Newcomer(
    reservation_id="scr-1",
    holder=Holder(address=167772180, interface_id="eni-9", owner=Owner.LAMBDA, primary=True),
)


@pytest.mark.parametrize(
    ("newcomers", "last_told", "is_told"),
    [
        pytest.param((), None, False, id="no single address came into a reservation"),
        pytest.param((STRAY,), None, True, id="the first one is told"),
        pytest.param((STRAY,), NOW - timedelta(hours=23), False, id="the next on the same day is not"),
        pytest.param((STRAY,), NOW - STRAYS_AGAIN, True, id="nor are those of the next day kept back"),
    ],
)
def test_single_addresses_inside_our_reservations(newcomers, last_told, is_told):
    analysis = under_demand(a_subnet(reservations=BLOCKS), a_demand(0))
    told = Told(reservations=frozenset(each.id for each in BLOCKS), strays=last_told)
    now = Situation(analysis=analysis, ours=tuple(BLOCKS), unfinished=False, newcomers=newcomers)
    notices, after = decide(now, told, NOW)
    assert [each.finding for each in notices] == ([FindingId.STRAYS] if is_told else [])
    assert after.strays == (NOW if is_told else last_told)
