"""`make bench`: all that is measured in minutes. Prints the machine and the seed; writes build/bench/*.json.

    python -m benchmarks storm
    python -m benchmarks init
    python -m benchmarks refusals
    python -m benchmarks.peer path/to/subnet_frag.py

A storm takes some seven minutes more, and the peer is no part of this project: both are run when they are asked for.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import (
    alerts,
    audit,
    blocks,
    clusters,
    init,
    maps,
    organisation,
    pages,
    peer,
    placement,
    refusals,
    storm,
)
from benchmarks.placement import traces
from benchmarks.placement.table import SCENARIOS, Draw
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client
from sandbox.process import embedded_aws

SEED = 1
OUTPUT = Path(__file__).parent.parent / "build" / "bench"
INTERFACES, RESERVATIONS = 5000, 300


ALONE: Mapping[str, Callable[[], Any]] = {"storm": storm.run, "init": init.run, "refusals": refusals.run}
BATCH = "Alibaba batch"  # of the traces' lives the one that takes as long as all others


def main() -> None:
    """Run all, or the one that is asked for."""
    asked = " ".join(sys.argv[1:])
    if asked in ALONE:
        _write(asked, ALONE[asked]())
    elif asked:
        sys.exit(f"there is no benchmark {asked!r}; there are {', '.join(ALONE)}, and all without a name")
    else:
        everything()


def everything() -> None:
    """Print a table of each, write the figures."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}"
    print(f"machine: {machine}; seed {SEED}\n")
    blocks.show(of_blocks := blocks.run())
    pages.show(of_pages := pages.run())
    maps.show(of_maps := maps.run())
    audit.show(of_audits := audit.run(SEED))
    alerts.show(of_alerts := alerts.run())
    organisation.show(of_organisation := organisation.run())
    placement.show(of_placement := placement.run(_lives()))
    results = {
        "machine": machine,
        "seed": SEED,
        "blocks": of_blocks,
        "pages": of_pages,
        "maps": of_maps,
        "audit": of_audits,
        "alerts": [{**asdict(each), "noticesForEachIncident": each.each} for each in of_alerts],
        "organisation": of_organisation,
        "placement": placement.as_json(of_placement),
        "clusters": clusters.run(),
        "embeddedEc2": embedded_ec2(),
        "init": init.run(),
        "refusals": refusals.run(),
    }
    _write("results", results)
    not_run = ["A storm of events: NOT RUN, `python -m benchmarks storm` does", traces.absent(), peer.absent(None)]
    print("\n" + "\n".join(each for each in not_run if each))


def _lives() -> dict[str, Draw]:
    return {name: draw for name, draw in (SCENARIOS | traces.lives()).items() if name != BATCH}


def _write(name: str, found: Any) -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    (OUTPUT / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n")


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
