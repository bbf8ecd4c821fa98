"""`headroom migrate`: a cluster in secondary mode is taken to prefix mode, step by step, on the embedded AWS."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import migrate
from cli.errors import UserError
from cli.migrating.apply import Apply, Stopped
from cli.migrating.look import beside
from functions.aws.migrating import Migrating
from functions.capacity.clusters import HealthIssue
from functions.capacity.migration.new_groups import version_mark
from functions.capacity.migration.situation import Choices, Situation
from functions.capacity.migration.steps import Call
from tests.builders import a_group, a_subnet
from tests.cli.program import headroom
from tests.cli.test_commands import TEMPLATE
from tests.cli.test_simulate import two_zones
from tests.unit.migration.situations import (
    BLOCKS,
    SINGLES,
    WORKERS,
    a_situation,
    group_with,
    of_group,
    switched,
    template,
)

CLUSTER, GROUP, NEW = "moving", "workers", "workers-prefix"
STACK = "Journalled"


@dataclass(frozen=True)
class Account:
    """A cluster in secondary mode with one group of two nodes that hold single addresses for pods."""

    client: Any
    subnets: tuple[str, ...]
    environment: dict[str, str]

    def migrate(self, *arguments: str, answers: str = "") -> Result:
        """The command, as a person calls it who answers so."""
        app = typer.Typer()
        app.command()(migrate.command)
        arguments = (CLUSTER, "--stack", STACK, *arguments)
        return CliRunner().invoke(app, arguments, input=answers, env=self.environment)

    def steps(self, *arguments: str) -> dict[str, str]:
        plan = json.loads(self.migrate("--json", *arguments).stdout)
        return {each["id"]: each["state"] for each in plan["steps"]}

    def configuration(self) -> Any:
        addon = self.client("eks").describe_addon(clusterName=CLUSTER, addonName="vpc-cni")["addon"]
        return json.loads(addon["configurationValues"])

    def groups(self) -> set[str]:
        return set(self.client("eks").list_nodegroups(clusterName=CLUSTER)["nodegroups"])

    def reservations(self) -> list[str]:
        ec2 = self.client("ec2")
        found = (ec2.get_subnet_cidr_reservations(SubnetId=each) for each in self.subnets)
        return [one["Cidr"] for each in found for one in each["SubnetIpv4CidrReservations"]]

    def explained(self, subnet: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(
            headroom("explain", subnet, "--stack", STACK, "--json", environment=self.environment).stdout
        )
        return found


def a_cluster(aws: Any, name: str, cidr: str) -> tuple[str, ...]:
    ec2, eks, iam = aws.client("ec2"), aws.client("eks"), aws.client("iam")
    vpc = ec2.create_vpc(CidrBlock=f"{cidr}.0.0/16")["Vpc"]["VpcId"]
    subnets = tuple(
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{cidr}.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(("us-east-1a", "us-east-1b"))
    )
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": list(subnets)})
    eks.create_addon(
        clusterName=name,
        addonName="vpc-cni",
        addonVersion="v1.19.2-eksbuild.5",
        configurationValues='{"env": {"AWS_VPC_K8S_CNI_LOGLEVEL": "DEBUG"}, "resources": {"limits": {"cpu": "1"}}}',
    )
    eks.create_nodegroup(
        clusterName=name,
        nodegroupName=GROUP,
        nodeRole=role,
        subnets=list(subnets),
        instanceTypes=["m5.large"],
        scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 2},
        labels={"team": "a"},
        taints=[{"key": "only", "value": "a", "effect": "NO_SCHEDULE"}],
        tags={"cost": "1"},
    )
    take_single_addresses(ec2, name)
    return subnets


def take_single_addresses(ec2: Any, cluster: str) -> None:
    """As the CNI does on each node in secondary mode."""
    held = ec2.describe_instances(Filters=[{"Name": "tag:eks:cluster-name", "Values": [cluster]}])["Reservations"]
    for each in (instance for one in held for instance in one["Instances"]):
        interface = each["NetworkInterfaces"][0]["NetworkInterfaceId"]
        ec2.assign_private_ip_addresses(NetworkInterfaceId=interface, SecondaryPrivateIpAddressCount=9)


@pytest.fixture
def account(aws) -> Iterator[Account]:
    made = Account(client=aws.client, subnets=a_cluster(aws, CLUSTER, "10.88"), environment=aws.environment)
    small = json.dumps(TEMPLATE).replace("/Small/", f"/{STACK}/")
    aws.client("cloudformation").create_stack(StackName=STACK, TemplateBody=small)
    yield made
    eks, ec2 = aws.client("eks"), aws.client("ec2")
    for group in made.groups():
        eks.delete_nodegroup(clusterName=CLUSTER, nodegroupName=group)
    eks.delete_cluster(name=CLUSTER)
    ec2.delete_tags(Resources=list(made.subnets), Tags=[{"Key": "headroom:mode"}])


def test_a_cluster_is_migrated_up_to_what_kubectl_does_and_then_to_the_end(account, monkeypatch):
    before = account.steps()
    assert before == {
        "cni-version": "done",
        "room": "done",
        "tag-subnets": "to do",
        **{f"reserve:{each}": "to do" for each in sorted(account.subnets)},
        "prefix-mode": "to do",
        "new-group:workers": "to do",
        "cordon": "to do",
        "drain:workers": "to do",
        "scale-down:workers": "to do",
        "delete:workers": "to do",
        "verify": "to do",
    }
    assert account.reservations() == []

    interrupted(account, monkeypatch)

    done = account.migrate("--apply", "--yes")
    assert done.exit_code == 2, done.output
    assert "stopped: cordon is yours to do, by the commands above; then go on with --done cordon" in done.stderr
    assert "tag-subnets" not in done.stdout
    assert "update-addon" not in done.stdout
    assert account.groups() == {GROUP, NEW}
    made = account.client("eks").describe_nodegroup(clusterName=CLUSTER, nodegroupName=NEW)["nodegroup"]
    assert made["scalingConfig"] == {"minSize": 1, "maxSize": 3, "desiredSize": 2}
    assert made["labels"] == {"team": "a"}
    assert made["taints"] == [{"key": "only", "value": "a", "effect": "NO_SCHEDULE"}]
    assert made["tags"] == {"cost": "1", "headroom:replaces": GROUP}
    assert set(made["subnets"]) == set(account.subnets)

    assert account.configuration() == {
        "env": {"AWS_VPC_K8S_CNI_LOGLEVEL": "DEBUG", "ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        "resources": {"limits": {"cpu": "1"}},
    }

    reserved = account.reservations()
    assert reserved
    for subnet in account.subnets:
        explained = account.explained(subnet)
        assert all(each["madeAt"] and each["reason"] for each in explained["reservations"])
        assert {(each["kind"], each["outcome"]) for each in explained["journal"]} == {("create", "done")}
    again = account.migrate("--apply", "--yes")
    assert (again.exit_code, account.reservations(), account.groups()) == (2, reserved, {GROUP, NEW})
    assert "  aws " not in again.stdout.replace("aws eks update-kubeconfig", "")

    said = ("--done", "cordon", "--done", "drain:workers")
    kept = account.migrate("--apply", "--yes", *said, answers="n\n")
    assert (kept.exit_code, account.groups()) == (2, {GROUP, NEW})
    assert "delete:workers was not confirmed" in kept.stderr
    old = account.client("eks").describe_nodegroup(clusterName=CLUSTER, nodegroupName=GROUP)["nodegroup"]
    assert old["scalingConfig"] == {"minSize": 0, "maxSize": 3, "desiredSize": 0}

    end = account.migrate("--apply", "--yes", answers="y\n")
    assert (end.exit_code, account.groups()) == (0, {NEW}), end.output
    assert account.migrate().exit_code == 0
    assert set(account.steps().values()) == {"done"}


def interrupted(account: Account, monkeypatch: Any) -> None:
    """Ctrl-C while the add-on's update is under way: what was done stays done, and nothing is done twice."""

    def press(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", press)
    done = account.migrate("--apply", "--yes")
    monkeypatch.undo()
    assert (done.exit_code, "stopped: interrupted" in done.stderr) == (2, True)
    steps = account.steps()
    assert (steps["tag-subnets"], steps["prefix-mode"], steps["new-group:workers"]) == ("done", "under way", "to do")
    assert account.groups() == {GROUP}


# --- on a saved snapshot --------------------------------------------------------------------------------------------


def in_secondary_mode(*, nodes: int = 4, size: int = 6, taken: int = 0, nitro: bool = True) -> dict[str, Any]:
    view = two_zones(nodes=nodes, size=size, taken=taken)
    for each in view["networkInterfaces"]:
        each["Ipv4Prefixes"] = []
    for each in view["subnets"]:
        used = sum(one["SubnetId"] == each["SubnetId"] for one in view["networkInterfaces"])
        each["AvailableIpAddressCount"] = 507 - used
    view["addons"][0]["configurationValues"] = ""
    view["instanceTypes"][0]["Hypervisor"] = "nitro" if nitro else "xen"
    return view


@pytest.fixture
def saved(tmp_path) -> Callable[..., Result]:
    def invoked(view: dict[str, Any], *arguments: str) -> Result:
        path = tmp_path / "snapshot.json"
        path.write_text(json.dumps(view))
        app = typer.Typer()
        app.command()(migrate.command)
        return CliRunner().invoke(app, [*arguments, "--snapshot", str(path)])

    return invoked


def test_the_plan_of_a_snapshot_has_every_value_filled_in(saved):
    done = saved(in_secondary_mode(), "demo")
    assert done.exit_code == 2
    assert "[x] 1. A VPC CNI that knows prefixes  (cni-version, done)" in done.stdout
    assert "4 new nodes beside the old ones: all get their addresses" in done.stdout
    assert 'aws eks create-nodegroup --subnets \'["subnet-a", "subnet-b"]\'' in done.stdout
    assert "kubectl cordon -l eks.amazonaws.com/nodegroup=workers" in done.stdout
    assert "note: The way back" in done.stdout
    assert done.stdout == saved(in_secondary_mode(), "demo").stdout


def test_commands_are_for_the_account_that_was_named(saved):
    done = saved(in_secondary_mode(), "demo", "--profile", "other", "--region", "eu-west-1")
    assert done.stdout.startswith("for the commands below: export AWS_PROFILE=other AWS_DEFAULT_REGION=eu-west-1\n")


def test_where_the_subnets_do_not_hold_old_and_new_nodes_together_that_is_said(saved):
    view = in_secondary_mode(nodes=14, size=14)
    done = json.loads(saved(view, "demo", "--json").stdout)
    (room,) = [each for each in done["steps"] if each["id"] == "room"]
    assert (room["state"], "14 new nodes beside the old ones: only" in room["why"]) == ("needs a decision", True)
    assert room["commands"]
    anyway = json.loads(saved(view, "demo", "--json", "--anyway").stdout)
    assert [each["state"] for each in anyway["steps"] if each["id"] == "room"] == ["done"]


def test_what_fits_only_into_reserved_blocks_is_reserved_first(saved):
    """56 of 60 blocks: the nodes' own single addresses must not land in them."""
    done = json.loads(saved(in_secondary_mode(nodes=8, size=8), "demo", "--json").stdout)
    (room,) = [each for each in done["steps"] if each["id"] == "room"]
    assert (room["state"], "all with the reservations below" in room["why"]) == ("done", True), room["why"]


def test_no_old_node_goes_before_all_new_ones_are_there():
    other = a_group(name="other", nodes=["i-3", "i-4"])
    story = beside(a_situation(WORKERS, other))
    assert (story.nodes, len(story.steps)) == (3, 3)


def test_single_addresses_in_the_way_are_told_apart_from_too_few(saved):
    """21 prefixes for each zone, where an address stands in half of all blocks."""
    done = json.loads(saved(in_secondary_mode(nodes=6, taken=30), "demo", "--json").stdout)
    (room,) = [each for each in done["steps"] if each["id"] == "room"]
    assert (room["state"], "InsufficientCidrBlocks" in room["why"]) == ("needs a decision", True)
    assert any(each.startswith("Move single addresses") for each in room["commands"])


def test_a_type_that_is_not_nitro_has_its_successor_named(saved):
    view = in_secondary_mode(nitro=False)
    view["nodegroups"][0]["instanceTypes"] = ["c4.large"]
    view["instanceTypes"] = []
    done = saved(view, "demo")
    assert "--types workers=c5.large" in done.stdout
    chosen = json.loads(saved(view, "demo", "--types", "workers=c5.large", "--json").stdout)
    (made,) = [each for each in chosen["steps"] if each["id"] == "new-group:workers"]
    assert made["calls"][0]["parameters"]["instanceTypes"] == ["c5.large"]


def test_where_nothing_is_left_the_exit_is_0(saved):
    view = two_zones(nodes=4, size=6)
    done = saved(view, "demo")
    assert (done.exit_code, "nothing is left to do" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["nobody"], "has no cluster 'nobody'; it has demo", id="no such cluster"),
        pytest.param(["demo", "--apply"], "not on a saved snapshot", id="a snapshot cannot be changed"),
        pytest.param(["demo", "--keep", "x"], "demo has no group 'x'; it has workers", id="no such group"),
        pytest.param(["demo", "--types", "workers"], "--types takes a group and its types", id="no types"),
    ],
)
def test_a_users_error_is_one_line(saved, arguments, says):
    done = saved(in_secondary_mode(), *arguments)
    assert isinstance(done.exception, UserError)
    assert says in str(done.exception)
    assert "\n" not in str(done.exception)


