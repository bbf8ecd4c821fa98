"""A large cluster, from the snapshot to its findings: own time, without AWS's calls and their parsing. Goal: 1 s."""

from __future__ import annotations

import statistics
import time
from datetime import UTC, datetime
from ipaddress import IPv4Network
from typing import Any

from functions.capacity.analyse import analyse
from functions.capacity.clusters import Addon, Cluster, Node, NodeGroup
from functions.capacity.cni import CniSettings
from functions.capacity.findings import findings
from functions.capacity.model import InstanceType, Interface, Snapshot, Subnet
from functions.capacity.owners import Owner

NODES, GROUPS, SUBNETS, PREFIXES = 5_000, 10, 12, 7
TYPE = InstanceType(name="m5.large", interfaces=3, addresses_per_interface=10, vcpus=2, nitro=True)
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def run(runs: int = 5) -> dict[str, Any]:
    """Median seconds of analysis and findings, in prefix mode, and with prefix mode off."""
    print(f"\n{NODES} nodes, {GROUPS} groups, {SUBNETS} subnets        analyse s   findings s   goal s")
    rows = {}
    for name, prefixes in (("prefix mode", True), ("secondary mode", False)):
        snapshot = _snapshot(prefixes=prefixes)
        analysed, found = zip(*(_measure(snapshot) for _ in range(runs)), strict=True)
        rows[name] = {"analyse": round(statistics.median(analysed), 3), "findings": round(statistics.median(found), 3)}
        print(f"  {name:<38} {rows[name]['analyse']:>10.3f} {rows[name]['findings']:>12.3f}      1.0")
    return rows


def _measure(snapshot: Snapshot) -> tuple[float, float]:
    began = time.perf_counter()
    analyses = analyse(snapshot)
    analysed = time.perf_counter()
    findings(snapshot, analyses)
    return analysed - began, time.perf_counter() - analysed


def _snapshot(*, prefixes: bool) -> Snapshot:
    nodes = [
        Node(instance_id=f"i-{n:017x}", subnet_id=f"subnet-{n % SUBNETS}", instance_type=TYPE.name, launched_at=NOW)
        for n in range(NODES)
    ]
    subnets = tuple(_subnet(n, nodes[n::SUBNETS], prefixes=prefixes) for n in range(SUBNETS))
    return Snapshot(
        taken_at=NOW,
        subnets=subnets,
        node_groups=tuple(_group(n, nodes[n::GROUPS]) for n in range(GROUPS)),
        instance_types={TYPE.name: TYPE},
        clusters={
            "large": Cluster(
                name="large",
                cni=CniSettings(prefix_delegation=prefixes, version=(1, 19, 2)),
                addon=Addon(version=(1, 19, 2)),
            )
        },
        whole=frozenset({"large"}),
    )


def _group(number: int, nodes: list[Node]) -> NodeGroup:
    return NodeGroup(
        cluster="large",
        name=f"group-{number}",
        subnet_ids=tuple(f"subnet-{n}" for n in range(SUBNETS)),
        instance_types=(TYPE.name,),
        desired_size=len(nodes),
        max_size=len(nodes) + 50,
        nodes=tuple(nodes),
        surge=6,
    )


def _subnet(number: int, nodes: list[Node], *, prefixes: bool) -> Subnet:
    cidr = IPv4Network(f"10.{number}.0.0/16")
    base = int(cidr.network_address)
    interfaces = tuple(
        Interface(
            id=f"eni-{number}-{n}",
            subnet_id=f"subnet-{number}",
            instance_id=node.instance_id,
            addresses=(base + 60_000 + n,) if prefixes else tuple(base + 16 + 28 * n + k for k in range(28)),
            prefixes=tuple(base + 16 * (1 + PREFIXES * n + k) for k in range(PREFIXES)) if prefixes else (),
            owner=Owner.NODE,
        )
        for n, node in enumerate(nodes)
    )
    used = sum(len(each.addresses) + 16 * len(each.prefixes) for each in interfaces)
    return Subnet(
        id=f"subnet-{number}",
        cidr=cidr,
        zone=f"us-east-1{'abc'[number % 3]}",
        available=(cidr.num_addresses - 5 - used,),
        tags={},
        interfaces=interfaces,
        reservations=(),
    )
