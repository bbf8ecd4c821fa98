import json
from typing import Any

import pytest

from functions.capacity.scope import EVERYWHERE, NOWHERE
from functions.handlers.reconcile import read_batch
from tests.events import sample


def record(number: int, body: object) -> dict[str, Any]:
    return {"messageId": f"m-{number}", "body": body if isinstance(body, str) else json.dumps(body)}


def test_one_bad_message_in_ten_costs_the_other_nine_nothing():
    good = [sample("ec2/InstanceStateChange.running.json")] * 9
    batch = read_batch([record(n, body) for n, body in enumerate([*good[:4], "not JSON", *good[4:]])])
    assert batch.malformed == ("m-4",)
    assert batch.scope.instances == {"i-0123456789abcdef0"}


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "7", '"text"', "{", "[" * 200_000, json.dumps(sample("headroom/Sweep.json") | {"detail": 1})],
)
def test_what_cannot_be_read_is_named_for_redelivery(body):
    batch = read_batch([record(1, body)])
    assert batch.malformed == ("m-1",)
    assert batch.scope == NOWHERE


def test_unknown_events_are_counted_by_reason_and_dropped():
    paths = [
        "foreign/S3ObjectCreated.json",
        "foreign/CreateBucket.json",
        "foreign/CreateNetworkInterface.succeeded.json",
    ]
    batch = read_batch([record(n, sample(path)) for n, path in enumerate(paths)])
    assert batch.malformed == ()
    assert batch.scope == NOWHERE
    assert batch.ignored.total() == 3
    assert batch.ignored["the call succeeded"] == 1


def test_a_batch_is_one_scope():
    events = ["cloudtrail-ec2/CreateTags.subnet.json", "cloudtrail-eks/UpdateAddon.json", "headroom/Sweep.json"]
    scope = read_batch([record(n, sample(path)) for n, path in enumerate(events)]).scope
    assert scope | EVERYWHERE == scope
    assert scope.clusters == {"demo"}
    assert scope.subnets == {"subnet-0aa1bb2cc3dd4ee5f"}
