"""The IPv4 addresses of one subnet: what is in use, what is reserved, what a request gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network
from random import Random

from ec2_rules import allocation, blocks
from ec2_rules.allocation import (
    ADDRESSES_PER_BLOCK,
    AVAILABLE_IN,
    KEPT_FIRST,
    KEPT_LAST,
    PREFIXES_FROM,
    SINGLES_FROM,
    Order,
    ReservationType,
)
from ec2_rules.tally import Tally

OPEN_POOL: frozenset[ReservationType | None] = frozenset({None})
WHOLE = (1 << ADDRESSES_PER_BLOCK) - 1  # the bits of a block: bit n is its n-th address


@dataclass(slots=True)
class _Block:
    """One /28 as three masks of 16 bits."""

    used: int = 0
    prefix: int = 0  # under a `prefix` reservation
    explicit: int = 0  # under an `explicit` reservation

    def free(self, places: frozenset[ReservationType | None]) -> int:
        """The free addresses in the open pool (None) and under the given kinds of reservation."""
        mask = 0
        if None in places:
            mask |= WHOLE & ~(self.prefix | self.explicit)
        if ReservationType.PREFIX in places:
            mask |= self.prefix
        if ReservationType.EXPLICIT in places:
            mask |= self.explicit
        return mask & ~self.used


class Ipv4Space:
    """EC2's view of a subnet's IPv4 range. Allocation costs O(log n) whatever the size and the reservations."""

    def __init__(self, cidr: str, order: Order, rng: Random) -> None:
        self.network = IPv4Network(cidr)
        self._order = order
        self._rng = rng
        count = self.network.num_addresses // ADDRESSES_PER_BLOCK
        self._blocks = [_Block() for _ in range(count)]
        self._singles = Tally([ADDRESSES_PER_BLOCK] * count)  # addresses that an automatic single may get, by block
        self._open_blocks = Tally([1] * count)  # blocks wholly free in the open pool
        self._reserved_blocks = Tally([0] * count)  # blocks wholly free under `prefix` reservations
        self._free_for_prefixes = count * ADDRESSES_PER_BLOCK
        self.available = count * ADDRESSES_PER_BLOCK  # AvailableIpAddressCount
        self._last_single = -1  # offset of the address given out last
        self._last_block = -1
        for offset in (*range(KEPT_FIRST), *range(self.network.num_addresses - KEPT_LAST, self.network.num_addresses)):
            self._mark_used(offset)

    @property
    def free_blocks(self) -> int:
        """How many automatic prefixes could still be had."""
        return self._open_blocks.total + self._reserved_blocks.total

    def used(self) -> Iterator[str]:
        """Every address in use, those that AWS keeps included, in order."""
        for index, block in enumerate(self._blocks):
            for bit in _bits(block.used):
                yield blocks.address_text(self.network, index * ADDRESSES_PER_BLOCK + bit)

    def take_address(self, address: str | None = None) -> str:
        """Take the given address, or one that EC2 chooses. Raises Ec2Error."""
        offset = self._choose_single() if address is None else self._named_single(address)
        self._mark_used(offset)
        return blocks.address_text(self.network, offset)

    def release_address(self, address: str) -> None:
        """Give back an address that is in use."""
        index, bit = divmod(blocks.parse_address(address, self.network), ADDRESSES_PER_BLOCK)
        self._set_used(index, self._blocks[index].used & ~(1 << bit))

    def take_prefixes(self, count: int) -> tuple[str, ...]:
        """Take that many /28 of EC2's choice, all or none. Raises Ec2Error."""
        if count > self.free_blocks:
            raise allocation.no_prefix(count, self._free_for_prefixes)
        reserved = allocation.prefixes_from_reservations(count, self._reserved_blocks.total)
        return tuple(self._take_block(from_reservation=place < reserved) for place in range(count))

    def take_prefix(self, prefix: str) -> str:
        """Take the given /28, which must be wholly free; it may lie in any reservation. Raises Ec2Error."""
        index = blocks.parse_prefix(prefix, self.network, 28)
        if self._blocks[index].used:
            raise blocks.prefix_in_use(prefix)
        self._set_used(index, WHOLE)
        return prefix

    def release_prefix(self, prefix: str) -> None:
        """Give back a /28 that is in use as a prefix."""
        self._set_used(blocks.parse_prefix(prefix, self.network, 28), 0)

    def reserve(self, cidr: IPv4Network, kind: ReservationType) -> None:
        """Put a range, in use or not, under a reservation. The caller has checked that it overlaps no other."""
        for index, mask in self._masks(cidr):
            self._set_reserved(index, mask, kind)

    def unreserve(self, cidr: IPv4Network) -> None:
        """Undo `reserve`: what is not in use returns to the open pool."""
        for index, mask in self._masks(cidr):
            self._set_reserved(index, mask, None)

    def _choose_single(self) -> int:
        if not self._singles.total:
            raise allocation.no_single()
        rank = allocation.open_pool_choice(self._order, self._singles.total, self._free_up_to_last(), self._rng)
        index, place = self._singles.locate(rank)
        bit = list(_bits(self._blocks[index].free(SINGLES_FROM)))[place]
        self._last_single = index * ADDRESSES_PER_BLOCK + bit
        return self._last_single

    def _free_up_to_last(self) -> int:
        """How many addresses that a single may get lie no higher than the last one given out."""
        index, bit = divmod(self._last_single + 1, ADDRESSES_PER_BLOCK)
        if index == len(self._blocks):
            return self._singles.total
        below = self._blocks[index].free(SINGLES_FROM) & ((1 << bit) - 1)
        return self._singles.before(index) + below.bit_count()

    def _named_single(self, address: str) -> int:
        """A caller may name any free address, reserved or not.

        For `explicit` that is the documented use; for `prefix` it is [unproven].
        """
        offset = blocks.parse_address(address, self.network)
        if offset < KEPT_FIRST or offset >= self.network.num_addresses - KEPT_LAST:
            raise blocks.kept_by_aws(address)
        index, bit = divmod(offset, ADDRESSES_PER_BLOCK)
        if self._blocks[index].used >> bit & 1:
            raise blocks.address_in_use()
        return offset

    def _take_block(self, *, from_reservation: bool) -> str:
        if from_reservation:
            rank = allocation.reservation_choice(self._reserved_blocks.total, self._rng)
            index, _ = self._reserved_blocks.locate(rank)
        else:
            after_last = self._open_blocks.before(self._last_block + 1)
            rank = allocation.open_pool_choice(self._order, self._open_blocks.total, after_last, self._rng)
            index, _ = self._open_blocks.locate(rank)
            self._last_block = index
        self._set_used(index, WHOLE)
        return f"{blocks.address_text(self.network, index * ADDRESSES_PER_BLOCK)}/28"

    def _masks(self, cidr: IPv4Network) -> Iterator[tuple[int, int]]:
        """The blocks that a range touches, each with the mask of its addresses inside."""
        first = int(cidr.network_address) - int(self.network.network_address)
        size = cidr.num_addresses
        if size < ADDRESSES_PER_BLOCK:
            index, bit = divmod(first, ADDRESSES_PER_BLOCK)
            yield index, ((1 << size) - 1) << bit
            return
        start = first // ADDRESSES_PER_BLOCK
        for index in range(start, start + size // ADDRESSES_PER_BLOCK):
            yield index, WHOLE

    def _mark_used(self, offset: int) -> None:
        index, bit = divmod(offset, ADDRESSES_PER_BLOCK)
        self._set_used(index, self._blocks[index].used | 1 << bit)

    def _set_used(self, index: int, used: int) -> None:
        self._forget(index)
        self._blocks[index].used = used
        self._count(index)

    def _set_reserved(self, index: int, mask: int, kind: ReservationType | None) -> None:
        self._forget(index)
        block = self._blocks[index]
        block.prefix = block.prefix | mask if kind is ReservationType.PREFIX else block.prefix & ~mask
        block.explicit = block.explicit | mask if kind is ReservationType.EXPLICIT else block.explicit & ~mask
        self._count(index)

    def _forget(self, index: int) -> None:
        """Take a block out of the totals before it changes."""
        block = self._blocks[index]
        self._free_for_prefixes -= block.free(PREFIXES_FROM).bit_count()
        self.available -= block.free(AVAILABLE_IN).bit_count()

    def _count(self, index: int) -> None:
        """Put a changed block back into the totals."""
        block = self._blocks[index]
        self._free_for_prefixes += block.free(PREFIXES_FROM).bit_count()
        self.available += block.free(AVAILABLE_IN).bit_count()
        self._singles[index] = block.free(SINGLES_FROM).bit_count()
        self._open_blocks[index] = int(block.free(OPEN_POOL) == WHOLE)
        self._reserved_blocks[index] = int(block.prefix == WHOLE and not block.used)


def _bits(mask: int) -> Iterator[int]:
    """The positions of the bits that are set, in order."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
