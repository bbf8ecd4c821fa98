"""The commands that look at subnets, live on the embedded AWS and on a saved snapshot."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from functions.aws.act import AwsWriter
from functions.aws.journal import Journal
from functions.aws.memory import Memory
from functions.capacity.journal import Outcome
from functions.capacity.model import Reservation
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation
from functions.capacity.steering.samples import Sample
from infra.config import Config
from tests.cli.program import headroom

TEMPLATE = {
    "Resources": {
        "Table": {
            "Type": "AWS::DynamoDB::Table",
            "Properties": {
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
                "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")],
                "BillingMode": "PAY_PER_REQUEST",
            },
        },
        "Switch": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": "/Small/switch", "Type": "String", "Value": "observe"},
        },
    },
    "Outputs": {
        "TableName": {"Value": {"Ref": "Table"}},
        "SwitchParameter": {"Value": {"Ref": "Switch"}},
        "Policy": {"Value": Config(max_reservations_per_subnet=2).policy},
    },
}


@dataclass(frozen=True)
class Account:
    """A cluster in one subnet that is tagged for `ahead`, with a reservation of ours and one of somebody else's."""

    environment: dict[str, str]
    client: Any
    subnet: str
    ours: Reservation
    theirs: str
    file: Path

    def live(self, *arguments: str) -> Any:
        return headroom(*arguments, environment=self.environment)

    def reservations(self) -> set[str]:
        found = self.client("ec2").get_subnet_cidr_reservations(SubnetId=self.subnet)["SubnetIpv4CidrReservations"]
        return {each["SubnetCidrReservationId"] for each in found}


@pytest.fixture(scope="module")
def account(aws, tmp_path_factory) -> Iterator[Account]:
    ec2, eks, iam = aws.client("ec2"), aws.client("eks"), aws.client("iam")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "ahead"}])
    role = iam.create_role(RoleName="terminal", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name="terminal", roleArn=role, resourcesVpcConfig={"subnetIds": [subnet]})
    eks.create_addon(
        clusterName="terminal", addonName="vpc-cni", configurationValues='{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'
    )
    eks.create_nodegroup(
        clusterName="terminal",
        nodegroupName="workers",
        nodeRole=role,
        subnets=[subnet],
        instanceTypes=["m5.large"],
        scalingConfig={"minSize": 0, "maxSize": 1, "desiredSize": 0},
    )
    aws.client("cloudformation").create_stack(StackName="Small", TemplateBody=json.dumps(TEMPLATE))
    theirs = ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr="10.77.0.128/28", ReservationType="prefix")
    folder = tmp_path_factory.mktemp("terminal")
    made = Account(
        environment=aws.environment,
        client=aws.client,
        subnet=subnet,
        ours=reserve(aws, subnet),
        theirs=theirs["SubnetCidrReservation"]["SubnetCidrReservationId"],
        file=folder / "snapshot.json",
    )
    done = made.live("snapshot", "--cluster", "terminal")
    assert not done.stderr
    made.file.write_text(done.stdout)
    yield made
    # the other tests' accounts have clusters and tags of their own
    eks.delete_nodegroup(clusterName="terminal", nodegroupName="workers")
    eks.delete_cluster(name="terminal")
    ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode"}])


def table(aws: Any) -> str:
    outputs = aws.client("cloudformation").describe_stacks(StackName="Small")["Stacks"][0]["Outputs"]
    (name,) = (each["OutputValue"] for each in outputs if each["OutputKey"] == "TableName")
    return str(name)


def reserve(aws: Any, subnet: str) -> Reservation:
    """As the reconcile does: journalled."""
    journal = Journal(dynamodb=aws.client("dynamodb"), table=table(aws), decision="run-1")
    cidr = IPv4Network("10.77.0.64/27")
    action = CreateReservation(subnet_id=subnet, cidr=cidr, free=2, draining=0, reason="7 prefixes may be asked for")
    entry = journal.intend_create(action, datetime.now(UTC), at_most=9)
    assert entry
    made = AwsWriter(ec2=aws.client("ec2")).create(action, entry)
    assert isinstance(made, Reservation)
    journal.settle(entry, Outcome.DONE, made.id)
    return made


def test_a_snapshot_holds_aws_s_answers_of_one_cluster(account):
    saved = json.loads(account.file.read_text())
    assert [each["SubnetId"] for each in saved["subnets"]] == [account.subnet]
    assert [each["name"] for each in saved["clusters"]] >= ["terminal"]
    assert datetime.fromisoformat(saved["takenAt"]).tzinfo
    assert saved["accountId"] == "000000000000" or saved["accountId"].isdigit()


