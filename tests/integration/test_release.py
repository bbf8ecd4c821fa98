"""The release against the embedded AWS: EC2, the table, the switch and both queues are real ones there."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.aws.act import AwsWriter, FastQueue
from functions.aws.journal import Journal
from functions.aws.memory import Memory
from functions.aws.release import ReleaseQueue, Releaser
from functions.aws.switch import Switch
from functions.aws.table import counted
from functions.capacity.journal import Kind, Outcome
from functions.capacity.model import Reservation
from functions.capacity.plan import CreateReservation, ReleaseReservation
from functions.capacity.release import Fate, ReleaseRequest, request_of
from functions.capacity.scope import Scope, scope_of
from functions.handlers.release import Aws, settle
from tests.builders import NOW

NOBODYS = "scr-0123456789abcdef0"


@pytest.fixture(scope="module")
def client(aws) -> Callable[[str], Any]:
    """A client of each service, made once."""
    return cache(aws.client)


@pytest.fixture(scope="module")
def table_name(client) -> str:
    keys = ("pk", "HASH"), ("sk", "RANGE")
    client("dynamodb").create_table(
        TableName="releases",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return "releases"


@dataclass
class Steered:
    """A subnet in steer mode, one of ours in it, and what a release of it needs."""

    client: Callable[[str], Any]
    table: str
    subnet: str
    ours: Reservation
    work: str  # the work queue's URL
    requests: str  # the release queue's

    @property
    def ec2(self) -> Any:
        return self.client("ec2")

    @property
    def ids(self) -> set[str]:
        found = self.ec2.get_subnet_cidr_reservations(SubnetId=self.subnet)["SubnetIpv4CidrReservations"]
        return {each["SubnetCidrReservationId"] for each in found}

    def request(self, **facts: Any) -> ReleaseRequest:
        """What the reconcile sends, as it comes out of the queue."""
        action = ReleaseReservation(
            subnet_id=self.subnet, reservation_id=self.ours.id, cidr=self.ours.cidr, reason="singles need room"
        )
        sqs = self.client("sqs")
        ReleaseQueue(sqs=sqs, url=self.requests, decision="run-2").request(action, datetime.now(UTC))
        (message,) = sqs.receive_message(QueueUrl=self.requests, WaitTimeSeconds=5)["Messages"]
        return replace(request_of(json.loads(message["Body"])), **facts)

    def settle(self, *, most: int = 200, **facts: Any) -> Fate:
        aws = Aws(
            ec2=Releaser(ec2=self.ec2),
            switch=Switch(ssm=self.client("ssm"), parameter="/release/switch"),
            journal=a_journal(self.client, self.table),
            queue=FastQueue(sqs=self.client("sqs"), url=self.work, decision="run-3"),
            clock=lambda: datetime.now(UTC),
            most_per_day=most,
        )
        return settle(self.request(**facts), aws).fate

    def continued(self) -> list[Any]:
        found = self.client("sqs").receive_message(QueueUrl=self.work, MaxNumberOfMessages=10)
        return [scope_of(json.loads(each["Body"])) for each in found.get("Messages", ())]


@pytest.fixture
def steered(client, table_name) -> Steered:
    ec2, sqs = client("ec2"), client("sqs")
    client("ssm").put_parameter(Name="/release/switch", Value="act", Type="String", Overwrite=True)
    vpc = ec2.create_vpc(CidrBlock="10.41.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.41.0.0/24")["Subnet"]["SubnetId"]
    tag(ec2, subnet, "headroom:mode", "steer")
    action = CreateReservation(
        subnet_id=subnet, cidr=IPv4Network("10.41.0.64/26"), free=4, draining=0, reason="7 prefixes"
    )
    intent = a_journal(client, table_name).intend_create(action, datetime.now(UTC) - timedelta(hours=1), at_most=9)
    assert intent
    ours = AwsWriter(ec2=ec2).create(action, intent)
    assert isinstance(ours, Reservation)
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    work = sqs.create_queue(QueueName=f"work-{subnet}.fifo", Attributes=fifo)["QueueUrl"]
    requests = sqs.create_queue(QueueName=f"releases-{subnet}")["QueueUrl"]
    return Steered(client=client, table=table_name, subnet=subnet, ours=ours, work=work, requests=requests)


def a_journal(client: Callable[[str], Any], table: str) -> Journal:
    return Journal(dynamodb=client("dynamodb"), table=table, decision="run-3")


def tag(ec2: Any, resource: str, key: str, value: str) -> None:
    ec2.create_tags(Resources=[resource], Tags=[{"Key": key, "Value": value}])


def theirs(steered: Steered, cidr: str, kind: str = "prefix") -> str:
    made = steered.ec2.create_subnet_cidr_reservation(SubnetId=steered.subnet, Cidr=cidr, ReservationType=kind)
    return str(made["SubnetCidrReservation"]["SubnetCidrReservationId"])


def test_the_last_look_tells_the_subnets_size(steered):
    assert Releaser(ec2=steered.ec2).look(steered.request()).addresses == 256


def test_our_reservation_is_given_back_counted_and_the_reconcile_is_asked_to_look(steered):
    other = theirs(steered, "10.41.0.128/28")
    assert steered.settle() is Fate.RELEASED
    assert steered.ids == {other}
    assert steered.continued() == [Scope(subnets=frozenset({steered.subnet}))]
    assert steered.settle() is Fate.GONE
    assert steered.continued() == []


def test_a_reservation_on_a_later_page_is_found(steered, monkeypatch):
    """EC2 may page as it likes; here five at a time, its smallest pages, in the order of their ids."""
    journal, writer = a_journal(steered.client, steered.table), AwsWriter(ec2=steered.ec2)
    for n in (1, 2, 3, *range(8, 14)):
        cidr = IPv4Network(f"10.41.0.{16 * n}/28")
        action = CreateReservation(subnet_id=steered.subnet, cidr=cidr, free=1, draining=0, reason="more")
        intent = journal.intend_create(action, NOW, at_most=99)
        assert intent
        writer.create(action, intent)
    ec2, pages = steered.client("ec2"), list[Any]()
    whole = ec2.get_subnet_cidr_reservations

    def in_small_pages(**arguments: Any) -> Any:
        pages.append(whole(**arguments, MaxResults=5))
        return pages[-1]

    last = max(steered.ids)
    monkeypatch.setattr(ec2, "get_subnet_cidr_reservations", in_small_pages)
    found = Releaser(ec2=ec2).look(steered.request(reservation_id=last))
    assert found.reservation is not None
    assert (found.reservation.id, found.reservation.ours) == (last, True)
    assert len(pages) == 2


def test_what_a_person_made_is_never_deleted(steered):
    prefix, explicit = theirs(steered, "10.41.0.128/28"), theirs(steered, "10.41.0.144/28", "explicit")
    for each, cidr in ((prefix, "10.41.0.128/28"), (explicit, "10.41.0.144/28")):
        assert steered.settle(reservation_id=each, cidr=IPv4Network(cidr)) is Fate.REFUSED
    assert steered.ids == {steered.ours.id, prefix, explicit}


def test_a_reservation_whose_owner_tag_was_taken_away_is_no_longer_ours(steered):
    steered.ec2.delete_tags(Resources=[steered.ours.id], Tags=[{"Key": "headroom:owner"}])
    assert steered.settle() is Fate.REFUSED
    assert steered.ids == {steered.ours.id}


@pytest.mark.parametrize("mode", ["observe", "ahead", "STEER"])
def test_consent_can_be_withdrawn_until_the_last_moment(steered, mode):
    tag(steered.ec2, steered.subnet, "headroom:mode", mode)
    assert steered.settle() is Fate.REFUSED
    assert steered.ids == {steered.ours.id}


def test_another_cidr_than_the_planned_one_is_left_alone(steered):
    assert steered.settle(cidr=IPv4Network("10.41.0.64/27")) is Fate.REFUSED
    assert steered.ids == {steered.ours.id}


def test_the_right_reservation_named_with_another_subnet_is_left_alone(steered):
    vpc = steered.ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    other = steered.ec2.create_subnet(VpcId=vpc, CidrBlock="10.42.0.0/24")["Subnet"]["SubnetId"]
    tag(steered.ec2, other, "headroom:mode", "steer")
    assert steered.settle(subnet_id=other) is Fate.GONE, "that subnet has none by this id"
    assert steered.ids == {steered.ours.id}


def test_a_subnet_that_is_gone_took_its_reservations_along(steered):
    assert steered.settle(subnet_id="subnet-0123456789abcdef0") is Fate.GONE


def test_an_id_that_ec2_does_not_know_is_gone(steered):
    assert Releaser(ec2=steered.ec2).delete(NOBODYS) is False
    assert steered.settle(reservation_id=NOBODYS) is Fate.GONE


def test_switched_off_nothing_is_deleted(steered):
    steered.client("ssm").put_parameter(Name="/release/switch", Value="observe", Type="String", Overwrite=True)
    assert steered.settle() is Fate.NOT_ACTING
    assert steered.ids == {steered.ours.id}


def test_what_was_asked_long_ago_is_not_done(steered):
    assert steered.settle(at=datetime.now(UTC) - timedelta(minutes=6)) is Fate.TOO_LATE
    assert steered.ids == {steered.ours.id}


def test_over_the_days_cap_nothing_is_deleted(steered):
    steered.settle(most=1, reservation_id=NOBODYS)
    steered.client("dynamodb").update_item(
        **counted(steered.table, steered.subnet, datetime.now(UTC), "released", at_most=1)
    )
    assert steered.settle(most=1) is Fate.CAPPED
    assert steered.ids == {steered.ours.id}


def test_each_release_is_journalled_with_what_it_is_about_and_why(steered):
    assert steered.settle() is Fate.RELEASED
    created, entry = a_journal(steered.client, steered.table).entries(steered.subnet, datetime.now(UTC))
    assert created.kind is Kind.CREATE
    assert (entry.kind, entry.outcome, entry.cidr) == (Kind.RELEASE, Outcome.DONE, steered.ours.cidr)
    assert (entry.reservation_id, entry.reason) == (steered.ours.id, "singles need room")


def test_the_days_cap_is_exact_under_two_releases_and_apart_from_creates(client, table_name, steered):
    request, granted = steered.request(subnet_id="subnet-c"), list[bool]()

    def intend(run: str) -> None:
        journal = replace(a_journal(client, table_name), decision=run)
        for n in range(20):
            asked = replace(request, reservation_id=f"scr-{n}")
            granted.append(bool(journal.intend_release(asked, NOW, at_most=25)))

    writers = [threading.Thread(target=intend, args=(run,)) for run in ("run-1", "run-2")]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    journal = a_journal(client, table_name)
    memory = Memory(dynamodb=client("dynamodb"), table=table_name, journal=journal)
    assert granted.count(True) == 25
    assert (memory.of_subnet("subnet-c", NOW).created_today, memory.of_subnet("subnet-c", NOW).released_today) == (
        0,
        25,
    )
    assert memory.of_subnet("subnet-c", NOW + timedelta(days=1)).released_today == 0


def test_an_error_of_the_table_escapes(client, steered):
    with pytest.raises(ClientError):
        a_journal(client, "no-such").intend_release(steered.request(), NOW, at_most=1)
