"""The subnet map of a /16: how long it takes, and how large it gets. The goals are 20 ms and 100 KB.

Times are of this process alone: other work on the machine does not count.
"""

from __future__ import annotations

import random
import statistics
import time
from ipaddress import IPv4Network
from typing import Any

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import block_map
from functions.capacity.demand import SubnetDemand
from functions.capacity.model import BLOCK, Interface, Reservation, Subnet
from functions.capacity.owners import Owner
from functions.report.subnet_map import subnet_map

SEED = 1
RUNS = 15
NETWORK = IPv4Network("10.0.0.0/16")
BASE, BLOCKS = int(NETWORK.network_address), NETWORK.num_addresses // BLOCK


def run() -> list[dict[str, Any]]:
    """A row for a subnet after a year, and one in which no block is like its neighbour."""
    return [_row("after a year", _used()), _row("no block like its neighbour", _checkered())]


def show(rows: list[dict[str, Any]]) -> None:
    """The rows as a table."""
    print("\nthe subnet map of a /16                 ms      KB")
    for row in rows:
        print(f"  {row['subnet']:<30} {row['ms']:>9.1f} {row['bytes'] / 1000:>7.1f}")


def _row(name: str, analysis: Analysis) -> dict[str, Any]:
    spent = list[float]()
    for _ in range(RUNS):
        began = time.process_time()
        picture = subnet_map(analysis)
        spent.append(time.process_time() - began)
    return {"subnet": name, "ms": statistics.median(spent) * 1000, "bytes": len(picture.encode())}


def _used() -> Analysis:
    """A thousand nodes' prefixes, and single addresses all over the lower half."""
    dice = random.Random(SEED)
    prefixes = sorted(dice.sample(range(BLOCKS // 8, BLOCKS - 1), BLOCKS // 4))
    singles = {BLOCK * dice.randrange(1, BLOCKS // 2) + dice.randrange(BLOCK) for _ in range(BLOCKS)}
    held = set(prefixes)
    owners = [Owner.NODE] * 12 + [Owner.LAMBDA] * 6 + [Owner.LOAD_BALANCER]
    interfaces = [_interface(f"eni-p{n}", prefixes=(BASE + BLOCK * n,)) for n in prefixes]
    interfaces += [
        _interface(f"eni-s{a}", addresses=(BASE + a,), owner=dice.choice(owners))
        for a in sorted(singles)
        if a // BLOCK not in held
    ]
    return _analysis(interfaces, [each for n, each in enumerate(NETWORK.subnets(new_prefix=19)) if n in {3, 5, 6}])


def _checkered() -> Analysis:
    owners = (Owner.LAMBDA, Owner.LOAD_BALANCER)
    interfaces = [
        _interface(
            f"eni-{n}", addresses=tuple(BASE + BLOCK * n + a for a in range(1 + n * 7 % BLOCK)), owner=owners[n % 2]
        )
        for n in range(1, BLOCKS - 1)
    ]
    return _analysis(interfaces, [IPv4Network((BASE + BLOCK * n, 28)) for n in range(1, BLOCKS - 1, 3)])


def _interface(
    id_: str, *, addresses: tuple[int, ...] = (), prefixes: tuple[int, ...] = (), owner: Owner = Owner.NODE
) -> Interface:
    return Interface(
        id=id_, subnet_id="subnet-1", instance_id=None, addresses=addresses, prefixes=prefixes, owner=owner
    )


def _analysis(interfaces: list[Interface], reserved: list[IPv4Network]) -> Analysis:
    reservations = (
        Reservation(id=f"scr-{each}", subnet_id="subnet-1", cidr=each, reserves_prefixes=True, ours=True)
        for each in reserved
    )
    subnet = Subnet(
        id="subnet-1",
        cidr=NETWORK,
        zone="us-east-1a",
        available=(0,),
        tags={"headroom:mode": "steer"},
        interfaces=tuple(interfaces),
        reservations=tuple(reservations),
    )
    return Analysis(subnet=subnet, blocks=block_map(subnet), demand=SubnetDemand())
