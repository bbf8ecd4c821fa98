"""Pages: each opens once and is closed by its end, alone or in a storm."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.findings.finding import FindingId, Kind, Resource, Severity
from functions.capacity.forms import paging
from functions.capacity.forms.alert import DIGEST_ABOVE
from functions.capacity.incidents import Change, State
from functions.capacity.pages import pages
from functions.capacity.remembered import Storms
from tests.builders import NOW
from tests.unit.findings.samples import SAMPLES
from tests.unit.forms.changes import PLACE, a_change

C, W = Severity.CRITICAL, Severity.WARNING


def a_shortage(n: int, state: State = State.OPEN, *, severity: Severity = C, before: Severity | None = None) -> Change:
    resource = Resource(kind=Kind.SUBNET, name=f"subnet-{n}")
    finding = replace(SAMPLES[FindingId.SHORTAGE], resource=resource, severity=severity)
    return replace(a_change(finding, state), before=before)


def over(n: int, told: Severity = C) -> Change:
    return a_shortage(n, State.RESOLVED, severity=told, before=told)


def heard(runs: Iterable[list[Change]]) -> tuple[list[list[tuple[str, str]]], Storms]:
    """What each run pages: value and name."""
    storms: Storms = {}
    said = []
    for n, changes in enumerate(runs):
        alerts, storms = pages(changes, storms, PLACE, NOW + n * timedelta(minutes=5))
        bodies = [json.loads(paging.message(each).body) for each in alerts]
        said.append([(each["NewStateValue"], each["AlarmName"].split("-12345")[0]) for each in bodies])
    return said, storms


def name(n: int) -> str:
    return f"subnet-cannot-hold-demand-subnet/subnet-{n}"


STORM = "several-2026-11-23T12:00:00Z"
MANY = range(DIGEST_ABOVE + 1)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param(
            [[a_shortage(1)], [over(1)]], [[("ALARM", name(1))], [("OK", name(1))]], id="alone: open and over"
        ),
        pytest.param([[a_shortage(1, severity=W)], [over(1, W)]], [[], []], id="a warning pages nobody"),
        pytest.param(
            [[a_shortage(1, State.WORSE, before=W)], [over(1)]],
            [[("ALARM", name(1))], [("OK", name(1))]],
            id="a warning that becomes critical pages",
        ),
        pytest.param([[a_shortage(1, State.REMINDED, before=C)]], [[]], id="a pager reminds by itself"),
        pytest.param([[a_shortage(n) for n in MANY]], [[("ALARM", STORM)]], id="many at once are one page"),
        pytest.param(
            [[a_shortage(n) for n in MANY], [over(n) for n in MANY[1:]], [over(0)]],
            [[("ALARM", STORM)], [], [("OK", STORM)]],
            id="a storm is over with the last of its incidents, and not before",
        ),
        pytest.param(
            [[a_shortage(n) for n in MANY], [a_shortage(0, State.WORSE, before=C)], [over(n) for n in MANY]],
            [[("ALARM", STORM)], [("ALARM", STORM)], [("OK", STORM)]],
            id="what gets worse in a storm pages under its name",
        ),
        pytest.param(
            [[a_shortage(99)], [a_shortage(n) for n in MANY], [over(99)]],
            [[("ALARM", name(99))], [("ALARM", STORM.replace("12:00", "12:05"))], [("OK", name(99))]],
            id="what was paged before a storm is closed by itself",
        ),
        pytest.param(
            [[a_shortage(n) for n in MANY], [a_shortage(99)], [over(n) for n in MANY], [over(99)]],
            [[("ALARM", STORM)], [("ALARM", name(99))], [("OK", STORM)], [("OK", name(99))]],
            id="what comes after it too",
        ),
    ],
)
def test_what_is_paged(runs, expected):
    said, _ = heard(runs)
    assert said == expected


@given(st.lists(st.sets(st.integers(0, 30)), max_size=8))
def test_every_page_that_was_opened_is_closed_once_all_is_over(critical):
    """Each run says which subnets are short; at the end none is."""
    runs, short = [], set[int]()
    for now in [*critical, set[int]()]:
        runs.append([a_shortage(n) for n in sorted(now - short)] + [over(n) for n in sorted(short - now)])
        short = now
    said, storms = heard(runs)
    last = {page: value for run in said for value, page in run}
    assert set(last.values()) <= {"OK"}
    assert storms == {}