def test_a_plan_of_a_snapshot_is_the_plan_of_the_live_account(account):
    live = account.live("plan", "--cluster", "terminal", "--json")
    saved = headroom("plan", "--snapshot", str(account.file), "--cluster", "terminal", "--json")
    actions = json.loads(saved.stdout)["actions"]
    assert json.loads(live.stdout) == {
        "actions": actions,
        "settings": "default settings (no such stack is deployed)",
    }
    assert json.loads(saved.stdout)["settings"] == "default settings (a snapshot has none)"
    assert live.returncode == saved.returncode == 2
    assert {each["kind"] for each in actions} == {"create"}
    assert all(IPv4Network(each["cidr"]).subnet_of(IPv4Network("10.77.0.0/24")) and each["reason"] for each in actions)


def test_a_plan_keeps_to_the_caps_of_the_deployed_stack_and_says_so(account):
    by_default = account.live("plan", "--cluster", "terminal")
    deployed = account.live("plan", "--cluster", "terminal", "--stack", "Small")
    assert by_default.stdout.endswith("\n\nplanned with default settings (no such stack is deployed)\n")
    assert by_default.stdout.count("+ reserve") > 1
    assert deployed.stdout.endswith("\n\nplanned with settings of stack Small\n")
    assert deployed.stdout.count("+ reserve") == 1  # of two reservations that may be Headroom's, one stands
    assert "bounded: " in deployed.stdout


def test_a_plan_for_people_says_what_and_why(account):
    done = headroom("plan", "--snapshot", str(account.file), "--mode", "steer")
    assert done.returncode == 2
    assert f"{account.subnet}  10.77.0.0/24  us-east-1a  mode steer" in done.stdout
    assert "+ reserve 10.77.0." in done.stdout
    assert "addresses are open to single requests, which need" in done.stdout


def test_where_nothing_is_to_do_a_plan_exits_with_0(account, tmp_path):
    saved = json.loads(account.file.read_text())
    saved["subnets"][0]["Tags"] = []
    (tmp_path / "s.json").write_text(json.dumps(saved))
    done = headroom("plan", "--snapshot", str(tmp_path / "s.json"))
    assert done.returncode == 0
    assert "only watching: the subnet's tag does not ask for more" in done.stdout


def test_each_reservation_is_led_back_to_its_decision(account):
    done = account.live("explain", account.subnet, "--stack", "Small")
    assert done.returncode == 0
    ours, theirs = done.stdout.index("10.77.0.64/27"), done.stdout.index("10.77.0.128/28")
    assert "because  7 prefixes may be asked for" in done.stdout[ours:]
    assert "run      run-1" in done.stdout[ours:]
    assert "made by somebody else\n  counted, and never touched" in done.stdout[theirs:]
    found = json.loads(account.live("explain", account.subnet, "--stack", "Small", "--json").stdout)
    assert found["mode"] == "ahead"
    by_id = {each["reservationId"]: each for each in found["reservations"]}
    assert by_id[account.ours.id]["madeAt"] == found["journal"][0]["at"]
    assert by_id[account.theirs]["ends"] == ""


def test_without_a_journal_the_reservation_itself_says_why(account):
    done = headroom("explain", account.subnet, "--snapshot", str(account.file))
    assert "because  7 prefixes may be asked for" in done.stdout
    assert "the journal is not here" in done.stdout


def test_an_audit_tells_the_vpcs_room_and_what_the_table_remembers(account, aws):
    live = json.loads(account.live("audit", "--cluster", "terminal", "--json").stdout)
    (vpc,) = live["vpcs"].values()
    assert (vpc["cidrs"], vpc["subnetCount"], vpc["addressesInNoSubnet"]) == (["10.77.0.0/16"], 1, 65536 - 256)
    assert live["subnets"][account.subnet]["trend"] is None
    here = f"account {aws.account}, us-east-1, cluster terminal"
    assert live["where"] == f"{here}, default settings (no such stack is deployed)"
    journal = Journal(dynamodb=aws.client("dynamodb"), table=table(aws), decision="run-1")
    memory, before = Memory(dynamodb=journal.dynamodb, table=journal.table, journal=journal), datetime.now(UTC)
    look = Sample(at=before - timedelta(hours=3), latest=0, singles=0, free=14)
    memory.keep_past(account.subnet, Past(history=(look,)), before)
    live = json.loads(account.live("audit", "--cluster", "terminal", "--stack", "Small", "--json").stdout)
    subnet = live["subnets"][account.subnet]
    assert live["where"] == f"{here}, settings of stack Small"
    assert (subnet["trendSince"], subnet["trendFreePrefixes"], subnet["samples"]) == (look.at.isoformat(), 14, 1)
    saved = json.loads(headroom("audit", "--snapshot", str(account.file), "--json").stdout)
    assert saved["vpcs"] == live["vpcs"]


