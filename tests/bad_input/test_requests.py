"""Bad release requests, judged by what EC2 really has: none of them gives anything back."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from functions.aws.release import Releaser
from functions.capacity.release import ReleaseRequest, Settled, judge, outdated
from functions.handlers.release import read_requests
from tests.bad_input.requests import BODIES, GOOD
from tests.bad_input.wire import GOOD as ANSWERS
from tests.bad_input.wire import Wire
from tests.builders import NOW

CASES = [pytest.param(body, id=sentence) for sentence, body in BODIES.items()]


def records(*bodies: str) -> list[dict[str, str]]:
    return [{"messageId": f"m-{number}", "body": body} for number, body in enumerate(bodies)]


@pytest.fixture(scope="module")
def ec2() -> Releaser:
    """An EC2 that has the reservation of the good request, in a subnet whose tag lets it be given back."""
    steered = ANSWERS["DescribeSubnets"].replace(b">ahead<", b">steer<")
    return Releaser(ec2=Wire({"DescribeSubnets": (200, steered)}).client("ec2"))


def ends(requests: list[ReleaseRequest], ec2: Releaser) -> Iterator[Settled | None]:
    """How each would end before anything is given back; None for one that would be carried out."""
    for each in requests:
        yield outdated(each, NOW) or judge(each, ec2.look(each))


def test_the_good_request_would_be_carried_out(ec2):
    requests, malformed = read_requests(records(json.dumps(GOOD)))
    assert malformed == []
    assert list(ends(requests, ec2)) == [None]


@pytest.mark.parametrize("body", CASES)
def test_a_bad_request_gives_nothing_back(body: str, ec2: Releaser):
    requests, malformed = read_requests(records(body))
    assert len(requests) + len(malformed) == 1
    assert all(end and 0 < len(end.reason) < 300 for end in ends(requests, ec2)) or same_as_good(requests)


def same_as_good(requests: list[ReleaseRequest]) -> bool:
    """Another way to write the same: a mask for the length says no less."""
    good, _ = read_requests(records(json.dumps(GOOD)))
    return [(each.subnet_id, each.reservation_id, each.cidr) for each in requests] == [
        (each.subnet_id, each.reservation_id, each.cidr) for each in good
    ] and requests[0].at == good[0].at


@pytest.mark.parametrize("body", CASES)
def test_it_costs_the_others_nothing(body: str):
    good = json.dumps(GOOD)
    requests, malformed = read_requests(records(good, body, good))
    assert set(malformed) <= {"m-1"}
    assert len(requests) + len(malformed) == 3
