"""A subnet's IPv6 addresses as /80 blocks, the prefixes that EC2 assigns there.

A /64 has 65,536 of them and a subnet may be wider, up to a /44 (VPC user guide, 'subnet-sizing'): nothing here counts
them one by one. Blocks are numbered from the subnet's first address; what is in use are ranges of these numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv6Network

from functions.capacity.ipv6_ranges import Ranges, between, covered, largest_aligned, merged, within
from functions.capacity.model import Interface, Ipv6Reservation, Subnet

PREFIX_LENGTH = 80  # the only IPv6 prefix size that EC2 assigns to an interface (EC2 user guide, 'ec2-prefix-eni')
BLOCK_BITS = 128 - PREFIX_LENGTH
BLOCK = 1 << BLOCK_BITS  # addresses in such a prefix


@dataclass(frozen=True, kw_only=True)
class Ipv6Blocks:
    """The /80 blocks of one subnet.

    EC2 assigns none that is `closed`: under an `explicit` reservation, or touched by one smaller than a block.
    """

    cidr: IPv6Network
    held: Ranges  # assigned to an interface as a prefix
    spoiled: Ranges  # with single addresses in use
    reserved: Ranges  # wholly inside `prefix` reservations, whoever made them
    closed: Ranges

    @property
    def total(self) -> int:
        """All blocks, the first and the last included."""
        return 1 << (PREFIX_LENGTH - self.cidr.prefixlen)

    @property
    def allocatable(self) -> range:
        """Blocks that can ever be a prefix: not the first and not the last, where AWS's own addresses are."""
        return range(1, max(1, self.total - 1))

    @property
    def in_use(self) -> int:
        """Prefixes that interfaces have."""
        return covered(self.held)

    @cached_property
    def free(self) -> int:
        """Prefixes that EC2 could still assign, in reservations and outside."""
        return self.free_in(self.allocatable)

    @cached_property
    def free_reserved(self) -> int:
        """Of those, the ones in `prefix` reservations."""
        return sum(map(self.free_in, self.reserved))

    @property
    def free_open(self) -> int:
        """Of those, the ones that the next single address may spoil."""
        return self.free - self.free_reserved

    @property
    def draining(self) -> int:
        """Reserved blocks with single addresses: freed ones do not come back, so they will be free."""
        return sum(map(self.draining_in, self.reserved))

    @cached_property
    def untouched(self) -> Ranges:
        """What no reservation touches."""
        return tuple(between(self._reservations, range(self.total)))

    @cached_property
    def largest_free_block(self) -> IPv6Network | None:
        """The widest CIDR of free blocks, the first of them; None where none is free."""
        runs = between(self._taken, range(self.total))
        widest = max(map(largest_aligned, runs), key=len, default=None)
        return None if widest is None else self.cidr_of(widest)

    def free_in(self, span: range) -> int:
        """How many of these blocks are free."""
        return len(span) - covered(within(self._taken, span))

    def draining_in(self, span: range) -> int:
        """How many of these blocks have single addresses, and nothing else that keeps them from being free."""
        return sum(covered(between(self._never, each)) for each in within(self.spoiled, span))

    def room_in(self, span: range) -> int:
        """How many of these blocks EC2 can take single addresses from; each has more than anybody will ever need."""
        return covered(between(self._unavailable, span))

    def cidr_of(self, span: range) -> IPv6Network:
        """The CIDR of an aligned range of blocks."""
        first = int(self.cidr.network_address) + (span.start << BLOCK_BITS)
        return IPv6Network((first, PREFIX_LENGTH - (len(span).bit_length() - 1)))

    @cached_property
    def _reservations(self) -> Ranges:
        return merged([*self.reserved, *self.closed])

    @cached_property
    def _unavailable(self) -> Ranges:
        """What EC2 takes no single address from."""
        return merged([*self.held, *self._reservations])

    @cached_property
    def _never(self) -> Ranges:
        """What is no free prefix even when all single addresses are gone."""
        edges = (range(1), range(self.total - 1, self.total))
        return merged([*self.held, *self.closed, *edges])

    @cached_property
    def _taken(self) -> Ranges:
        return merged([*self._never, *self.spoiled])


def ipv6_block_map(subnet: Subnet) -> Ipv6Blocks | None:
    """The /80 blocks of a subnet with an IPv6 CIDR; None for one without, or of less than one block."""
    if subnet.ipv6_cidr is None or subnet.ipv6_cidr.prefixlen > PREFIX_LENGTH:
        return None
    return ipv6_blocks(subnet.ipv6_cidr, subnet.interfaces, subnet.ipv6_reservations)


def ipv6_blocks(
    cidr: IPv6Network, interfaces: Iterable[Interface] = (), reservations: Iterable[Ipv6Reservation] = ()
) -> Ipv6Blocks:
    """The /80 blocks of an IPv6 CIDR of a /80 or wider, in time and memory of what is in use.

    What lies outside is left out, as are the addresses that AWS keeps. A reservation smaller than a block closes it,
    of whichever kind it is: no prefix fits into it, and none around it.
    """
    interfaces = tuple(interfaces)
    reserved, closed = list[range](), list[range]()
    for each in reservations:
        whole = each.reserves_prefixes and each.cidr.prefixlen <= PREFIX_LENGTH
        (reserved if whole else closed).append(_blocks_of(each.cidr, cidr))
    return Ipv6Blocks(
        cidr=cidr,
        held=_blocks_with((address for i in interfaces for address in i.ipv6_prefixes), cidr),
        spoiled=_blocks_with((address for i in interfaces for address in i.ipv6_addresses), cidr),
        reserved=merged(reserved),
        closed=merged(closed),
    )


def _blocks_with(addresses: Iterable[int], cidr: IPv6Network) -> Ranges:
    base, last = int(cidr.network_address), int(cidr.broadcast_address)
    return merged(range(n, n + 1) for n in {(a - base) >> BLOCK_BITS for a in addresses if base <= a <= last})


def _blocks_of(reservation: IPv6Network, cidr: IPv6Network) -> range:
    """The blocks that a reservation covers or touches; none for one that lies elsewhere."""
    base = int(cidr.network_address)
    first, last = max(reservation[0], cidr[0]), min(reservation[-1], cidr[-1])
    return (
        range((int(first) - base) >> BLOCK_BITS, ((int(last) - base) >> BLOCK_BITS) + 1) if first <= last else range(0)
    )
