"""The benchmark of an organisation counts what it says, on fewer accounts."""

import pytest

from benchmarks.organisation import LATENCY, Taken, at_once, run


@pytest.mark.parametrize(
    ("durations", "workers", "expected"),
    [
        ([1.0] * 10, 1, 10.0),
        ([1.0] * 10, 5, 2.0),
        ([1.0] * 11, 5, 3.0),
        ([5.0, 1.0, 1.0, 1.0], 2, 5.0),
        ([2.0], 40, 2.0),
    ],
)
def test_workers_take_what_is_next_as_soon_as_they_are_free(durations, workers, expected):
    assert at_once(durations, workers) == expected


def test_a_call_takes_its_latency_besides():
    assert Taken(calls=10, seconds=0.5).modelled == pytest.approx(0.5 + 10 * LATENCY)


def test_every_place_is_read_through_its_own_role_and_one_account_is_denied():
    found = run(50)
    assert found["places"] == 50
    assert found["calls"]["AssumeRole"] == 50
    assert found["calls"]["ListClusters"] == 45, "of ten accounts one lets nobody in"
    assert found["calls"]["DescribeNodegroup"] == 9 * 2 * 2
    assert found["callsInAll"] == sum(found["calls"].values())
    assert found["bytes"].keys() == {"report.html", "report.md", "report.json", "report.csv"}
    assert found["inSequence"] > found["byTheMap"] > 0
