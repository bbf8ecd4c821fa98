"""The adapters that write, remember and tell, against the embedded AWS."""

import json
import threading
from ipaddress import IPv4Network

import pytest
from botocore.exceptions import ClientError

from functions.aws.act import AwsWriter, WorkQueue
from functions.aws.lease import Lease, LeaseNotHadError
from functions.aws.notify import Topic
from functions.aws.store import Table
from functions.aws.switch import Switch
from functions.capacity.alerts import Partial, Shortage, Told
from functions.capacity.model import Reservation
from functions.capacity.plan import CreateReservation, Refused
from functions.capacity.scope import Scope, scope_of
from functions.capacity.wording import Message
from tests.builders import NOW

SUBNET = "subnet-0aa1bb2cc3dd4ee5f"


@pytest.fixture(scope="module")
def table_name(aws) -> str:
    keys = ("pk", "HASH"), ("sk", "RANGE")
    aws.client("dynamodb").create_table(
        TableName="state",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return "state"


@pytest.fixture
def table(aws, table_name) -> Table:
    return Table(dynamodb=aws.client("dynamodb"), name=table_name)


TOLD = Told(
    reservations=frozenset({"scr-1", "scr-2"}),
    shortage=Shortage(since=NOW, missing=7, urgent=True),
    partial=Partial(since=NOW, told=True),
)


def test_what_was_told_is_remembered_as_it_was(table):
    assert table.told("subnet-a") == (Told(), 0)
    table.remember("subnet-a", TOLD, replaces=0)
    assert table.told("subnet-a") == (TOLD, 1)
    table.remember("subnet-a", Told(), replaces=1)
    assert table.told("subnet-a") == (Told(), 2)


@pytest.mark.parametrize("replaces", [0, 2])
def test_what_another_run_stored_is_not_overwritten(table, replaces):
    subnet = f"subnet-b{replaces}"
    table.remember(subnet, TOLD, replaces=0)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        table.remember(subnet, Told(), replaces=replaces)
    assert table.told(subnet) == (TOLD, 1)


def test_the_days_cap_is_exact_under_two_writers(table):
    granted = list[bool]()

    def count() -> None:
        granted.extend(table.count_create("subnet-c", NOW, at_most=25) for _ in range(20))

    writers = [threading.Thread(target=count) for _ in range(2)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert granted.count(True) == 25
    assert table.created_today("subnet-c", NOW) == 25
    assert table.created_today("subnet-c", NOW.replace(day=24)) == 0


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps = 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.sleeps += 1


def a_lease(aws, table_name: str, holder: str, time: Time) -> Lease:
    return Lease(
        dynamodb=aws.client("dynamodb"),
        table=table_name,
        holder=holder,
        seconds=30,
        clock=time.clock,
        sleep=time.sleep,
    )


def test_a_lease_has_one_holder_at_a_time(aws, table_name):
    time = Time()
    one, two = (a_lease(aws, table_name, holder, time) for holder in ("one", "two"))
    with one.held(wait_seconds=0), pytest.raises(LeaseNotHadError), two.held(wait_seconds=5):
        pytest.fail("two holders")
    assert time.sleeps == 20
    with two.held(wait_seconds=0):
        pass
    assert time.sleeps == 20


def test_a_lease_lapses_and_its_former_holder_cannot_give_back_the_next_ones(aws, table_name):
    time = Time()
    one, two, three = (a_lease(aws, table_name, holder, time) for holder in ("one", "two", "three"))
    with one.held(wait_seconds=0):
        time.now += 32
        with two.held(wait_seconds=0):
            pass
        entered = two.held(wait_seconds=0)
        entered.__enter__()
    with pytest.raises(LeaseNotHadError), three.held(wait_seconds=0):
        pytest.fail("the lease of two was given back by one")
    entered.__exit__(None, None, None)


def test_a_lease_is_given_back_when_the_run_fails(aws, table_name):
    time = Time()
    with pytest.raises(ZeroDivisionError), a_lease(aws, table_name, "one", time).held(wait_seconds=0):
        _ = 1 / 0
    with a_lease(aws, table_name, "two", time).held(wait_seconds=0):
        pass


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param("act", "", id="act"),
        pytest.param(" act\n", "", id="act, with white space"),
        pytest.param("observe", "says observe", id="observe"),
        pytest.param("Act", "neither act nor observe", id="another text"),
        pytest.param("true", "neither act nor observe", id="a boolean"),
    ],
)
def test_the_switch(aws, value, reason):
    ssm = aws.client("ssm")
    ssm.put_parameter(Name="/test/switch", Value=value, Type="String", Overwrite=True)
    found = Switch(ssm=ssm, parameter="/test/switch").keeps_from_acting()
    assert (found == "") == (reason == "")
    assert reason in found


