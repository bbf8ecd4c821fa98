"""docs/cost.md rests on the stack as it is, and on sums that hold."""

import re
from dataclasses import replace

import pytest

from functions.capacity.subnet_metrics import METRICS
from infra.layers import ROOT
from reference import prices, reckoning
from reference.reckoning import BUSY, QUIET, Line, bill, total
from tests.infra.synthesis import Assembly


def queried(alarm: dict[str, object]) -> bool:
    return "Metrics" in alarm and "SELECT" in str(alarm["Metrics"])


def test_there_are_as_many_alarms_as_are_paid_for(shipped: Assembly):
    alarms = shipped.resources("AWS::CloudWatch::Alarm").values()
    assert sum(queried(each) for each in alarms) == 1
    assert sum(not queried(each) for each in alarms) == reckoning.ALARMS


def test_there_are_as_many_event_sources_keys_and_dashboards(shipped: Assembly):
    queues = {name: each.get("FifoQueue", False) for name, each in shipped.resources("AWS::SQS::Queue").items()}
    sources = [
        queues[each["EventSourceArn"]["Fn::GetAtt"][0]]
        for each in shipped.resources("AWS::Lambda::EventSourceMapping").values()
    ]
    assert (sources.count(False), sources.count(True)) == (reckoning.STANDARD_SOURCES, reckoning.FIFO_SOURCES)
    assert len(shipped.resources("AWS::KMS::Key")) == len(shipped.resources("AWS::CloudWatch::Dashboard")) == 1


def test_the_reconcile_has_the_memory_that_is_paid_for(shipped: Assembly):
    assert shipped.the("AWS::Lambda::Function", of="Reconcile")["MemorySize"] == 1024 * reckoning.MEMORY_GB


def test_there_are_as_many_metrics_of_headroom_itself_as_its_page_has():
    page = (ROOT / "docs" / "metrics.md").read_text()
    own = page.split("## Of Headroom itself")[1].split("\n## ")[0]
    assert len(re.findall(r"^\| `\w+` \| Count \|", own, re.MULTILINE)) == reckoning.OWN_METRICS


def test_metrics_cost_what_somebody_reckons_by_hand():
    lines = {each.what: each for each in bill(QUIET)}
    assert lines["metrics of subnets"].dollars == pytest.approx(3 * 11 * 0.30)
    assert lines["runs"].quantity == 24 * 60 / 5 * 30
    assert lines["time of runs"].dollars == pytest.approx(8640 * reckoning.run_seconds() * 0.5 * 0.0000133334)


def test_the_total_is_the_sum_of_the_lines():
    for month in (QUIET, BUSY):
        assert total(month) == pytest.approx(
            sum(each.quantity * each.price.dollars / each.price.per for each in bill(month))
        )


def test_what_is_on_the_page_adds_up():
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| [\d,]+ \| ([\d.]+) \| [\d,]+ \| ([\d.]+) \|$", page(), re.MULTILINE)
    for month, column in ((QUIET, 0), (BUSY, 1)):
        assert len(rows) == len(list(bill(month)))
        assert sum(float(row[column]) for row in rows) == pytest.approx(total(month), abs=0.005 * len(rows))
        assert f"**{total(month):.2f}**" in page()


def test_the_page_says_what_a_subnet_and_a_cluster_cost():
    count = len(METRICS)
    for what in ("subnet", "cluster"):
        assert f"{count} metrics a {what}, ${count * 0.30:.2f} a month" in " ".join(page().split())


def test_the_readme_says_the_same():
    assert f"about ${total(QUIET):.0f} a month for 1,000 nodes" in (ROOT / "README.md").read_text()


def page() -> str:
    return (ROOT / "docs" / "cost.md").read_text()


def test_more_subnets_cost_more():
    assert total(QUIET) < total(replace(QUIET, subnets=12)) < total(replace(BUSY, subnets=12))


def test_no_price_stands_twice_under_one_name():
    named = [(each.unit, each.page) for each in prices.ALL]
    assert len(set(named)) == len(named)
    assert {each.price for each in bill(BUSY)} <= set(prices.ALL)
    assert all(isinstance(each, Line) for each in bill(BUSY))
