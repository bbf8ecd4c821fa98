"""A whole organisation through the deployed state machine: 25 accounts and regions; one account lets nobody in."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox import ledger
from sandbox.demo.published_schemas import errors
from sandbox.deployment import deploy
from sandbox.process import ROOT, EmbeddedAws, embedded_aws

REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "us-east-2", "us-west-2"]
ACCOUNTS = 5
EXTERNAL_ID = "headroom-audit-of-ours"
SECONDS = 900  # each failure costs a new process of the function, and so does each child that runs beside others
SCHEMA = json.loads((ROOT / "docs" / "organisation-report.schema.json").read_text())


@dataclass(frozen=True)
class Run:
    """One execution: what came of it, and what it left in the bucket."""

    aws: EmbeddedAws
    machine: str
    execution: dict[str, Any]
    accounts: list[str]
    closed: str
    calls: list[dict[str, Any]]

    @property
    def answer(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.execution["output"])
        return found

    def kept(self, name: str) -> str:
        bucket, _, folder = self.answer["folder"].removeprefix("s3://").partition("/")
        return str(self.aws.client("s3").get_object(Bucket=bucket, Key=f"{folder}{name}")["Body"].read().decode())

    @property
    def report(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.kept("report.json"))
        return found


def an_organisation(aws: EmbeddedAws) -> tuple[str, list[str]]:
    """Its id, and its accounts: the one that Headroom is in, and four others."""
    organizations = aws.client("organizations")
    id_ = organizations.describe_organization()["Organization"]["Id"]
    for n in range(1, ACCOUNTS):
        organizations.create_account(Email=f"account{n}@example.com", AccountName=f"account-{n}")
    return id_, sorted(each["Id"] for each in organizations.list_accounts()["Accounts"])


def synthesized(folder: Path, organisation: dict[str, Any]) -> Path:
    subprocess.run(
        [
            *("cdk", "synth", "--quiet", "--no-notices", "--output", str(folder)),
            *("--context", f"headroom.organisation={json.dumps(organisation)}"),
        ],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{ROOT}/.venv/bin{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        timeout=300,
    )
    return folder


def let_in(aws: EmbeddedAws, account: str, template: dict[str, Any], *, closed: bool) -> None:
    """Deploy the members' template there, as a StackSet would; in the closed account with another external id."""
    text = json.dumps(template)
    if closed:
        assert EXTERNAL_ID in text
        text = text.replace(EXTERNAL_ID, "of-somebody-else")
    cloudformation = aws.client("cloudformation", account=account)
    cloudformation.create_stack(StackName="HeadroomMember", TemplateBody=text, Capabilities=["CAPABILITY_NAMED_IAM"])
    until = time.monotonic() + 30
    while True:
        (stack,) = cloudformation.describe_stacks(StackName="HeadroomMember")["Stacks"]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return
        assert time.monotonic() < until, stack
        time.sleep(0.1)


def let_in_by_hand(aws: EmbeddedAws, account: str, assembly: Path) -> None:
    """The same by the CDK's command line, in an account that was never bootstrapped."""
    subprocess.run(
        ["cdk", "deploy", "HeadroomMember", "--require-approval", "never", "--no-notices", "--app", str(assembly)],
        cwd=ROOT,
        env=aws.environment | {"AWS_ACCESS_KEY_ID": account, "CDK_HOME": str(assembly.parent / "cdk-home-of-a-member")},
        check=True,
        capture_output=True,
        timeout=300,
    )


