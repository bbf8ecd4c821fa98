"""Killed in mid-apply, throttled, and told everything twice: on the deployed app it all ends as if nothing had been."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sandbox.demo.listener import Listener
from sandbox.demo.play import CONFIGURATION
from sandbox.deployment import deploy
from sandbox.process import Conditions, EmbeddedAws, embedded_aws
from tests.e2e.conftest import Deployed
from tests.events import PATHS, is_listened_to, sample

SECONDS = 150  # a run's lease lapses two minutes after it began
THEIRS = "10.66.0.32/28"


@pytest.fixture(scope="module")
def rough(tmp_path_factory, assembly) -> Iterator[Deployed]:
    """EC2 answers Lambdas slowly, and half of the time not at all."""
    yield from stage(
        tmp_path_factory.mktemp("rough"), assembly, Conditions(latency=0.02, throttled=0.5, time_factor=10)
    )


@pytest.fixture(scope="module")
def slow(tmp_path_factory, assembly) -> Iterator[Deployed]:
    """EC2 answers Lambdas so slowly that one can be killed between two calls."""
    yield from stage(tmp_path_factory.mktemp("slow"), assembly, Conditions(latency=0.6, time_factor=10))


def stage(folder: Path, assembly: str, conditions: Conditions) -> Iterator[Deployed]:
    with embedded_aws(folder, conditions=conditions) as aws:
        yield Deployed(aws, deploy(aws, folder, CONFIGURATION, app=assembly))


@dataclass(frozen=True)
class Place:
    """A subnet with single addresses all over it and a reservation of somebody else's."""

    deployed: Deployed
    subnet: str

    @property
    def ec2(self) -> Any:
        return self.deployed.aws.client("ec2")

    def reservations(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ec2.get_subnet_cidr_reservations(SubnetId=self.subnet)[
            "SubnetIpv4CidrReservations"
        ]
        return found

    def ours(self) -> Counter[str]:
        return Counter(each["Cidr"] for each in self.reservations() if each["Tags"])

    def theirs(self) -> list[str]:
        return [each["Cidr"] for each in self.reservations() if not each["Tags"]]


def a_place(deployed: Deployed) -> Place:
    """The same each time."""
    ec2, rng = deployed.aws.client("ec2"), Random(4)
    vpc = ec2.create_vpc(CidrBlock="10.66.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.66.0.0/23")["Subnet"]["SubnetId"]
    for n in rng.sample(range(16, 496), 12):
        ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=f"10.66.{n // 256}.{n % 256}")
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=THEIRS, ReservationType="prefix")
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    return Place(deployed=deployed, subnet=subnet)


def looked(place: Place, listener: Listener) -> None:
    """A whole look that began after now has been carried through; runs that fail or wait come again meanwhile."""
    asked, end = datetime.now(UTC), time.monotonic() + SECONDS
    dynamodb, table = place.deployed.aws.client("dynamodb"), place.deployed.deployment.outputs["TableName"]
    key = {"pk": {"S": "LOOKED"}, "sk": {"S": "EVERYWHERE"}}
    while time.monotonic() < end:
        listener.sweep()
        time.sleep(2)
        at = dynamodb.get_item(TableName=table, Key=key).get("Item", {}).get("at")  # not there: events alone were told
        if at and datetime.fromisoformat(at["S"]) > asked:
            return
    raise AssertionError(f"no look in {SECONDS} s")


def settled(place: Place, listener: Listener) -> Counter[str]:
    """What stands once a whole look has changed nothing."""
    for _ in range(20):
        before = place.ours()
        looked(place, listener)
        if before and place.ours() == before:
            return before
    raise AssertionError("it goes on changing")


@pytest.fixture(scope="module")
def undisturbed(deployed: Deployed) -> Counter[str]:
    """What stands in such a place when nothing goes wrong."""
    place = a_place(deployed)
    found = settled(place, Listener(deployed.aws, deployed.deployment))
    place.ec2.delete_tags(Resources=[place.subnet], Tags=[{"Key": "headroom:mode"}])
    return found


def workers(aws: EmbeddedAws) -> list[int]:
    """The processes that Lambdas of this embedded AWS run in: its children."""
    return [int(each) for path in Path(f"/proc/{aws.pid}/task").glob("*/children") for each in path.read_text().split()]


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def minutes_go_by(aws: EmbeddedAws, table: str, subnet: str) -> None:
    """The dead run's lease has lapsed, and what EC2 does not show by now was never made."""
    dynamodb = aws.client("dynamodb")
    dynamodb.update_item(
        TableName=table,
        Key={"pk": {"S": "LEASE"}, "sk": {"S": "RECONCILE"}},
        UpdateExpression="SET heldUntil = :past",
        ExpressionAttributeValues={":past": {"N": "1"}},
    )
    pk = {"S": f"JOURNAL#{subnet}"}
    items = dynamodb.query(TableName=table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": pk})[
        "Items"
    ]
    for item in items:
        at, _, id_ = item["sk"]["S"].partition("#")
        older = datetime.fromisoformat(at) - timedelta(minutes=8)
        dynamodb.put_item(
            TableName=table, Item=item | {"sk": {"S": f"{older.isoformat(timespec='microseconds')}#{id_}"}}
        )
        dynamodb.delete_item(TableName=table, Key={"pk": pk, "sk": item["sk"]})


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Lambdas' processes are found in /proc")
def test_a_run_that_is_killed_in_mid_apply_is_made_good(slow, undisturbed):
    place, listener = a_place(slow), Listener(slow.aws, slow.deployment)
    listener.sweep()
    wait_for(lambda: place.ours().total() > 0)
    before = place.ours()
    for pid in workers(slow.aws):
        os.kill(pid, signal.SIGKILL)
    assert before.total() < undisturbed.total(), "it had done it all: nothing was in the middle"
    time.sleep(1)
    minutes_go_by(slow.aws, slow.deployment.outputs["TableName"], place.subnet)
    assert settled(place, listener) == undisturbed
    assert place.theirs() == [THEIRS]


def test_with_half_of_all_calls_throttled_and_each_event_twice_and_out_of_order_it_ends_the_same(rough, undisturbed):
    place, listener = a_place(rough), Listener(rough.aws, rough.deployment)
    sqs, work = rough.aws.client("sqs"), rough.deployment.outputs["WorkQueueUrl"]
    storm = [sample(path) for path in PATHS if is_listened_to(path)] * 2
    Random(7).shuffle(storm)
    for start in range(0, len(storm), 10):
        entries = [{"Id": f"m{n}", "MessageBody": json.dumps(each)} for n, each in enumerate(storm[start : start + 10])]
        sqs.send_message_batch(QueueUrl=work, Entries=entries)
    found = settled(place, listener)
    assert found == undisturbed
    assert set(found.values()) == {1}
    assert place.theirs() == [THEIRS]
