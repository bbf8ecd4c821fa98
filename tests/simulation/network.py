"""The truth about subnets: addresses at EC2's rules (ec2_rules), interfaces, reservations, and how each came about."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from itertools import count
from random import Random
from typing import Any, NamedTuple

from ec2_rules.allocation import Order
from ec2_rules.subnet import Subnet, release_all
from tests.simulation.clock import Clock

Answer = dict[str, Any]
VPC = "vpc-0c0ffee0000000001"
ACCOUNT = "123456789012"
REMEMBERED = 300.0  # seconds: nobody is shown anything older


class View(NamedTuple):
    """A subnet at a time, in boto3's shapes. It is shared by all who see it and never changed."""

    at: float
    subnet: Answer
    interfaces: tuple[Answer, ...]
    reservations: tuple[Answer, ...]


@dataclass
class Network:
    """One subnet as it really is. Whoever changes it calls `changed`."""

    id: str
    cidr: str
    zone: str
    clock: Clock
    rng: Random
    tags: dict[str, str]
    interfaces: dict[str, Answer] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)  # interfaces of another account, which Describe does not show
    reservations: dict[str, Answer] = field(default_factory=dict)
    log: list[View] = field(default_factory=list)
    version: int = 0

    def __post_init__(self) -> None:
        self.network = IPv4Network(self.cidr)
        self.space = Subnet(self.cidr, order=Order.RANDOM, rng=self.rng)
        self.changed()

    def changed(self) -> None:
        """Write down how the subnet looks from now on."""
        self.version += 1
        now = self.clock.now
        self.log.append(
            View(
                now,
                self._described(),
                tuple(each for id_, each in self.interfaces.items() if id_ not in self.hidden),
                tuple(self.reservations.values()),
            )
        )
        while len(self.log) > 1 and self.log[1].at <= now - REMEMBERED:
            del self.log[0]

    def view(self, as_of: float) -> View:
        """How it looked then."""
        return self.log[max(0, bisect_right(self.log, as_of, key=lambda each: each.at) - 1)]

    def _described(self) -> Answer:
        return {
            "SubnetId": self.id,
            "VpcId": VPC,
            "CidrBlock": self.cidr,
            "AvailabilityZone": self.zone,
            "AvailableIpAddressCount": self.space.available_ip_address_count,
            "Tags": tag_list(self.tags),
        }


@dataclass
class Region:
    """All subnets and instances of the account, and the ids given out."""

    clock: Clock
    rng: Random
    networks: dict[str, Network] = field(default_factory=dict)
    instances: dict[str, Answer] = field(default_factory=dict)
    ids: "count[int]" = field(default_factory=lambda: count(1))

    def new_id(self, kind: str) -> str:
        """An id as EC2 makes them, never used twice."""
        return f"{kind}-{next(self.ids):017x}"

    def add_network(self, cidr: str, mode: str) -> Network:
        """A subnet with that mode in its tag; none for an empty one."""
        tags = {"headroom:mode": mode} if mode else {}
        network = Network(self.new_id("subnet"), cidr, "us-east-1a", self.clock, self.rng, tags)
        self.networks[network.id] = network
        return network

    def add_interface(
        self, network: Network, *, prefixes: int = 0, instance: str = "", hidden: bool = False, **more: object
    ) -> Answer:
        """An interface with one address and that many prefixes, all or nothing. Raises Ec2Error."""
        address = network.space.ipv4.take_address()
        try:
            taken = network.space.ipv4.take_prefixes(prefixes) if prefixes else ()
        except BaseException:
            network.space.ipv4.release_address(address)
            raise
        made: Answer = {
            "NetworkInterfaceId": self.new_id("eni"),
            "SubnetId": network.id,
            "VpcId": VPC,
            "InterfaceType": "interface",
            "PrivateIpAddresses": [{"PrivateIpAddress": address, "Primary": True}],
            "Ipv4Prefixes": [{"Ipv4Prefix": each} for each in taken],
            "TagSet": [],
            **({"Attachment": {"InstanceId": instance, "InstanceOwnerId": ACCOUNT}} if instance else {}),
            **more,
        }
        network.interfaces[made["NetworkInterfaceId"]] = made
        if hidden:
            network.hidden.add(made["NetworkInterfaceId"])
        network.changed()
        return made

    def remove_interface(self, interface: Answer) -> None:
        """With all that it holds."""
        network = self.networks[interface["SubnetId"]]
        del network.interfaces[interface["NetworkInterfaceId"]]
        network.hidden.discard(interface["NetworkInterfaceId"])
        release_all(network.space, addresses_of(interface), prefixes_of(interface))
        network.changed()

    def assign_prefix(self, interface: Answer) -> None:
        """One more. Raises Ec2Error."""
        network = self.networks[interface["SubnetId"]]
        (prefix,) = network.space.ipv4.take_prefixes(1)
        held = [*interface["Ipv4Prefixes"], {"Ipv4Prefix": prefix}]
        network.interfaces[interface["NetworkInterfaceId"]] = interface | {"Ipv4Prefixes": held}
        network.changed()

    def reserve(self, network: Network, cidr: str, kind: str, tags: Mapping[str, str], description: str = "") -> Answer:
        """CreateSubnetCidrReservation. Raises Ec2Error."""
        made = network.space.create_reservation(self.new_id("scr"), cidr, kind, description)
        answer: Answer = {
            "SubnetCidrReservationId": made.reservation_id,
            "SubnetId": network.id,
            "Cidr": made.cidr,
            "ReservationType": made.reservation_type.value,
            "OwnerId": ACCOUNT,
            "Description": description,
            "Tags": tag_list(tags),
        }
        network.reservations[made.reservation_id] = answer
        network.changed()
        return answer

    def unreserve(self, network: Network, reservation_id: str) -> Answer:
        """DeleteSubnetCidrReservation. Raises Ec2Error."""
        network.space.delete_reservation(reservation_id)
        gone = network.reservations.pop(reservation_id)
        network.changed()
        return gone

    def network_of(self, reservation_id: str) -> Network | None:
        """The subnet that a reservation is in."""
        return next((each for each in self.networks.values() if reservation_id in each.reservations), None)


def tag_list(tags: Mapping[str, str]) -> list[Answer]:
    """Tags as EC2 lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def tags_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """And back."""
    return {each["Key"]: each["Value"] for each in answer.get("Tags", ())}


def addresses_of(interface: Answer) -> Sequence[str]:
    """Its single addresses."""
    return [each["PrivateIpAddress"] for each in interface["PrivateIpAddresses"]]


def prefixes_of(interface: Answer) -> Sequence[str]:
    """Its prefixes."""
    return [each["Ipv4Prefix"] for each in interface["Ipv4Prefixes"]]
