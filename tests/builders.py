"""Values with defaults: a test names only what it is about."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.blocks import block_map
from functions.capacity.clusters import Addon, Cluster, Node, NodeGroup
from functions.capacity.cni import CniSettings
from functions.capacity.demand import GroupDemand, SubnetDemand
from functions.capacity.ipv6_blocks import ipv6_block_map
from functions.capacity.journal import Entry, Kind
from functions.capacity.model import InstanceType, Interface, Ipv6Reservation, Reservation, Snapshot, Subnet
from functions.capacity.nodes import NodeDemand
from functions.capacity.plan import CreateReservation
from functions.capacity.steer import History, remembered

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUBNET = "subnet-0aa1bb2cc3dd4ee5f"
M5_LARGE = InstanceType(name="m5.large", interfaces=3, addresses_per_interface=10, vcpus=2, nitro=True)
C4_LARGE = InstanceType(name="c4.large", interfaces=3, addresses_per_interface=10, vcpus=2, nitro=False)
T3_SMALL = InstanceType(name="t3.small", interfaces=3, addresses_per_interface=4, vcpus=2, nitro=True)
M5_8XLARGE = InstanceType(name="m5.8xlarge", interfaces=8, addresses_per_interface=30, vcpus=32, nitro=True)
TYPES = {each.name: each for each in (M5_LARGE, C4_LARGE, T3_SMALL, M5_8XLARGE)}
PREFIX_MODE = CniSettings(prefix_delegation=True)
IPV6_MODE = CniSettings(prefix_delegation=True, ipv6=True)


def an_interface(
    *addresses: str,
    prefixes: Iterable[str] = (),
    ipv6_addresses: Iterable[str] = (),
    ipv6_prefixes: Iterable[str] = (),
    instance_id: str | None = None,
    interface_id: str = "eni-1",
) -> Interface:
    return Interface(
        id=interface_id,
        subnet_id=SUBNET,
        instance_id=instance_id,
        addresses=tuple(int(IPv4Address(each)) for each in addresses),
        prefixes=tuple(int(IPv4Network(each).network_address) for each in prefixes),
        ipv6_addresses=tuple(int(IPv6Address(each)) for each in ipv6_addresses),
        ipv6_prefixes=tuple(int(IPv6Network(each).network_address) for each in ipv6_prefixes),
    )


def a_reservation(
    cidr: str | IPv4Network | IPv6Network, *, ours: bool = True, kind: str = "prefix", reservation_id: str = ""
) -> Reservation:
    """Of IPv4, also where the type of a planned one's CIDR leaves it open."""
    return Reservation(
        id=reservation_id or f"scr-{cidr}",
        subnet_id=SUBNET,
        cidr=IPv4Network(cidr),
        reserves_prefixes=kind == "prefix",
        ours=ours,
    )


def an_ipv6_reservation(
    cidr: str | IPv6Network, *, ours: bool = True, kind: str = "prefix", reservation_id: str = ""
) -> Ipv6Reservation:
    return Ipv6Reservation(
        id=reservation_id or f"scr-{cidr}",
        subnet_id=SUBNET,
        cidr=IPv6Network(cidr),
        reserves_prefixes=kind == "prefix",
        ours=ours,
    )


def a_subnet(
    cidr: str = "10.0.0.0/24",
    *,
    mode: str = "ahead",
    interfaces: Iterable[Interface] = (),
    reservations: Iterable[Reservation] = (),
    ipv6_cidr: str | IPv6Network = "",
    ipv6_reservations: Iterable[Ipv6Reservation] = (),
    available: int | tuple[int, ...] | None = None,
) -> Subnet:
    """`available` is EC2's count, or its counts; where it is left out, EC2 counts what stands in the subnet."""
    interfaces, reservations, network = tuple(interfaces), tuple(reservations), IPv4Network(cidr)
    if available is None:
        used = sum(len(each.addresses) + 16 * len(each.prefixes) for each in interfaces)
        available = max(0, network.num_addresses - 5 - used)
    return Subnet(
        id=SUBNET,
        cidr=network,
        zone="us-east-1a",
        available=available if isinstance(available, tuple) else (available,),
        tags={"headroom:mode": mode} if mode else {},
        interfaces=interfaces,
        reservations=reservations,
        ipv6_cidr=IPv6Network(ipv6_cidr) if ipv6_cidr else None,
        ipv6_reservations=tuple(ipv6_reservations),
    )


