"""`make bench`: what is measured so far. Prints the machine and the seed; writes build/bench/*.json."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from benchmarks import blocks, clusters, pages, placement
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client
from sandbox.process import embedded_aws

SEED = 1
OUTPUT = Path(__file__).parent.parent / "build" / "bench"
INTERFACES, RESERVATIONS = 5000, 300


def main() -> None:
    """Run all, print a table, write the figures."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}"
    print(f"machine: {machine}; seed {SEED}\n")
    blocks.show(of_blocks := blocks.run())
    pages.show(of_pages := pages.run())
    placement.show(of_placement := placement.run())
    results = {
        "machine": machine,
        "seed": SEED,
        "blocks": of_blocks,
        "pages": of_pages,
        "placement": placement.as_json(of_placement),
        "clusters": clusters.run(),
        "embeddedEc2": embedded_ec2(),
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "results.json").write_text(json.dumps(results, indent=2) + "\n")


def embedded_ec2() -> list[dict[str, Any]]:
    """5,000 interfaces in a /16 with 300 reservations, set up through boto3; the goal is 10 s."""
    print(f"\n{INTERFACES} interfaces in a /16 with {RESERVATIONS} reservations, by boto3      seconds")
    rows = [{"how": "in process, one call for each interface", "seconds": _set_up(client(Ec2Api(seed=SEED)), bulk=0)}]
    rows.append({"how": "in process, 3,000 by RunInstances", "seconds": _set_up(client(Ec2Api(seed=SEED)), bulk=3000)})
    with embedded_aws(OUTPUT / "aws", seed=SEED) as aws:
        rows.append({"how": "over HTTP, 3,000 by RunInstances", "seconds": _set_up(aws.client("ec2"), bulk=3000)})
    with embedded_aws(OUTPUT / "aws", seed=SEED) as aws:
        rows.append({"how": "over HTTP, one call for each interface", "seconds": _set_up(aws.client("ec2"), bulk=0)})
    for row in rows:
        print(f"  {row['how']:<60} {row['seconds']:>8.1f}")
    return rows


def _set_up(ec2: Any, *, bulk: int) -> float:
    began = time.perf_counter()
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/16")["Subnet"]["SubnetId"]
    for n in range(RESERVATIONS):
        cidr = f"10.0.{n // 16 + 64}.{n % 16 * 16}/28"
        ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=cidr, ReservationType="prefix")
    for _ in range(bulk // 1000):
        ec2.run_instances(ImageId="ami-1", InstanceType="m5.large", MinCount=1000, MaxCount=1000, SubnetId=subnet)
    for _ in range(INTERFACES - bulk):
        ec2.create_network_interface(SubnetId=subnet)
    return round(time.perf_counter() - began, 1)


if __name__ == "__main__":
    main()
