"""The subnet map of a /16: how long it takes, and how large it gets. The goals are 20 ms and 100 KB, at the worst too.

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
from functions.report.map_states import cells
from functions.report.subnet_map import subnet_map

SEED = 1
RUNS = 15
NETWORK = IPv4Network("10.0.0.0/16")
BASE, BLOCKS = int(NETWORK.network_address), NETWORK.num_addresses // BLOCK


def run() -> list[dict[str, Any]]:
    """A row for a subnet after a year, and for the worst: no block like its neighbour, and an interface an address.

    Beside each the plainest way to draw the same cells: a rectangle with a title for each block.
    """
    return [
        _row("after a year", _used()),
        _row("no block like its neighbour", _checkered()),
        _row("the same, an interface an address", _checkered(apart=True)),
    ]


def show(rows: list[dict[str, Any]]) -> None:
    """The rows as a table."""
    print("\nthe subnet map of a /16            CPU ms      KB   rectangles: ms      KB")
    for row in rows:
        print(
            f"  {row['subnet']:<34} {row['ms']:>5.1f} {row['bytes'] / 1000:>7.1f} {row['plainMs']:>15.1f} "
            f"{row['plainBytes'] / 1000:>7.1f}"
        )


def _row(name: str, analysis: Analysis) -> dict[str, Any]:
    """The two ways in turn, so that both meet the same machine."""
    spent: dict[str, list[float]] = {"ms": [], "plainMs": []}
    for _ in range(RUNS):
        for key, draw in (("ms", subnet_map), ("plainMs", _rectangles)):
            began = time.process_time()
            draw(analysis)
            spent[key].append((time.process_time() - began) * 1000)
    sizes = {"bytes": len(subnet_map(analysis).encode()), "plainBytes": len(_rectangles(analysis).encode())}
    return {"subnet": name, **{key: statistics.median(each) for key, each in spent.items()}, **sizes}


def _rectangles(analysis: Analysis) -> str:
    """The plainest way: an SVG element for each block, without legend, numbers, labels and owners."""
    shown = cells(analysis.blocks)
    drawn = (
        f'<rect class="{state.value}" x="{n % 16 * 16}" y="{n // 16 * 10}" width="15" height="9"><title>'
        f"{analysis.blocks.cidr(n)} {state.value} {level}</title></rect>"
        for n, (state, level) in enumerate(zip(shown.states, shown.levels, strict=True))
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(drawn)}</svg>'


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


def _checkered(*, apart: bool = False) -> Analysis:
    """Every block with single addresses, of an owner and a number unlike its neighbour's; of one interface, or each."""
    owners = (Owner.LAMBDA, Owner.LOAD_BALANCER)
    interfaces = [
        _interface(f"eni-{n}-{held[0] % BLOCK}", addresses=held, owner=owners[n % 2])
        for n in range(1, BLOCKS - 1)
        for held in _held(tuple(BASE + BLOCK * n + a for a in range(1 + n * 7 % BLOCK)), apart=apart)
    ]
    return _analysis(interfaces, [IPv4Network((BASE + BLOCK * n, 28)) for n in range(1, BLOCKS - 1, 3)])


def _held(addresses: tuple[int, ...], *, apart: bool) -> list[tuple[int, ...]]:
    return [(each,) for each in addresses] if apart else [addresses]


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
