"""What the journal makes of what EC2 shows: nothing is made twice, nothing is taken for there, surprises are seen."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from functions.capacity.journal import RECKONED, WATCHED, Entry, Kind, Outcome, reckoned, resolved, surprises, tripped
from tests.builders import NOW, SUBNET, a_reservation, a_subnet

CIDR = "10.0.0.64/28"
SECOND = timedelta(seconds=1)


def an_entry(outcome: Outcome, *, kind: Kind = Kind.CREATE, age: timedelta = SECOND, cidr: str = CIDR) -> Entry:
    known = kind is Kind.RELEASE or outcome is Outcome.DONE
    return Entry(
        id=f"run-1/{cidr}",
        subnet_id=SUBNET,
        kind=kind,
        cidr=IPv4Network(cidr),
        at=NOW - age,
        reason="because of 7",
        decision="run-1",
        outcome=outcome,
        reservation_id=f"scr-{cidr}" if known else "",
    )


THERE = a_subnet(reservations=[a_reservation(CIDR)])
EMPTY = a_subnet()


@pytest.mark.parametrize(
    ("shown", "entry", "expected"),
    [
        pytest.param(EMPTY, an_entry(Outcome.DONE), [f"scr-{CIDR}"], id="made, and an old answer does not show it"),
        pytest.param(EMPTY, an_entry(Outcome.OPEN), [""], id="perhaps made, by a run that died"),
        pytest.param(THERE, an_entry(Outcome.DONE), [f"scr-{CIDR}"], id="made and shown"),
        pytest.param(THERE, an_entry(Outcome.OPEN), [f"scr-{CIDR}"], id="perhaps made, and shown"),
        pytest.param(EMPTY, an_entry(Outcome.OVERLAPS), [""], id="refused, since something unseen is there"),
        pytest.param(EMPTY, an_entry(Outcome.LAPSED), [], id="never made, by a run that died"),
        pytest.param(EMPTY, an_entry(Outcome.THROTTLED), [], id="throttled"),
        pytest.param(EMPTY, an_entry(Outcome.DENIED), [], id="denied"),
        pytest.param(EMPTY, an_entry(Outcome.OPEN, age=RECKONED), [], id="never made, every answer is newer"),
        pytest.param(EMPTY, an_entry(Outcome.DONE, age=RECKONED), [], id="made long ago and gone: EC2 knows best"),
        pytest.param(THERE, an_entry(Outcome.DONE, kind=Kind.RELEASE), [], id="given back, and an old answer shows it"),
        pytest.param(
            THERE, an_entry(Outcome.OPEN, kind=Kind.RELEASE), [f"scr-{CIDR}"], id="perhaps given back: shown is there"
        ),
        pytest.param(
            THERE, an_entry(Outcome.DONE, kind=Kind.RELEASE, age=RECKONED), [f"scr-{CIDR}"], id="shown by a new answer"
        ),
    ],
)
def test_reckoned(shown, entry, expected):
    assert [each.id for each in reckoned(shown, [entry], NOW).reservations] == expected


@pytest.mark.parametrize(("age", "counts"), [(timedelta(minutes=12) - SECOND, True), (timedelta(minutes=12), False)])
@pytest.mark.parametrize("outcome", [Outcome.OPEN, Outcome.DONE, Outcome.OVERLAPS])
def test_what_is_not_shown_counts_for_twelve_minutes(outcome, age, counts):
    """Five that an answer of EC2 may be old, two that a run may live, five that a process goes on using an answer."""
    assert bool(reckoned(EMPTY, [an_entry(outcome, age=age)], NOW).reservations) is counts


def test_what_was_made_and_given_back_at_once_is_gone():
    journal = [an_entry(Outcome.DONE, age=2 * SECOND), an_entry(Outcome.DONE, kind=Kind.RELEASE)]
    for shown in (EMPTY, THERE):
        assert reckoned(shown, journal, NOW).reservations == ()


def test_what_ec2_said_it_made_stands_where_an_old_answer_still_shows_what_was_there_before():
    before = a_subnet(reservations=[a_reservation("10.0.0.64/26", ours=False, reservation_id="scr-old")])
    (standing,) = reckoned(before, [an_entry(Outcome.DONE)], NOW).reservations
    assert (standing.id, standing.ours) == (f"scr-{CIDR}", True)


@pytest.mark.parametrize("outcome", [Outcome.OPEN, Outcome.OVERLAPS])
def test_what_may_have_been_made_gives_way_to_what_is_shown(outcome):
    there = a_subnet(reservations=[a_reservation("10.0.0.64/26", ours=False, reservation_id="scr-theirs")])
    assert [each.id for each in reckoned(there, [an_entry(outcome)], NOW).reservations] == ["scr-theirs"]


def test_what_the_journal_adds_counts_as_ours():
    (added,) = reckoned(EMPTY, [an_entry(Outcome.OPEN)], NOW).reservations
    assert (added.ours, added.reserves_prefixes, added.subnet_id) == (True, True, SUBNET)


OWN = a_subnet(reservations=[replace(a_reservation(CIDR, reservation_id="scr-new"), intent=f"run-1/{CIDR}")])


@pytest.mark.parametrize(
    ("shown", "entry", "outcome", "reservation_id"),
    [
        pytest.param(OWN, an_entry(Outcome.OPEN), Outcome.DONE, "scr-new", id="the run died after the call"),
        pytest.param(OWN, an_entry(Outcome.OVERLAPS), Outcome.DONE, "scr-new", id="it overlapped itself"),
        pytest.param(EMPTY, an_entry(Outcome.OPEN, age=RECKONED), Outcome.LAPSED, "", id="the run died before it"),
        pytest.param(
            EMPTY,
            an_entry(Outcome.OPEN, kind=Kind.RELEASE, age=RECKONED),
            Outcome.DONE,
            f"scr-{CIDR}",
            id="the release died after the call",
        ),
        pytest.param(
            THERE,
            an_entry(Outcome.OPEN, kind=Kind.RELEASE, age=RECKONED),
            Outcome.LAPSED,
            f"scr-{CIDR}",
            id="the release died before it",
        ),
    ],
)
def test_how_an_entry_ended_is_told_by_what_ec2_shows(shown, entry, outcome, reservation_id):
    assert resolved(shown, [entry], NOW) == (replace(entry, outcome=outcome, reservation_id=reservation_id),)


@pytest.mark.parametrize(
    ("shown", "entry"),
    [
        pytest.param(EMPTY, an_entry(Outcome.OPEN), id="not shown yet"),
        pytest.param(THERE, an_entry(Outcome.OVERLAPS), id="somebody else's is there"),
        pytest.param(EMPTY, an_entry(Outcome.OPEN, kind=Kind.RELEASE), id="gone, or an old answer"),
        pytest.param(EMPTY, an_entry(Outcome.DONE, age=RECKONED), id="known"),
        pytest.param(EMPTY, an_entry(Outcome.DENIED, age=RECKONED), id="denied"),
    ],
)
def test_else_nothing_is_written_down(shown, entry):
    assert resolved(shown, [entry], NOW) == ()


@pytest.mark.parametrize(
    ("shown", "journal", "expected"),
    [
        pytest.param(EMPTY, [an_entry(Outcome.OVERLAPS, age=RECKONED)], "had something in", id="an overlap"),
        pytest.param(EMPTY, [an_entry(Outcome.OVERLAPS)], "", id="an overlap that the next answers may explain"),
        pytest.param(
            EMPTY, [an_entry(Outcome.DONE, age=RECKONED)], "is gone, and not by Headroom", id="one that is gone"
        ),
        pytest.param(EMPTY, [an_entry(Outcome.DONE)], "", id="made just now: the answer may be old"),
        pytest.param(EMPTY, [an_entry(Outcome.OPEN, age=RECKONED)], "", id="never made"),
        pytest.param(EMPTY, [an_entry(Outcome.THROTTLED)], "", id="throttled"),
        pytest.param(THERE, [an_entry(Outcome.DONE, age=RECKONED)], "", id="as it should be"),
        pytest.param(EMPTY, [an_entry(Outcome.DONE, age=WATCHED)], "", id="too long ago"),
        pytest.param(
            EMPTY,
            [an_entry(Outcome.DONE, age=RECKONED), an_entry(Outcome.OPEN, kind=Kind.RELEASE)],
            "",
            id="given back by a run that died before it could say so",
        ),
    ],
)
def test_surprises(shown, journal, expected):
    found = surprises(shown, journal, NOW)
    assert len(found) == bool(expected)
    assert expected in "".join(found)


@pytest.mark.parametrize(("count", "trips"), [(0, False), (2, False), (3, True), (50, True)])
def test_a_few_surprises_are_borne_and_more_are_not(count, trips):
    entry = an_entry(Outcome.OVERLAPS, age=RECKONED)
    journal = [replace(entry, id=f"run-{n}") for n in range(count)]
    why = tripped(surprises(EMPTY, journal, NOW))
    assert bool(why) == trips
    assert not trips or why.startswith(f"{count} surprises in 6 hours: ")
    assert len(why) < 300
