"""From what a run did to the lines that CloudWatch reads."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from functions.aws.emf import print_lines
from functions.capacity.plan import Plan, ReleaseReservation
from functions.capacity.remembered import Remembered
from functions.capacity.subnet_metrics import UNITS, Dimension, Measured
from functions.handlers import reconcile
from functions.handlers.reconcile import Covered
from functions.pipeline import Outcome
from functions.stages.act import Result
from functions.stages.look import Look
from functions.stages.measure import measure, not_looked_at
from tests.builders import NOW, SUBNET, a_group, a_reservation, a_subnet, an_analysis, an_interface
from tests.fakes import World

ROOT = Path(__file__).parents[2]
CREATED = a_reservation("10.0.0.64/28")
RELEASE = ReleaseReservation(subnet_id=SUBNET, reservation_id="scr-1", cidr=CREATED.cidr, reason="")


def a_result() -> Result:
    """One reservation made and one release asked for, after three calls of this day."""
    subnet = a_subnet(interfaces=[an_interface("10.0.0.4", interface_id="eni-1")])
    remembered = Remembered(created_today=2, released_today=1)
    return Result(
        look=Look(analysis=an_analysis(subnet, a_group()), remembered=remembered, past=remembered.past),
        plan=Plan(subnet_id=SUBNET),
        created=(CREATED,),
        releases=(RELEASE,),
    )


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_run_is_told_in_one_line_for_each_subnet_and_cluster(capsys):
    failed = Counter({SUBNET: 1, "eni-1": 2, "eni-elsewhere": 4})
    print_lines(measure([a_result()], {"demo"}, failed, NOW), namespace="Headroom")
    subnet, cluster = lines(capsys.readouterr().out)
    assert (subnet["SubnetId"], cluster["ClusterName"]) == (SUBNET, "demo")
    assert (subnet["CallsToday"], subnet["FailuresSeen"]) == ([5.0], [3.0])
    assert cluster["CallsToday"] == [5.0]


def test_a_line_has_one_dimension_and_each_metric_with_its_unit(capsys):
    print_lines(measure([a_result()], {"demo"}, Counter(), NOW), namespace="Headroom")
    subnet, cluster = lines(capsys.readouterr().out)
    for line, dimension in ((subnet, "SubnetId"), (cluster, "ClusterName")):
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert (directive["Namespace"], directive["Dimensions"]) == ("Headroom", [[dimension]])
        assert all(each["Unit"] == UNITS[each["Name"]] for each in directive["Metrics"])
        assert {each["Name"] for each in directive["Metrics"]} == line.keys() - {"_aws", dimension}
    assert subnet.keys() - {"_aws", "SubnetId"} == UNITS.keys() - {"HoursToExhaustion"}  # nothing known of growth
    assert cluster.keys() - {"_aws", "ClusterName"} == UNITS.keys() - {"HoursToExhaustion"}


def test_every_metric_is_taken_with_its_unit(capsys):
    every = Measured(dimension=Dimension.SUBNET, name=SUBNET, values=dict.fromkeys(UNITS, 1.5))
    print_lines([every], namespace="Headroom")
    (line,) = lines(capsys.readouterr().out)
    assert all(line[name] == [1.5] for name in UNITS)


def test_the_service_that_other_metrics_carry_is_no_dimension_here(capsys, monkeypatch):
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "headroom")
    print_lines(measure([a_result()], set(), Counter(), NOW), namespace="Headroom")
    (line,) = lines(capsys.readouterr().out)
    assert line["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["SubnetId"]]


def test_a_whole_run_is_told_with_its_cluster_and_its_calls_count_once():
    world = World(subnet=a_subnet(), groups=(a_group(most=1),))
    for _ in range(2):
        outcome = world.run()
        subnet, cluster = measure(outcome.results, outcome.whole, Counter(), world.now)
        assert (subnet.name, cluster.name) == (SUBNET, "demo")
        assert subnet.values["CallsToday"] == cluster.values["CallsToday"] == len(world.subnet.reservations) > 0
    assert subnet.values["FreePrefixesReserved"] == 7


def test_of_a_batch_that_came_to_no_look_only_failures_are_known():
    (found,) = not_looked_at(Counter({SUBNET: 2, "eni-1": 1}))
    assert (found.name, found.values) == (SUBNET, {"FailuresSeen": 2.0})


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (
            Outcome(
                results=(a_result(),), unknowns=(), findings=(), changes=(), not_acting="", whole=frozenset({"demo"})
            ),
            [{"SubnetId": SUBNET, "FailuresSeen": [1.0]}, {"ClusterName": "demo", "FailuresSeen": [1.0]}],
        ),
        (Covered(), [{"SubnetId": SUBNET, "FailuresSeen": [1.0]}]),
    ],
    ids=["a run", "covered by another"],
)
def test_the_function_prints_them(outcome, told, capsys, monkeypatch):
    monkeypatch.setattr(reconcile.metrics.provider, "namespace", "Headroom")
    reconcile._measure(outcome, Counter({SUBNET: 1}), NOW)
    found = lines(capsys.readouterr().out)
    assert [expected.items() <= line.items() for line, expected in zip(found, told, strict=True)] == [True] * len(told)


# --- the page ---------------------------------------------------------------------------------------------------------

PAGE = (ROOT / "docs/metrics.md").read_text()
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|", re.MULTILINE)


def section(title: str) -> dict[str, str]:
    """The units of the metrics in one table of the page, by their names."""
    (text,) = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return dict(ROW.findall(text))


def test_the_page_lists_each_metric_of_a_subnet_with_its_unit():
    assert section("Of each subnet") == {name: str(unit) for name, unit in UNITS.items()}


def test_the_page_lists_each_metric_of_the_functions():
    handlers = "".join(path.read_text() for path in sorted((ROOT / "functions/handlers").glob("*.py")))
    named = re.findall(r'name="(\w+)", unit=MetricUnit|^        "([A-Z]\w+)": (?:len|sum)\(', handlers, re.MULTILINE)
    fates = re.findall(r'Fate\.\w+: "(\w+)"', handlers)
    emitted = {name for pair in named for name in pair if name} | set(fates)
    assert len(emitted) > 15
    assert section("Of Headroom itself").keys() == emitted


def test_a_thousand_subnets_are_a_thousand_short_lines_with_no_more_metrics_than_cloudwatch_takes(capsys):
    values = dict.fromkeys(UNITS, 123456.789)
    many = [Measured(dimension=Dimension.SUBNET, name=f"subnet-{n:017x}", values=values) for n in range(1000)]
    print_lines(many, namespace="Headroom")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(many)
    assert max(map(len, printed)) < 1000, "as docs/metrics.md reckons; CloudWatch Logs takes 1 MB"
    (directive,) = json.loads(printed[0])["_aws"]["CloudWatchMetrics"]
    assert len(directive["Metrics"]) <= 100, "of the embedded metric format"
