"""`make bench`: what is measured so far. Prints the machine and the seed; writes build/bench/*.json."""

from __future__ import annotations

import json
import os
import platform
import random
import statistics
import time
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from benchmarks import clusters
from functions.capacity.blocks import block_map
from functions.capacity.model import Interface, Subnet
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
    results = {
        "machine": machine,
        "seed": SEED,
        "blocks": blocks(),
        "clusters": clusters.run(),
        "embeddedEc2": embedded_ec2(),
    }
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / "results.json").write_text(json.dumps(results, indent=2) + "\n")


def blocks() -> list[dict[str, Any]]:
    """Our block map of a /16 against one built with `ipaddress` alone, side by side."""
    print("block map of a /16            ours ms   ipaddress ms   ratio")
    rows = []
    for used in (1_000, 20_000, 60_000):
        subnet = _subnet(used)
        ours = _median(partial(_free_by_block_map, subnet))
        naive = _median(partial(_free_by_ipaddress, subnet), runs=3)
        rows.append(
            {"used": used, "ms": round(ours, 2), "ipaddressMs": round(naive, 2), "ratio": round(naive / ours, 1)}
        )
        print(f"  {used:>6} addresses in use   {ours:>10.2f} {naive:>14.2f} {naive / ours:>7.1f}")
    return rows


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


def _subnet(used: int) -> Subnet:
    network = IPv4Network("10.0.0.0/16")
    addresses = random.Random(SEED).sample(range(4, network.num_addresses - 1), used)
    base = int(network.network_address)
    interface = Interface(
        id="eni-1", subnet_id="s", instance_id=None, addresses=tuple(base + a for a in addresses), prefixes=()
    )
    return Subnet(id="s", cidr=network, zone="a", available=(0,), tags={}, interfaces=(interface,), reservations=())


def _free_by_block_map(subnet: Subnet) -> int:
    return len(block_map(subnet).free)


def _free_by_ipaddress(subnet: Subnet) -> int:
    """The same answer from the standard library: every /28 of the subnet against the set of used addresses."""
    used = {address for interface in subnet.interfaces for address in interface.addresses}
    edges = {int(subnet.cidr.network_address), int(subnet.cidr.broadcast_address)}
    return sum(
        1 for block in subnet.cidr.subnets(new_prefix=28) if not any(int(a) in used or int(a) in edges for a in block)
    )


def _median(measured: Callable[[], object], *, runs: int = 9) -> float:
    """Milliseconds."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        measured()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
