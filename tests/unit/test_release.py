"""Giving a reservation back: what is asked, what may be done, and what is done about it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.aws.release import Releaser
from functions.capacity.journal import Entry, Kind, Outcome
from functions.capacity.model import Reservation
from functions.capacity.plan import ReleaseReservation
from functions.capacity.release import (
    Fate,
    MalformedRequestError,
    ReleaseRequest,
    Settled,
    Sight,
    body_of,
    judge,
    outdated,
    request_of,
)
from functions.capacity.switch import SwitchState
from functions.handlers import release
from functions.handlers.release import Aws, read_requests, settle
from functions.settings import release_settings
from tests.builders import NOW, SUBNET, a_reservation

CIDR = "10.0.0.64/26"
ACTION = ReleaseReservation(
    subnet_id=SUBNET, reservation_id="scr-1", cidr=IPv4Network(CIDR), reason="singles need 12 addresses"
)
BODY = dict(body_of(ACTION, decision="run-1", at=NOW))


def a_request(**facts: Any) -> ReleaseRequest:
    return replace(request_of(BODY), **facts)


def a_sight(reservation: Reservation | None = None, *, mode: str | None = "steer") -> Sight:
    """A subnet with this reservation in it; where none is named, the one that is asked for."""
    return Sight(
        tags={"Name": "pods"} | ({"headroom:mode": mode} if mode is not None else {}),
        reservation=reservation or a_reservation(CIDR, reservation_id="scr-1"),
    )


# --- the request -----------------------------------------------------------------------------------------------------


def test_a_request_arrives_as_it_was_asked():
    assert request_of(json.loads(json.dumps(body_of(ACTION, decision="run-1", at=NOW)))) == ReleaseRequest(
        subnet_id=SUBNET,
        reservation_id="scr-1",
        cidr=IPv4Network(CIDR),
        reason="singles need 12 addresses",
        decision="run-1",
        at=NOW,
    )


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(None, "a JSON object", id="null"),
        pytest.param([BODY], "a JSON object", id="a list"),
        *(pytest.param({**BODY, key: ""}, key, id=f"{key} is empty") for key in BODY),
        *(pytest.param({k: v for k, v in BODY.items() if k != key}, key, id=f"{key} is missing") for key in BODY),
        *(pytest.param({**BODY, key: 7}, key, id=f"{key} is a number") for key in BODY),
        pytest.param({**BODY, "cidr": "10.0.0.65/26"}, "no IPv4 network", id="a CIDR with host bits"),
        pytest.param({**BODY, "cidr": "2001:db8::/80"}, "no IPv4 network", id="an IPv6 CIDR"),
        pytest.param({**BODY, "at": "yesterday"}, "no time", id="a time in words"),
        pytest.param({**BODY, "at": "2026-11-23T12:00:00"}, "no time zone", id="a time without a zone"),
    ],
)
def test_what_cannot_be_read_says_why(body, why):
    with pytest.raises(MalformedRequestError, match=why):
        request_of(body)


# --- may it be released? ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "fresh"),
    [
        pytest.param(timedelta(0), True, id="just asked"),
        pytest.param(timedelta(minutes=5), True, id="five minutes old"),
        pytest.param(timedelta(minutes=5, seconds=1), False, id="older"),
        pytest.param(timedelta(minutes=-1), True, id="a clock that is a minute ahead"),
        pytest.param(timedelta(minutes=-1, seconds=-1), False, id="from the future: it would be fresh for too long"),
    ],
)
def test_requests_have_their_time(age, fresh):
    ended = outdated(a_request(), NOW + age)
    assert (ended is None) is fresh
    assert ended is None or ended.fate is Fate.TOO_LATE


def test_our_own_reservation_in_a_subnet_that_is_steered_may_be_released():
    assert judge(a_request(), a_sight()) is None


@pytest.mark.parametrize(
    ("sight", "reason"),
    [
        pytest.param(a_sight(mode="observe"), "'observe', not 'steer'", id="the subnet is only observed"),
        pytest.param(a_sight(mode="ahead"), "'ahead', not 'steer'", id="the cautious mode never gives back"),
        pytest.param(a_sight(mode="Steer"), "'Steer', not 'steer'", id="a mode that is not known"),
        pytest.param(a_sight(mode=None), "None, not 'steer'", id="the subnet's tag was taken away"),
        pytest.param(
            a_sight(a_reservation(CIDR, reservation_id="scr-1", ours=False)), "somebody else's", id="without our tag"
        ),
        pytest.param(
            a_sight(a_reservation(CIDR, reservation_id="scr-1", kind="explicit")), "explicit", id="of another type"
        ),
        pytest.param(
            a_sight(a_reservation("10.0.0.64/27", reservation_id="scr-1")), "holds 10.0.0.64/27", id="a smaller range"
        ),
        pytest.param(
            a_sight(a_reservation("10.0.0.0/24", reservation_id="scr-1")), "holds 10.0.0.0/24", id="a larger range"
        ),
        pytest.param(a_sight(a_reservation(CIDR, reservation_id="scr-2")), "scr-2", id="another reservation"),
        pytest.param(
            a_sight(replace(a_reservation(CIDR, reservation_id="scr-1"), subnet_id="subnet-b")),
            "subnet-b",
            id="in another subnet",
        ),
    ],
)
def test_is_refused(sight, reason):
    ended = judge(a_request(), sight)
    assert ended is not None
    assert ended.fate is Fate.REFUSED
    assert reason in ended.reason


@pytest.mark.parametrize(
    ("sight", "reason"),
    [
        pytest.param(Sight(tags={"headroom:mode": "steer"}, reservation=None), "this id", id="the reservation"),
        pytest.param(Sight(tags={}, reservation=None), "this id", id="the reservation, in a subnet that opted out"),
        pytest.param(Sight(tags=None, reservation=None), "the subnet is gone", id="the subnet"),
    ],
)
def test_what_is_gone_is_done(sight, reason):
    ended = judge(a_request(), sight)
    assert ended is not None
    assert ended.fate is Fate.GONE
    assert reason in ended.reason


# --- and what is done ------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A subnet in EC2 with everything that a release touches, and the calls in their order."""

    sight: Sight = field(default_factory=a_sight)
    not_acting: str = ""
    counted: int = 0
    most: int = 200
    gone_meanwhile: bool = False
    now: datetime = NOW
    calls: list[str] = field(default_factory=list)

    def settle(self, request: ReleaseRequest | None = None) -> Settled:
        return settle(
            request or a_request(),
            self.aws,
        )

    @property
    def aws(self) -> Aws:
        """The ports, all of them this world."""
        return Aws(
            ec2=self, switch=self, journal=_Journal(self), queue=self, clock=lambda: self.now, most_per_day=self.most
        )

    # --- the ports ---

    def read(self) -> SwitchState:
        self.calls.append("switch")
        return SwitchState(keeps_from_acting=self.not_acting)

    def look(self, request: ReleaseRequest) -> Sight:
        self.calls.append(f"look {request.subnet_id}")
        return self.sight

    def intend(self, request: ReleaseRequest, now: datetime, at_most: int) -> Entry | None:
        self.calls.append(f"intend {request.subnet_id} {now:%d}")
        if self.counted >= at_most:
            return None
        self.counted += 1
        return Entry(
            id="run-1/scr-1",
            subnet_id=request.subnet_id,
            kind=Kind.RELEASE,
            cidr=request.cidr,
            at=now,
            reason=request.reason,
            decision=request.decision,
            reservation_id=request.reservation_id,
        )

    def delete(self, reservation_id: str) -> bool:
        self.calls.append(f"delete {reservation_id}")
        if self.gone_meanwhile or self.sight.reservation is None:
            return False
        self.sight = replace(self.sight, reservation=None)
        return True

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        self.calls.append(f"continue {','.join(subnet_ids)}")