def test_the_map(account):
    done = headroom("map", account.subnet, "--snapshot", str(account.file))
    assert "10.77.0.0  x...RR..R......x" in done.stdout
    assert "R reserved, free" in done.stdout
    counts = json.loads(headroom("map", account.subnet, "--snapshot", str(account.file), "--json").stdout)["blocks"]
    assert (counts["reservedFree"], sum(counts.values())) == (3, 16)


def test_ours_are_given_back_after_they_were_shown_and_nobody_elses(account, aws):
    here = ("give-back", "--stack", "Small", "--subnet", account.subnet)
    shown = account.live(*here)
    assert (shown.returncode, account.ours.id in shown.stdout) == (2, True)
    assert account.reservations() == {account.ours.id, account.theirs}
    parameter = {"Name": "/Small/switch", "Type": "String", "Overwrite": True}
    aws.client("ssm").put_parameter(**parameter, Value="act")
    refused = account.live(*here, "--apply")
    assert (refused.returncode, "switch it off first" in refused.stderr) == (1, True)
    assert account.reservations() == {account.ours.id, account.theirs}
    aws.client("ssm").put_parameter(**parameter, Value="observe")
    done = account.live(*here, "--apply", "--json")
    assert (done.returncode, json.loads(done.stdout)["deleted"]) == (0, [account.ours.id])
    assert account.reservations() == {account.theirs}
    journal = json.loads(account.live("explain", account.subnet, "--stack", "Small", "--json").stdout)["journal"]
    assert [(each["kind"], each["outcome"]) for each in journal] == [("create", "done"), ("release", "done")]
    reserve(aws, account.subnet)


def broken(text: str) -> Any:
    return lambda file: Path(file).write_text(text)


@pytest.mark.parametrize(
    ("arguments", "content", "says"),
    [
        pytest.param(["plan", "--snapshot", "{}"], None, "cannot be read: No such file", id="no file"),
        pytest.param(["plan", "--snapshot", "{}"], '{"subnets": [', "is no JSON, or not all of it", id="cut off"),
        pytest.param(["plan", "--snapshot", "{}"], "[]", "is no snapshot", id="not an object"),
        pytest.param(["plan", "--snapshot", "{}"], '{"hello": 1}', "is no snapshot", id="another JSON"),
        pytest.param(["plan", "--snapshot", "{}"], '{"subnets": [{}]}', "KeyError: 'SubnetId'", id="an empty subnet"),
        pytest.param(
            ["plan", "--snapshot", "{}"],
            '{"subnets": [], "networkInterfaces": 7}',
            "`networkInterfaces`",
            id="a number",
        ),
        pytest.param(
            ["plan", "--snapshot", "{}"], '{"subnets": [], "takenAt": "today"}', "`takenAt` is no time", id="no time"
        ),
        pytest.param(
            ["plan", "--snapshot", "{}", "--cluster", "x"],
            '{"subnets": []}',
            "has no cluster 'x'",
            id="no such cluster",
        ),
        pytest.param(["map", "subnet-1", "--snapshot", "{}"], '{"subnets": []}', "not in view", id="no such subnet"),
        pytest.param(["explain", "subnet-1", "--snapshot", "{}"], '{"subnets": []}', "has no subnet", id="nor there"),
        pytest.param(["plan"], None, "there are no AWS credentials", id="no credentials"),
        pytest.param(["plan", "--profile", "nobody"], None, "(nobody) could not be found", id="no such profile"),
    ],
)
def test_a_users_error_is_one_line_and_exit_1(tmp_path, arguments, content, says):
    file = tmp_path / "s.json"
    if content is not None:
        file.write_text(content)
    done = headroom(*(each.format(file) if each == "{}" else each for each in arguments))
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 1, 1)
    assert done.stderr.startswith("headroom: ")
    assert says in done.stderr


def test_a_region_without_aws_and_an_unknown_cluster_are_said(account):
    away = account.environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    done = headroom("plan", environment=away)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "AWS cannot be reached (is the region right?)" in done.stderr
    done = account.live("snapshot", "--cluster", "nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no cluster 'nobody' in us-east-1" in done.stderr
