"""The rules match the events of the table and no others, judged by the embedded AWS's own matcher."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ministack.services import eventbridge

from functions.capacity.routes import API_CALL, OWN_SOURCE, ROUTES, URGENT, WAKE, Route, Urgent
from functions.capacity.scope import EVERYWHERE, scope_of
from tests.infra.synthesis import ACCOUNT, PARTITION, Assembly, resolved

# A role's name has at most 64 characters: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
OWN_ROLE = f"arn:{PARTITION}:iam::{ACCOUNT}:role/{'Headroom'.ljust(64, 'x')}"
OTHER_ROLE = f"arn:{PARTITION}:iam::{ACCOUNT}:role/somebody-else"

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html: event pattern size
LONGEST_PATTERN = 2048

FOREIGN_ROUTES = [route for route in ROUTES if route.source != OWN_SOURCE]
LACK = {"errorCode": "Client.InsufficientFreeAddressesInSubnet"}


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


def to_work(rules: set[str]) -> set[str]:
    return {name for name in rules if not name.startswith("Urgent")}


def urgent(rules: set[str]) -> set[str]:
    return rules - to_work(rules)


@pytest.mark.parametrize("route", FOREIGN_ROUTES, ids=lambda route: " / ".join(filter(None, route.key)))
def test_every_event_of_the_table_is_sent_to_the_work_queue_by_exactly_one_rule(patterns, route):
    assert len(to_work(rules_that_match(patterns, an_event_of(route)))) == 1


@pytest.mark.parametrize("route", FOREIGN_ROUTES, ids=lambda route: " / ".join(filter(None, route.key)))
def test_the_urgent_ones_and_no_others_are_called_urgent_by_exactly_one_rule(patterns, route):
    assert len(urgent(rules_that_match(patterns, an_event_of(route)))) == (route.urgent is Urgent.ALWAYS)


@pytest.mark.parametrize("call", [route.call for route in ROUTES if route.urgent is Urgent.WHEN_FAILED])
def test_a_launch_is_urgent_when_it_fails_and_goes_to_the_work_queue_either_way(patterns, call):
    assert rules_that_match(patterns, a_call(call)) == {"Ec2Calls"}
    assert rules_that_match(patterns, a_call(call, **LACK)) == {"Ec2Calls", "UrgentFailedEc2Calls"}


def test_rules_for_work_wake_the_fast_way_and_urgent_ones_say_so_with_messages_that_look_everywhere(shipped: Assembly):
    for logical_id, rule in shipped.resources("AWS::Events::Rule").items():
        work = [each for each in rule["Targets"] if "Input" not in each]
        (constant,) = (each for each in rule["Targets"] if "Input" in each)
        kind = URGENT if logical_id.startswith("EventsUrgent") else WAKE
        assert json.loads(constant["Input"])["detail-type"] == kind
        assert scope_of(json.loads(constant["Input"])) == EVERYWHERE
        assert constant["SqsParameters"]["MessageGroupId"]
        assert "Fast" in constant["Arn"]["Fn::GetAtt"][0]
        assert [each["Arn"]["Fn::GetAtt"][0][:4] for each in work] == ([] if kind == URGENT else ["Work"])


def test_the_fast_queue_forgets_a_message_of_the_same_content_only_after_five_minutes(shipped: Assembly):
    queue = shipped.the("AWS::SQS::Queue", of="FastQueue")
    assert queue["FifoQueue"] is queue["ContentBasedDeduplication"] is True
    assert "DeduplicationScope" not in queue, "by queue, so that the group does not matter"
    assert queue["DelaySeconds"] == 5


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
            {"FailedEc2Calls", "UrgentFailedEc2Calls"},
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
        pytest.param(
            a_call("CreateTags", role=OWN_ROLE, requestParameters=tagged("subnet-0123456789abcdef0")),
            id="tags that Headroom sets",
        ),
        pytest.param(a_call("AssignIpv6Addresses", role=OWN_ROLE, **LACK), id="a failure of Headroom's own"),
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
