"""A subnet given to prefixes, on the deployed app: held but for a pool, and opened again when that gets small."""

import time
from collections.abc import Callable, Iterator

import pytest

from sandbox.demo.listener import Listener
from tests.e2e.conftest import Deployed

SECONDS = 60


@pytest.fixture(scope="module")
def listener(deployed: Deployed) -> Listener:
    return Listener(deployed.aws, deployed.deployment)


@pytest.fixture
def subnet(deployed: Deployed) -> Iterator[str]:
    """A /24 that opted in, with a reservation that a person made."""
    ec2 = deployed.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.88.0.0/16")["Vpc"]["VpcId"]
    made = ec2.create_subnet(VpcId=vpc, CidrBlock="10.88.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_subnet_cidr_reservation(SubnetId=made, Cidr="10.88.0.32/28", ReservationType="prefix")
    ec2.create_tags(Resources=[made], Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    yield made
    ec2.delete_tags(Resources=[made], Tags=[{"Key": "headroom:mode"}])  # the other tests have subnets of their own


def until(what: Callable[[], bool], *, each_time: Callable[[], None]) -> None:
    end = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < end, f"not within {SECONDS} s"
        each_time()


def test_it_holds_all_but_a_pool_and_gives_back_when_single_addresses_need_room(deployed, listener, subnet):
    ec2 = deployed.aws.client("ec2")

    def ours() -> set[str]:
        answer = ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]
        return {each["Cidr"] for each in answer if each.get("Tags")}

    def look() -> None:
        listener.sweep()
        listener.wait_until_quiet()

    until(lambda: bool(ours()), each_time=look)
    look()
    held = ours()
    assert "10.88.0.32/28" not in held, "a person's is counted, not made again"
    open_before = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"]
    assert 16 <= open_before < 100

    def fill() -> None:
        for _ in range(4):
            ec2.create_network_interface(SubnetId=subnet)
        look()

    until(lambda: bool(held - ours()), each_time=fill)
    look()
    (persons,) = [
        each
        for each in ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]
        if not each.get("Tags")
    ]
    assert persons["Cidr"] == "10.88.0.32/28"
    assert ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]["AvailableIpAddressCount"] >= 16