def furnish(aws: EmbeddedAws, account: str, region: str, role: str) -> None:
    """A cluster in prefix mode whose group may ask for more than its subnet holds: the same names everywhere."""
    ec2, eks = (aws.client(each, account=account, region=region) for each in ("ec2", "eks"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/26", AvailabilityZone=f"{region}a")["Subnet"]["SubnetId"]
    eks.create_cluster(name="shop", roleArn=role, resourcesVpcConfig={"subnetIds": [subnet]})
    eks.create_addon(
        clusterName="shop",
        addonName="vpc-cni",
        addonVersion="v1.19.2-eksbuild.5",
        configurationValues='{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}',
    )
    eks.create_nodegroup(
        clusterName="shop",
        nodegroupName="workers",
        nodeRole=role,
        subnets=[subnet],
        instanceTypes=["m5.large"],
        scalingConfig={"minSize": 0, "maxSize": 9, "desiredSize": 0},
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("organisation")
    with embedded_aws(folder) as aws:
        id_, accounts = an_organisation(aws)
        organisation = {
            "auditAccount": aws.account,
            "organisationId": id_,
            "externalId": EXTERNAL_ID,
            "regions": REGIONS,
            "maxConcurrency": 3,
        }
        assembly = synthesized(folder / "assembly", organisation)
        member = json.loads((assembly / "HeadroomMember.template.json").read_text())
        closed = next(each for each in accounts if each != aws.account)
        by_hand = next(each for each in reversed(accounts) if each not in {aws.account, closed})
        let_in_by_hand(aws, by_hand, assembly)
        for account in accounts:
            if account != by_hand:
                let_in(aws, account, member, closed=account == closed)
        for account in accounts:
            role = aws.client("iam", account=account).create_role(RoleName="eks", AssumeRolePolicyDocument="{}")["Role"]
            for region in REGIONS[:3]:  # and nothing in the two others
                furnish(aws, account, region, role["Arn"])
        deployment = deploy(aws, folder, {}, app=str(assembly), stack="Headroom")
        before = len(ledger.read(aws.ledger))
        machine = deployment.outputs["OrganisationStateMachineArn"]
        execution = executed(aws, machine, (ROOT / "events" / "organisation.json").read_text())
        calls = [each for each in ledger.read(aws.ledger)[before:] if each["what"] == "call"]
        yield Run(aws, machine, execution, accounts, closed, calls)


def executed(aws: EmbeddedAws, machine: str, asked: str) -> dict[str, Any]:
    """One execution, to its end."""
    states = aws.client("stepfunctions")
    arn = states.start_execution(stateMachineArn=machine, input=asked)["executionArn"]
    until = time.monotonic() + SECONDS
    while True:
        found: dict[str, Any] = states.describe_execution(executionArn=arn)
        if found["status"] != "RUNNING":
            return found
        assert time.monotonic() < until, f"not within {SECONDS} s"
        time.sleep(0.5)


def test_one_account_that_lets_nobody_in_does_not_spoil_the_rest(run: Run):
    assert run.execution["status"] == "SUCCEEDED", run.execution
    totals = run.report["totals"]
    assert (totals["accounts"], totals["places"], totals["placesNotRead"]) == (5, 25, 5)
    assert totals["clusters"] == 4 * 3
    assert totals["prefixesMissing"] > 0


def test_it_is_named_with_the_role_that_was_not_to_be_had(run: Run):
    role = f"arn:aws:iam::{run.closed}:role/HeadroomAudit"
    unread = {key: row for key, row in run.report["places"].items() if not row["read"]}
    assert unread.keys() == {f"{run.closed}/{region}" for region in REGIONS}
    for row in unread.values():
        assert row["worst"] == "unknown"
        assert "AccessDenied" in row["why"]
        assert "sts:AssumeRole" in row["why"]
        assert role in row["why"]
    assert {each["account"] for each in run.answer["notRead"]} == {run.closed}
    assert run.report["verdict"].startswith("5 of 25 accounts and regions could not be read: nothing is known of them.")


def test_the_same_cluster_in_each_account_and_region_is_another_one(run: Run):
    open_ = [each for each in run.accounts if each != run.closed]
    assert set(run.report["clusters"]) == {f"{a}/{r}/shop" for a in open_ for r in REGIONS[:3]}
    short = [each for each in run.report["findings"] if each["id"] == "subnet-cannot-hold-demand"]
    assert len({(each["account"], each["region"]) for each in short}) == len(short) == 4 * 3


def test_a_region_with_nothing_in_it_was_read_and_is_not_unknown(run: Run):
    row = run.report["places"][f"{run.aws.account}/{REGIONS[4]}"]
    assert (row["read"], row["worst"], row["subnets"], row["thingsNotRead"]) == (True, "no finding", 0, 0)


def test_the_report_is_as_its_schema_says_and_there_in_each_form(run: Run):
    assert errors(run.report, SCHEMA) == []
    place = f"{run.aws.account}/{REGIONS[0]}"
    assert f'href="{place}/report.html"' in run.kept("report.html")
    assert run.kept(f"{place}/report.html").startswith("<!doctype html>")
    assert json.loads(run.kept(f"{place}/report.json"))["where"] == f"account {run.aws.account}, {REGIONS[0]}"
    assert run.closed in run.kept("report.md")
    assert run.kept("report.csv").startswith("record,id,account,region")


def test_it_only_read_and_each_place_through_its_own_account(run: Run):
    assert {each["action"][:8] for each in run.calls} <= {"Describe", "GetSubne"}
    asked = {(each["account"], each["region"]) for each in run.calls if "Place" in each["function"]}
    assert asked == {(a, r) for a in run.accounts if a != run.closed for r in REGIONS}


def test_what_each_child_answers_with_is_short(run: Run):
    states = run.aws.client("stepfunctions")
    (map_run,) = states.list_map_runs(executionArn=run.execution["executionArn"])["mapRuns"]
    described = states.describe_map_run(mapRunArn=map_run["mapRunArn"])
    assert (described["maxConcurrency"], described["toleratedFailurePercentage"]) == (3, 50.0)
    assert (described["itemCounts"]["succeeded"], described["itemCounts"]["failed"]) == (20, 5)
    outputs = [
        states.describe_execution(executionArn=each["executionArn"]).get("output") or ""
        for each in states.list_executions(mapRunArn=map_run["mapRunArn"])["executions"]
    ]
    assert max(map(len, outputs)) < 1024


def test_more_failures_than_are_tolerated_fail_the_run_and_what_was_read_is_reported(run: Run):
    """Of two places one fails, which is not more than half; of three two are."""
    regions, half = REGIONS[:1], {"accounts": [run.closed, run.aws.account], "regions": REGIONS[:1]}
    assert executed(run.aws, run.machine, json.dumps(half))["status"] == "SUCCEEDED"
    failed = executed(run.aws, run.machine, json.dumps({"accounts": [run.closed], "regions": regions}))
    assert (failed["status"], failed["error"]) == ("FAILED", "TooManyFailed")


@pytest.mark.parametrize(
    ("asked", "says"),
    [({"account": ["1"]}, "unknown key account"), ({"accounts": ["1"]}, "12 digits"), ({"regions": "x"}, "regions")],
    ids=["a key that there is not", "no account's id", "no list"],
)
def test_an_input_that_asks_for_nothing_known_fails_and_says_so(run: Run, asked, says):
    failed = executed(run.aws, run.machine, json.dumps(asked))
    assert (failed["status"], failed["error"]) == ("FAILED", "MalformedRequestError")
    assert says in failed["cause"]
