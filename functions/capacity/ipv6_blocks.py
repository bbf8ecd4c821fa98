"""A subnet's IPv6 addresses as /80 blocks, the prefixes that EC2 assigns there.

A /64 has 65,536 of them and a subnet may be wider, up to a /44 (VPC user guide, 'subnet-sizing'): nothing here counts
them one by one. What is taken are ranges of block numbers; what is free lies between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv6Network

PREFIX_LENGTH = 80  # the only IPv6 prefix size that EC2 assigns to an interface (EC2 user guide, 'ec2-prefix-eni')
_BLOCK_BITS = 128 - PREFIX_LENGTH


@dataclass(frozen=True, kw_only=True)
class Ipv6Reservation:
    """An IPv6 subnet CIDR reservation; `reserves_prefixes` false means `explicit`."""

    cidr: IPv6Network
    reserves_prefixes: bool


@dataclass(frozen=True, kw_only=True)
class Ipv6Blocks:
    """The /80 blocks of a subnet, numbered from its first address. Ranges are sorted and touch no other of theirs."""

    cidr: IPv6Network
    taken: tuple[range, ...]  # in use, AWS's own, or touched by a reservation that EC2 assigns no prefix from
    reserved: tuple[range, ...]  # wholly inside `prefix` reservations, in use or not

    @property
    def total(self) -> int:
        """All blocks, the first and the last included."""
        return _total(self.cidr)

    @property
    def allocatable(self) -> int:
        """Blocks that can ever be a prefix: not the first and not the last, where AWS's own addresses are."""
        return max(0, self.total - 2)

    @cached_property
    def free(self) -> int:
        """Prefixes that EC2 could still assign, in reservations and outside."""
        return self.total - _covered(self.taken)

    @cached_property
    def free_reserved(self) -> int:
        """Of those, the ones in `prefix` reservations."""
        return _covered(_merged([*self.taken, *self.reserved])) - _covered(self.taken)

    @property
    def free_open(self) -> int:
        """Of those, the ones that the next single address may spoil."""
        return self.free - self.free_reserved

    @cached_property
    def largest_free_block(self) -> IPv6Network | None:
        """The widest CIDR of free blocks, the first of them; None where none is free."""
        aligned = [_largest_aligned(run) for run in self.free_runs()]
        widest = max(aligned, key=len, default=None)
        if widest is None:
            return None
        first = int(self.cidr.network_address) + (widest.start << _BLOCK_BITS)
        return IPv6Network((first, PREFIX_LENGTH - (len(widest).bit_length() - 1)))

    def free_runs(self) -> Iterator[range]:
        """The numbers of the free blocks, as the ranges between those that are taken."""
        start = 0
        for each in self.taken:
            if start < each.start:
                yield range(start, each.start)
            start = each.stop
        if start < self.total:
            yield range(start, self.total)


def ipv6_blocks(
    cidr: IPv6Network,
    *,
    prefixes: Iterable[int] = (),
    addresses: Iterable[int] = (),
    reservations: Iterable[Ipv6Reservation] = (),
) -> Ipv6Blocks:
    """The /80 blocks of an IPv6 CIDR of a /80 or wider, in time and memory of what is in use.

    `prefixes` are the first addresses of assigned /80s, `addresses` single ones. What lies outside is left out. A
    reservation smaller than a block takes the block, of whichever kind it is.
    """
    base, total = int(cidr.network_address), _total(cidr)
    offsets = ((each - base) >> _BLOCK_BITS for used in (prefixes, addresses) for each in used)
    in_use = {number for number in offsets if 0 <= number < total}
    ours, others = list[range](), list[range]()
    for each in reservations:
        usable = each.reserves_prefixes and each.cidr.prefixlen <= PREFIX_LENGTH
        (ours if usable else others).extend(_inside(each.cidr, cidr))
    taken = [*(range(n, n + 1) for n in {0, total - 1, *in_use}), *others]
    return Ipv6Blocks(cidr=cidr, taken=_merged(taken), reserved=_merged(ours))


def _inside(reservation: IPv6Network, subnet: IPv6Network) -> Iterator[range]:
    """The blocks of the subnet that a reservation covers or touches."""
    base = int(subnet.network_address)
    start = max(0, (int(reservation.network_address) - base) >> _BLOCK_BITS)
    last = min(_total(subnet) - 1, (int(reservation.broadcast_address) - base) >> _BLOCK_BITS)
    if start <= last:
        yield range(start, last + 1)


def _total(cidr: IPv6Network) -> int:
    return 1 << (PREFIX_LENGTH - cidr.prefixlen)


def _merged(ranges: Iterable[range]) -> tuple[range, ...]:
    """The same numbers in as few ranges as possible, in order."""
    merged = list[range]()
    for each in sorted(ranges, key=lambda r: r.start):
        if merged and each.start <= merged[-1].stop:
            merged[-1] = range(merged[-1].start, max(merged[-1].stop, each.stop))
        else:
            merged.append(each)
    return tuple(merged)


def _covered(ranges: Iterable[range]) -> int:
    return sum(map(len, ranges))


def _largest_aligned(run: range) -> range:
    """The first of the largest ranges within this one that have a power of two for a size and start at a multiple."""
    size = 1 << (len(run).bit_length() - 1)
    while True:
        start = -(-run.start // size) * size
        if start + size <= run.stop:
            return range(start, start + size)
        size //= 2
