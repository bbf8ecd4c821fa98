"""What the widget's function may do: three reads."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import assertions
from aws_cdk import aws_lambda as lambda_
from policy_sentry.querying.actions import get_action_data

from infra.config import Config
from infra.widget import SubnetMapWidget
from tests.infra.synthesis import statements


@pytest.fixture(scope="module")
def template() -> assertions.Template:
    stack = cdk.Stack(cdk.App(analytics_reporting=False), "Stack")
    layer = lambda_.LayerVersion.from_layer_version_arn(stack, "Layer", "arn:aws:lambda:us-east-1:1:layer:deps:1")
    SubnetMapWidget(stack, "Map", config=Config(log_retention_days=7), dependencies=layer)
    return assertions.Template.from_stack(stack)


def allowed(template: assertions.Template) -> list[dict[str, Any]]:
    (policy,) = template.find_resources("AWS::IAM::Policy").values()
    return list(statements(policy["Properties"]["PolicyDocument"]))


def test_it_reads_three_things_of_ec2_and_writes_its_log(template):
    assert sorted(action for each in allowed(template) for action in each["Action"]) == [
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:GetSubnetCidrReservations",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ]


def test_none_of_what_it_may_do_in_ec2_changes_anything(template):
    levels = {
        row["access_level"]
        for each in allowed(template)
        for action in each["Action"]
        if action.startswith("ec2:")
        for row in (get_action_data("ec2", action.split(":")[1]) or {})["ec2"]
    }
    assert levels <= {"List", "Read"}


def test_nobody_is_let_in_by_a_policy_of_the_function(template):
    template.resource_count_is("AWS::Lambda::Permission", 0)
    template.resource_count_is("AWS::Lambda::Url", 0)


def test_its_log_is_kept_as_long_as_was_chosen(template):
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 7})
