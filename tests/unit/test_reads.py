"""How many calls to EC2 the looks of one process make: the looks of a storm follow each other closely."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from functions.aws.clusters import ClusterReader
from functions.aws.kept import Kept
from functions.aws.lasting import Lasting
from functions.aws.reader import AwsReader
from functions.capacity.analyse import analyse
from functions.capacity.journal import USED_AGAIN
from functions.capacity.scope import EVERYWHERE, Scope
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client
from tests.builders import NOW
from tests.unit.test_reader import AutoScaling, Eks

SOON = timedelta(seconds=55)


class Account:
    """A subnet, a cluster in it, and a Lambda process that looks at them."""

    def __init__(self) -> None:
        self.ec2: Any = client(Ec2Api())
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.ec2.create_tags(Resources=[self.subnet], Tags=[{"Key": "headroom:mode", "Value": "steer"}])
        self.calls = Counter[str]()
        self.ec2.meta.events.register("before-call.ec2", lambda model, **_: self.calls.update([model.name]))
        self._warm = {"kept": Kept()}

    def invocation(self, *, cold: bool = False) -> AwsReader:
        """The reader of one invocation; of a cold one where the process keeps nothing."""
        kept: dict[str, Any] = {} if cold else self._warm
        return AwsReader(ec2=self.ec2, eks=Eks(self.subnet), autoscaling=AutoScaling(), **kept)  # type: ignore[arg-type]

    def reserve(self, cidr: str) -> None:
        self.ec2.create_subnet_cidr_reservation(SubnetId=self.subnet, Cidr=cidr, ReservationType="prefix")


@pytest.fixture
def account() -> Account:
    return Account()


def test_a_look_soon_after_another_asks_for_no_types_and_no_reservations(account):
    first = account.invocation().read(EVERYWHERE, NOW)
    account.calls.clear()
    second = account.invocation().read(EVERYWHERE, NOW + SOON)
    assert (second.subnets, second.instance_types) == (first.subnets, first.instance_types)
    assert second.instance_types
    assert account.calls == {"DescribeSubnets": 1, "DescribeInstances": 1, "DescribeNetworkInterfaces": 1}


def test_reservations_are_asked_for_again_after_five_minutes(account):
    account.invocation().read(EVERYWHERE, NOW)
    account.invocation().read(EVERYWHERE, NOW + USED_AGAIN)
    assert account.calls["GetSubnetCidrReservations"] == 2


def test_a_process_that_was_given_nothing_to_keep_asks_for_all_each_time(account):
    for _ in range(2):
        account.invocation(cold=True).read(EVERYWHERE, NOW)
    assert account.calls["GetSubnetCidrReservations"] == account.calls["DescribeInstanceTypes"] == 2


def test_a_reservation_made_meanwhile_makes_the_counts_disagree_and_is_read_at_the_next_try(account):
    account.invocation().read(EVERYWHERE, NOW)
    account.reserve("10.0.0.64/26")
    reader = account.invocation()
    stale = reader.recount(reader.read(EVERYWHERE, NOW + SOON))
    assert [bool(each.partial) for each in analyse(stale)] == [True]
    again = reader.read(EVERYWHERE, NOW + SOON)
    assert [bool(each.partial) for each in analyse(again)] == [False]
    assert [str(each.cidr) for each in again.subnets[0].reservations] == ["10.0.0.64/26"]


def test_a_launch_meanwhile_makes_the_counts_disagree_but_what_was_known_stays_known(account):
    account.invocation().read(EVERYWHERE, NOW)
    reader = account.invocation()
    seen = reader.read(EVERYWHERE, NOW + SOON)
    account.ec2.create_network_interface(SubnetId=account.subnet)
    assert not any(each.partial for each in analyse(reader.recount(seen)))
    account.invocation().read(EVERYWHERE, NOW + 2 * SOON)
    assert account.calls["GetSubnetCidrReservations"] == 1


@pytest.mark.parametrize(
    "many",
    [
        pytest.param(Scope(instances=frozenset(f"i-{n:017x}" for n in range(201))), id="instances"),
        pytest.param(Scope(network_interfaces=frozenset(f"eni-{n:017x}" for n in range(201))), id="interfaces"),
    ],
)
def test_events_of_more_unknown_things_than_one_call_asks_for_widen_the_question_instead(account, many):
    account.calls.clear()
    assert account.invocation().read(many, NOW).subnets
    assert (account.calls["DescribeInstances"], account.calls["DescribeNetworkInterfaces"]) == (1, 1)


def test_a_look_everywhere_asks_nothing_about_single_instances_and_interfaces(account):
    scope = Scope(
        everything=True, instances=frozenset({"i-0123456789abcdef0"}), network_interfaces=frozenset({"eni-1"})
    )
    account.calls.clear()
    account.invocation().read(scope, NOW)
    assert (account.calls["DescribeInstances"], account.calls["DescribeNetworkInterfaces"]) == (1, 1)


class Templates:
    """EC2, as far as it knows launch templates: of each the third version is the latest and the default one."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def describe_launch_template_versions(self, *, LaunchTemplateId: str, Versions: list[str]) -> Any:  # noqa: N803
        (version,) = Versions
        self.asked.append(f"{LaunchTemplateId} {version}")
        number = int(version) if version.isdigit() else 3
        found = {"LaunchTemplateId": LaunchTemplateId, "VersionNumber": number, "DefaultVersion": number == 3}
        return {"LaunchTemplateVersions": [found]}


def test_a_numbered_version_of_a_launch_template_is_asked_for_once_and_what_default_means_each_time():
    ec2, kept = Templates(), Lasting()
    users = [{"launchTemplate": {"id": "lt-1", "version": "3"}}, {"launchTemplate": {"id": "lt-2"}}]
    nobody: Any = None
    looks = [
        list(ClusterReader(eks=nobody, ec2=ec2, autoscaling=nobody, versions=kept)._templates(users))  # type: ignore[arg-type]
        for _ in range(2)
    ]
    assert ec2.asked == ["lt-2 $Default", "lt-1 3", "lt-2 $Default"]
    assert looks[0] == looks[1]
    assert {each["LaunchTemplateId"]: each.get("DefaultVersion") for each in looks[1]} == {"lt-1": None, "lt-2": True}


def test_the_ranges_of_a_vpc_are_asked_for_once_in_five_minutes_however_many_shortages_are_told(account):
    (vpc,) = (each["VpcId"] for each in account.ec2.describe_subnets(SubnetIds=[account.subnet])["Subnets"])
    account.calls.clear()
    spaces = [account.invocation().space_of(vpc, NOW + after) for after in (SOON, 2 * SOON, SOON + USED_AGAIN)]
    assert spaces[0] == spaces[1] == spaces[2]
    assert account.calls["DescribeVpcs"] == 2