def a_group(
    *,
    desired: int = 1,
    most: int = 1,
    types: Iterable[str] = ("m5.large",),
    nodes: Iterable[str] = (),
    name: str = "workers",
    cluster: str = "demo",
    subnets: Iterable[str] = (SUBNET,),
) -> NodeGroup:
    return NodeGroup(
        cluster=cluster,
        name=name,
        subnet_ids=tuple(subnets),
        instance_types=tuple(types),
        desired_size=desired,
        max_size=most,
        nodes=tuple(Node(instance_id=each, subnet_id=SUBNET) for each in nodes),
    )


def a_snapshot(
    *subnets: Subnet,
    groups: Iterable[NodeGroup] = (),
    cni: Mapping[str, CniSettings] | None = None,
    types: Mapping[str, InstanceType] = TYPES,
) -> Snapshot:
    """Where nothing else is said, every cluster is in prefix mode."""
    groups = tuple(groups)
    settings = {each.cluster: PREFIX_MODE for each in groups} if cni is None else cni
    names = {each.cluster for each in groups} | settings.keys()
    return Snapshot(
        taken_at=NOW,
        subnets=subnets,
        node_groups=groups,
        instance_types=types,
        clusters={name: a_cluster(name, cni=settings.get(name)) for name in names},
        whole=frozenset(names),
    )


def a_cluster(name: str = "demo", *, cni: CniSettings | None = PREFIX_MODE, **facts: Any) -> Cluster:
    """A cluster in prefix mode; its CNI is the add-on."""
    facts.setdefault("addon", Addon())
    return Cluster(name=name, cni=cni, cni_unknown="" if cni else "vpc-cni's settings were not read", **facts)


def an_analysis(subnet: Subnet | None = None, *groups: NodeGroup) -> Analysis:
    """The analysis of one subnet under the demand of these groups."""
    (found,) = analyse(a_snapshot(subnet or a_subnet(), groups=groups))
    return found


def a_demand(
    prefixes: int,
    *,
    urgent: int = 0,
    node: int = 1,
    interfaces: int = 0,
    ipv6_prefixes: int = 0,
    group: str = "workers",
) -> SubnetDemand:
    """A demand by its numbers: nodes of `node` prefixes each, of which those wanted now take `urgent`."""
    assert (prefixes - urgent) % node == 0, "demand that is not urgent comes in whole nodes"
    later = (prefixes - urgent) // node
    return SubnetDemand(
        groups=(
            GroupDemand(
                group=a_group(name=group),
                max_pods=110,
                per_node=NodeDemand(prefixes=node, interfaces=1),
                nodes_now=0,
                nodes_to_come=later,
                nodes_desired=0,
                prefixes=prefixes,
                interfaces=interfaces,
                ipv6_prefixes=ipv6_prefixes,
            ),
        )
    )


def an_intent(action: CreateReservation, *, decision: str = "run-1", at: datetime = NOW) -> Entry:
    """What is written down before a reservation is made."""
    return Entry(
        id=f"{decision}/{action.cidr}",
        subnet_id=action.subnet_id,
        kind=Kind.CREATE,
        cidr=action.cidr,
        at=at,
        reason=action.reason,
        decision=decision,
    )


def under_demand(subnet: Subnet, demand: SubnetDemand, *, partial: str = "") -> Analysis:
    """An analysis whose demand is given instead of computed."""
    return Analysis(
        subnet=subnet, blocks=block_map(subnet), demand=demand, partial=partial, ipv6=ipv6_block_map(subnet)
    )


def with_ages(analysis: Analysis, ages: Mapping[int, tuple[float, ...]]) -> Analysis:
    """Since when the single addresses in these blocks are there, in seconds before now."""
    since = {n: tuple(NOW.timestamp() - each for each in some) for n, some in ages.items()}
    return replace(analysis, blocks=replace(analysis.blocks, since=since))


def looks(counts: Iterable[int], *, every: timedelta = timedelta(minutes=1)) -> History:
    """A history of looks at a /24 with so many single addresses from 10.0.0.16 on."""
    history: History = ()
    for n, count in enumerate(counts):
        addresses = [str(IPv4Address(int(IPv4Address("10.0.0.16")) + i)) for i in range(count)]
        history = remembered(history, an_analysis(a_subnet(interfaces=[an_interface(*addresses)])), NOW + n * every)
    return history
