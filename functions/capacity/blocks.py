"""A subnet as its /28 blocks: which are free, which hold addresses, prefixes or reservations.

One byte per block, counting its single addresses in use; blocks are numbered from the subnet's first address.
EC2 shows none of this: it has to be computed from the interfaces and the reservations.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network

from functions.capacity.model import BLOCK, PREFIX_LENGTH, Reservation, Subnet

AWS_FIRST, AWS_LAST = 4, 1  # addresses AWS keeps in every subnet (VPC user guide, 'subnet-sizing')


@dataclass(frozen=True)
class BlockMap:
    """The blocks of one subnet by number. `singles[n]` counts block n's single addresses in use, AWS's five apart."""

    subnet: Subnet
    singles: bytes
    held: frozenset[int]  # assigned to an interface as a prefix
    reserved: frozenset[int]  # wholly inside a `prefix` reservation, whoever made it
    taken_by_others: frozenset[int]  # touched by an `explicit` reservation, or by one smaller than a block
    since: Mapping[int, tuple[float, ...]] = field(default_factory=dict, compare=False)
    """By block, since when (epoch seconds) each of its single addresses is there, of those for which it is known."""

    @cached_property
    def allocatable(self) -> range:
        """Blocks that can ever be a prefix: all but the first and the last, where AWS's own addresses are."""
        return range(1, max(1, len(self.singles) - 1))

    @cached_property
    def free(self) -> frozenset[int]:
        """Allocatable blocks with no address and no prefix in them, reserved for prefixes or not."""
        empty = (n for n in self.allocatable if not self.singles[n])
        return frozenset(empty) - self.held - self.taken_by_others

    @property
    def free_reserved(self) -> frozenset[int]:
        """Free blocks that are kept for prefixes."""
        return self.free & self.reserved

    @property
    def free_open(self) -> frozenset[int]:
        """Free blocks that the next single address may spoil."""
        return self.free - self.reserved

    @cached_property
    def draining(self) -> frozenset[int]:
        """Reserved blocks that still hold single addresses: freed ones do not come back, so they will be free."""
        return frozenset(n for n in self.reserved if self.singles[n] and n not in self.held)

    @cached_property
    def drainable(self) -> frozenset[int]:
        """Open blocks with single addresses: a reservation over them would make them drain."""
        closed = self.reserved | self.held | self.taken_by_others
        return frozenset(n for n in self.allocatable if self.singles[n] and n not in closed)

    @cached_property
    def open_addresses(self) -> int:
        """Addresses that EC2 can still hand out singly: outside prefixes and reservations, AWS's five excluded."""
        closed = self.held | self.reserved | self.taken_by_others
        open_blocks = set(range(len(self.singles))) - closed
        free = BLOCK * len(open_blocks) - sum(map(self.singles.__getitem__, open_blocks))
        edges = (0, AWS_FIRST), (len(self.singles) - 1, AWS_LAST)  # one block, where the subnet is a /28
        return max(0, free - sum(kept for n, kept in edges if n not in closed))

    def cidr(self, first: int, count: int = 1) -> IPv4Network:
        """The CIDR of `count` blocks (a power of two) from block `first`, which must be aligned to `count`."""
        base = int(self.subnet.cidr.network_address)
        return IPv4Network((base + first * BLOCK, PREFIX_LENGTH - (count.bit_length() - 1)))


def block_map(subnet: Subnet) -> BlockMap:
    """The blocks of a subnet. Addresses outside its CIDR (a secondary CIDR's, say) are not its own and left out."""
    base, size = int(subnet.cidr.network_address), subnet.cidr.num_addresses
    singles = bytearray(max(1, size // BLOCK))
    for interface in subnet.interfaces:  # tens of thousands of addresses: no call for each
        for address in interface.addresses:
            if 0 <= address - base < size:
                singles[(address - base) // BLOCK] += 1
    held = frozenset(o // BLOCK for o in _inside((p for i in subnet.interfaces for p in i.prefixes), base, size))
    reserved: set[int] = set()
    others: set[int] = set()
    for reservation in subnet.reservations:
        whole = reservation.reserves_prefixes and reservation.cidr.prefixlen <= PREFIX_LENGTH
        (reserved if whole else others).update(blocks_of(reservation, subnet))
    return BlockMap(subnet, bytes(singles), held, frozenset(reserved), frozenset(others), _since(subnet))


def _since(subnet: Subnet) -> Mapping[int, tuple[float, ...]]:
    """The ages that are known: of interfaces' own addresses. Secondary ones may be younger than the attachment."""
    base, size = int(subnet.cidr.network_address), subnet.cidr.num_addresses
    found: dict[int, list[float]] = defaultdict(list)
    for each in subnet.interfaces:
        if each.attached is not None and each.addresses and 0 <= each.addresses[0] - base < size:
            found[(each.addresses[0] - base) // BLOCK].append(each.attached)
    return {number: tuple(sorted(times)) for number, times in found.items()}


def blocks_of(reservation: Reservation, subnet: Subnet) -> range:
    """The numbers of the blocks that a reservation covers or touches."""
    start = int(reservation.cidr.network_address) - int(subnet.cidr.network_address)
    return range(start // BLOCK, (start + reservation.cidr.num_addresses - 1) // BLOCK + 1)


def expected_available(blocks: BlockMap) -> range:
    """The values of AvailableIpAddressCount that agree with this map; any other means that we do not see everything.

    EC2 counts down by what a reservation holds unallocated, seen in reports but nowhere documented, and not for
    every kind: so anything between 'all of it counts' and 'none of it does' agrees. A reservation that may not stand
    (functions/capacity/journal.py: it has no id) explains nothing.
    """
    size = blocks.subnet.cidr.num_addresses
    unused = size - AWS_FIRST - AWS_LAST - sum(blocks.singles) - BLOCK * len(blocks.held)
    reserved = sum(each.cidr.num_addresses for each in blocks.subnet.reservations if each.id)
    return range(max(0, unused - reserved), max(0, unused) + 1)


def _inside(addresses: Iterable[int], base: int, size: int) -> Iterator[int]:
    return (address - base for address in addresses if 0 <= address - base < size)
