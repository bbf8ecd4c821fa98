"""`headroom migrate`: a cluster in secondary mode is taken to prefix mode, step by step, on the embedded AWS."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import migrate
from tests.cli.program import headroom
from tests.cli.test_commands import TEMPLATE

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
    """As the CNI does on each node in secondary mode; near the node's own, so that there is room at every run."""
    held = ec2.describe_instances(Filters=[{"Name": "tag:eks:cluster-name", "Values": [cluster]}])["Reservations"]
    for each in (instance for one in held for instance in one["Instances"]):
        interface = each["NetworkInterfaces"][0]
        own = IPv4Address(interface["PrivateIpAddress"])
        block = IPv4Network((int(own) & ~15, 28))
        beside = [str(each) for each in list(block)[4:15] if each != own][:9]
        ec2.assign_private_ip_addresses(NetworkInterfaceId=interface["NetworkInterfaceId"], PrivateIpAddresses=beside)


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
