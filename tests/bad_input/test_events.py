"""Bad messages among good ones: each ends as it has to, and costs the others nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.aws.reader import AwsReader
from functions.handlers.reconcile import Batch, read_batch
from tests.bad_input.events import INSTANCE, MESSAGES, End, Message
from tests.bad_input.wire import Wire
from tests.builders import NOW
from tests.events import sample

CASES = [pytest.param(each, id=each.sentence) for each in MESSAGES]
GOOD = json.dumps(sample("ec2/InstanceStateChange.running.json"))
GROUP = "g-of-the-last"
LAST = json.dumps(sample("headroom/Continue.json") | {"detail": {"subnetIds": [GROUP]}})


def batch_of(*bodies: str) -> Batch:
    return read_batch([{"messageId": f"m-{number}", "body": body} for number, body in enumerate(bodies)])


@pytest.fixture(scope="module")
def reader() -> AwsReader:
    return Wire().reader


@pytest.mark.parametrize("message", CASES)
def test_a_bad_message_ends_as_it_has_to(message: Message):
    batch = batch_of(message.body)
    ends = {
        End.DEAD_LETTER: (["m-0"], 0, False),
        End.IGNORED: ([], 1, False),
        End.LOOKED_AT: ([], 0, True),
    }
    assert (list(batch.malformed), batch.ignored.total(), bool(batch.scope)) == ends[message.end]


@pytest.mark.parametrize("message", CASES)
def test_it_costs_the_other_nine_nothing(message: Message):
    batch = batch_of(*[GOOD] * 4, message.body, *[GOOD] * 4, LAST)
    assert set(batch.malformed) <= {"m-4"}
    assert INSTANCE in batch.scope.instances
    assert GROUP in batch.scope.subnets


@pytest.mark.parametrize("message", [each for each in CASES if each.values[0].end is End.DEAD_LETTER])  # type: ignore[union-attr]
def test_why_it_is_bad_is_said_in_a_line_that_can_be_written(message: Message):
    (why,) = batch_of(message.body).malformed.values()
    assert 0 < len(why) < 300
    assert why.encode()
    assert "\n" not in why


@pytest.mark.parametrize("message", [each for each in CASES if each.values[0].end is End.LOOKED_AT])  # type: ignore[union-attr]
def test_what_it_asks_for_can_be_asked_of_aws(message: Message, reader: Any):
    """An error here would take the whole batch along, again and again until all ten are dead letters."""
    assert reader.read(batch_of(message.body).scope, NOW).taken_at == NOW
