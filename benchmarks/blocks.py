"""All block analyses of a /16 from the addresses in use: ours against netaddr's sets and the standard library's.

Each gets the same numbers and gives the same four answers: the free aligned /28s, how many addresses of each are in
use, the largest free block, and the fewest CIDRs that cover what is free. That they agree is checked.

Before there is anything to analyse, the interfaces have to be read: so the time is given as a share of what botocore's
parser takes for the same interfaces too, at fifteen addresses to an interface (secondary mode) and at one.
"""

from __future__ import annotations

import gc
import os
import platform
import random
import statistics
import time
import tracemalloc
from array import array
from collections import Counter
from collections.abc import Callable
from functools import partial
from ipaddress import IPv4Network, collapse_addresses
from typing import Any

import netaddr  # type: ignore[import-untyped]

from benchmarks.pages import page_of, parsed_by_botocore
from functions.aws.interface_pages import PAGE
from functions.capacity.address_space import address_space
from functions.capacity.model import BLOCK, Interface, Subnet

SEED = 1
RUNS = 7
PARSES = 11  # in turns with ours, which is far shorter: what else the machine does hits single ones
PER_INTERFACE = (15, 1)  # addresses: as in secondary mode, and as in prefix mode before any pod
NETWORK = IPv4Network("10.0.0.0/16")
BASE, SIZE = int(NETWORK.network_address), NETWORK.num_addresses
KEPT = (0, 1, 2, 3, SIZE - 1)  # by AWS

Answers = tuple[list[int], dict[int, int], str, list[str]]


def run() -> list[dict[str, Any]]:
    """One row for each number of addresses in use.

    Times are medians of CPU time, memory is the peak of what Python allocates.
    """
    return [_row(used) for used in (1_000, 5_000, 20_000, 60_000)]


def show(rows: list[dict[str, Any]]) -> None:
    """The rows as a table, side by side."""
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}; seed {SEED}")
    print(
        "all block analyses of a /16, CPU  ours ms   netaddr ms   ratio  ipaddress ms   ratio   ours MB"
        "   of botocore's parse, 15 each   1 each"
    )
    for row in rows:
        print(
            f"  {row['used']:>6} addresses in use {row['ms']:>16.2f} {row['netaddrMs']:>11.1f} {row['ratio']:>6.0f}x"
            f" {row['ipaddressMs']:>13.1f} {row['ipaddressRatio']:>6.0f}x {row['peakMB']:>9.2f}"
            f" {row['shareOfParse15']:>29.2%} {row['shareOfParse1']:>8.2%}"
        )


def _row(used: int) -> dict[str, Any]:
    addresses = [BASE + n for n in random.Random(SEED).sample(range(4, SIZE - 1), used)]
    subnet = _subnet(addresses)
    if not _shown(subnet) == _by_netaddr(addresses) == _by_ipaddress(addresses):
        raise AssertionError(f"the analyses of {used} addresses differ")
    measured = (partial(_ours, subnet), partial(_netaddr_sets, addresses), partial(_ipaddress_sets, addresses))
    times = [[_milliseconds(each) for each in measured] for _ in range(RUNS)]  # in turns: the machine is shared
    ms, theirs, standard = (statistics.median(each) for each in zip(*times, strict=True))
    peak = _megabytes(measured[0])
    return {
        "used": used,
        "ms": round(ms, 2),
        "netaddrMs": round(theirs, 1),
        "ratio": round(theirs / ms, 1),
        "ipaddressMs": round(standard, 1),
        "ipaddressRatio": round(standard / ms, 1),
        "peakMB": round(peak, 3),
    } | {f"shareOfParse{each}": round(_share_of_parse(subnet, addresses, each), 5) for each in PER_INTERFACE}


def _share_of_parse(subnet: Subnet, addresses: list[int], each: int) -> float:
    """Our time in that of botocore's parser for the interfaces that have these addresses, so many each.

    The parser is measured on the first page of up to 1,000 interfaces; the others are like it.
    """
    interfaces = [[a - BASE for a in addresses[n : n + each]] for n in range(0, len(addresses), each)]
    first = interfaces[:PAGE]
    measured = (partial(_ours, subnet), partial(parsed_by_botocore, page_of(first)))
    times = [[_milliseconds(each) for each in measured] for _ in range(PARSES)]
    ms, parse = (statistics.median(each) for each in zip(*times, strict=True))
    return float(ms / parse * len(first) / len(interfaces))


# --- the analyses, each in its library's own values ---


def _ours(subnet: Subnet) -> Any:
    space = address_space(subnet)
    return space.free_blocks, space.in_use_by_block, space.largest_free_block, space.free_cover


def _netaddr_sets(addresses: list[int]) -> Any:
    used = netaddr.IPSet(netaddr.IPAddress(each) for each in addresses)
    kept = netaddr.IPSet(netaddr.IPAddress(BASE + each) for each in KEPT)
    cover = list((netaddr.IPSet([netaddr.IPNetwork(str(NETWORK))]) - used - kept).iter_cidrs())
    blocks = [n for each in cover if each.size >= BLOCK for n in range(each.first // BLOCK, (each.last + 1) // BLOCK)]
    return blocks, Counter(int(each) // BLOCK for each in used), min(cover, key=lambda c: c.prefixlen), cover


def _ipaddress_sets(addresses: list[int]) -> Any:
    taken = {*addresses, *(BASE + each for each in KEPT)}
    cover = list(collapse_addresses(IPv4Network(each) for each in range(BASE, BASE + SIZE) if each not in taken))
    blocks = [
        n
        for each in cover
        if each.prefixlen <= 28  # noqa: PLR2004 a block's
        for n in range(int(each.network_address) // BLOCK, (int(each.broadcast_address) + 1) // BLOCK)
    ]
    return blocks, Counter(each // BLOCK for each in addresses), min(cover, key=lambda c: c.prefixlen), cover


# --- the same answers in one form, to compare them ---


def _shown(subnet: Subnet) -> Answers:
    space = address_space(subnet)
    first = BASE // BLOCK
    counts = {first + n: count for n, count in enumerate(space.in_use_by_block) if count}
    return [first + n for n in space.free_blocks], counts, str(space.largest_free_block), list(space.cover_cidrs())


def _by_netaddr(addresses: list[int]) -> Answers:
    blocks, counts, largest, cover = _netaddr_sets(addresses)
    return blocks, dict(counts), str(largest), [str(each) for each in cover]


def _by_ipaddress(addresses: list[int]) -> Answers:
    blocks, counts, largest, cover = _ipaddress_sets(addresses)
    return blocks, dict(counts), str(largest), [str(each) for each in cover]


def _subnet(addresses: list[int]) -> Subnet:
    """Fifteen addresses to an interface, as in secondary mode, and kept as the reader of EC2's answers keeps them."""
    lists = [array("I", addresses[n : n + 15]) for n in range(0, len(addresses), 15)]
    interfaces = tuple(
        Interface(id=f"eni-{n}", subnet_id="s", instance_id=None, addresses=each, prefixes=())
        for n, each in enumerate(lists)
    )
    return Subnet(id="s", cidr=NETWORK, zone="a", available=(0,), tags={}, interfaces=interfaces, reservations=())


def _milliseconds(measured: Callable[[], object]) -> float:
    gc.collect()  # what another one left is not looked through in the time of this one
    began = time.process_time()
    measured()
    return (time.process_time() - began) * 1000


def _megabytes(measured: Callable[[], object]) -> float:
    tracemalloc.start()
    measured()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


if __name__ == "__main__":
    show(run())
