"""The address space of one subnet, IPv4 and IPv6, with its CIDR reservations."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from random import Random

from ec2_rules.allocation import Order, ReservationType
from ec2_rules.blocks import Network, inside, parse_cidr
from ec2_rules.errors import Ec2Error
from ec2_rules.ipv4_space import Ipv4Space
from ec2_rules.ipv6_space import Ipv6Space


@dataclass(frozen=True)
class Reservation:
    """A subnet CIDR reservation. Immutable, as in EC2, where only its tags can change."""

    reservation_id: str
    cidr: str
    reservation_type: ReservationType
    description: str = ""


class Subnet:
    """What EC2 knows of a subnet's addresses. Every refusal is an Ec2Error; a refused request changes nothing."""

    def __init__(
        self, cidr: str | None, ipv6_cidr: str | None = None, *, order: Order = Order.RANDOM, rng: Random
    ) -> None:
        self._order = order
        self._rng = rng
        self._ipv4 = Ipv4Space(cidr, order, rng) if cidr else None
        self._ipv6 = Ipv6Space(ipv6_cidr, order, rng) if ipv6_cidr else None
        self._reservations: dict[str, tuple[Reservation, Network]] = {}

    @property
    def ipv4(self) -> Ipv4Space:
        """The IPv4 addresses; an IPv6-only subnet has none. Wording [unproven]."""
        if self._ipv4 is None:
            raise Ec2Error("InvalidParameterValue", "The subnet does not have an IPv4 CIDR block")
        return self._ipv4

    @property
    def ipv6(self) -> Ipv6Space:
        """The IPv6 addresses, once the subnet has an IPv6 CIDR block. Wording [unproven]."""
        if self._ipv6 is None:
            raise Ec2Error("InvalidParameterValue", "The subnet does not have an IPv6 CIDR block")
        return self._ipv6

    @property
    def has_ipv6(self) -> bool:
        """Whether an IPv6 CIDR block is associated with the subnet."""
        return self._ipv6 is not None

    def associate_ipv6(self, ipv6_cidr: str) -> None:
        """Give an IPv4 subnet its IPv6 CIDR block."""
        self._ipv6 = Ipv6Space(ipv6_cidr, self._order, self._rng)

    @property
    def available_ip_address_count(self) -> int:
        """AvailableIpAddressCount of DescribeSubnets: IPv4 only, 0 for an IPv6-only subnet."""
        return self._ipv4.available if self._ipv4 else 0

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """All reservations, in the order of their creation."""
        return tuple(reservation for reservation, _ in self._reservations.values())

    def create_reservation(
        self, reservation_id: str, cidr: str, reservation_type: str, description: str = ""
    ) -> Reservation:
        """Reserve a range, in use or not. It must have no host bits, lie within the subnet and overlap no other.

        A smallest or largest size is not documented, so none is enforced.
        """
        if reservation_type not in set(ReservationType):
            message = f"Value ({reservation_type}) for parameter reservationType is invalid."  # wording [unproven]
            raise Ec2Error("InvalidParameterValue", message)
        network = parse_cidr(cidr)
        self._check_inside(network)
        self._check_overlap(network)
        reservation = Reservation(reservation_id, str(network), ReservationType(reservation_type), description)
        self._reservations[reservation_id] = (reservation, network)
        if isinstance(network, IPv4Network):
            self.ipv4.reserve(network, reservation.reservation_type)
        else:
            self.ipv6.reserve(network, reservation.reservation_type)
        return reservation

    def delete_reservation(self, reservation_id: str) -> Reservation:
        """Give up a reservation. Addresses in use stay in use, the others return to the open pool."""
        if reservation_id not in self._reservations:
            raise reservation_not_found(reservation_id)
        reservation, network = self._reservations.pop(reservation_id)
        if isinstance(network, IPv4Network):
            self.ipv4.unreserve(network)
        else:
            self.ipv6.unreserve(network)
        return reservation

    def _check_inside(self, network: Network) -> None:
        space = self._ipv4 if isinstance(network, IPv4Network) else self._ipv6
        if space is None or not inside(network, space.network):
            shown = (self._ipv4 or self.ipv6).network if space is None else space.network
            message = f"Reservation CIDR should be within subnet CIDR block ({shown})"
            raise Ec2Error("InvalidParameterValue", message)

    def _check_overlap(self, network: Network) -> None:
        if any(_overlap(network, other) for _, other in self._reservations.values()):
            message = f"Reservation CIDR {network} has overlap with existing reserved CIDR block"
            raise Ec2Error("InvalidParameterValue", message)


def reservation_not_found(reservation_id: str) -> Ec2Error:
    """The code is EC2's; the wording is moto's."""
    return Ec2Error(
        "InvalidSubnetCidrReservationID.NotFound",
        f"The subnet-cidr-reservation ID '{reservation_id}' does not exist",
    )


def _overlap(one: Network, other: Network) -> bool:
    if isinstance(one, IPv6Network):
        return isinstance(other, IPv6Network) and one.overlaps(other)
    return isinstance(other, IPv4Network) and one.overlaps(other)


def release_all(subnet: Subnet, addresses: Iterable[str], prefixes: Iterable[str]) -> None:
    """Give back addresses and prefixes of either IP version, as when an interface goes."""
    for address in addresses:
        (subnet.ipv6 if ":" in address else subnet.ipv4).release_address(address)
    for prefix in prefixes:
        (subnet.ipv6 if ":" in prefix else subnet.ipv4).release_prefix(prefix)
