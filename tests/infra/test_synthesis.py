"""Synthesis asks nobody anything, ties the template to no place, and fails on what cdk-nag finds."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_sqs as sqs

from infra.app import headroom_app
from infra.bundle import ROOT
from tests.infra.synthesis import Assembly, command_line_context

NO_NETWORK = """
import runpy, socket
def refuse(*_): raise AssertionError("synthesis opened a connection")
socket.socket.connect = refuse
runpy.run_path("app.py", run_name="__main__")
"""
NO_NETWORK_IN_NODE = "require('net').Socket.prototype.connect = () => { throw new Error('synthesis connected') }"


def run_app(tmp_path: Path, **chosen: object) -> subprocess.CompletedProcess[str]:
    """Runs app.py with Node and nothing else on PATH, no network, and no AWS configuration."""
    only_node = tmp_path / "bin"
    only_node.mkdir()
    (only_node / "node").symlink_to(Path(_which("node")).resolve())
    guard = tmp_path / "no_network.js"
    guard.write_text(NO_NETWORK_IN_NODE)
    return subprocess.run(
        [sys.executable, "-c", NO_NETWORK],
        cwd=ROOT,
        env={
            "PATH": str(only_node),
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path),
            "NODE_OPTIONS": f"--require {guard}",
            "CDK_OUTDIR": str(tmp_path / "out"),
            "CDK_CONTEXT_JSON": json.dumps(command_line_context(**chosen)),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _which(command: str) -> str:
    found = shutil.which(command)
    assert found, f"{command} is not on PATH"
    return found


def test_app_py_needs_no_network_credentials_git_or_docker(tmp_path, shipped: Assembly):
    done = run_app(tmp_path)
    assert done.returncode == 0, done.stderr
    assert Assembly(folder=tmp_path / "out").template == shipped.template


def test_app_py_ends_with_one_line_about_a_wrong_configuration(tmp_path):
    done = run_app(tmp_path, sweepMinuets=5)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        'configuration: unknown key "headroom.sweepMinuets"; did you mean "sweepMinutes"?'
    )
    assert "Traceback" not in done.stderr


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
