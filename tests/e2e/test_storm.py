"""Storms on the embedded AWS: what reaches the product of many events, and how soon it acts on the urgent ones."""

import json
import time
from collections.abc import Iterator

import pytest

from benchmarks import refusals, storm
from sandbox import ledger
from sandbox.demo.play import CONFIGURATION
from sandbox.deployment import deploy
from sandbox.process import Conditions, EmbeddedAws, embedded_aws
from tests.e2e.conftest import Deployed

SPEED = 10  # times faster than AWS: 42 s of storm, half a minute in which SQS knows a message again
GIVE_UP = 45  # seconds; the work queue gathers for longer


@pytest.fixture(scope="module")
def stormy(tmp_path_factory, assembly) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("stormy")
    with embedded_aws(folder, conditions=Conditions(time_factor=SPEED, twice=0.5)) as aws:
        yield Deployed(aws, deploy(aws, folder, CONFIGURATION, app=assembly))


@pytest.fixture
def fifo(stormy: Deployed) -> Iterator[str]:
    """A queue that a rule sends one constant message to, for each event of ours."""
    sqs, events = stormy.aws.client("sqs"), stormy.aws.client("events")
    url = sqs.create_queue(
        QueueName="twins.fifo", Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    )["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="twins", EventPattern=json.dumps({"source": ["test"]}))
    target = {"Id": "t", "Arn": arn, "Input": '{"a": "constant"}', "SqsParameters": {"MessageGroupId": "g"}}
    events.put_targets(Rule="twins", Targets=[target])
    yield url
    events.remove_targets(Rule="twins", Ids=["t"])
    events.delete_rule(Name="twins")
    sqs.delete_queue(QueueUrl=url)


def bodies(aws: EmbeddedAws, url: str) -> list[str]:
    sqs, found = aws.client("sqs"), list[str]()
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            found.append(each["Body"])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
    return found


def test_a_fifo_queue_takes_a_rules_constant_message_once_until_its_interval_is_over(stormy, fifo):
    events = stormy.aws.client("events")

    def put(count: int) -> None:
        for n in range(count):
            events.put_events(Entries=[{"Source": "test", "DetailType": "t", "Detail": json.dumps({"n": n})}])

    put(3)
    assert bodies(stormy.aws, fifo) == ['{"a": "constant"}']
    put(2)
    assert bodies(stormy.aws, fifo) == []
    time.sleep(300 / SPEED)
    put(2)
    assert bodies(stormy.aws, fifo) == ['{"a": "constant"}']


def test_a_storm_whose_events_come_twice_and_late_is_a_few_runs_and_none_of_it_is_left_unseen(stormy):
    seen = storm.play(stormy.aws, stormy.deployment, 40, speed=SPEED)
    assert seen.events > 40 * 6
    assert seen.invocations <= storm.GOALS["invocations"]
    assert seen.looks <= seen.invocations
    assert seen.oldest_view_seconds < 2 * storm.GOALS["oldestViewSeconds"], "every event was followed by a look"
    sqs, outputs = stormy.aws.client("sqs"), stormy.deployment.outputs
    for queue in ("DeadLetterQueueUrl", "FastDeadLetterQueueUrl", "ReleaseDeadLetterQueueUrl"):
        left = sqs.get_queue_attributes(QueueUrl=outputs[queue], AttributeNames=["ApproximateNumberOfMessages"])
        assert left["Attributes"] == {"ApproximateNumberOfMessages": "0"}, queue


def test_a_single_address_that_was_refused_has_room_by_the_fast_way_though_work_waits_for_its_window(stormy):
    """How long it takes is a benchmark's: `python -m benchmarks refusals`."""
    aws, product = stormy.aws, storm.Product(stormy.aws, stormy.deployment)
    ec2 = aws.client("ec2")
    subnet = refusals.steered_subnet(ec2, product)
    product.gather_for(storm.WINDOW_SECONDS)
    time.sleep(300 / SPEED)  # SQS has forgotten what was urgent before
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "note", "Value": "of no matter"}])
    time.sleep(3)  # this one woke the fast way, which now takes nothing but what is urgent
    refusals.refused(ec2, subnet, give_up=GIVE_UP)
    batches = [each["queue"] for each in ledger.read(aws.ledger) if each["what"] == "batch"]
    assert batches[-1].endswith(".fifo") or "Release" in batches[-1], "the work queue is still gathering"
