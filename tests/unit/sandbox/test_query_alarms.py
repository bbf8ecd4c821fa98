"""Alarms on Metrics Insights queries in the embedded AWS: kept, without their query."""

from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.query_alarms import kept

QUERY = {"Expression": "SELECT MIN(a) FROM b GROUP BY c", "Id": "q", "Period": 300, "ReturnData": True}
MATH = QUERY | {"Expression": "m1 + m2"}
METRIC = {"MetricName": "Errors", "Namespace": "AWS/Lambda", "Period": 60, "Threshold": 1}


def record(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """As ministack makes it."""
    if properties.get("Metrics"):
        raise ValueError("metric math is not supported")
    return {"name": name, **properties}


def test_a_query_leaves_an_alarm_that_never_has_data():
    found = kept(record)("short", {"Metrics": [QUERY], "Threshold": 1, "AlarmActions": ["arn"]})
    assert (found["Period"], found["Threshold"], found["AlarmActions"]) == (300, 1, ["arn"])
    assert found["MetricName"] == found["Namespace"] == "no-metric"


def test_an_alarm_on_a_metric_is_made_as_before():
    assert kept(record)("errors", METRIC) == {"name": "errors", **METRIC}


@pytest.mark.parametrize("metrics", [[MATH], [QUERY, MATH]], ids=["math", "a query and math"])
def test_metric_math_is_refused_as_before(metrics):
    with pytest.raises(ValueError, match="not supported"):
        kept(record)("sum", {"Metrics": metrics, "Threshold": 1})
