"""The IPv6 range of one subnet. It is never enumerated: only what is taken is written down.

A /64 has 65,536 blocks of /80, and a subnet may be as wide as /44. Blocks are counted from the start of the subnet.
"""

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv6Network
from random import Random

from ec2_rules import allocation, blocks
from ec2_rules.allocation import IPV6_PREFIX_LENGTH, KEPT_FIRST, KEPT_LAST, PREFIXES_FROM, Order, ReservationType

BLOCK_BITS = 128 - IPV6_PREFIX_LENGTH
Range = tuple[int, int]  # blocks, the first inclusive, the second exclusive


class Ipv6Space:
    """EC2's view of a subnet's IPv6 range. Costs grow with what is taken and reserved, not with the range.

    A reservation narrower than /80 counts for the whole /80 around it; whether EC2 allows one is [unproven].
    """

    def __init__(self, cidr: str, order: Order, rng: Random) -> None:
        self.network = IPv6Network(cidr)
        self._order = order
        self._rng = rng
        self._size = 1 << (IPV6_PREFIX_LENGTH - self.network.prefixlen)
        self._singles: set[int] = set()  # offsets of addresses in use
        self._singles_in: Counter[int] = Counter()  # how many of them, by block
        self._prefixes: list[int] = []  # blocks in use as a prefix, sorted
        # Blocks that no prefix can be, sorted: in use as one, or with addresses in use, or with addresses AWS keeps.
        self._busy: list[int] = sorted({0, self._size - 1})
        self._reserved: dict[IPv6Network, ReservationType] = {}
        self._reserved_ranges: list[Range] = []  # of `prefix` reservations that hold whole blocks, sorted
        self._open_ranges: list[Range] = [(0, self._size)]  # what the reservations leave over, sorted
        self._last = -1

    @property
    def free_blocks(self) -> int:
        """How many automatic prefixes could still be had."""
        return sum(_free_in(self._busy, ranges) for ranges in (self._reserved_ranges, self._open_ranges))

    def take_address(self, address: str | None = None) -> str:
        """Take the given address, or one that EC2 chooses at random in the open pool. Raises Ec2Error."""
        offset = self._random_single() if address is None else self._named_single(address)
        self._singles.add(offset)
        block = offset >> BLOCK_BITS
        self._singles_in[block] += 1
        if self._singles_in[block] == 1 and block not in (0, self._size - 1):
            insort(self._busy, block)
        return blocks.address_text(self.network, offset)

    def release_address(self, address: str) -> None:
        """Give back an address that is in use."""
        offset = blocks.parse_address(address, self.network)
        self._singles.remove(offset)
        block = offset >> BLOCK_BITS
        self._singles_in[block] -= 1
        if not self._singles_in[block] and block not in (0, self._size - 1):
            _remove(self._busy, block)

    def take_prefixes(self, count: int) -> tuple[str, ...]:
        """Take that many /80 of EC2's choice, all or none: reservations first. Raises Ec2Error."""
        if count > self.free_blocks:
            raise allocation.no_free_block()
        from_reservations = allocation.prefixes_from_reservations(count, _free_in(self._busy, self._reserved_ranges))
        return tuple(self._take_block(from_reservation=place < from_reservations) for place in range(count))

    def take_prefix(self, prefix: str) -> str:
        """Take the given /80, which must be wholly free; it may lie in any reservation. Raises Ec2Error."""
        block = blocks.parse_prefix(prefix, self.network, IPV6_PREFIX_LENGTH)
        if _contains(self._busy, block):
            raise blocks.prefix_in_use(prefix)
        return self._occupy(block)

    def release_prefix(self, prefix: str) -> None:
        """Give back a /80 that is in use as a prefix."""
        block = blocks.parse_prefix(prefix, self.network, IPV6_PREFIX_LENGTH)
        _remove(self._prefixes, block)
        _remove(self._busy, block)

    def reserve(self, cidr: IPv6Network, kind: ReservationType) -> None:
        """Put a range, in use or not, under a reservation. The caller has checked that it overlaps no other."""
        self._reserved[cidr] = kind
        self._split_ranges()

    def unreserve(self, cidr: IPv6Network) -> None:
        """Undo `reserve`: what is not in use returns to the open pool."""
        del self._reserved[cidr]
        self._split_ranges()

    def _split_ranges(self) -> None:
        whole = [cidr for cidr, kind in self._reserved.items() if kind in PREFIXES_FROM and _holds_blocks(cidr)]
        self._reserved_ranges = sorted(map(self._range, whole))
        self._open_ranges, start = [], 0
        for first, end in sorted(map(self._range, self._reserved)):
            if first > start:
                self._open_ranges.append((start, first))
            start = max(start, end)
        if start < self._size:
            self._open_ranges.append((start, self._size))

    def _range(self, cidr: IPv6Network) -> Range:
        first = int(cidr.network_address) - int(self.network.network_address)
        last = first + cidr.num_addresses - 1
        return first >> BLOCK_BITS, (last >> BLOCK_BITS) + 1

    def _take_block(self, *, from_reservation: bool) -> str:
        ranges = self._reserved_ranges if from_reservation else self._open_ranges
        free = _free_in(self._busy, ranges)
        if from_reservation:
            block = _locate(self._busy, ranges, allocation.reservation_choice(free, self._rng))
        else:
            up_to_last = _free_in(self._busy, [(start, min(end, self._last + 1)) for start, end in ranges])
            rank = allocation.open_pool_choice(self._order, free, up_to_last, self._rng)
            block = self._last = _locate(self._busy, ranges, rank)
        return self._occupy(block)

    def _occupy(self, block: int) -> str:
        insort(self._prefixes, block)
        insort(self._busy, block)
        return f"{blocks.address_text(self.network, block << BLOCK_BITS)}/{IPV6_PREFIX_LENGTH}"

    def _random_single(self) -> int:
        """A random address in a random block of the open pool that is no prefix. EC2's way is [unproven].

        A block has 2^48 addresses, so drawing again until one is free ends at once.
        """
        ranges = self._open_ranges
        free = _free_in(self._prefixes, ranges)
        if not free:
            raise allocation.no_single()
        block = _locate(self._prefixes, ranges, self._rng.randrange(free))
        while True:
            offset = (block << BLOCK_BITS) + self._rng.randrange(1 << BLOCK_BITS)
            if offset not in self._singles and not self._kept(offset):
                return offset

    def _named_single(self, address: str) -> int:
        offset = blocks.parse_address(address, self.network)
        if self._kept(offset):
            raise blocks.kept_by_aws(address)
        if offset in self._singles or _contains(self._prefixes, offset >> BLOCK_BITS):
            raise blocks.address_in_use()
        return offset

    def _kept(self, offset: int) -> bool:
        return offset < KEPT_FIRST or offset >= self.network.num_addresses - KEPT_LAST


def _holds_blocks(cidr: IPv6Network) -> bool:
    return cidr.prefixlen <= IPV6_PREFIX_LENGTH


def _contains(row: list[int], item: int) -> bool:
    place = bisect_left(row, item)
    return place < len(row) and row[place] == item


def _remove(row: list[int], item: int) -> None:
    del row[bisect_left(row, item)]


def _free_in(taken: list[int], ranges: Iterable[Range]) -> int:
    """How many blocks of the ranges are not in `taken`, which is sorted."""
    return sum(
        end - start - (bisect_left(taken, end) - bisect_left(taken, start)) for start, end in ranges if end > start
    )


def _locate(taken: list[int], ranges: Iterable[Range], rank: int) -> int:
    """The block of that rank among those of the ranges that are not in `taken`."""
    for start, end in ranges:
        free = _free_in(taken, [(start, end)])
        if rank < free:
            below = bisect_left(taken, start)
            # taken[i] - start - (i - below) blocks of the range are free below taken[i]
            place = bisect_right(
                range(below, bisect_left(taken, end)), rank, key=lambda i: taken[i] - start - (i - below)
            )
            return start + rank + place
        rank -= free
    raise IndexError(rank)
