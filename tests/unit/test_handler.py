import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from functions.capacity.scope import EVERYWHERE, NOWHERE
from functions.handlers import reconcile
from functions.handlers.reconcile import read_batch
from functions.settings import SettingsError
from tests.events import sample


def record(number: int, body: object) -> dict[str, Any]:
    return {"messageId": f"m-{number}", "body": body if isinstance(body, str) else json.dumps(body)}


def test_one_bad_message_in_ten_costs_the_other_nine_nothing():
    good = [sample("ec2/InstanceStateChange.running.json")] * 9
    batch = read_batch([record(n, body) for n, body in enumerate([*good[:4], "not JSON", *good[4:]])])
    assert list(batch.malformed) == ["m-4"]
    assert batch.scope.instances == {"i-0123456789abcdef0"}


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "7", '"text"', "{", "[" * 200_000, json.dumps(sample("headroom/Sweep.json") | {"detail": 1})],
)
def test_what_cannot_be_read_is_named_for_redelivery(body):
    batch = read_batch([record(1, body)])
    assert list(batch.malformed) == ["m-1"]
    assert batch.scope == NOWHERE


def test_unknown_events_are_counted_by_reason_and_dropped():
    paths = [
        "foreign/S3ObjectCreated.json",
        "foreign/CreateBucket.json",
        "foreign/CreateNetworkInterface.succeeded.json",
    ]
    batch = read_batch([record(n, sample(path)) for n, path in enumerate(paths)])
    assert batch.malformed == {}
    assert batch.scope == NOWHERE
    assert batch.ignored.total() == 3
    assert batch.ignored["the call succeeded"] == 1


def test_a_batch_is_one_scope():
    events = ["cloudtrail-ec2/CreateTags.subnet.json", "cloudtrail-eks/UpdateAddon.json", "headroom/Sweep.json"]
    scope = read_batch([record(n, sample(path)) for n, path in enumerate(events)]).scope
    assert scope | EVERYWHERE == scope
    assert scope.clusters == {"demo"}
    assert scope.subnets == {"subnet-0aa1bb2cc3dd4ee5f"}


@dataclass
class Invocation:
    """What Lambda tells a handler of its invocation."""

    function_name = "reconcile"
    memory_limit_in_mb = 256
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:reconcile"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


@pytest.fixture
def invoke(monkeypatch) -> Any:
    """The handler in an environment without settings: it cannot get as far as AWS."""
    monkeypatch.setattr(reconcile.metrics.provider, "namespace", "Headroom")

    def handled(*bodies: object) -> Any:
        context: Any = Invocation()
        return reconcile.handler({"Records": [record(n, body) for n, body in enumerate(bodies)]}, context)

    return handled


def test_a_batch_that_asks_for_nothing_needs_no_aws_and_counts_what_it_drops(invoke, capsys):
    answer = invoke(sample("foreign/CreateBucket.json"), "not JSON", sample("foreign/S3ObjectCreated.json"))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    (metrics,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
    assert (metrics["EventsIgnored"], metrics["EventsMalformed"]) == ([2.0], [1.0])


def test_an_error_on_the_way_to_aws_escapes_so_that_the_whole_batch_is_delivered_again(invoke):
    with pytest.raises(SettingsError, match="HEADROOM_"):
        invoke(sample("headroom/Sweep.json"), "not JSON")


def sent(number: int, milliseconds: str | None) -> dict[str, Any]:
    attributes = {} if milliseconds is None else {"attributes": {"SentTimestamp": milliseconds}}
    return record(number, sample("headroom/Sweep.json")) | attributes


@pytest.mark.parametrize(
    ("times", "newest"),
    [
        (["1000", "61000", "2000"], datetime.fromtimestamp(61, UTC)),
        (["1000", None], None),
        ([None], None),
        ([""], None),
        ([], None),
    ],
    ids=["the last", "one unknown", "unknown", "odd", "no message"],
)
def test_a_batch_is_as_new_as_its_newest_message_if_all_of_them_say(times, newest):
    assert read_batch([sent(n, each) for n, each in enumerate(times)]).newest == newest
