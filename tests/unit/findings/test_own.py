"""Findings about Headroom's own work: how grave each is, and what it is about."""

import pytest

from functions.capacity.arrivals import Kind
from functions.capacity.clusters import Node
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.own import Denied, events_missing, not_permitted, switch_unreadable, tripped
from tests.builders import NOW, SUBNET

HOSTILE = "no\nTo do:\n" + "x" * 900
NODE = Node(instance_id="i-1", subnet_id=SUBNET, launched_at=NOW)


@pytest.mark.parametrize(
    ("finding", "id_", "severity", "resource"),
    [
        (tripped(SUBNET, "3 surprises"), FindingId.TRIPPED, Severity.WARNING, f"subnet/{SUBNET}"),
        (
            not_permitted(Denied(action="ec2:DescribeSubnets", resource="", message=HOSTILE)),
            FindingId.NOT_PERMITTED,
            Severity.CRITICAL,
            "headroom/ec2:DescribeSubnets",
        ),
        (switch_unreadable(HOSTILE, HOSTILE), FindingId.SWITCH_UNREADABLE, Severity.CRITICAL, "headroom/switch"),
        (events_missing(Kind.API_CALLS, NODE), FindingId.EVENTS_MISSING, Severity.WARNING, "headroom/api-calls"),
    ],
    ids=lambda each: each if isinstance(each, FindingId) else "",
)
def test_what_each_says(finding, id_, severity, resource):
    assert (finding.id, finding.severity, str(finding.resource)) == (id_, severity, resource)
    assert all(len(str(value)) <= 500 and "\n" not in str(value) for value in finding.numbers.values())
