"""How long a single address that EC2 refused waits for room, on the deployed product, in real time.

    python -m benchmarks refusals

A subnet under `steer` is filled up with single addresses as fast as EC2 answers, to the last one. What is refused is
asked again until it is not. What is urgent goes the fast way once in five minutes (docs/decisions/0018-storms.md), so
refusals soon after the first may wait for the work queue's window: the slowest of them counts.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from benchmarks.storm import LATENCY, WINDOW_SECONDS, Product
from sandbox.demo.play import CONFIGURATION
from sandbox.deployment import deploy
from sandbox.process import Conditions, embedded_aws

FIRST, LATER = 10.0, 60.0  # seconds, the goals: what people wait, and the oldest that a view may be
GIVE_UP = 120.0


@dataclass(frozen=True, kw_only=True)
class Waited:
    """From the first refusal to the first address."""

    what: str
    seconds: float
    goal: float


def run() -> list[dict[str, Any]]:
    """For `make bench`: both refusals on an embedded AWS of their own, a minute or two."""
    conditions = Conditions(latency=LATENCY)
    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder), conditions=conditions) as aws:
        product, ec2 = Product(aws, deploy(aws, Path(folder), CONFIGURATION)), aws.client("ec2")
        subnet = steered_subnet(ec2, product)
        product.gather_for(WINDOW_SECONDS)
        first, others = refused(ec2, subnet), list[float]()
        while _reserved(ec2, subnet):
            others.append(refused(ec2, subnet))
    found = [
        Waited(what="the first", seconds=round(first, 1), goal=FIRST),
        Waited(what=f"the slowest of {len(others)} right after", seconds=round(max(others), 1), goal=LATER),
    ]
    show(found)
    return [asdict(each) for each in found]


def show(found: list[Waited]) -> None:
    """A table."""
    print("\na single address that was refused: until there is room again")
    for each in found:
        print(f"  {each.what:<28} {each.seconds:>5.1f} s   goal {each.goal:.0f} s")


def steered_subnet(ec2: Any, product: Product) -> str:
    """A /21 under `steer` of which all that may be reserved is."""
    product.gather_for(0)
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/21")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    product.wait_until_quiet(60)
    return subnet


def refused(ec2: Any, subnet: str, *, give_up: float = GIVE_UP) -> float:
    """Take single addresses until one is refused, and the seconds from then until one is not, or all is given back.

    Raises TimeoutError.
    """
    _until(lambda: not _taken(ec2, subnet), give_up)
    return _until(lambda: _taken(ec2, subnet) or not _reserved(ec2, subnet), give_up, pause=0.1)


def _reserved(ec2: Any, subnet: str) -> bool:
    return bool(ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"])


def _until(what: Callable[[], bool], give_up: float, *, pause: float = 0.0) -> float:
    began = time.monotonic()
    while not what():
        if time.monotonic() > began + give_up:
            raise TimeoutError(f"not within {give_up:.0f} s")
        time.sleep(pause)
    return time.monotonic() - began


def _taken(ec2: Any, subnet: str) -> bool:
    try:
        ec2.create_network_interface(SubnetId=subnet)
    except ClientError as error:
        if error.response["Error"]["Code"] != "InsufficientFreeAddressesInSubnet":
            raise
        return False
    return True


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
