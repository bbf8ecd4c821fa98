"""The dashboard and the alarm over all subnets ask for metrics that the functions send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.capacity.subnet_metrics import UNITS, Dimension
from tests.infra.synthesis import Assembly, resolved, synthesize

ROOT = Path(__file__).parents[2]
QUERY = re.compile(
    r"SELECT (?P<function>MIN|MAX|SUM)\((?P<metric>\w+)\) FROM SCHEMA\((?P<namespace>\w+), (?P<dimension>\w+)\) "
    r"GROUP BY (?P=dimension) ORDER BY (?P=function)\(\) (?:ASC|DESC)(?P<limit> LIMIT 10)?"
)


def parts(query: str) -> dict[str, str | None]:
    """What a query asks for, in the only form that CloudWatch takes for an alarm on several time series."""
    found = QUERY.fullmatch(query)
    assert found, query
    return found.groupdict()


def widgets(assembly: Assembly) -> list[dict[str, Any]]:
    body = json.loads(resolved(assembly.the("AWS::CloudWatch::Dashboard")["DashboardBody"]))
    found: list[dict[str, Any]] = body["widgets"]
    return found


def series(assembly: Assembly) -> Iterator[list[Any]]:
    for widget in widgets(assembly):
        yield from widget["properties"].get("metrics", ())


def queries(assembly: Assembly) -> list[str]:
    return [each[0]["expression"] for each in series(assembly) if isinstance(each[0], dict)]


def short_subnets(assembly: Assembly) -> dict[str, Any]:
    (alarm,) = (each for each in assembly.resources("AWS::CloudWatch::Alarm").values() if "Metrics" in each)
    return alarm


def test_every_metric_of_subnets_is_shown_and_nothing_else_is_asked_for(assembly: Assembly):
    asked = [parts(each) for each in queries(assembly)]
    assert {each["metric"] for each in asked} == UNITS.keys()
    assert {(each["namespace"], each["dimension"]) for each in asked} == {("Headroom", Dimension.SUBNET)}


def test_what_is_shown_of_headroom_itself_is_what_its_functions_send(assembly: Assembly):
    sent = (ROOT / "functions/handlers/reconcile.py").read_text()
    own = [each for each in series(assembly) if each[0] == "Headroom"]
    assert len(own) > 10
    variables = resolved(assembly.the("AWS::Lambda::Function", of="Reconcile")["Environment"]["Variables"])
    for namespace, metric, dimension, value, *_ in own:
        assert f'"{metric}"' in sent
        assert (dimension, value) == ("service", variables["POWERTOOLS_SERVICE_NAME"])
        assert namespace == variables["POWERTOOLS_METRICS_NAMESPACE"]


def test_every_dead_letter_queue_is_shown(assembly: Assembly):
    shown = {each[3] for each in series(assembly) if each[1:3] == ["ApproximateNumberOfMessagesVisible", "QueueName"]}
    queues = {name for name in assembly.resources("AWS::SQS::Queue") if "DeadLetters" in name}
    assert shown == {f"<{name}.QueueName>" for name in queues}


def test_the_subnet_map_is_on_it_and_asks_ec2_only_when_it_is_refreshed(assembly: Assembly):
    (widget,) = (each for each in widgets(assembly) if each["type"] == "custom")
    (function,) = (name for name in assembly.resources("AWS::Lambda::Function") if name.startswith("SubnetMap"))
    assert widget["properties"]["endpoint"] == f"<{function}.Arn>"
    assert widget["properties"]["updateOn"] == {"refresh": True, "resize": False, "timeRange": False}


def test_the_floor_of_single_addresses_is_the_configured_one(everything_chosen: Assembly):
    (found,) = (each for each in widgets(everything_chosen) if each["properties"]["title"] == "Open single addresses")
    assert [each["value"] for each in found["properties"]["annotations"]["horizontal"]] == [32]


def test_no_two_widgets_overlap_and_all_are_inside(assembly: Assembly):
    cells = [
        (x, y)
        for each in widgets(assembly)
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24


# --- the alarm --------------------------------------------------------------------------------------------------------


def test_one_alarm_watches_all_subnets_the_worst_first(assembly: Assembly):
    (query,) = short_subnets(assembly)["Metrics"]
    asked = parts(query["Expression"])
    assert asked == {
        "function": "MIN",
        "metric": "MissingPrefixes",
        "namespace": "Headroom",
        "dimension": "SubnetId",
        "limit": None,
    }
    assert query["Expression"].endswith("DESC")
    assert query["ReturnData"] is True
    assert asked["metric"] in UNITS


@pytest.mark.parametrize(("chosen", "period"), [("shipped", 300), ("everything_chosen", 900)])
def test_it_waits_for_two_sweeps_and_keeps_its_state_without_data(chosen, period, request):
    alarm = short_subnets(request.getfixturevalue(chosen))
    assert alarm["Metrics"][0]["Period"] == period
    assert (alarm["EvaluationPeriods"], alarm["Threshold"]) == (2, 1)
    assert alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert alarm["TreatMissingData"] == "ignore"


def test_it_never_needs_more_than_the_three_hours_that_such_an_alarm_sees(tmp_path):
    """With the longest time between sweeps that the configuration takes."""
    alarm = short_subnets(synthesize(tmp_path, sweepMinutes=60))
    assert alarm["EvaluationPeriods"] * alarm["Metrics"][0]["Period"] <= 3 * 3600


def test_runbooks_are_links_where_the_configuration_says_where_they_are(tmp_path):
    url = "https://git.example.com/platform/headroom/blob/main/docs/runbooks"
    assembly = synthesize(tmp_path, runbooksUrl=f"{url}/")
    for alarm in assembly.resources("AWS::CloudWatch::Alarm").values():
        assert re.search(rf"Runbook: {re.escape(url)}/alarm-[a-z-]+\.md$", alarm["AlarmDescription"])
    told = [
        each["Environment"]["Variables"].get("HEADROOM_RUNBOOKS_URL")
        for each in assembly.resources("AWS::Lambda::Function").values()
        if "HEADROOM_TOPIC_ARN" in each.get("Environment", {}).get("Variables", {})
    ]
    assert told == [url]
