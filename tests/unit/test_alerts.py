"""`decide`, case by case, and its laws along any sequence of situations."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.alerts import Finding, Partial, Severity, Shortage, Situation, State, Told, decide
from functions.capacity.model import Reservation
from tests.builders import NOW, a_group, a_reservation, a_subnet, an_analysis

FITS = an_analysis(a_subnet("10.0.0.0/24"), a_group(most=1))  # 7 of 14
TIGHT = an_analysis(a_subnet("10.0.0.0/24"), a_group(most=2))  # 14 of 14
SHORT = an_analysis(a_subnet("10.0.0.0/24"), a_group(most=3, desired=1))  # 21 of 14
SHORTER = an_analysis(a_subnet("10.0.0.0/24"), a_group(most=4, desired=1))  # 28 of 14
URGENT = an_analysis(a_subnet("10.0.0.0/24"), a_group(most=3, desired=3))
PARTIAL = an_analysis(a_subnet("10.0.0.0/24", available=1), a_group(most=3))
ONE, TWO = a_reservation("10.0.0.16/28", reservation_id="scr-1"), a_reservation("10.0.0.32/28", reservation_id="scr-2")
EARLIER = NOW - timedelta(hours=2)
OPEN = Shortage(since=EARLIER, missing=7, urgent=False)


def so(analysis, *ours: Reservation, unfinished=False) -> Situation:
    return Situation(analysis=analysis, ours=ours, unfinished=unfinished)


@pytest.mark.parametrize(
    ("now", "told", "notices", "after"),
    [
        pytest.param(so(FITS), Told(), [], Told(), id="nothing is new"),
        pytest.param(
            so(FITS, ONE, TWO),
            Told(),
            [(Finding.RESERVED, State.DONE)],
            Told(reservations=frozenset({"scr-1", "scr-2"})),
            id="reservations that nobody knows of",
        ),
        pytest.param(
            so(FITS, ONE),
            Told(reservations=frozenset({"scr-1"})),
            [],
            Told(reservations=frozenset({"scr-1"})),
            id="reservations that are known",
        ),
        pytest.param(so(SHORT, ONE, unfinished=True), Told(), [], Told(), id="more are on their way"),
        pytest.param(
            so(FITS),
            Told(reservations=frozenset({"scr-1"})),
            [],
            Told(),
            id="reservations that are gone are forgotten",
        ),
        pytest.param(
            so(SHORT),
            Told(),
            [(Finding.SHORTAGE, State.OPEN)],
            Told(shortage=Shortage(since=NOW, missing=7, urgent=False)),
            id="a shortage opens",
        ),
        pytest.param(so(SHORT), Told(shortage=OPEN), [], Told(shortage=OPEN), id="a shortage as it was"),
        pytest.param(
            so(SHORTER),
            Told(shortage=OPEN),
            [(Finding.SHORTAGE, State.WORSE)],
            Told(shortage=replace(OPEN, missing=14)),
            id="worse by a whole node",
        ),
        pytest.param(
            so(SHORT),
            Told(shortage=replace(OPEN, missing=1)),
            [],
            Told(shortage=replace(OPEN, missing=1)),
            id="worse by less than a node",
        ),
        pytest.param(
            so(URGENT),
            Told(shortage=OPEN),
            [(Finding.SHORTAGE, State.WORSE)],
            Told(shortage=replace(OPEN, urgent=True)),
            id="worse because nodes are waiting now",
        ),
        pytest.param(so(TIGHT), Told(shortage=OPEN), [], Told(shortage=OPEN), id="it fits, with nothing to spare"),
        pytest.param(
            so(FITS),
            Told(shortage=OPEN),
            [(Finding.SHORTAGE, State.RESOLVED)],
            Told(),
            id="resolved with a node to spare",
        ),
        pytest.param(
            so(PARTIAL),
            Told(shortage=OPEN),
            [],
            Told(shortage=OPEN, partial=Partial(since=NOW)),
            id="a partial view is noted, and says nothing of the rest",
        ),
        pytest.param(
            so(PARTIAL, ONE),
            Told(shortage=OPEN, partial=Partial(since=EARLIER)),
            [(Finding.PARTIAL, State.OPEN)],
            Told(shortage=OPEN, partial=Partial(since=EARLIER, told=True)),
            id="a partial view that lasts is told",
        ),
        pytest.param(
            so(FITS),
            Told(partial=Partial(since=EARLIER)),
            [],
            Told(),
            id="a partial view that did not last was never told",
        ),
        pytest.param(
            so(PARTIAL, ONE),
            Told(partial=Partial(since=EARLIER, told=True)),
            [],
            Told(partial=Partial(since=EARLIER, told=True)),
            id="a partial view as it was",
        ),
        pytest.param(
            so(FITS),
            Told(partial=Partial(since=EARLIER, told=True)),
            [(Finding.PARTIAL, State.RESOLVED)],
            Told(),
            id="all can be seen again",
        ),
        pytest.param(
            so(SHORT, ONE),
            Told(),
            [(Finding.RESERVED, State.DONE), (Finding.SHORTAGE, State.OPEN)],
            Told(reservations=frozenset({"scr-1"}), shortage=Shortage(since=NOW, missing=7, urgent=False)),
            id="what was done and what it does not suffice for",
        ),
    ],
)
def test_decide(now, told, notices, after):
    said, known = decide(now, told, NOW)
    assert [(each.finding, each.state) for each in said] == notices
    assert known == after


def test_severity_says_whether_nodes_are_waiting():
    (waiting,), _ = decide(so(URGENT), Told(), NOW)
    (ahead,), _ = decide(so(SHORT), Told(), NOW)
    assert (waiting.severity, ahead.severity) == (Severity.CRITICAL, Severity.WARNING)


def test_a_notice_of_an_open_incident_says_since_when():
    (worse,), _ = decide(so(SHORTER), Told(shortage=OPEN), NOW)
    (over,), _ = decide(so(FITS), Told(shortage=OPEN), NOW)
    assert worse.since == over.since == EARLIER


situations = st.builds(
    lambda analysis, ours, unfinished: so(analysis, *ours, unfinished=unfinished),
    st.sampled_from([FITS, TIGHT, SHORT, SHORTER, URGENT, PARTIAL]),
    st.sets(st.sampled_from([ONE, TWO])),
    st.booleans(),
)


@given(st.lists(situations, max_size=30))
def test_saying_it_again_says_nothing_and_incidents_open_and_close_in_turn(sequence):
    at, told, states = NOW, Told(), {Finding.SHORTAGE: [State.RESOLVED], Finding.PARTIAL: [State.RESOLVED]}
    for situation in sequence:
        at += timedelta(minutes=3)
        notices, told = decide(situation, told, at)
        assert decide(situation, told, at) == ((), told)
        for each in notices:
            if each.finding in states and each.state is not State.WORSE:
                states[each.finding].append(each.state)
    for seen in states.values():
        assert all({one, two} == {State.OPEN, State.RESOLVED} for one, two in pairwise(seen))
