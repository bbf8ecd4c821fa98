"""The switch, and the adapters that change, tell and ask for more, against the embedded AWS."""

import json
from dataclasses import replace
from ipaddress import IPv4Network

import pytest
from botocore.exceptions import ClientError

from functions.aws.act import AwsWriter, FastQueue
from functions.aws.notify import Topic
from functions.aws.switch import Switch
from functions.capacity.journal import Outcome
from functions.capacity.model import Ipv6Reservation, Reservation
from functions.capacity.plan import CreateReservation, Refused
from functions.capacity.scope import Scope, scope_of
from functions.capacity.wording import Form, Message
from tests.builders import an_intent

SUBNET = "subnet-0aa1bb2cc3dd4ee5f"


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
    found = Switch(ssm=ssm, parameter="/test/switch").read().keeps_from_acting
    assert (found == "") == (reason == "")
    assert reason in found


def test_a_switch_that_cannot_be_read_is_off(aws):
    assert "cannot be read" in Switch(ssm=aws.client("ssm"), parameter="/no/such").read().keeps_from_acting


@pytest.fixture(scope="module")
def subnet(aws) -> str:
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    made: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/24")["Subnet"]["SubnetId"]
    return made


def an_action(subnet: str, cidr: str) -> CreateReservation:
    return CreateReservation(subnet_id=subnet, cidr=IPv4Network(cidr), free=1, draining=0, reason="because of 7")


def create(aws, action: CreateReservation) -> Reservation | Ipv6Reservation | Refused:
    return AwsWriter(ec2=aws.client("ec2")).create(action, an_intent(action))


def test_a_reservation_carries_its_reason_its_owner_and_its_decision(aws, subnet):
    made = create(aws, an_action(subnet, "10.40.0.16/28"))
    assert isinstance(made, Reservation)
    assert made.ours
    (found,) = aws.client("ec2").get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]
    assert found["SubnetCidrReservationId"] == made.id
    assert (found["Description"], found["ReservationType"]) == ("because of 7", "prefix")
    assert {each["Key"]: each["Value"] for each in found["Tags"]} == {
        "headroom:owner": "headroom",
        "headroom:decision": "run-1",
        "headroom:intent": "run-1/10.40.0.16/28",
    }


def test_an_overlap_is_refused_in_ec2s_words(aws, subnet):
    assert isinstance(create(aws, an_action(subnet, "10.40.0.64/28")), Reservation)
    again = create(aws, an_action(subnet, "10.40.0.64/26"))
    assert isinstance(again, Refused)
    assert again.outcome is Outcome.OVERLAPS
    assert "overlap" in again.reason


@pytest.mark.parametrize(
    ("subnet_id", "cidr"),
    [("subnet-0123456789abcdef0", "10.40.0.32/28"), (None, "10.99.0.0/28")],
    ids=["gone", "outside"],
)
def test_any_other_error_escapes(aws, subnet, subnet_id, cidr):
    with pytest.raises(ClientError):
        create(aws, an_action(subnet_id or subnet, cidr))


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
    said = Message(subject="a subject", body="a body\n", attributes=attributes)
    assert not Topic(sns=sns, arn=topic).publish(said)
    assert not Topic(sns=sns, arn=topic).publish(replace(said, form=Form.CHAT)), "nobody listens there"
    (found,) = aws.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"]
    envelope = json.loads(found["Body"])
    assert (envelope["Subject"], envelope["Message"]) == ("a subject", "a body\n")
    assert {key: each["Value"] for key, each in envelope["MessageAttributes"].items()} == attributes


def test_unfinished_work_comes_back_as_an_event_that_is_understood_once_a_run(aws):
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName="fast.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for run in ("run-1", "run-1", "run-2"):
        FastQueue(sqs=sqs, url=url, decision=run).continue_with(["subnet-b", SUBNET])
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
    assert [scope_of(json.loads(each["Body"])) for each in found] == [
        Scope(subnets=frozenset({SUBNET, "subnet-b"}))
    ] * 2