# --- carrying it out ------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """A person who answers so, and what they were shown."""

    answers: list[bool]
    heard: list[str] = field(default_factory=list)

    def confirm(self, question: str) -> bool:
        self.heard.append(question)
        return self.answers.pop(0)


@dataclass
class Views:
    """Looks that follow each other, one for each write; the last one stays. Writes are only written down."""

    views: list[Situation]
    choices: Choices = field(default_factory=Choices)
    made: list[Call] = field(default_factory=list)

    def now(self) -> Situation:
        return replace(self.views[min(len(self.made), len(self.views) - 1)], choices=self.choices)

    def migrating(self) -> Any:
        return self

    def do(self, call: Call) -> None:
        self.made.append(call)


NEW_GROUP = a_group(name=NEW, nodes=["i-2"])
BESIDE = {NEW: of_group(NEW_GROUP, replaces=GROUP)}
BOTH = a_situation(
    WORKERS,
    NEW_GROUP,
    cluster=switched(),
    subnets=[a_subnet(interfaces=[SINGLES, BLOCKS])],
    described=BESIDE,
)
EMPTIED = a_situation(
    group_with(nodes=(), desired_size=0),
    NEW_GROUP,
    cluster=switched(),
    subnets=[a_subnet(interfaces=[BLOCKS])],
    described=BESIDE,
)
GONE = a_situation(NEW_GROUP, cluster=switched(), subnets=[a_subnet(interfaces=[BLOCKS])], described=BESIDE)


