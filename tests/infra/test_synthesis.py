"""The template is tied to no account, region or partition, and synthesis fails on what cdk-nag finds."""

from __future__ import annotations

import json
import re

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from infra.app import headroom_app
from tests.infra.synthesis import Assembly, command_line_context


def test_nothing_is_looked_up_in_an_account(assembly: Assembly):
    assert "missing" not in assembly.manifest
    assert assembly.manifest["artifacts"]["Headroom"]["environment"] == "aws://unknown-account/unknown-region"


@pytest.mark.parametrize(
    ("what", "literal"),
    [
        ("an account id", r"(?<![0-9a-f])\d{12}(?![0-9a-f])"),
        ("a region", r"\b(us|eu|ap|sa|ca|me|af|il|cn|mx)(-gov|-iso\w?)?-(north|south|east|west|central)\w*-\d\b"),
        ("a partition", r"arn:aws[\w-]*:"),
    ],
)
def test_the_template_names_no(assembly: Assembly, what, literal):
    assert re.findall(literal, json.dumps(assembly.template)) == [], what


def test_the_stack_tells_where_its_parts_are(assembly: Assembly):
    assert set(assembly.template["Outputs"]) == {
        "TopicArn",
        "ChatTopicArn",
        "PagingTopicArn",
        "MutesParameter",
        "Policy",
        "WorkQueueUrl",
        "DeadLetterQueueUrl",
        "FastQueueUrl",
        "FastDeadLetterQueueUrl",
        "TableName",
        "SwitchParameter",
        "ReconcileFunction",
        "ReleaseQueueUrl",
        "ReleaseDeadLetterQueueUrl",
        "ReleaseFunction",
        "AuditFunction",
        "AuditDeadLetterQueueUrl",
        "SubnetMapFunction",
        "DashboardName",
        "ReportsBucket",
    }


def test_cdk_nag_found_nothing_that_is_not_acknowledged(assembly: Assembly):
    report = json.loads((assembly.folder / "validation-report.json").read_text())
    assert [(each["pluginName"], each["conclusion"]) for each in report["pluginReports"]] == [
        ("AwsSolutions", "success")
    ]


def test_synthesis_fails_on_a_finding_that_is_not_acknowledged(tmp_path):
    app = headroom_app(cdk.App(context=command_line_context(), outdir=str(tmp_path), analytics_reporting=False))
    stack = app.node.find_child("Headroom")
    assert isinstance(stack, cdk.Stack)
    sqs.Queue(stack, "Careless")
    with pytest.raises(RuntimeError, match="AwsSolutions-SQS3"):
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    rules = {violation["ruleName"] for each in report["pluginReports"] for violation in each["violations"]}
    assert rules == {"AwsSolutions-SQS3", "AwsSolutions-SQS4"}
