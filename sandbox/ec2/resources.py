"""The EC2 resources that this API keeps itself."""

from dataclasses import dataclass, field
from datetime import datetime

from ec2_rules.subnet import Subnet, release_all

Tags = dict[str, str]


@dataclass(frozen=True)
class SubnetRecord:
    """A subnet: its address space, and what interfaces and instances repeat about it."""

    subnet_id: str
    vpc_id: str
    availability_zone: str
    space: Subnet


@dataclass
class Attachment:
    """An interface's attachment to an instance."""

    attachment_id: str
    instance_id: str
    device_index: int
    network_card_index: int
    attach_time: datetime
    delete_on_termination: bool


@dataclass
class Holding:
    """Addresses and prefixes of one subnet."""

    addresses: list[str] = field(default_factory=list)  # IPv4; an interface's primary is the first
    prefixes: list[str] = field(default_factory=list)
    ipv6_addresses: list[str] = field(default_factory=list)
    ipv6_prefixes: list[str] = field(default_factory=list)

    def __add__(self, more: "Holding") -> "Holding":
        return Holding(
            self.addresses + more.addresses,
            self.prefixes + more.prefixes,
            self.ipv6_addresses + more.ipv6_addresses,
            self.ipv6_prefixes + more.ipv6_prefixes,
        )

    def __sub__(self, less: "Holding") -> "Holding":
        return Holding(
            [one for one in self.addresses if one not in less.addresses],
            [one for one in self.prefixes if one not in less.prefixes],
            [one for one in self.ipv6_addresses if one not in less.ipv6_addresses],
            [one for one in self.ipv6_prefixes if one not in less.ipv6_prefixes],
        )

    def release(self, space: Subnet) -> None:
        """Give all of it back to the subnet."""
        release_all(space, self.addresses + self.ipv6_addresses, self.prefixes + self.ipv6_prefixes)


@dataclass
class NetworkInterface:
    """A network interface and all it holds."""

    interface_id: str
    subnet: SubnetRecord
    mac_address: str
    description: str = ""
    interface_type: str = "interface"
    groups: list[dict[str, str]] = field(default_factory=list)
    held: Holding = field(default_factory=Holding)
    attachment: Attachment | None = None
    source_dest_check: bool = True

    @property
    def status(self) -> str:
        """`in-use` while attached, else `available`."""
        return "in-use" if self.attachment else "available"


@dataclass
class Instance:
    """An instance. It runs at once; a terminated one stays in view, without interfaces."""

    instance_id: str
    reservation_id: str
    image_id: str
    instance_type: str
    subnet: SubnetRecord
    launch_time: datetime
    state: str = "running"
    devices: dict[int, str] = field(default_factory=dict)  # interface ids by device index