@dataclass
class _Journal:
    world: World

    def intend_release(self, request: ReleaseRequest, now: datetime, *, at_most: int) -> Entry | None:
        return self.world.intend(request, now, at_most)

    def settle(self, entry: Entry, outcome: Outcome, _reservation_id: str = "") -> Entry:
        self.world.calls.append(f"settle {entry.id} {outcome}")
        return replace(entry, outcome=outcome)


def test_a_release_is_looked_at_journalled_done_and_followed_by_a_look_of_the_reconcile():
    world = World()
    assert world.settle() == Settled(fate=Fate.RELEASED, reason="singles need 12 addresses")
    assert world.calls == [
        "switch",
        f"look {SUBNET}",
        f"intend {SUBNET} 23",
        "delete scr-1",
        "settle run-1/scr-1 done",
        f"continue {SUBNET}",
    ]


def test_a_duplicate_changes_nothing():
    world = World()
    assert [world.settle().fate for _ in range(3)] == [Fate.RELEASED, Fate.GONE, Fate.GONE]
    assert world.calls.count("delete scr-1") == world.calls.count(f"continue {SUBNET}") == world.counted == 1


@pytest.mark.parametrize(
    ("world", "fate", "most_calls"),
    [
        pytest.param(World(now=NOW + timedelta(minutes=6)), Fate.TOO_LATE, 0, id="too late, so nobody is asked"),
        pytest.param(World(not_acting="the switch says observe"), Fate.NOT_ACTING, 1, id="switched off"),
        pytest.param(World(sight=a_sight(mode="observe")), Fate.REFUSED, 2, id="refused, so it is not journalled"),
        pytest.param(World(sight=Sight(tags=None, reservation=None)), Fate.GONE, 2, id="gone, so it is not journalled"),
        pytest.param(World(counted=200), Fate.CAPPED, 3, id="over the day's cap"),
        pytest.param(World(gone_meanwhile=True), Fate.GONE, 5, id="gone between the look and the call"),
    ],
)
def test_everything_else_deletes_nothing_and_continues_nothing(world, fate, most_calls):
    before = world.sight
    assert world.settle().fate is fate
    assert len(world.calls) == most_calls
    assert world.sight == before
    assert not [each for each in world.calls if each.startswith("continue")]


def test_the_days_cap_holds_exactly():
    world = World(most=3)
    fates = list[Fate]()
    for _ in range(5):
        world.sight = a_sight()
        fates.append(world.settle().fate)
    assert fates == [Fate.RELEASED] * 3 + [Fate.CAPPED] * 2
    assert world.calls.count("delete scr-1") == 3


class RefusingEc2:
    """An EC2 that deletes nothing, with its code for why."""

    def __init__(self, code: str) -> None:
        self._code = code

    def delete_subnet_cidr_reservation(self, **_: object) -> None:
        raise ClientError({"Error": {"Code": self._code, "Message": ""}}, "DeleteSubnetCidrReservation")


def test_a_reservation_that_ec2_does_not_know_is_gone():
    ec2: Any = RefusingEc2("InvalidSubnetCidrReservationID.NotFound")
    assert Releaser(ec2=ec2).delete("scr-1") is False


@pytest.mark.parametrize("code", ["RequestLimitExceeded", "UnauthorizedOperation", "InternalError", "InvalidSubnetID"])
def test_every_other_error_escapes(code):
    ec2: Any = RefusingEc2(code)
    with pytest.raises(ClientError, match=code):
        Releaser(ec2=ec2).delete("scr-1")


# --- the handler -----------------------------------------------------------------------------------------------------


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
