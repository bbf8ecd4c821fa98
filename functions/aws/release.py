"""Giving reservations back: the request on its queue, the last look, and the call that deletes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.aws import answers
from functions.aws.subnets import SubnetReader
from functions.capacity.model import Reservation
from functions.capacity.plan import ReleaseReservation
from functions.capacity.release import ReleaseRequest, Sight, body_of

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_sqs import SQSClient

_GONE = "InvalidSubnetCidrReservationID.NotFound"


@dataclass(frozen=True, kw_only=True)
class ReleaseQueue:
    """Where the reconcile asks for releases, in the name of one run. It may not delete anything itself."""

    sqs: SQSClient
    url: str
    decision: str

    def request(self, action: ReleaseReservation, now: datetime) -> None:
        """Ask for one release."""
        body = json.dumps(body_of(action, decision=self.decision, at=now))
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)


@dataclass(frozen=True, kw_only=True)
class Releaser:
    """The only writer that takes something away. Any error but 'not found' escapes."""

    ec2: EC2Client

    def look(self, request: ReleaseRequest) -> Sight:
        """The subnet's tags and size and the reservation as EC2 has them now; IPv4 only, Headroom makes no others."""
        reader = SubnetReader(ec2=self.ec2)
        subnet = next(iter(reader.subnets([request.subnet_id])), None)
        if subnet is None:
            return Sight(tags=None, reservation=None)
        addresses = IPv4Network(subnet["CidrBlock"]).num_addresses
        return Sight(tags=answers.tags(subnet), reservation=_by_id(reader, request), addresses=addresses)

    def delete(self, reservation_id: str) -> bool:
        """Delete it; False where it is gone already."""
        try:
            self.ec2.delete_subnet_cidr_reservation(SubnetCidrReservationId=reservation_id)
        except ClientError as error:
            if error.response["Error"].get("Code") == _GONE:
                return False
            raise
        return True


def _by_id(reader: SubnetReader, request: ReleaseRequest) -> Reservation | None:
    """Asked for by subnet: EC2 has no way to ask for one reservation by its id."""
    for each in reader.reservations(request.subnet_id)["SubnetIpv4CidrReservations"]:
        if each["SubnetCidrReservationId"] == request.reservation_id:
            return answers.reservation(each)
    return None
