"""A subnet at EC2's rules, seen as the product sees one: block maps and analyses built from it."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Network
from random import Random

from ec2_rules import blocks as text
from ec2_rules import subnet as ec2
from ec2_rules.allocation import Order, ReservationType
from functions.capacity.analyse import Analysis
from functions.capacity.blocks import BlockMap
from functions.capacity.demand import SubnetDemand
from functions.capacity.model import BLOCK, MODE_TAG, Interface, Mode, Reservation, Subnet

NETWORK = "10.0.0.0"
START = datetime(2026, 1, 5, tzinfo=UTC)
SUBNET_ID = "subnet-1"


class World:
    """One ec2_rules.Subnet. The counts kept beside it are what DescribeNetworkInterfaces would show."""

    def __init__(self, length: int, order: Order, rng: Random, *, ages: bool = True) -> None:
        self.cidr = IPv4Network(f"{NETWORK}/{length}")
        self.ec2 = ec2.Subnet(str(self.cidr), order=order, rng=rng)
        self.singles = bytearray(self.cidr.num_addresses // BLOCK)  # by block
        self.held = set[int]()
        self.reservations: dict[str, Reservation] = {}
        self.calls = 0
        self.ages = ages  # whether a pass sees since when single addresses are there
        self._texts = [text.address_text(self.cidr, n) for n in range(self.cidr.num_addresses)]
        self._offsets = {each: n for n, each in enumerate(self._texts)}
        self._in_use = set[int]()
        self._since = dict[int, dict[int, float]]()  # by block and address, epoch seconds
        self._times = dict[int, tuple[float, ...]]()  # the same by block alone, as a block map has it
        self._reserved = frozenset[int]()

    @property
    def usable(self) -> int:
        """Addresses that can be in use: all but AWS's five."""
        return self.cidr.num_addresses - 5

    @property
    def used(self) -> int:
        """Addresses in use, prefixes and singles."""
        return len(self._in_use) + BLOCK * len(self.held)

    def take_single(self, offset: int | None = None, *, at: float = 0.0) -> int:
        """Take a single address, EC2's choice unless one is named, `at` seconds from the start. Raises Ec2Error."""
        taken = self._offsets[self.ec2.ipv4.take_address(None if offset is None else self._texts[offset])]
        self.singles[taken // BLOCK] += 1
        self._in_use.add(taken)
        if self.ages:
            self._since.setdefault(taken // BLOCK, {})[taken] = START.timestamp() + at
            self._times[taken // BLOCK] = tuple(self._since[taken // BLOCK].values())
        return taken

    def release_single(self, offset: int) -> None:
        """Give a single address back."""
        self.ec2.ipv4.release_address(self._texts[offset])
        self.singles[offset // BLOCK] -= 1
        self._in_use.remove(offset)
        if self.ages:
            del self._since[offset // BLOCK][offset]
            self._times[offset // BLOCK] = tuple(self._since[offset // BLOCK].values())

    def take_prefix(self) -> int:
        """Take a /28 of EC2's choice and return its block. Raises Ec2Error."""
        (prefix,) = self.ec2.ipv4.take_prefixes(1)
        block = self._offsets[prefix.partition("/")[0]] // BLOCK
        self.held.add(block)
        return block

    def release_prefix(self, block: int) -> None:
        """Give a /28 back."""
        self.ec2.ipv4.release_prefix(f"{self._texts[block * BLOCK]}/28")
        self.held.remove(block)

    def free_in(self, block: int) -> int | None:
        """The first free address of a block, by offset."""
        span = range(max(4, block * BLOCK), min(self.cidr.num_addresses - 1, block * BLOCK + BLOCK))
        return next((n for n in span if n not in self._in_use), None)

    def reserve(self, cidr: IPv4Network) -> None:
        """CreateSubnetCidrReservation of type `prefix`, as ours. Raises Ec2Error."""
        self.calls += 1
        name = f"scr-{self.calls}"
        self.ec2.create_reservation(name, str(cidr), ReservationType.PREFIX)
        self.reservations[name] = Reservation(
            id=name, subnet_id=SUBNET_ID, cidr=cidr, reserves_prefixes=True, ours=True
        )
        self._reserved |= self._blocks_of(cidr)

    def release(self, reservation_id: str) -> None:
        """DeleteSubnetCidrReservation. Raises Ec2Error."""
        self.calls += 1
        self.ec2.delete_reservation(reservation_id)
        self._reserved -= self._blocks_of(self.reservations.pop(reservation_id).cidr)

    def analysis(self, demand: SubnetDemand, mode: Mode = Mode.OBSERVE) -> Analysis:
        """What `analyse` makes of this subnet; the block map comes from the counts, with no pass over addresses."""
        subnet = self._subnet((), mode)
        seen = BlockMap(
            subnet, bytes(self.singles), frozenset(self.held), self._reserved, frozenset(), dict(self._times)
        )
        return Analysis(subnet=subnet, blocks=seen, demand=demand)

    def _blocks_of(self, cidr: IPv4Network) -> frozenset[int]:
        first = (int(cidr.network_address) - int(self.cidr.network_address)) // BLOCK
        return frozenset(range(first, first + cidr.num_addresses // BLOCK))

    def as_read(self) -> Subnet:
        """The subnet with its interfaces, as a pass reads it."""
        base = int(self.cidr.network_address)
        interface = Interface(
            id="eni-1",
            subnet_id=SUBNET_ID,
            instance_id=None,
            addresses=tuple(base + n for n in sorted(self._in_use)),
            prefixes=tuple(base + BLOCK * n for n in sorted(self.held)),
        )
        return self._subnet((interface,), Mode.OBSERVE)

    def _subnet(self, interfaces: tuple[Interface, ...], mode: Mode) -> Subnet:
        return Subnet(
            id=SUBNET_ID,
            cidr=self.cidr,
            zone="us-east-1a",
            available=(self.ec2.available_ip_address_count,),
            tags={MODE_TAG: mode},
            interfaces=interfaces,
            reservations=tuple(self.reservations.values()),
        )
