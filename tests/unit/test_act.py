"""What EC2's refusals mean: look again later, or fail."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.aws.act import AwsWriter
from functions.aws.denied import denied
from functions.aws.journal import Journal
from functions.capacity.findings.own import Denied
from functions.capacity.journal import Outcome
from functions.capacity.plan import CreateReservation, Refused
from tests.builders import NOW, an_intent

ACTION = CreateReservation(
    subnet_id="subnet-0aa1bb2cc3dd4ee5f", cidr=IPv4Network("10.0.0.16/28"), free=1, draining=0, reason="because of 7"
)
INTENT = an_intent(ACTION)
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
    found = AwsWriter(ec2=ec2).create(ACTION, INTENT)
    assert ec2.asked == 1, "to ask again at once makes a bad moment worse"
    assert isinstance(found, Refused)
    return found


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        pytest.param("RequestLimitExceeded", "Request limit exceeded.", Outcome.THROTTLED, id="EC2's throttling"),
        pytest.param("Throttling", "Rate exceeded", Outcome.THROTTLED, id="throttling by another name"),
        pytest.param("InvalidParameterValue", OVERLAP, Outcome.OVERLAPS, id="somebody was faster"),
        pytest.param("UnauthorizedOperation", "no overlap of policies", Outcome.DENIED, id="a missing right"),
        pytest.param("OptInRequired", "", Outcome.DENIED, id="a region that is off"),
    ],
)
def test_where_ec2_certainly_made_nothing_it_is_refused_in_ec2s_words(code, message, outcome):
    assert refused_with(code, message) == Refused(action=ACTION, outcome=outcome, reason=f"{code}: {message}")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param("InvalidParameterValue", "should be within subnet CIDR block", id="our own mistake"),
        pytest.param("InvalidSubnetID.NotFound", "The subnet ID does not exist", id="the subnet is gone"),
        pytest.param("InternalError", "", id="an error of EC2's"),
    ],
)
def test_every_other_error_escapes(code, message):
    with pytest.raises(ClientError, match=code):
        refused_with(code, message)


@pytest.mark.parametrize(
    ("code", "message", "action", "resource"),
    [
        (
            "UnauthorizedOperation",
            "You are not authorized to perform: ec2:DescribeSubnets on resource: arn:aws:ec2:x because no policy",
            "ec2:DescribeSubnets",
            "arn:aws:ec2:x",
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/r/s is not authorized to perform: eks:ListClusters on resource: *",
            "eks:ListClusters",
            "*",
        ),
        ("UnauthorizedOperation", "You are not authorized to perform this operation.", "DescribeThings", ""),
    ],
    ids=["EC2 names action and resource", "EKS does too", "EC2 names nothing: the call it was"],
)
def test_what_was_denied_is_named(code, message, action, resource):
    error = ClientError({"Error": {"Code": code, "Message": message}}, "DescribeThings")
    assert denied(error) == Denied(action=action, resource=resource, message=f"{code}: {message}")


@pytest.mark.parametrize(
    "error",
    [ClientError({"Error": {"Code": "RequestLimitExceeded", "Message": "denied"}}, "X"), KeyError("AccessDenied")],
    ids=["another code", "another kind of error"],
)
def test_no_other_error_is_a_denial(error):
    assert denied(error) is None


class UntellingTable:
    """A DynamoDB that cancels a transaction and does not say which of its items was in the way."""

    def transact_write_items(self, **_: object) -> None:
        raise ClientError({"Error": {"Code": "TransactionCanceledException"}}, "TransactWriteItems")


def test_a_transaction_that_was_cancelled_without_reasons_is_an_error_and_no_cap():
    table: Any = UntellingTable()
    journal = Journal(dynamodb=table, table="table", decision="run-1")
    with pytest.raises(ClientError, match="TransactionCanceled"):
        journal.intend_create(ACTION, NOW, at_most=5)
