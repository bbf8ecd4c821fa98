"""The deployed release function, under the permissions that it has: asked by its queue, it acts."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.e2e.conftest import Deployed

SECONDS = 60  # to give up after; a machine may be busy


def wait_for(what: Callable[[], object]) -> None:
    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end, f"not within {SECONDS} s"
        time.sleep(0.02)


@pytest.fixture
def subnet(deployed: Deployed) -> Iterator[str]:
    ec2 = deployed.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    made: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/24")["Subnet"]["SubnetId"]
    yield made
    ec2.delete_tags(Resources=[made], Tags=[{"Key": "headroom:mode"}])  # the other tests have subnets of their own


def steer(deployed: Deployed, subnet: str) -> None:
    """From here on the reconcile reserves in it as well."""
    tags = [{"Key": "headroom:mode", "Value": "steer"}]
    deployed.aws.client("ec2").create_tags(Resources=[subnet], Tags=tags)


def reserve(deployed: Deployed, subnet: str, cidr: str, owner: str) -> str:
    tags = {"ResourceType": "subnet-cidr-reservation", "Tags": [{"Key": "headroom:owner", "Value": owner}]}
    made = deployed.aws.client("ec2").create_subnet_cidr_reservation(
        SubnetId=subnet, Cidr=cidr, ReservationType="prefix", TagSpecifications=[tags]
    )
    return str(made["SubnetCidrReservation"]["SubnetCidrReservationId"])


def ask(deployed: Deployed, subnet: str, reservation: str, cidr: str, *, reason: str) -> None:
    body = {
        "subnetId": subnet,
        "reservationId": reservation,
        "cidr": cidr,
        "reason": reason,
        "decision": "e2e",
        "at": datetime.now(UTC).isoformat(),
    }
    url = deployed.deployment.outputs["ReleaseQueueUrl"]
    deployed.aws.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))


def held(deployed: Deployed, subnet: str) -> set[str]:
    answer = deployed.aws.client("ec2").get_subnet_cidr_reservations(SubnetId=subnet)
    return {each["SubnetCidrReservationId"] for each in answer["SubnetIpv4CidrReservations"]}


def said(deployed: Deployed, reservation: str) -> list[str]:
    """The release function's log lines about a reservation."""
    lines = deployed.aws.log.read_text().splitlines()
    return [each for each in lines if '"message":"release"' in each and reservation in each]


def test_what_is_ours_is_given_back_and_what_is_not_is_refused(deployed: Deployed, subnet):
    theirs = reserve(deployed, subnet, "10.77.0.64/28", "somebody")
    ours = reserve(deployed, subnet, "10.77.0.128/26", "headroom")
    steer(deployed, subnet)
    ask(deployed, subnet, theirs, "10.77.0.64/28", reason="a mistake")
    wait_for(lambda: said(deployed, theirs))
    ask(deployed, subnet, ours, "10.77.0.128/26", reason="singles need room")
    wait_for(lambda: ours not in held(deployed, subnet))
    assert theirs in held(deployed, subnet)
    assert '"fate":"refused"' in said(deployed, theirs)[0]
    wait_for(lambda: said(deployed, ours))
    assert '"fate":"released"' in said(deployed, ours)[0]
