"""What people know, stored and read again, and items as the version before stored them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.aws.told import known_of, text_of
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.subnet_state import Situation, subnet_state
from functions.capacity.incidents import REMINDER, WORSE_AFTER, Incident, State, follow
from functions.capacity.remembered import Known
from tests.builders import NOW, SUBNET, a_demand, a_subnet, under_demand

INCIDENTS = st.builds(
    Incident,
    since=st.just(NOW),
    finding=st.text(),
    resource=st.text(),
    title=st.text(),
    cluster=st.text(),
    where=st.text(),
    over=st.text(),
    told=st.none() | st.sampled_from(Severity),
    told_at=st.none() | st.just(NOW),
    magnitude=st.integers(0, 999),
    reminders=st.integers(0, 99),
    worse_since=st.none() | st.just(NOW),
    absent_since=st.none() | st.just(NOW),
)
KEYS = st.frozensets(st.text(), max_size=3)


@given(
    st.builds(
        Known,
        incidents=st.dictionaries(st.text(), INCIDENTS, max_size=3),
        reservations=KEYS,
        storms=st.dictionaries(st.text(), KEYS, max_size=3),
        open_chapters=KEYS,
    )
)
def test_what_people_know_is_remembered_as_it_was(known):
    assert known_of(text_of(known), SUBNET) == known == known_of(text_of(known))


# As the version before wrote them: a subnet's `told`, and a cluster's.
SUBNET_BEFORE = """{"reservations": ["scr-1", "scr-2"],
 "shortage": {"since": "2026-11-20T08:00:00+00:00", "missing": 7, "urgent": false},
 "strays": "2026-11-23T06:00:00+00:00", "partial": {"since": "2026-11-23T11:00:00+00:00", "told": true}}"""
QUIET_BEFORE = '{"reservations": [], "shortage": null, "strays": null, "partial": null}'
WITHOUT_STRAYS = (
    '{"reservations": ["scr-1"], "shortage": null, "partial": {"since": "2026-11-23T11:59:00+00:00", "told": false}}'
)
CLUSTER_BEFORE = """{"max-pods-too-low nodegroup/demo/workers": {"since": "2026-11-20T08:00:00+00:00",
 "finding": "max-pods-too-low", "resource": "nodegroup/demo/workers", "title": "nodes take 29", "told": "warning",
 "absentSince": "2026-11-23T11:58:00+00:00"},
 "eks-health-issue cluster/demo X": {"since": "2026-11-23T11:59:00+00:00", "finding": "eks-health-issue",
 "resource": "cluster/demo", "title": "EKS reports X", "told": null, "absentSince": null}}"""


@pytest.mark.parametrize(
    ("text", "subnet", "told", "reservations"),
    [
        pytest.param(
            SUBNET_BEFORE,
            SUBNET,
            {FindingId.SHORTAGE: Severity.WARNING, FindingId.PARTIAL: Severity.WARNING},
            {"scr-1", "scr-2"},
            id="a subnet with an open shortage and a partial view",
        ),
        pytest.param(QUIET_BEFORE, SUBNET, {}, set(), id="a subnet of which nothing is open"),
        pytest.param(WITHOUT_STRAYS, SUBNET, {FindingId.PARTIAL: None}, {"scr-1"}, id="one that was not told yet"),
        pytest.param(
            CLUSTER_BEFORE,
            "",
            {FindingId.MAX_PODS_TOO_LOW: Severity.WARNING, FindingId.EKS_HEALTH: None},
            set(),
            id="a cluster's incidents",
        ),
        pytest.param("{}", "", {}, set(), id="a cluster that all is well with"),
    ],
)
def test_what_the_version_before_stored_is_understood(text, subnet, told, reservations):
    known = known_of(text, subnet)
    assert {each.finding: each.told for each in known.incidents.values()} == told
    assert known.reservations == reservations
    assert known_of(text_of(known), subnet) == known


def test_an_open_shortage_of_the_version_before_goes_on_as_the_same_incident():
    """Seven were lacking and told: the same is silent, a node more is worse, the first reminder a day from now."""
    known = known_of(SUBNET_BEFORE, SUBNET).incidents
    same, more = (Situation(analysis=under_demand(a_subnet(), a_demand(n, node=7))) for n in (21, 28))
    changes, after = follow(subnet_state(same), known, NOW)
    assert [each.state for each in changes] == []
    _, getting_worse = follow(subnet_state(more), after, NOW)
    (worse,) = [each for each in follow(subnet_state(more), getting_worse, NOW + WORSE_AFTER)[0] if each.finding]
    assert (worse.state, worse.incident.since) == (State.WORSE, datetime(2026, 11, 20, 8, tzinfo=UTC))
    reminded, _ = follow(subnet_state(same), after, NOW + REMINDER[Severity.WARNING])
    assert State.REMINDED in [each.state for each in reminded]


def test_an_incident_of_the_version_before_that_is_over_is_told_to_be_over():
    known = known_of(CLUSTER_BEFORE).incidents
    changes, after = follow([], known, NOW + timedelta(minutes=3))
    assert [(each.state, each.incident.title) for each in changes] == [(State.RESOLVED, "nodes take 29")]
    assert after == {}
