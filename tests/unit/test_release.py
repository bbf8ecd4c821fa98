"""Giving a reservation back: what is asked, what may be done, and what is done about it."""

import json
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.aws.release import Releaser
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
from tests.builders import NOW, SUBNET, a_reservation
from tests.unit.releases import ACTION, BODY, CIDR, World, a_request, a_sight


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


def test_the_days_cap_is_larger_in_a_larger_subnet():
    world = World(counted=3, most=3, sight=replace(a_sight(), addresses=4096))
    assert world.settle().fate is Fate.CAPPED
    world.sight = replace(a_sight(), addresses=8192)
    assert world.settle().fate is Fate.RELEASED
