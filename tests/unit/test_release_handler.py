"""The release Lambda's handler: which end each message comes to, counted and said."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.handlers import release
from functions.handlers.release import read_requests
from functions.settings import release_settings
from tests.builders import NOW, SUBNET
from tests.unit.releases import BODY, CIDR, World, a_request, a_sight


def record(number: int, body: object) -> dict[str, Any]:
    return {"messageId": f"m-{number}", "body": body if isinstance(body, str) else json.dumps(body)}


@pytest.mark.parametrize("body", ["", "{", "null", "[" * 200_000, {}, BODY | {"cidr": "10.0.0.0/33"}])
def test_a_message_that_is_no_request_is_named_and_the_others_are_read(body):
    requests, malformed = read_requests([record(1, BODY), record(2, body), record(3, BODY)])
    assert requests == [a_request(), a_request()]
    assert malformed == ["m-2"]


@dataclass
class Invocation:
    """What Lambda tells a handler of its invocation."""

    function_name = "release"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:release"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@pytest.fixture
def invoke(monkeypatch, capsys) -> Any:
    """The handler on a world; what it answers and the metrics that it prints."""
    monkeypatch.setattr(release.metrics.provider, "namespace", "Headroom")

    def handled(world: World, *bodies: object) -> tuple[Any, dict[str, Any]]:
        monkeypatch.setattr(release, "aws_of", lambda *_: world.aws)
        monkeypatch.setattr("functions.settings.release_from_environment", lambda: None)
        context: Any = Invocation()
        answer = release.handler({"Records": [record(n, body) for n, body in enumerate(bodies)]}, context)
        (metrics,) = (json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line)
        return answer, metrics

    return handled


def test_each_end_is_counted_and_said_with_its_reason(invoke, caplog):
    answer, metrics = invoke(World(), BODY, BODY, "not JSON")
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    assert metrics["ReservationsReleased"] == metrics["ReleasesAlreadyGone"] == metrics["ReleasesMalformed"] == [1.0]
    first, second = (each.facts for each in caplog.records if each.message == "release")
    assert (first["fate"], second["fate"]) == ("released", "already gone")
    assert first == {
        "subnet": SUBNET,
        "reservation": "scr-1",
        "cidr": CIDR,
        "asked_because": "singles need 12 addresses",
        "decision": "run-1",
        "fate": "released",
        "reason": "singles need 12 addresses",
    }


@pytest.mark.parametrize(
    ("world", "name"),
    [
        (World(now=NOW + timedelta(minutes=6)), "ReleasesTooLate"),
        (World(not_acting="observe"), "ReleasesNotActing"),
        (World(sight=a_sight(mode="ahead")), "ReleasesRefused"),
        (World(counted=200), "ReleasesCapped"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_request_that_is_not_carried_out_is_done_and_counted(invoke, world, name):
    answer, metrics = invoke(world, BODY)
    assert answer == {"batchItemFailures": []}
    assert metrics[name] == [1.0]
    assert "ReservationsReleased" not in metrics


def test_a_refusal_stands_out_in_the_log(invoke, caplog):
    invoke(World(sight=a_sight(mode="ahead")), BODY)
    invoke(World(), BODY)
    assert [each.levelname for each in caplog.records if each.message == "release"] == ["WARNING", "INFO"]


class Throttled(World):
    """EC2 has no time."""

    def delete(self, _reservation_id: str) -> bool:
        raise ClientError({"Error": {"Code": "RequestLimitExceeded", "Message": ""}}, "DeleteSubnetCidrReservation")


def test_an_error_of_aws_escapes_so_that_the_request_is_delivered_again(invoke):
    with pytest.raises(ClientError, match="RequestLimitExceeded"):
        invoke(Throttled(), BODY)


def test_messages_that_are_no_requests_need_no_settings_and_requests_do(monkeypatch):
    monkeypatch.setattr(release.metrics.provider, "namespace", "Headroom")
    context: Any = Invocation()
    answer = release.handler({"Records": [record(1, "{")]}, context)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-1"}]}
    with pytest.raises(ValueError, match="HEADROOM_"):
        release.handler({"Records": [record(1, BODY)]}, context)


@pytest.mark.parametrize("most", ["", "many", "2.5"])
def test_a_cap_that_is_no_number_is_no_cap_that_was_forgotten(most):
    names = ("TABLE_NAME", "FAST_QUEUE_URL", "SWITCH_PARAMETER")
    environment = {f"HEADROOM_{name}": "x" for name in names} | {"HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY": most}
    with pytest.raises(ValueError, match="HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY"):
        release_settings(environment)
