"""Findings over time: when people hear of one, and when they do not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.incidents import HOLD as HOLDS
from functions.capacity.incidents import OVER_AFTER, REMINDER, Change, Incident, Incidents, State, follow, key_of
from functions.capacity.mutes import Mute
from tests.builders import NOW

MINUTE = timedelta(minutes=1)
HOLD, UNKNOWN_HOLD = HOLDS[Severity.WARNING], HOLDS[Severity.UNKNOWN]


def a_finding(
    severity: Severity = Severity.WARNING, *, name: str = "workers", id_: FindingId = FindingId.CNI_SETTINGS
) -> Finding:
    return Finding(
        id=id_,
        severity=severity,
        resource=Resource(kind=Kind.NODE_GROUP, name=name, cluster="demo"),
        title=f"nodes of {name} take fewer pods than they could",
        means="Capacity is lost.",
    )


def told(looks: Iterable[tuple[int, Finding | Severity | None]]) -> list[tuple[int, State, Severity]]:
    """What is told when the finding stands so at these minutes (None: it is not there)."""
    heard: list[tuple[int, State, Severity]] = []
    incidents: Incidents = {}
    for minute, look in looks:
        seen = a_finding(look) if isinstance(look, Severity) else look
        found = [seen] if seen else []
        changes, incidents = follow(found, incidents, NOW + minute * MINUTE)
        heard += [(minute, each.state, each.severity) for each in changes]
    return heard


W, C, U, I = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN, Severity.INFO  # noqa: E741
OPEN, WORSE, REMINDED, RESOLVED = State.OPEN, State.WORSE, State.REMINDED, State.RESOLVED
HELD, LONG = int(HOLD / MINUTE), int(UNKNOWN_HOLD / MINUTE)
HOUR, DAY = 60, 24 * 60  # minutes
BETWEEN = replace(a_finding(W), opens=False)  # better than bad enough, worse than good enough
PATIENT = replace(a_finding(W), hold=timedelta(days=1))


def lacking(prefixes: int, severity: Severity = C) -> Finding:
    """Of a subnet whose nodes take seven each."""
    return replace(a_finding(severity), magnitude=prefixes, grain=7)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([(0, W)], [], id="a warning is not told at once"),
        pytest.param([(0, W), (HELD, W)], [(HELD, OPEN, W)], id="it is told once it has lasted"),
        pytest.param([(0, W), (HELD - 1, None), (HELD, W)], [], id="one that went and came back has not lasted"),
        pytest.param([(0, W), (5, W), (10, W), (600, W)], [(5, OPEN, W)], id="what stays is told once"),
        pytest.param([(0, C)], [(0, OPEN, C)], id="what is critical is told at once"),
        pytest.param([(0, C), (1, W), (2, C)], [(0, OPEN, C)], id="a finding that gets milder is not told again"),
        pytest.param([(0, W), (5, W), (6, C)], [(5, OPEN, W), (6, WORSE, C)], id="one that gets worse is"),
        pytest.param([(0, I), (600, I)], [], id="what is only worth knowing is not told"),
        pytest.param([(0, C), (1, None), (2, None)], [(0, OPEN, C)], id="what is gone a moment is not over"),
        pytest.param([(0, C), (1, None), (6, None)], [(0, OPEN, C), (6, RESOLVED, C)], id="what stays away is over"),
        pytest.param([(0, C), (1, None), (3, C), (7, None)], [(0, OPEN, C)], id="coming back begins the wait anew"),
        pytest.param(
            [(0, C), (1, None), (6, None), (7, C)], [(0, OPEN, C), (6, RESOLVED, C), (7, OPEN, C)], id="a second time"
        ),
        pytest.param([(0, C), (1, I), (6, I)], [(0, OPEN, C), (6, RESOLVED, C)], id="what is now harmless is over"),
        pytest.param([(0, U), (LONG - 1, U)], [], id="what cannot be read for a while is not told"),
        pytest.param([(0, U), (LONG, U)], [(LONG, OPEN, U)], id="what cannot be read for an hour is"),
        pytest.param([(0, C), (1, U), (600, U)], [(0, OPEN, C)], id="what cannot be read neither ends nor worsens"),
        pytest.param([(0, C), (1, None), (6, U), (7, None)], [(0, OPEN, C), (7, RESOLVED, C)], id="unread in between"),
        pytest.param(
            [(0, U), (LONG, U), (61, W), (66, W)], [(LONG, OPEN, U), (66, WORSE, W)], id="read at last, and bad"
        ),
        # how bad
        pytest.param([(0, lacking(7)), (1, lacking(13))], [(0, OPEN, C)], id="worse by less than a node stays silent"),
        pytest.param(
            [(0, lacking(7)), (1, lacking(14)), (2, lacking(14)), (3, lacking(21))],
            [(0, OPEN, C), (1, WORSE, C)],
            id="twice as bad is told at once, worse by a whole node not",
        ),
        pytest.param(
            [(0, lacking(7)), (1, lacking(14)), (10, lacking(21)), (11, lacking(21))],
            [(0, OPEN, C), (1, WORSE, C), (11, WORSE, C)],
            id="worse by a whole node is told ten minutes after people heard",
        ),
        pytest.param(
            [(m, lacking(7 * (m + 1))) for m in range(20)],
            [(0, OPEN, C), (1, WORSE, C), (3, WORSE, C), (7, WORSE, C), (15, WORSE, C)],
            id="a storm of nodes is told each time it has doubled",
        ),
        pytest.param(
            [(0, lacking(14)), (1, lacking(1)), (2, lacking(14))], [(0, OPEN, C)], id="better and back is not worse"
        ),
        pytest.param(
            [(0, lacking(7)), (1, lacking(14, W)), (60, BETWEEN), (61, lacking(14, W))],
            [(0, OPEN, C), (61, WORSE, W)],
            id="milder, but a node more, once it has lasted",
        ),
        pytest.param(
            [(0, lacking(7, W)), (5, lacking(7, W)), (9, lacking(14, W)), (60, lacking(7, W)), (69, lacking(14, W))],
            [(5, OPEN, W)],
            id="worse for a moment is not told",
        ),
        # between bad enough and good enough
        pytest.param([(0, BETWEEN), (600, BETWEEN)], [], id="what lies between opens nothing"),
        pytest.param([(0, C), (1, BETWEEN), (600, BETWEEN)], [(0, OPEN, C)], id="nor does it end what is open"),
        pytest.param(
            [(0, C), (1, None), (3, BETWEEN), (7, None), (12, None)],
            [(0, OPEN, C), (12, RESOLVED, C)],
            id="it begins the wait for the end anew",
        ),
        pytest.param([(0, W), (3, BETWEEN), (5, W)], [(5, OPEN, W)], id="it does not undo what began"),
        pytest.param([(0, PATIENT), (DAY - 1, PATIENT)], [], id="what will pass by itself has its own time for it"),
        pytest.param([(0, PATIENT), (DAY, PATIENT)], [(DAY, OPEN, W)], id="and is told when that is over"),
        # reminders
        pytest.param([(0, C), (HOUR - 1, C)], [(0, OPEN, C)], id="nobody is reminded within the hour"),
        pytest.param(
            [(m * HOUR, C) for m in range(16)],
            [(0, OPEN, C), *((m * HOUR, REMINDED, C) for m in (1, 3, 7, 15))],
            id="reminders of what is critical: after one hour, two more, four more, eight more",
        ),
        pytest.param(
            [(m * DAY, W) for m in range(31)],
            [(DAY, OPEN, W), *((m * DAY, REMINDED, W) for m in (2, 4, 8, 15, 22, 29))],
            id="of a warning: after a day, two, four, and then weekly",
        ),
        pytest.param(
            [(0, lacking(7)), (HOUR, lacking(7)), (90, lacking(14)), (150, lacking(14))],
            [(0, OPEN, C), (HOUR, REMINDED, C), (90, WORSE, C), (150, REMINDED, C)],
            id="what got worse is reminded of like something new",
        ),
        pytest.param(
            [(0, C), (1, BETWEEN), (120, BETWEEN)], [(0, OPEN, C)], id="nobody is reminded of what nearly ended"
        ),
        pytest.param(
            [(0, U), (LONG, U), (61, None), (66, None)], [(LONG, OPEN, U), (66, RESOLVED, U)], id="read at last: fine"
        ),
    ],
)
def test_what_is_told_when(looks, expected):
    assert told(looks) == expected


def test_only_unreadable_settings_are_told_as_unknown():
    unread = a_finding(U, id_=FindingId.MAX_PODS_TOO_LOW)
    _, before = follow([unread], {}, NOW)
    assert follow([unread], before, NOW + 2 * UNKNOWN_HOLD) == ((), {})


def test_since_is_when_it_began_and_not_when_it_was_told():
    _, before = follow([a_finding()], {}, NOW)
    (change,), _ = follow([a_finding()], before, NOW + HOLD)
    assert change.incident.since == NOW


def test_the_same_finding_of_two_groups_is_two_incidents():
    changes, incidents = follow([a_finding(C, name="a"), a_finding(C, name="b")], {}, NOW)
    assert [each.incident.resource for each in changes] == ["nodegroup/demo/a", "nodegroup/demo/b"]
    assert len(incidents) == 2


def test_the_gravest_comes_first():
    _, before = follow([a_finding(W, name="a"), a_finding(W, name="b")], {}, NOW)
    changes, _ = follow([a_finding(W, name="a"), a_finding(C, name="b")], before, NOW + HOLD)
    assert [each.severity for each in changes] == [C, W]


def test_an_incident_that_the_version_before_opened_is_reminded_of_a_day_from_now_and_not_at_once():
    key = key_of(a_finding())
    before: Incidents = {
        key: Incident(since=NOW - timedelta(days=90), finding="x", resource="y", title="t", told=Severity.WARNING)
    }
    changes, known = follow([a_finding()], before, NOW)
    assert changes == ()
    changes, _ = follow([a_finding()], known, NOW + REMINDER[Severity.WARNING])
    assert [each.state for each in changes] == [REMINDED]


MUTED = frozenset({Mute(finding=FindingId.CNI_SETTINGS, resource="demo")})


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        pytest.param([(0, C, True), (600, C, True)], [], id="what is muted is not told"),
        pytest.param([(0, C, True), (1, C, False)], [(1, OPEN)], id="it is, once people want to hear of it"),
        pytest.param([(0, W, True), (5, W, False)], [(5, OPEN)], id="the time that it was muted counts"),
        pytest.param([(0, W, False), (5, W, False), (6, C, True)], [(5, OPEN)], id="nor is it told to be worse"),
        pytest.param([(0, C, False), (600, C, True)], [(0, OPEN)], id="nor is anybody reminded of it"),
        pytest.param([(0, C, True), (1, None, True), (9, None, True)], [], id="nor that it is over"),
        pytest.param(
            [(0, C, False), (1, C, True), (2, None, True), (7, None, True)],
            [(0, OPEN), (7, RESOLVED)],
            id="what was told before it was muted is told to be over: its page has to close",
        ),
    ],
)
def test_mutes(looks, expected):
    incidents: Incidents = {}
    heard = []
    for minute, severity, silent in looks:
        found = [a_finding(severity)] if severity else []
        changes, incidents = follow(found, incidents, NOW + minute * MINUTE, MUTED if silent else frozenset())
        heard += [(minute, each.state) for each in changes]
    assert heard == expected


@pytest.mark.parametrize(("id_", "minutes"), [(FindingId.SHORTAGE, 10), (FindingId.STRAYS, DAY)], ids=str)
def test_how_long_a_finding_has_to_stay_away_until_it_is_over(id_, minutes):
    _, before = follow([a_finding(C, id_=id_)], {}, NOW)
    for minute, over in ((1, False), (minutes, False), (minutes + 1, True)):
        changes, before = follow([], before, NOW + minute * MINUTE)
        assert bool(changes) == over


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from([W, C, U, I, None, BETWEEN, PATIENT, lacking(9)]))))
def test_laws(looks):
    """Open and over alternate, worse comes only between them, and nothing is said of what nobody was told of."""
    minute, dated = 0, []
    for wait, severity in looks:
        minute += wait
        dated.append((minute, severity))
    is_open = False
    for _, state, _ in told(dated):
        assert (state is OPEN) != is_open
        is_open = state is not RESOLVED


@given(st.lists(st.sampled_from([W, C, U, I, None]), min_size=1))
def test_looking_twice_at_the_same_moment_says_nothing_more(looks):
    incidents: Incidents = {}
    changes: tuple[Change, ...] = ()
    for n, severity in enumerate(looks):
        found = [a_finding(severity)] if severity else []
        _, incidents = follow(found, incidents, NOW + n * HOLD)
        changes, again = follow(found, incidents, NOW + n * HOLD)
        assert changes == ()
        assert again == incidents


def test_an_incident_keeps_its_words_for_when_it_is_over():
    _, before = follow([a_finding(C)], {}, NOW)
    _, before = follow([replace(a_finding(C), title="other numbers")], before, NOW + MINUTE)
    _, gone = follow([], before, NOW + HOLD)
    (change,), _ = follow([], gone, NOW + HOLD + OVER_AFTER)
    assert (change.incident.title, change.finding) == ("other numbers", None)
