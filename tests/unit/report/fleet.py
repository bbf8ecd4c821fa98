"""A fleet worth a report, the same at every run: what is fine beside what is wrong, unread, hostile and shared."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network

from functions.capacity.clusters import Addon, Cluster, HealthIssue, Node, NodeGroup, Origin
from functions.capacity.cni import CniSettings
from functions.capacity.model import Interface, Ipv6Reservation, Reservation, Snapshot, Subnet
from functions.capacity.owners import Owner
from functions.capacity.steering.samples import History, Sample
from functions.capacity.vpc_space import VpcSpace
from tests.builders import NOW, TYPES

A, B, C, D, E, F = (f"subnet-0{letter}{'1b2c3d4e5f60718'}" for letter in "abcdef")
VPC, UNREAD_VPC = "vpc-0123456789abcdef0", "vpc-0fedcba9876543210"
SPACE = {
    VPC: VpcSpace(
        vpc_id=VPC,
        cidrs=(IPv4Network("10.20.0.0/16"),),
        subnets=tuple(IPv4Network(f"10.20.{third}.0/22") for third in (0, 4, 8, 12)),
    )
}


def fleet() -> Snapshot:
    """Two clusters whose settings are known and one whose are not, over six subnets."""
    subnets = (crowded(), roomy(), explicit_only(), shared(), dual_stack(), lonely())
    return Snapshot(
        taken_at=NOW,
        subnets=subnets,
        node_groups=tuple(_groups()),
        instance_types=TYPES,
        clusters={each.name: each for each in _clusters()},
        whole=frozenset({"shop", "six"}),
        unknowns=("cluster ledger: its VPC CNI is self-managed and its DaemonSet could not be read",),
    )


def histories() -> dict[str, History]:
    """Three days in which the crowded subnet lost a block every four hours."""
    return {A: tuple(_sample(hours) for hours in range(72, 0, -1))}


def _sample(hours: int) -> Sample:
    return Sample(at=NOW - timedelta(hours=hours), latest=60, singles=60, free=3 + hours // 4)


def crowded() -> Subnet:
    """A /22 of EKS's own, full of others' single addresses, some of which will never leave."""
    dice, network = random.Random(6), IPv4Network("10.20.4.0/22")
    nodes = [_node_interface(A, network, f"i-0shop{n:02}", 16 + n, blocks=(20 + 2 * n,)) for n in range(12)]
    taken = {20 + 2 * n for n in range(12)}
    crowd = sorted({dice.randrange(32, 1008) for _ in range(150)} - {16 * n + k for n in taken for k in range(16)})
    others = [_single(A, network, f"eni-0c{n:03}", place, Owner.LAMBDA) for n, place in enumerate(crowd)]
    fixed = [
        _single(A, network, "eni-0lb", 16 * 51 + 5, Owner.LOAD_BALANCER),
        _single(A, network, "eni-0db", 16 * 53 + 5, Owner.DATABASE),
    ]
    reservations = (_reservation(A, "10.20.7.0/25"), _reservation(A, "10.20.6.192/26", ours=False))
    return _subnet(A, network, "shop-nodes-a", [*nodes, *others, *fixed], reservations, mode="steer", zone="us-east-1a")


def roomy() -> Subnet:
    """A /20 with room for everything."""
    network = IPv4Network("10.20.16.0/20")
    nodes = [_node_interface(B, network, f"i-0shop{n:02}", 20 + n, blocks=(8 + n,)) for n in range(12, 18)]
    return _subnet(
        B, network, "shop-nodes-b", nodes, (_reservation(B, "10.20.24.0/21"),), mode="ahead", zone="us-east-1b"
    )


def explicit_only() -> Subnet:
    """A /24 under two `explicit` /25s: nothing in it is free to EC2, though nothing is in use."""
    halves = ("10.20.8.0/25", "10.20.8.128/25")
    reservations = tuple(_reservation(C, each, kind="explicit", ours=False) for each in halves)
    return _subnet(C, IPv4Network("10.20.8.0/24"), "appliances", [], reservations, zone="us-east-1c")


def shared() -> Subnet:
    """A /24 in which other accounts have interfaces that this one cannot see, with a name that attacks each form."""
    network = IPv4Network("10.20.9.0/24")
    found = _subnet(D, network, HOSTILE, [_single(D, network, "eni-0d", 40, Owner.OTHER)], (), zone="us-east-1d")
    return replace(found, available=(100,))


HOSTILE = '=1+1|<script>alert("x")</script>`*_[a](https://evil.example)_*\x1b[31m\n# \u202e& www.evil.example'


def dual_stack() -> Subnet:
    """A /24 with a /64 for the nodes of an IPv6 cluster."""
    network, cidr = IPv4Network("10.20.10.0/24"), IPv6Network("2001:db8:12:3400::/64")
    first = int(cidr.network_address)
    nodes = [
        replace(
            _node_interface(E, network, f"i-0six{n}", 20 + n, blocks=()), ipv6_prefixes=(first + ((n * 700 + 1) << 48),)
        )
        for n in range(5)
    ]
    reserved = Ipv6Reservation(
        id="scr-06", subnet_id=E, cidr=IPv6Network("2001:db8:12:3400:8000::/65"), reserves_prefixes=True, ours=True
    )
    found = _subnet(E, network, "six-nodes", nodes, (), mode="ahead", zone="us-east-1a")
    return replace(found, ipv6_cidr=cidr, ipv6_reservations=(reserved,))


def lonely() -> Subnet:
    """A /28, too small for any prefix, of a cluster about which little is known, in a VPC that was not read."""
    found = _subnet(F, IPv4Network("10.20.11.0/28"), "", [], (), zone="us-east-1f")
    return replace(found, vpc_id=UNREAD_VPC)


def _subnet(
    id_: str,
    network: IPv4Network,
    name: str,
    interfaces: list[Interface],
    reservations: tuple[Reservation, ...],
    *,
    zone: str,
    mode: str = "",
) -> Subnet:
    used = sum(len(each.addresses) + 16 * len(each.prefixes) for each in interfaces)
    tags = {**({"Name": name} if name else {}), **({"headroom:mode": mode} if mode else {})}
    return Subnet(
        id=id_,
        cidr=network,
        zone=zone,
        available=(network.num_addresses - 5 - used,),
        tags=tags,
        interfaces=tuple(interfaces),
        reservations=reservations,
        vpc_id=VPC,
    )


def _node_interface(
    subnet_id: str, network: IPv4Network, instance: str, place: int, *, blocks: tuple[int, ...]
) -> Interface:
    base = int(network.network_address)
    return Interface(
        id=f"eni-{instance}",
        subnet_id=subnet_id,
        instance_id=instance,
        addresses=(base + place,),
        prefixes=tuple(base + 16 * n for n in blocks),
        owner=Owner.NODE,
    )


def _single(subnet_id: str, network: IPv4Network, id_: str, place: int, owner: Owner) -> Interface:
    address = int(network.network_address) + place
    return Interface(id=id_, subnet_id=subnet_id, instance_id=None, addresses=(address,), prefixes=(), owner=owner)


def _reservation(subnet_id: str, cidr: str, *, kind: str = "prefix", ours: bool = True) -> Reservation:
    network = IPv4Network(cidr)
    id_ = f"scr-{int(network.network_address):08x}"
    return Reservation(id=id_, subnet_id=subnet_id, cidr=network, reserves_prefixes=kind == "prefix", ours=ours)


def _clusters() -> Iterator[Cluster]:
    prefixes = CniSettings(prefix_delegation=True, version=(1, 19, 2))
    issue = HealthIssue(code="InsufficientFreeAddresses", message="too few free addresses", resource_ids=(A,))
    yield Cluster(name="shop", vpc_id=VPC, cni=prefixes, addon=Addon(version=(1, 19, 2), issues=()), issues=(issue,))
    yield Cluster(name="six", vpc_id=VPC, ipv6=True, cni=replace(prefixes, ipv6=True), addon=Addon(version=(1, 19, 2)))
    yield Cluster(name="ledger", vpc_id=VPC, cni_unknown="its DaemonSet could not be read")


def _groups() -> Iterator[NodeGroup]:
    yield NodeGroup(
        cluster="shop",
        name="workers",
        subnet_ids=(A, B),
        instance_types=("m5.large", "c4.large"),
        desired_size=20,
        max_size=40,
        nodes=tuple(_node(f"i-0shop{n:02}", A if n < 12 else B, "m5.large") for n in range(18)),
        surge=1,
    )
    yield NodeGroup(
        cluster="shop",
        name="batch",
        subnet_ids=(A,),
        instance_types=("m5.8xlarge",),
        desired_size=0,
        max_size=4,
    )
    yield NodeGroup(
        cluster="six",
        name="six",
        subnet_ids=(E,),
        instance_types=("m5.large",),
        desired_size=5,
        max_size=10,
        nodes=tuple(_node(f"i-0six{n}", E, "m5.large") for n in range(5)),
    )
    yield NodeGroup(
        cluster="ledger",
        name="default",
        subnet_ids=(F,),
        instance_types=("x9.mystery",),
        desired_size=1,
        max_size=1,
        nodes=(_node("i-0ledger", F, "x9.mystery"),),
        origin=Origin.KARPENTER,
        bounded=False,
        unknown="its launch template was deleted",
    )


def _node(instance_id: str, subnet_id: str, instance_type: str) -> Node:
    return Node(
        instance_id=instance_id,
        subnet_id=subnet_id,
        instance_type=instance_type,
        launched_at=NOW - timedelta(days=30),
    )
