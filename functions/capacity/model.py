"""What AWS said, as values: the snapshot that analysis and planning are functions of.

Addresses and blocks are plain ints inside; `ipaddress` is used only where text comes in and goes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.owners import Owner

PREFIX_LENGTH = 28  # the only IPv4 prefix size that EC2 assigns to an interface (EC2 user guide, 'ec2-prefix-eni')
BLOCK = 16  # addresses in such a prefix
OWNER_TAG = "headroom:owner"
OWNER = "headroom"
DECISION_TAG = "headroom:decision"  # of our reservations: the run that made each, as its log lines name it
INTENT_TAG = "headroom:intent"  # of our reservations: the entry in the journal that each was made for
MODE_TAG = "headroom:mode"


class Mode(StrEnum):
    """What Headroom may do in a subnet; the subnet's tag `headroom:mode` says it, no tag means OBSERVE."""

    OBSERVE = "observe"  # look and tell
    AHEAD = "ahead"  # reserve what node groups can still ask for: for subnets shared with other workloads
    STEER = "steer"  # hold all but a pool for single addresses, and give back when that gets small: for EKS's own


@dataclass(frozen=True, kw_only=True, slots=True)  # tens of thousands of them at a time
class Interface:
    """An elastic network interface: its single addresses (IPv4: primary first) and its prefixes' first addresses.

    Prefixes are /28 in IPv4 and /80 in IPv6. Those of IPv4 that were read from EC2 are arrays: tuples take twice
    the memory. `instance_id` is the node it serves, attached to it or not; `cluster` is the one that its tags name.
    """

    id: str
    subnet_id: str
    instance_id: str | None
    addresses: Sequence[int]
    prefixes: Sequence[int]
    ipv6_addresses: Sequence[int] = ()
    ipv6_prefixes: Sequence[int] = ()
    owner: Owner = Owner.OTHER
    cluster: str = ""
    attached: int | None = None  # since when, in epoch seconds; None where it is not, or not known


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """A subnet CIDR reservation. `ours` when it carries our owner tag; `reserves_prefixes` false means `explicit`.

    `intent` is the id of the journal's entry that it was made for; empty for others' and for our oldest.
    """

    id: str
    subnet_id: str
    cidr: IPv4Network
    reserves_prefixes: bool
    ours: bool
    intent: str = ""


@dataclass(frozen=True, kw_only=True)
class Ipv6Reservation:
    """The same of IPv6 addresses, which EC2 lists apart. AvailableIpAddressCount knows nothing of them."""

    id: str
    subnet_id: str
    cidr: IPv6Network
    reserves_prefixes: bool
    ours: bool
    intent: str = ""


@dataclass(frozen=True, kw_only=True)
class Subnet:
    """A subnet with all that stands in it.

    `available` is EC2's AvailableIpAddressCount as read before everything else and, where asked for, after it.
    `unread` names what of it was not read at all, as a saved snapshot may leave out.
    """

    id: str
    cidr: IPv4Network
    zone: str
    available: tuple[int, ...]
    tags: Mapping[str, str]
    interfaces: tuple[Interface, ...]
    reservations: tuple[Reservation, ...]
    vpc_id: str = ""
    ipv6_cidr: IPv6Network | None = None
    ipv6_reservations: tuple[Ipv6Reservation, ...] = ()
    unread: str = ""

    @property
    def all_reservations(self) -> tuple[Reservation | Ipv6Reservation, ...]:
        """Of both families, as EC2's ids and Headroom's caps see them."""
        return (*self.reservations, *self.ipv6_reservations)

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
class Snapshot:
    """Everything that one pass looks at. What could not be read is named in `unknowns`, never left out in silence.

    `whole` are the clusters whose subnets are all here: only of those can anything be said as a whole. `everywhere`:
    all subnets are here that a look everywhere would see.
    """

    taken_at: datetime
    subnets: tuple[Subnet, ...]
    node_groups: tuple[NodeGroup, ...]
    instance_types: Mapping[str, InstanceType]
    clusters: Mapping[str, Cluster]
    whole: frozenset[str] = frozenset()
    everywhere: bool = False
    unknowns: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What the people who deployed Headroom allow. Counts of reservations are per subnet unless they say otherwise."""

    single_address_floor: int = 16
    max_creates_per_run: int = 5  # per subnet; EC2's bucket for CreateSubnetCidrReservation is 5, refilled 1 a second
    max_creates_per_subnet_per_day: int = 200
    max_reservations_per_subnet: int = 64
    max_releases_per_subnet_per_day: int = 300
