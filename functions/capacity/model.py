"""What AWS said, as values: the snapshot that analysis and planning are functions of.

Addresses and blocks are plain ints inside; `ipaddress` is used only where text comes in and goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network

PREFIX_LENGTH = 28  # the only IPv4 prefix size that EC2 assigns to an interface (EC2 user guide, 'ec2-prefix-eni')
BLOCK = 16  # addresses in such a prefix
OWNER_TAG = "headroom:owner"
OWNER = "headroom"
MODE_TAG = "headroom:mode"


class Mode(StrEnum):
    """What Headroom may do in a subnet; the subnet's tag `headroom:mode` says it, no tag means OBSERVE."""

    OBSERVE = "observe"
    AHEAD = "ahead"


@dataclass(frozen=True, kw_only=True)
class Interface:
    """An elastic network interface: its single addresses (primary included) and its /28 prefixes' first addresses."""

    id: str
    subnet_id: str
    instance_id: str | None
    addresses: tuple[int, ...]
    prefixes: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """A subnet CIDR reservation. `ours` when it carries our owner tag; `reserves_prefixes` false means `explicit`."""

    id: str
    subnet_id: str
    cidr: IPv4Network
    reserves_prefixes: bool
    ours: bool


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """A subnet with all that stands in it.

    `available` is EC2's AvailableIpAddressCount as read before everything else and, where asked for, after it.
    """

    id: str
    cidr: IPv4Network
    zone: str
    available: tuple[int, ...]
    tags: Mapping[str, str]
    interfaces: tuple[Interface, ...]
    reservations: tuple[Reservation, ...]

    @property
    def mode(self) -> Mode:
        """The tag's mode. One that this version does not know counts as OBSERVE: when in doubt, only look."""
        try:
            return Mode(self.tags.get(MODE_TAG, Mode.OBSERVE))
        except ValueError:
            return Mode.OBSERVE


@dataclass(frozen=True, kw_only=True)
class InstanceType:
    """The limits of an instance type that decide how many pods a node holds (DescribeInstanceTypes).

    `interfaces` is that of the default network card: the CNI uses no other (p5.48xlarge: 2, not 64).
    """

    name: str
    interfaces: int
    addresses_per_interface: int
    vcpus: int
    nitro: bool
    bare_metal: bool = False


@dataclass(frozen=True, kw_only=True)
class CniSettings:
    """The VPC CNI's settings that decide about addresses, with its defaults for an IPv4 cluster.

    `version` as numbers, (1, 19, 2); None where it is not known, which counts as new enough.
    """

    prefix_delegation: bool = False
    version: tuple[int, ...] | None = None
    ipv6: bool = False
    warm_prefix_target: int = 1
    warm_ip_target: int | None = None
    minimum_ip_target: int | None = None
    max_eni: int | None = None
    custom_networking: bool = False


@dataclass(frozen=True, kw_only=True)
class Node:
    """A running or launching instance of a node group, in the subnet of its primary interface."""

    instance_id: str
    subnet_id: str


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """An EKS managed node group. `nodes` are those that exist now, wherever the scaling stands."""

    cluster: str
    name: str
    subnet_ids: tuple[str, ...]
    instance_types: tuple[str, ...]
    desired_size: int
    max_size: int
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything that one pass looks at. What could not be read is named in `unknowns`, never left out in silence."""

    taken_at: datetime
    subnets: tuple[Subnet, ...]
    node_groups: tuple[NodeGroup, ...]
    instance_types: Mapping[str, InstanceType]
    cni: Mapping[str, CniSettings]  # by cluster; a cluster whose settings are not known is missing
    unknowns: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the people who deployed Headroom allow. Counts of reservations are per subnet unless they say otherwise."""

    single_address_floor: int = 16
    max_creates_per_run: int = 5  # per subnet; EC2's bucket for CreateSubnetCidrReservation is 5, refilled 1 a second
    max_creates_per_subnet_per_day: int = 200
    max_reservations_per_subnet: int = 64
