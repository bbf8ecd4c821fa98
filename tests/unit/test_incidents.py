"""Findings over time: when people hear of one, and when they do not."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.alerts import State
from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.incidents import DIGEST_ABOVE, HOLD, UNKNOWN_HOLD, Change, Incidents, batches, follow
from tests.builders import NOW

MINUTE = timedelta(minutes=1)


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


def told(looks: Iterable[tuple[int, Severity | None]]) -> list[tuple[int, State, Severity]]:
    """What is told when the finding stands so at these minutes (None: it is not there)."""
    heard: list[tuple[int, State, Severity]] = []
    incidents: Incidents = {}
    for minute, severity in looks:
        found = [a_finding(severity)] if severity else []
        changes, incidents = follow(found, incidents, NOW + minute * MINUTE)
        heard += [(minute, each.state, each.severity) for each in changes]
    return heard


W, C, U, I = Severity.WARNING, Severity.CRITICAL, Severity.UNKNOWN, Severity.INFO  # noqa: E741
OPEN, WORSE, RESOLVED = State.OPEN, State.WORSE, State.RESOLVED
HELD, LONG = int(HOLD / MINUTE), int(UNKNOWN_HOLD / MINUTE)


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
        pytest.param([(0, U), (LONG, U), (61, W)], [(LONG, OPEN, U), (61, WORSE, W)], id="read at last, and bad"),
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


@pytest.mark.parametrize(
    ("many", "messages"),
    [
        pytest.param(0, [], id="nothing to tell"),
        pytest.param(1, [1], id="one"),
        pytest.param(DIGEST_ABOVE, [1] * DIGEST_ABOVE, id="a few, each alone"),
        pytest.param(DIGEST_ABOVE + 1, [DIGEST_ABOVE + 1], id="more, in one message"),
    ],
)
def test_many_changes_at_once_are_one_message(many, messages):
    changes, _ = follow([a_finding(C, name=f"group-{n}") for n in range(many)], {}, NOW)
    assert [len(each) for each in batches(changes)] == messages


@given(st.lists(st.tuples(st.integers(0, 90), st.sampled_from([W, C, U, I, None]))))
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
    (change,), _ = follow([], gone, NOW + 2 * HOLD)
    assert (change.incident.title, change.finding) == ("other numbers", None)