def applied(views: Sequence[Situation], answers: Sequence[bool] = (), *, yes: bool = False) -> tuple[Views, Told, str]:
    """What was written, what was asked, and why it stopped; empty where it came to the end."""
    look, told = Views(views=list(views)), Told(answers=list(answers))
    try:
        Apply(look=look, say=told.heard.append, confirm=told.confirm, yes=yes).run()  # type: ignore[arg-type]
    except Stopped as reason:
        return look, told, str(reason)
    return look, told, ""


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    slept = list[float]()
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.mark.usefixtures("clock")
def test_each_step_is_shown_and_confirmed():
    look, told, stopped = applied([BOTH, EMPTIED, GONE], [True, True, True, True])
    assert stopped == ""
    assert [each.operation for each in look.made] == ["update_nodegroup_config", "delete_nodegroup"]
    questions = [each for each in told.heard if each.endswith("?")]
    assert questions == [
        "Done (kubectl get nodes shows them as SchedulingDisabled)?",
        "Done (only DaemonSets' pods are left on them)?",
        "Do it?",
        "Do it?",
    ]
    assert any(look.made[0].command in each for each in told.heard)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("answers", "written", "says"),
    [
        pytest.param([False], 0, "cordon is still to be done; then go on with --done cordon", id="not cordoned"),
        pytest.param([True, True, False], 0, "scale-down:workers was not confirmed", id="not scaled down"),
        pytest.param([True, True, True, False], 1, "delete:workers was not confirmed", id="not deleted"),
    ],
)
def test_a_no_stops_it_before_anything_is_done(answers, written, says):
    look, _, stopped = applied([BOTH, EMPTIED, GONE], answers)
    assert (len(look.made), stopped) == (written, says)


