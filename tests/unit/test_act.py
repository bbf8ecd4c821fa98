"""What EC2's refusals mean: look again later, or fail."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.aws.act import AwsWriter
from functions.capacity.plan import CreateReservation, Refused

ACTION = CreateReservation(
    subnet_id="subnet-0aa1bb2cc3dd4ee5f", cidr=IPv4Network("10.0.0.16/28"), free=1, draining=0, reason="because of 7"
)
OVERLAP = "Reservation CIDR 10.0.0.16/28 has overlap with existing reserved CIDR block"


class RefusingEc2:
    """An EC2 that makes no reservation, with its words for why."""

    def __init__(self, code: str, message: str) -> None:
        self._error = {"Code": code, "Message": message}
        self.asked = 0

    def create_subnet_cidr_reservation(self, **_: object) -> None:
        self.asked += 1
        raise ClientError({"Error": self._error}, "CreateSubnetCidrReservation")  # type: ignore[typeddict-item]


def refused_with(code: str, message: str) -> Refused:
    ec2: Any = RefusingEc2(code, message)
    found = AwsWriter(ec2=ec2, decision="run-1").create(ACTION)
    assert ec2.asked == 1, "to ask again at once makes a bad moment worse"
    assert isinstance(found, Refused)
    return found


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param("RequestLimitExceeded", "Request limit exceeded.", id="EC2's throttling"),
        pytest.param("Throttling", "Rate exceeded", id="throttling by another name"),
        pytest.param("InvalidParameterValue", OVERLAP, id="somebody was faster"),
    ],
)
def test_what_another_look_may_settle_is_refused_in_ec2s_words(code, message):
    assert refused_with(code, message) == Refused(action=ACTION, reason=f"{code}: {message}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param("InvalidParameterValue", "should be within subnet CIDR block", id="our own mistake"),
        pytest.param("UnauthorizedOperation", "You are not authorized; no overlap of policies", id="a missing right"),
        pytest.param("InvalidSubnetID.NotFound", "The subnet ID does not exist", id="the subnet is gone"),
        pytest.param("InternalError", "", id="an error of EC2's"),
    ],
)
def test_every_other_error_escapes(code, message):
    with pytest.raises(ClientError, match=code):
        refused_with(code, message)