def test_a_switch_that_cannot_be_read_is_off(aws):
    assert "cannot be read" in Switch(ssm=aws.client("ssm"), parameter="/no/such").keeps_from_acting()


@pytest.fixture(scope="module")
def subnet(aws) -> str:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    made: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/24")["Subnet"]["SubnetId"]
    return made


def an_action(subnet: str, cidr: str) -> CreateReservation:
    return CreateReservation(subnet_id=subnet, cidr=IPv4Network(cidr), free=1, draining=0, reason="because of 7")


def test_a_reservation_carries_its_reason_its_owner_and_its_decision(aws, subnet):
    ec2 = aws.client("ec2")
    made = AwsWriter(ec2=ec2, decision="run-1").create(an_action(subnet, "10.40.0.16/28"))
    assert isinstance(made, Reservation)
    assert made.ours
    (found,) = ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]
    assert found["SubnetCidrReservationId"] == made.id
    assert (found["Description"], found["ReservationType"]) == ("because of 7", "prefix")
    assert {each["Key"]: each["Value"] for each in found["Tags"]} == {
        "headroom:owner": "headroom",
        "headroom:decision": "run-1",
    }


def test_an_overlap_is_refused_in_ec2s_words(aws, subnet):
    writer = AwsWriter(ec2=aws.client("ec2"), decision="run-2")
    assert isinstance(writer.create(an_action(subnet, "10.40.0.64/28")), Reservation)
    again = writer.create(an_action(subnet, "10.40.0.64/26"))
    assert isinstance(again, Refused)
    assert "overlap" in again.reason


@pytest.mark.parametrize(
    ("subnet_id", "cidr"),
    [("subnet-0123456789abcdef0", "10.40.0.32/28"), (None, "10.99.0.0/28")],
    ids=["gone", "outside"],
)
def test_any_other_error_escapes(aws, subnet, subnet_id, cidr):
    with pytest.raises(ClientError):
        AwsWriter(ec2=aws.client("ec2"), decision="run-3").create(an_action(subnet_id or subnet, cidr))


def a_queue(aws, name: str) -> tuple[str, str]:
    """URL and ARN of a queue that SNS may send to."""
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return url, arn


def test_a_message_arrives_with_its_attributes(aws):
    sns, (url, arn) = aws.client("sns"), a_queue(aws, "subscriber")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    attributes = {"finding": "prefixes-reserved", "severity": "info"}
    Topic(sns=sns, arn=topic).publish(Message(subject="a subject", body="a body\n", attributes=attributes))
    (found,) = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    envelope = json.loads(found["Body"])
    assert (envelope["Subject"], envelope["Message"]) == ("a subject", "a body\n")
    assert {key: each["Value"] for key, each in envelope["MessageAttributes"].items()} == attributes


def test_unfinished_work_comes_back_as_an_event_that_is_understood(aws):
    sqs, (url, _) = aws.client("sqs"), a_queue(aws, "work")
    WorkQueue(sqs=sqs, url=url, continue_after=0).continue_with(["subnet-b", SUBNET])
    (found,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    assert scope_of(json.loads(found["Body"])) == Scope(subnets=frozenset({SUBNET, "subnet-b"}))