@pytest.mark.usefixtures("clock")
def test_a_yes_to_all_is_none_to_deleting():
    look, told, stopped = applied([EMPTIED, GONE], [False], yes=True)
    assert (look.made, stopped) == ([], "delete:workers was not confirmed")
    assert "cannot be brought back" in told.heard[-1]


@pytest.mark.usefixtures("clock")
def test_a_yes_to_all_does_no_persons_work():
    look, _, stopped = applied([BOTH], yes=True)
    assert (look.made, stopped) == (
        [],
        "cordon is yours to do, by the commands above; then go on with --done cordon",
    )


def test_a_write_that_aws_does_not_show_stops_it(clock):
    look, _, stopped = applied([EMPTIED], [True])
    assert (len(look.made), sum(clock) >= 180) == (1, True)
    assert stopped == "delete:workers: after 3 minutes AWS does not show that EKS does not list it any more"


@pytest.mark.usefixtures("clock")
def test_what_is_under_way_is_waited_for_and_not_begun_again():
    ending = replace(
        EMPTIED,
        snapshot=replace(EMPTIED.snapshot, node_groups=(group_with(desired_size=0), NEW_GROUP)),
        choices=Choices(),
    )
    look = Views(views=[ending], choices=Choices(done=frozenset({"cordon", "drain:workers"})))
    with pytest.raises(Stopped, match="after 60 minutes AWS does not show"):
        Apply(look=look, say=lambda text: None, confirm=lambda text: True).run()  # type: ignore[arg-type]
    assert look.made == []


