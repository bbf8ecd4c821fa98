"""The CloudWatch custom widget: what it is asked, and what it answers."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.handlers import widget as handler_module
from functions.handlers.widget import MOST_SUBNETS, answer, handler
from functions.report.map_palette import PALETTES, Theme
from functions.report.map_widget import DOCUMENTATION, Widget
from tests.builders import NOW
from tests.unit.report.ec2 import SUBNETS, ReadOnlyEc2, a_described_interface, a_described_subnet
from tests.unit.report.scenes import HOSTILE

ARN = "arn:aws:lambda:us-east-1:123456789012:function:map"
WIDGET = Widget(function_arn=ARN, theme=Theme.LIGHT)


@dataclass
class Context:
    function_name = "map"
    memory_limit_in_mb = 512
    invoked_function_arn = ARN
    aws_request_id = "request-1"


def asked(parameters: Any, ec2: ReadOnlyEc2) -> str:
    return answer(parameters, WIDGET, ec2, NOW + timedelta(hours=3))  # type: ignore[arg-type]


def called(event: Any, ec2: ReadOnlyEc2, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(handler_module, "clients", ec2)
    return str(handler(event, Context()))  # type: ignore[arg-type]


def refused(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeSubnets")


def links(page: str) -> dict[str, Any]:
    """What each button calls the function with; CloudWatch takes the action for that of the element before it."""
    pattern = (
        r'<a class="btn">(.*?)</a><cwdb-action action="call" display="widget" endpoint="(.*?)">(.*?)</cwdb-action>'
    )
    found = re.findall(pattern, page)
    assert {arn for _, arn, _ in found} == {ARN}
    assert page.count("<cwdb-action") == len(found)
    return {words: json.loads(parameters) for words, _, parameters in found}


# --- what is asked --------------------------------------------------------------------------------------------------


def test_describe_answers_documentation_in_markdown(monkeypatch):
    ec2 = ReadOnlyEc2([])
    found = called({"describe": True}, ec2, monkeypatch)
    assert found == DOCUMENTATION
    assert "``` yaml\nsubnetId: subnet-" in found
    assert ec2.asked == []


def test_a_subnet_is_drawn_with_its_numbers_and_ways_on():
    ec2 = ReadOnlyEc2([a_described_subnet()], [a_described_interface("10.0.0.50")])
    page = asked({"subnetId": SUBNETS[0]}, ec2)
    assert f"<title>Address blocks of {SUBNETS[0]} (pods)</title>" in page
    assert '<th scope="row">Partly used</th><td>1</td>' in page
    assert '<th scope="row">Free</th><td>13</td>' in page
    assert "eni-1, for 3 h" in page
    assert links(page) == {"All subnets": {"overview": True}, "Refresh": {"subnetId": SUBNETS[0]}}


def test_without_a_subnet_those_with_the_tag_are_listed_fullest_first():
    full = a_described_interface("10.0.1.50", "eni-2", subnet=SUBNETS[1])
    untagged = a_described_subnet("subnet-0cc1bb2cc3dd4ee5f") | {"Tags": []}
    ec2 = ReadOnlyEc2([a_described_subnet(), a_described_subnet(SUBNETS[1], "10.0.1.0/24"), untagged], [full])
    page = asked({}, ec2)
    assert links(page) == {each: {"subnetId": each} for each in SUBNETS}
    assert list(links(page)) == [SUBNETS[1], SUBNETS[0]]


def test_the_way_back_outdoes_the_widgets_own_parameter():
    ec2 = ReadOnlyEc2([a_described_subnet()])
    assert asked({"subnetId": SUBNETS[0], "overview": True}, ec2) == asked({}, ec2)


def test_of_many_subnets_some_are_only_named():
    many = [a_described_subnet(f"subnet-0aa1bb2cc3dd4e{n:03x}", f"10.0.{n}.0/24") for n in range(MOST_SUBNETS + 3)]
    ec2 = ReadOnlyEc2(many)
    page = asked({}, ec2)
    assert len(links(page)) == MOST_SUBNETS + 3
    assert ec2.asked.count("get_subnet_cidr_reservations") == MOST_SUBNETS
    assert "Not looked at here" in page


@pytest.mark.parametrize(
    ("event", "theme"),
    [
        pytest.param({"widgetContext": {"theme": "dark"}}, Theme.DARK, id="dark"),
        pytest.param({"widgetContext": {"theme": "light"}}, Theme.LIGHT, id="light"),
        pytest.param({}, Theme.LIGHT, id="not said"),
        pytest.param({"widgetContext": None}, Theme.LIGHT, id="no context"),
        pytest.param({"widgetContext": {"theme": ["dark"]}}, Theme.LIGHT, id="a theme that is none"),
    ],
)
def test_it_looks_like_the_dashboard(event, theme, monkeypatch):
    page = called(event, ReadOnlyEc2([a_described_subnet()]), monkeypatch)
    assert f".headroom-widget{{background:{PALETTES[theme].background}" in page
    assert "prefers-color-scheme" not in page


# --- what goes wrong ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted", ["vpc-1", "subnet-", "subnet-XYZ", ["subnet-0aa1bb2cc3dd4ee5f"], {"a": 1}, 7, HOSTILE, f"{SUBNETS[0]}\n"]
)
def test_what_is_no_subnet_is_said_and_not_asked(wanted):
    ec2 = ReadOnlyEc2([a_described_subnet()])
    page = asked({"subnetId": wanted}, ec2)
    assert "which is no id of a subnet." in page
    assert "<script" not in page
    assert ec2.asked == []


def test_a_subnet_that_is_not_there_is_said():
    assert f"There is no subnet {SUBNETS[1]} in this account and region." in asked(
        {"subnetId": SUBNETS[1]}, ReadOnlyEc2([a_described_subnet()])
    )


def test_no_tagged_subnet_is_said():
    assert "has the tag headroom:mode" in asked({}, ReadOnlyEc2([]))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(
            refused("UnauthorizedOperation", "You are not authorized to perform: ec2:DescribeSubnets"),
            "The widget&#x27;s role may not call ec2:DescribeSubnets",
            id="denied",
        ),
        pytest.param(
            refused("RequestLimitExceeded", "<b>slow</b>"),
            "(RequestLimitExceeded) when calling the DescribeSubnets operation: &lt;b&gt;slow",
            id="throttled",
        ),
    ],
)
def test_what_ec2_refuses_is_said_in_words(error, words, monkeypatch):
    page = called({}, ReadOnlyEc2([a_described_subnet()], error=error), monkeypatch)
    assert words in page
    assert links(page) == {"All subnets": {"overview": True}}


def test_a_view_with_holes_is_said():
    page = asked({"subnetId": SUBNETS[0]}, ReadOnlyEc2([a_described_subnet(available=100)]))
    assert "Not everything in it could be seen: EC2 counts 100 available addresses" in page


def test_hostile_names_come_out_harmless():
    ec2 = ReadOnlyEc2([a_described_subnet(name=HOSTILE)], [a_described_interface("10.0.0.50", HOSTILE)])
    for page in (asked({}, ec2), asked({"subnetId": SUBNETS[0]}, ec2)):
        assert "<script" not in page
        assert "onload='" not in page
        assert page.encode("utf-8")


def test_what_cloudwatch_removes_is_not_in_it():
    """`<use>`, `<iframe>` and anything of JavaScript."""
    page = asked({"subnetId": SUBNETS[0]}, ReadOnlyEc2([a_described_subnet()], [a_described_interface("10.0.0.50")]))
    assert not re.search(r"<(use|iframe|script|object|embed)|\son\w+=|javascript:", page)


def test_it_only_reads():
    ec2 = ReadOnlyEc2([a_described_subnet()])
    asked({}, ec2)
    asked({"subnetId": SUBNETS[0]}, ec2)
    assert set(ec2.asked) == {"describe_subnets", "describe_network_interfaces", "get_subnet_cidr_reservations"}
