"""The addresses of a subnet counted one by one, as bits of a number: another way than the product's, and slower."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network

from tests.simulation.network import Answer, View, addresses_of, prefixes_of

KEPT_FIRST, KEPT_LAST = 4, 1  # by AWS, in every subnet
BLOCK = 16


@dataclass(frozen=True)
class Addresses:
    """Bit n is the n-th address of the subnet."""

    size: int
    used: int  # by interfaces
    reserved: int  # by reservations of type prefix
    closed: int  # by reservations of type explicit
    kept: int  # by AWS

    @property
    def open(self) -> int:
        """How many EC2 could still hand out singly."""
        return self.size - (self.used | self.reserved | self.closed | self.kept).bit_count()

    @property
    def unused(self) -> int:
        """How many are in no use, reserved or not."""
        return self.size - (self.used | self.kept).bit_count()

    @property
    def free_blocks(self) -> frozenset[int]:
        """The aligned /28s, but the first and the last, that EC2 could still assign as a prefix."""
        taken = self.used | self.closed
        inner = range(1, self.size // BLOCK - 1)
        return frozenset(n for n in inner if not taken >> (n * BLOCK) & (1 << BLOCK) - 1)


def counted(view: View) -> Addresses:
    """Of a view, or of the truth, which is one too."""
    base, size = _range(view.subnet["CidrBlock"])
    used = 0
    for interface in view.interfaces:
        for first, count in _ranges(interface):
            used |= ((1 << count) - 1) << (first - base)
    masks = {"prefix": 0, "explicit": 0}
    for each in view.reservations:
        first, count = range_of(each)
        masks[each["ReservationType"]] |= ((1 << count) - 1) << (first - base)
    kept = (1 << KEPT_FIRST) - 1 | 1 << (size - KEPT_LAST)
    return Addresses(size, used, masks["prefix"], masks["explicit"], kept)


def range_of(reservation: Answer) -> tuple[int, int]:
    """Its first address and how many."""
    return _range(reservation["Cidr"])


def _ranges(interface: Answer) -> Iterator[tuple[int, int]]:
    yield from map(_range, addresses_of(interface))
    yield from map(_range, prefixes_of(interface))


@cache  # a schedule's subnets are small, and all schedules have the same few
def _range(cidr: str) -> tuple[int, int]:
    network = IPv4Network(cidr)
    return int(network.network_address), network.num_addresses