@dataclass
class Undone(Views):
    """Somebody undoes what was just done: each look shows the next view."""

    looks: int = 0

    def now(self) -> Situation:
        self.looks += 1
        return replace(self.views[min(self.looks, len(self.views)) - 1], choices=self.choices)


@pytest.mark.usefixtures("clock")
def test_what_somebody_undoes_is_not_done_again_and_again():
    look = Undone(views=[BOTH, EMPTIED, BOTH], choices=Choices(done=frozenset({"cordon", "drain:workers"})))
    with pytest.raises(Stopped, match="scale-down:workers was done, and AWS does not show it"):
        Apply(look=look, say=lambda text: None, confirm=lambda text: True).run()  # type: ignore[arg-type]
    assert len(look.made) == 1


@pytest.mark.usefixtures("clock")
def test_a_decision_that_is_still_to_be_made_stops_it_before_the_first_write():
    sick = replace(NEW_GROUP, issues=(HealthIssue(code="AsgInstanceLaunchFailures", message="x"),))
    of = a_situation(
        WORKERS, sick, cluster=switched(), subnets=[a_subnet(interfaces=[SINGLES, BLOCKS])], described=BESIDE
    )
    look, _, stopped = applied([of], yes=True)
    assert (look.made, stopped) == (
        [],
        "new-group:workers needs a decision: workers-prefix: AsgInstanceLaunchFailures: x",
    )


def test_a_launch_templates_version_is_known_again_by_its_description(aws):
    ec2 = aws.client("ec2")
    made = ec2.create_launch_template(LaunchTemplateName="own", LaunchTemplateData={"ImageId": "ami-1"})
    id_ = made["LaunchTemplate"]["LaunchTemplateId"]
    group = group_with(template=replace(template(""), id=id_, version="1"))
    migrating, marks = Migrating(eks=aws.client("eks"), ec2=ec2), {GROUP: version_mark(GROUP, 110)}
    assert migrating.template_versions([group], marks) == {}
    data = {"LaunchTemplateId": id_, "SourceVersion": "1", "LaunchTemplateData": {"UserData": "eA=="}}
    call = Call(service="ec2", operation="create_launch_template_version", arguments=data)
    migrating.do(replace(call, arguments={**deepcopy(data), "VersionDescription": marks[GROUP]}))
    migrating.do(call)
    assert migrating.template_versions([group], marks) == {GROUP: "2"}
    ec2.delete_launch_template(LaunchTemplateId=id_)


def test_nothing_else_is_ever_written(aws):
    migrating = Migrating(eks=aws.client("eks"), ec2=aws.client("ec2"))
    with pytest.raises(ValueError, match="is no part of a migration"):
        migrating.do(Call(service="eks", operation="delete_cluster", arguments={"name": "x"}))
