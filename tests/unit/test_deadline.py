"""Nothing is sent when a run's time is over, not even the second attempt of a call."""

from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from functions.aws.deadline import Deadline, DeadlineError
from tests.builders import NOW


class Endpoint:
    """Answers in place of the network; each answer is an error that the SDK repeats, and takes its time."""

    def __init__(self) -> None:
        self.now, self.sent = NOW, 0

    def clock(self) -> datetime:
        return self.now

    def answer(self, **_: object) -> Any:
        self.sent += 1
        self.now += timedelta(seconds=5)
        nothing: Any = None
        headers: Any = {}
        answer: Any = AWSResponse("https://aws", 503, headers, nothing)
        answer._content = b"<Response><Errors><Error><Code>Unavailable</Code></Error></Errors></Response>"
        return answer


@pytest.fixture
def endpoint(monkeypatch) -> tuple[Endpoint, Deadline, Any]:
    monkeypatch.setattr("time.sleep", lambda _: None)
    session = boto3.Session("AKIAEXAMPLE", "secret", region_name="us-east-1")
    endpoint, deadline = Endpoint(), Deadline()
    deadline.watch(session.events)
    client = session.client("ec2")
    client.meta.events.register_last("before-send", endpoint.answer)
    return endpoint, deadline, client


def test_before_the_end_calls_go_out_and_after_it_none(endpoint):
    aws, deadline, ec2 = endpoint
    deadline.set(NOW + timedelta(seconds=7), aws.clock)
    with pytest.raises(DeadlineError):
        ec2.describe_subnets()
    assert aws.sent == 2  # at 0 and at 5 s; the third attempt would be at 10 s
    with pytest.raises(DeadlineError):
        ec2.describe_subnets()
    assert aws.sent == 2


def test_the_next_invocation_has_its_own_end(endpoint):
    aws, deadline, ec2 = endpoint
    deadline.set(NOW, aws.clock)
    with pytest.raises(DeadlineError):
        ec2.describe_subnets()
    deadline.set(NOW + timedelta(minutes=5), aws.clock)
    with pytest.raises(ec2.exceptions.ClientError, match="Unavailable"):
        ec2.describe_subnets()
    assert aws.sent
