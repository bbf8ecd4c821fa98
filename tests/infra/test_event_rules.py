"""The rules match the events of the table and no others, judged by the embedded AWS's own matcher."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ministack.services import eventbridge

from functions.capacity.scope import API_CALL, OWN_SOURCE, ROUTES, Route
from tests.infra.synthesis import ACCOUNT, PARTITION, Assembly, resolved

# A role's name has at most 64 characters: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
OWN_ROLE = f"arn:{PARTITION}:iam::{ACCOUNT}:role/{'Headroom'.ljust(64, 'x')}"
OTHER_ROLE = f"arn:{PARTITION}:iam::{ACCOUNT}:role/somebody-else"

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: event pattern size
LONGEST_PATTERN = 2048

FOREIGN_ROUTES = [route for route in ROUTES if route.source != OWN_SOURCE]


@pytest.fixture(scope="session")
def patterns(shipped: Assembly) -> dict[str, str]:
    """Each rule's pattern as EventBridge gets it, by the rule's name."""
    return {
        logical_id.removeprefix("Events")[:-_HASH]: _as_deployed(rule["EventPattern"])
        for logical_id, rule in shipped.resources("AWS::Events::Rule").items()
    }


_HASH = 8  # the CDK ends a logical id with a hash of the construct's path


def _as_deployed(pattern: dict[str, Any]) -> str:
    text = json.dumps(resolved(pattern), separators=(",", ":"))
    return re.sub(r"<Re(concile|lease)Role\w+\.Arn>", OWN_ROLE, text)


def rules_that_match(patterns: dict[str, str], event: dict[str, Any]) -> set[str]:
    record = eventbridge._event_from_test_payload(event)
    return {name for name, pattern in patterns.items() if eventbridge._matches_pattern(pattern, record)}


def an_event(source: str, detail_type: str, **detail: object) -> dict[str, Any]:
    return {"source": source, "detail-type": detail_type, "account": ACCOUNT, "resources": [], "detail": detail}


def a_call(name: str, *, source: str = "aws.ec2", role: str | None = OTHER_ROLE, **detail: object) -> dict[str, Any]:
    """An API call as CloudTrail reports it; without a role it is an IAM user's."""
    user = {"type": "IAMUser", "arn": f"arn:{PARTITION}:iam::{ACCOUNT}:user/someone"}
    assumed = {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": role}}}
    identity = {"userIdentity": assumed if role else user}
    service = source.removeprefix("aws.") + ".amazonaws.com"
    return an_event(source, API_CALL, eventSource=service, eventName=name, **identity, **detail)


def tagged(*resource_ids: str) -> dict[str, Any]:
    return {"resourcesSet": {"items": [{"resourceId": each} for each in resource_ids]}, "tagSet": {"items": []}}


def an_event_of(route: Route) -> dict[str, Any]:
    if route.detail_type != API_CALL:
        return an_event(route.source, route.detail_type)
    detail: dict[str, Any] = {"errorCode": "Client.InsufficientCidrBlocks"} if route.failed_only else {}
    if route.subnets_only:
        detail["requestParameters"] = tagged("i-0123456789abcdef0", "subnet-0123456789abcdef0")
    return a_call(route.call, source=route.source, **detail)


@pytest.mark.parametrize("route", FOREIGN_ROUTES, ids=lambda route: " / ".join(filter(None, route.key)))
def test_every_event_of_the_table_is_sent_by_exactly_one_rule(patterns, route):
    assert len(rules_that_match(patterns, an_event_of(route))) == 1


def test_each_rule_serves_some_event_of_the_table(patterns):
    assert set().union(*(rules_that_match(patterns, an_event_of(route)) for route in FOREIGN_ROUTES)) == set(patterns)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(
            a_call("CreateSubnetCidrReservation", role=OTHER_ROLE),
            {"Ec2Calls"},
            id="a reservation made by another role",
        ),
        pytest.param(
            a_call("DeleteSubnetCidrReservation", role=None), {"Ec2Calls"}, id="a reservation deleted by an IAM user"
        ),
        pytest.param(
            a_call("CreateNetworkInterface", role=None, errorCode="InsufficientCidrBlocks"),
            {"FailedEc2Calls"},
            id="a failure by an IAM user",
        ),
        pytest.param(
            a_call("DeleteTags", requestParameters=tagged("subnet-0123456789abcdef0")),
            {"Ec2SubnetCalls"},
            id="tags taken from a subnet",
        ),
    ],
)
def test_rules_send(patterns, event, expected):
    assert rules_that_match(patterns, event) == expected


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(a_call("CreateSubnetCidrReservation", role=OWN_ROLE), id="a reservation that Headroom made"),
        pytest.param(a_call("DeleteSubnetCidrReservation", role=OWN_ROLE), id="a reservation that Headroom deleted"),
        pytest.param(a_call("CreateNetworkInterface"), id="an interface that was created without an error"),
        pytest.param(a_call("AssignPrivateIpAddresses"), id="prefixes that were assigned without an error"),
        pytest.param(
            a_call("CreateTags", requestParameters=tagged("i-0123456789abcdef0", "vol-0123456789abcdef0")),
            id="tags on anything but subnets",
        ),
        pytest.param(a_call("CreateTags"), id="a tagging call that names nothing"),
        pytest.param(a_call("RunInstances", source="aws.eks"), id="an EC2 call of another service"),
        pytest.param(a_call("DeleteCluster", source="aws.eks"), id="an EKS call that is not in the table"),
        pytest.param(a_call("StopInstances"), id="an EC2 call that is not in the table"),
        pytest.param(an_event("aws.ec2", "EC2 Spot Instance Interruption Warning"), id="another EC2 event"),
        pytest.param(an_event("aws.ecs", "EC2 Instance State-change Notification"), id="our detail-type, other source"),
        pytest.param(an_event("com.example", API_CALL, eventName="RunInstances"), id="an application's own event"),
        pytest.param(an_event(OWN_SOURCE, "Sweep"), id="our own sweep, which goes straight to the queue"),
    ],
)
def test_no_rule_sends(patterns, event):
    assert rules_that_match(patterns, event) == set()


def test_every_pattern_is_one_that_eventbridge_accepts(patterns):
    assert {name: eventbridge._event_pattern_error(pattern) for name, pattern in patterns.items()} == dict.fromkeys(
        patterns
    )


def test_every_pattern_is_short_enough_with_the_longest_role_name(patterns):
    longest = max(patterns, key=lambda name: len(patterns[name]))
    assert len(patterns[longest]) <= LONGEST_PATTERN, longest


def test_rules_listen_on_the_bus_where_aws_puts_its_events(shipped: Assembly):
    assert all(
        rule.get("EventBusName", "default") == "default" for rule in shipped.resources("AWS::Events::Rule").values()
    )
