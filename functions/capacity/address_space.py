"""A subnet's addresses as the bits of one large number: what is free, in which aligned blocks, and how full each is.

A number of 65,536 bits takes 8 kB and is shifted and masked as a whole in microseconds, so all that there is to know
about a /16 costs less than reading its addresses. The subnet's first address is the highest bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network

from functions.capacity.aligned_blocks import ADDRESS_BITS, Level, levels, numbers, ones_by_block, whole_blocks
from functions.capacity.blocks import AWS_FIRST, AWS_LAST
from functions.capacity.model import BLOCK, PREFIX_LENGTH, Reservation, Subnet

_TAKEN, _LEFT = ord("0"), b"1"
_LAST_BYTES = tuple(map(str, range(256)))  # there may be 20,000 CIDRs, and to write a number takes as long as all else


@dataclass(frozen=True)
class AddressSpace:
    """The addresses of one subnet; EC2's subnets are /16 to /28. Of the three sets no address of AWS's five is part.

    What lies outside the subnet's CIDR (a secondary CIDR's interfaces, say) is left out.
    """

    cidr: IPv4Network
    in_use: int  # single addresses, and all of the assigned prefixes
    assignable: int  # what EC2 could still assign by itself: not in use, under no `explicit` reservation
    reserved: int  # under `prefix` reservations, in use or not
    assigned_prefixes: int

    @property
    def in_use_addresses(self) -> int:
        """Single addresses in use, and 16 for each assigned prefix."""
        return self.in_use.bit_count()

    @property
    def free_addresses(self) -> int:
        """Addresses that EC2 could still assign by itself, inside `prefix` reservations too."""
        return self.assignable.bit_count()

    @property
    def allocatable_prefixes(self) -> int:
        """Aligned /28s less the first and the last of the subnet, which AWS's own addresses spoil."""
        return max(0, self.cidr.num_addresses // BLOCK - 2)

    @property
    def free_prefixes(self) -> int:
        """Aligned /28s that EC2 could still assign, reserved for it or not."""
        return self._free_blocks.bit_count()

    @cached_property
    def reserved_free_prefixes(self) -> int:
        """Of those, the ones wholly inside `prefix` reservations."""
        return (self._free_blocks & whole_blocks(levels(self.reserved, self.cidr.num_addresses))).bit_count()

    @cached_property
    def free_blocks(self) -> Sequence[int]:
        """The numbers of the free /28s, counted from the subnet's first address, in order."""
        return numbers(self._free_blocks, PREFIX_LENGTH, self.cidr.num_addresses)

    @cached_property
    def in_use_by_block(self) -> bytes:
        """How many addresses of each /28 are in use: one byte for each, in order."""
        return ones_by_block(self.in_use, self.cidr.num_addresses)

    @cached_property
    def free_cover(self) -> Mapping[int, Sequence[int]]:
        """The fewest CIDRs that are exactly the free addresses, widest first.

        By prefix length, the numbers of the blocks of that length, counted from the subnet's first address. They are
        the aligned free blocks that have no free neighbour to make a block of twice the size with.
        """
        size = self.cidr.num_addresses
        return {each.length: numbers(each.alone, each.length, size) for each in reversed(self._free) if each.alone}

    @property
    def largest_free_block(self) -> IPv4Network | None:
        """The widest CIDR that is wholly free, the first of them; None in a full subnet."""
        if not self.assignable:
            return None
        widest = self._free[-1]
        first, *_ = numbers(widest.whole, widest.length, self.cidr.num_addresses)
        return IPv4Network((self._address(first, widest.length), widest.length))

    def cover_cidrs(self) -> Iterator[str]:
        """The minimal cover as people write it, by address."""
        first, cover = int(self.cidr.network_address), self.free_cover.items()
        rows = [f"{a >> 16 & 255}.{a >> 8 & 255}.{a & 255}." for a in range(first >> 8, int(self.cidr[-1]) // 256 + 1)]
        start = first & 255  # places are counted from the first row's first address
        spans = sorted((start + (n << (ADDRESS_BITS - length)), length) for length, found in cover for n in found)
        return (f"{rows[place >> 8]}{_LAST_BYTES[place & 255]}/{length}" for place, length in spans)

    @cached_property
    def _free(self) -> tuple[Level, ...]:
        return tuple(levels(self.assignable, self.cidr.num_addresses))

    @cached_property
    def _free_blocks(self) -> int:
        return whole_blocks(self._free)

    def _address(self, number: int, length: int) -> int:
        return int(self.cidr.network_address) + (number << (ADDRESS_BITS - length))


def address_space(subnet: Subnet) -> AddressSpace:
    """The addresses of a subnet, from its interfaces and reservations."""
    size = subnet.cidr.num_addresses
    prefixes = {offset // BLOCK for offset in _offsets((p for i in subnet.interfaces for p in i.prefixes), subnet)}
    ours = _everything_but_awss(size)
    unused = _unused(subnet, prefixes)
    return AddressSpace(
        cidr=subnet.cidr,
        in_use=ours & ~unused,
        assignable=ours & unused & ~_under((r for r in subnet.reservations if not r.reserves_prefixes), subnet),
        reserved=ours & _under((r for r in subnet.reservations if r.reserves_prefixes), subnet),
        assigned_prefixes=len(prefixes),
    )


def _unused(subnet: Subnet, prefixes: Iterable[int]) -> int:
    """A digit for each address, written where it stands, and the whole read as one number."""
    base, size = int(subnet.cidr.network_address), subnet.cidr.num_addresses
    digits = bytearray(_LEFT) * size
    for each in subnet.interfaces:
        for address in each.addresses:
            offset = address ^ base  # what differs from the first address of an aligned range: the place in it
            if offset < size:
                digits[offset] = _TAKEN
    for block in prefixes:
        digits[block * BLOCK : (block + 1) * BLOCK] = bytes([_TAKEN]) * BLOCK
    return int(digits, 2)


def _offsets(addresses: Iterable[int], subnet: Subnet) -> Iterator[int]:
    base, size = int(subnet.cidr.network_address), subnet.cidr.num_addresses
    return (address ^ base for address in addresses if address ^ base < size)


def _under(reservations: Iterable[Reservation], subnet: Subnet) -> int:
    """The addresses of the subnet that these reservations cover."""
    first, last = int(subnet.cidr.network_address), int(subnet.cidr.broadcast_address)
    covered = 0
    for each in reservations:
        start = max(first, int(each.cidr.network_address))
        end = min(last, int(each.cidr.broadcast_address))
        if start <= end:
            covered |= ((1 << (end - start + 1)) - 1) << (last - end)
    return covered


def _everything_but_awss(size: int) -> int:
    return ((1 << (size - AWS_FIRST)) - 1) >> AWS_LAST << AWS_LAST
