"""Writing to AWS: the one EC2 call that changes a network, and the message that continues unfinished work."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.aws import answers
from functions.capacity.model import OWNER, OWNER_TAG, Reservation
from functions.capacity.plan import CreateReservation, Refused
from functions.capacity.scope import CONTINUE, OWN_SOURCE

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_sqs import SQSClient

DECISION_TAG = "headroom:decision"  # the run that made the reservation, as its log lines name it

_LATER = frozenset({"RequestLimitExceeded", "Throttling", "ThrottlingException", "RequestThrottled"})


@dataclass(frozen=True, kw_only=True)
class AwsWriter:
    """Creates reservations in the name of one run. `decision` identifies that run."""

    ec2: EC2Client
    decision: str

    def create(self, action: CreateReservation) -> Reservation | Refused:
        """Make one reservation. Being throttled, or overlapping what has come since the read, is Refused."""
        try:
            answer = self.ec2.create_subnet_cidr_reservation(
                SubnetId=action.subnet_id,
                Cidr=str(action.cidr),
                ReservationType="prefix",
                Description=action.reason,
                TagSpecifications=[
                    {
                        "ResourceType": "subnet-cidr-reservation",
                        "Tags": [
                            {"Key": OWNER_TAG, "Value": OWNER},
                            {"Key": DECISION_TAG, "Value": self.decision},
                        ],
                    }
                ],
            )
        except ClientError as error:
            if reason := _settled_by_another_look(error):
                return Refused(action=action, reason=reason)
            raise
        return answers.reservation(answer["SubnetCidrReservation"])


def _settled_by_another_look(error: ClientError) -> str:
    """EC2's words where the subnet changed under us or EC2 has no time; an empty text for every other error."""
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in _LATER or (code == "InvalidParameterValue" and "overlap" in message):
        return f"{code}: {message}"
    return ""


@dataclass(frozen=True, kw_only=True)
class WorkQueue:
    """The queue that feeds the reconcile. `continue_after` in seconds."""

    sqs: SQSClient
    url: str
    continue_after: int

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        """Look at these subnets again in a moment: there is more to do than one run may."""
        event = {"source": OWN_SOURCE, "detail-type": CONTINUE, "detail": {"subnetIds": sorted(subnet_ids)}}
        self.sqs.send_message(QueueUrl=self.url, MessageBody=json.dumps(event), DelaySeconds=self.continue_after)
