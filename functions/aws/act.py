"""Writing to AWS: the one EC2 call that changes a network, and the message that continues unfinished work."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.aws import answers
from functions.aws.denied import DENIED, THROTTLED
from functions.capacity.journal import Entry, Outcome
from functions.capacity.model import DECISION_TAG, INTENT_TAG, OWNER, OWNER_TAG, Ipv6Reservation, Reservation
from functions.capacity.plan import CreateReservation, Refused
from functions.capacity.routes import CONTINUE, OWN_SOURCE

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_sqs import SQSClient


@dataclass(frozen=True, kw_only=True)
class AwsWriter:
    """Creates reservations, each in the name of its journal entry."""

    ec2: EC2Client

    def create(self, action: CreateReservation, intent: Entry) -> Reservation | Ipv6Reservation | Refused:
        """Make one reservation. Refused where EC2 certainly made none; any other error escapes, its end unknown."""
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
                            {"Key": DECISION_TAG, "Value": intent.decision},
                            {"Key": INTENT_TAG, "Value": intent.id},
                        ],
                    }
                ],
            )
        except ClientError as error:
            if outcome := _refusal(error):
                said = error.response["Error"]
                return Refused(action=action, outcome=outcome, reason=f"{said.get('Code')}: {said.get('Message')}")
            raise
        return answers.created(answer["SubnetCidrReservation"])


def _refusal(error: ClientError) -> Outcome | None:
    """How the call ended where EC2 says that it did nothing; None where that is not sure."""
    code, message = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    if code in THROTTLED:
        return Outcome.THROTTLED
    if code == "InvalidParameterValue" and "overlap" in message:
        return Outcome.OVERLAPS
    return Outcome.DENIED if code in DENIED else None


@dataclass(frozen=True, kw_only=True)
class FastQueue:
    """The FIFO queue that asks the reconcile for another look, soon: its own delay says how soon. In one run's name."""

    sqs: SQSClient
    url: str
    decision: str

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        """Look at these subnets again: there is more to do than one run may."""
        subnets = sorted(subnet_ids)
        event = {"source": OWN_SOURCE, "detail-type": CONTINUE, "detail": {"subnetIds": subnets}}
        self.sqs.send_message(
            QueueUrl=self.url,
            MessageBody=json.dumps(event),
            MessageGroupId=OWN_SOURCE,
            # Each run asks anew; what one of them sends twice, since an answer got lost, is one message.
            MessageDeduplicationId=sha256(f"{self.decision} {' '.join(subnets)}".encode()).hexdigest(),
        )
