"""What the fuzzer feeds: everything that reads something from outside."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.kept import for_one_read
from functions.aws.odd import OddAnswerError
from functions.aws.saved import snapshot_of
from functions.capacity.analyse import analyse
from functions.capacity.findings import findings
from functions.capacity.model import Policy
from functions.capacity.release import Sight, judge, outdated
from functions.capacity.scope import EVERYWHERE
from functions.capacity.subnet_policy import TAGS, SettingError, policy_of
from functions.handlers.reconcile import read_batch
from functions.handlers.release import read_requests
from functions.settings import settings
from infra.allowed import ConfigurationError
from infra.config import config_of
from tests.bad_input.fuzz import Target, as_text
from tests.bad_input.requests import GOOD as REQUEST
from tests.bad_input.wire import GOOD as ANSWERS
from tests.bad_input.wire import VPC, Wire
from tests.builders import NOW, a_reservation, a_subnet
from tests.events import PATHS, sample

GOOD_EVENT = json.dumps(sample("ec2/InstanceStateChange.running.json"))
_INSTANCE = "i-0123456789abcdef0"


def _event(event: Any) -> None:
    """Between two good ones, which nothing may happen to; and what is left can be written into a request."""
    body = as_text(Random(repr(event)), event)
    batch = read_batch([{"messageId": f"m-{n}", "body": each} for n, each in enumerate((GOOD_EVENT, body, GOOD_EVENT))])
    assert set(batch.malformed) <= {"m-1"}
    assert _INSTANCE in batch.scope.instances
    assert all(each.isascii() for each in (*batch.scope.instances, *batch.scope.network_interfaces))


def _request(request: Any) -> None:
    """What it names may be given back only where it names just the reservation that there is."""
    body = as_text(Random(repr(request)), request)
    requests, malformed = read_requests([{"messageId": "m-0", "body": body}])
    assert len(requests) + len(malformed) == 1
    held = replace(a_reservation("10.0.0.128/28"), id=REQUEST["reservationId"])
    for each in requests:
        end = outdated(each, NOW) or judge(each, Sight(tags={"headroom:mode": "steer"}, reservation=held))
        named = (each.reservation_id, str(each.cidr)) == (REQUEST["reservationId"], REQUEST["cidr"])
        assert end is not None or named
        assert each.subnet_id.isascii()


_WIRE = Wire()
_READER = _WIRE.reader


def _answer(call: str) -> Any:
    def feed(body: bytes) -> None:
        _WIRE.answers = {call: (200, body)}
        _WIRE.calls.clear()
        reader = replace(_READER, kept=for_one_read())
        _whole(reader.read(EVERYWHERE, NOW))
        reader.space_of(VPC, NOW)

    return feed


def _saved(saved: Any) -> None:
    _whole(snapshot_of(saved, NOW))


def _whole(snapshot: Any) -> None:
    """All that is said of it."""
    for each in findings(snapshot, analyse(snapshot)):
        assert each.title


def _snapshots() -> list[Any]:
    """One with an add-on, and one whose CNI is self-managed."""
    with_addon = json.loads(json.dumps(Wire().reader.gather(EVERYWHERE, NOW), default=str))
    env = [{"name": "ENABLE_PREFIX_DELEGATION", "value": "true"}, {"name": "WARM_PREFIX_TARGET", "value": "1"}]
    container = {"name": "aws-node", "image": "registry/amazon-k8s-cni:v1.19.2", "env": env}
    daemon_set = {"kind": "DaemonSet", "spec": {"template": {"spec": {"containers": [container]}}}}
    eni_config = {"metadata": {"name": "us-east-1a"}, "spec": {"subnet": "subnet-0aa1bb2cc3dd4ee5f"}}
    objects = {"daemonSet": daemon_set, "eniConfigs": [eni_config], "configMap": {"data": {"a": "b"}}}
    return [with_addon, with_addon | {"addons": [], "addonUpdates": {}, "kubernetes": {"demo": objects}}]


_POLICY = {
    "singleAddressFloor": 16,
    "maxCreatesPerRun": 5,
    "maxCreatesPerSubnetPerDay": 200,
    "maxReservationsPerSubnet": 64,
    "maxReleasesPerSubnetPerDay": 200,
}
_ENVIRONMENT = {
    "HEADROOM_TABLE_NAME": "table",
    "HEADROOM_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:topic",
    "HEADROOM_FAST_QUEUE_URL": "https://sqs/queue",
    "HEADROOM_RELEASE_QUEUE_URL": "https://sqs/releases",
    "HEADROOM_SWITCH_PARAMETER": "/Headroom/switch",
    "HEADROOM_READ_KUBERNETES": "false",
    "HEADROOM_SETTLE_SECONDS": "5",
    "HEADROOM_POLICY": _POLICY,
}


def _environment(variables: Any) -> None:
    """An environment holds texts and no others."""
    listed = variables.items() if isinstance(variables, dict) else ()
    settings({str(name): each if isinstance(each, str) else json.dumps(each) for name, each in listed})


def _context(context: Any) -> None:
    config_of({"headroom": context})
    config_of({f"headroom.{key}": json.dumps(each) for key, each in context.items()})


def _tags(tags: Any) -> None:
    """A subnet's tags are texts under texts."""
    listed = tags.items() if isinstance(tags, dict) else ()
    subnet = replace(a_subnet(), tags={key: each for key, each in listed if isinstance(each, str)})
    allowed, defaults = policy_of(subnet, Policy()), Policy()
    assert allowed.max_reservations_per_subnet <= defaults.max_reservations_per_subnet
    assert allowed.max_creates_per_subnet_per_day <= defaults.max_creates_per_subnet_per_day
    assert subnet.mode in {"observe", "ahead", "steer"}


_OF_AWS = (OddAnswerError, BotoCoreError, ClientError)
_READ = sorted(ANSWERS.keys() - {"CreateSubnetCidrReservation", "GetParameter"})

TARGETS = [
    Target(name="events", seeds=[sample(path) for path in PATHS], feed=_event, named=()),
    Target(name="release requests", seeds=[REQUEST], feed=_request, named=()),
    Target(name="saved snapshots", seeds=_snapshots(), feed=_saved, named=(OddAnswerError,)),
    Target(name="environment", seeds=[_ENVIRONMENT], feed=_environment, named=(ValueError,)),
    Target(
        name="context",
        seeds=[{"sweepMinutes": 5, "alertEmails": ["a@example.com"], "trail": True, "logRetentionDays": 30}],
        feed=_context,
        named=(ConfigurationError,),
    ),
    Target(
        name="subnet tags",
        seeds=[dict.fromkeys(TAGS, "16") | {"headroom:mode": "ahead"}],
        feed=_tags,
        named=(SettingError,),
    ),
    *(Target(name=call, seeds=[ANSWERS[call]], feed=_answer(call), named=_OF_AWS) for call in _READ),
]
