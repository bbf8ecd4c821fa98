"""Values with defaults: a test names only what it is about."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.model import (
    CniSettings,
    InstanceType,
    Interface,
    Node,
    NodeGroup,
    Reservation,
    Snapshot,
    Subnet,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUBNET = "subnet-0aa1bb2cc3dd4ee5f"
M5_LARGE = InstanceType(name="m5.large", interfaces=3, addresses_per_interface=10, vcpus=2, nitro=True)
C4_LARGE = InstanceType(name="c4.large", interfaces=3, addresses_per_interface=10, vcpus=2, nitro=False)
T3_SMALL = InstanceType(name="t3.small", interfaces=3, addresses_per_interface=4, vcpus=2, nitro=True)
M5_8XLARGE = InstanceType(name="m5.8xlarge", interfaces=8, addresses_per_interface=30, vcpus=32, nitro=True)
TYPES = {each.name: each for each in (M5_LARGE, C4_LARGE, T3_SMALL, M5_8XLARGE)}
PREFIX_MODE = CniSettings(prefix_delegation=True)


def an_interface(
    *addresses: str, prefixes: Iterable[str] = (), instance_id: str | None = None, interface_id: str = "eni-1"
) -> Interface:
    return Interface(
        id=interface_id,
        subnet_id=SUBNET,
        instance_id=instance_id,
        addresses=tuple(int(IPv4Address(each)) for each in addresses),
        prefixes=tuple(int(IPv4Network(each).network_address) for each in prefixes),
    )


def a_reservation(
    cidr: str | IPv4Network, *, ours: bool = True, kind: str = "prefix", reservation_id: str = ""
) -> Reservation:
    return Reservation(
        id=reservation_id or f"scr-{cidr}",
        subnet_id=SUBNET,
        cidr=IPv4Network(cidr),
        reserves_prefixes=kind == "prefix",
        ours=ours,
    )


def a_subnet(
    cidr: str = "10.0.0.0/24",
    *,
    mode: str = "ahead",
    interfaces: Iterable[Interface] = (),
    reservations: Iterable[Reservation] = (),
    available: int | None = None,
) -> Subnet:
    interfaces, reservations, network = tuple(interfaces), tuple(reservations), IPv4Network(cidr)
    used = sum(len(each.addresses) + 16 * len(each.prefixes) for each in interfaces)
    return Subnet(
        id=SUBNET,
        cidr=network,
        zone="us-east-1a",
        available=(max(0, network.num_addresses - 5 - used) if available is None else available,),
        tags={"headroom:mode": mode} if mode else {},
        interfaces=interfaces,
        reservations=reservations,
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
    return Snapshot(
        taken_at=NOW,
        subnets=subnets,
        node_groups=groups,
        instance_types=types,
        cni={each.cluster: PREFIX_MODE for each in groups} if cni is None else cni,
    )


def an_analysis(subnet: Subnet | None = None, *groups: NodeGroup) -> Analysis:
    """The analysis of one subnet under the demand of these groups."""
    (found,) = analyse(a_snapshot(subnet or a_subnet(), groups=groups))
    return found
