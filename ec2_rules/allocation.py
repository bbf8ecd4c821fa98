"""EC2's rules of allocation: which address, which /28, which /80 a request gets, and from where.

Marks: [D] AWS documentation, [I] issue threads, [C] source code, [unproven] our reading, never seen on an account.
- RESERVATIONS = https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html
- SIZING = https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
- PREFIXES = https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
"""

from enum import StrEnum
from random import Random

from ec2_rules.errors import Ec2Error

ADDRESSES_PER_BLOCK = 16  # [D] PREFIXES: an IPv4 prefix is a /28
IPV6_PREFIX_LENGTH = 80  # [D] PREFIXES: an IPv6 prefix is a /80
KEPT_FIRST = 4  # [D] SIZING: the first four addresses of a subnet are not available to anybody, IPv4 and IPv6 alike
KEPT_LAST = 1  # [D] SIZING: nor is the last. So the first and the last block can never be a prefix.


class Order(StrEnum):
    """In which order EC2 goes through the free places of the open pool.

    Not documented. Cilium's users see random singles (https://github.com/cilium/cilium/issues/38499) [I];
    the others exist so that a simulation can show how much depends on it. [unproven]
    """

    RANDOM = "random"  # any free place, all alike
    NEXT = "next"  # the first free place after the last one given out, round and round
    LOW_WINDOW = "low_window"  # at random among the lowest quarter of the free places
    LOWEST = "lowest"  # always the lowest


class ReservationType(StrEnum):
    """The two kinds of subnet CIDR reservation. [D] RESERVATIONS."""

    PREFIX = "prefix"
    EXPLICIT = "explicit"


def open_pool_choice(order: Order, free: int, after_last: int, rng: Random) -> int:
    """Which of the `free` places (> 0, counted from the lowest address) EC2 takes next.

    `after_last` is the rank of the first free place above the one given out last. [unproven], see Order.
    """
    if order is Order.LOWEST:
        return 0
    if order is Order.NEXT:
        return after_last if after_last < free else 0
    if order is Order.LOW_WINDOW:
        return rng.randrange((free + 3) // 4)
    return rng.randrange(free)


def reservation_choice(free: int, rng: Random) -> int:
    """Which of the `free` (> 0) blocks under `prefix` reservations EC2 takes: any.

    [D] RESERVATIONS: with several ranges reserved for prefixes, "we randomly choose the IP addresses to assign".
    That each free block, and not first each reservation, is equally likely is [unproven].
    """
    return rng.randrange(free)


def prefixes_from_reservations(count: int, free_in_reservations: int) -> int:
    """How many of `count` automatic prefixes come from `prefix` reservations; the rest come from the open pool.

    Reservations first, then the pool. [I] https://github.com/aws/amazon-vpc-cni-k8s/issues/2749, [D] RESERVATIONS.
    That one request may be filled from both is [unproven].
    """
    return min(count, free_in_reservations)


SINGLES_FROM: frozenset[ReservationType | None] = frozenset({None})
"""Where a single address that EC2 chooses may lie (None is the open pool): never in a reservation.

[D] RESERVATIONS for secondary addresses; that primary addresses stay out too is [unproven], both are reported.
"""

PREFIXES_FROM: frozenset[ReservationType | None] = frozenset({ReservationType.PREFIX, None})
"""Where a prefix that EC2 chooses may lie. [D] RESERVATIONS."""

AVAILABLE_IN: frozenset[ReservationType | None] = frozenset({None})
"""Where a free address is part of AvailableIpAddressCount: not once it is reserved.

For whole free `prefix` reservations [I] amazon-vpc-cni-k8s#2749 and [C] moto's model agree; for partly used ranges
and for `explicit` it is [unproven].
"""


def no_prefix(count: int, free_addresses: int) -> Ec2Error:
    """Why `count` automatic prefixes can't be had, given the free addresses that automatic prefixes may use.

    Fewer free addresses than asked for: exhausted. Enough, but not in whole blocks: fragmented.
    [I] AWS support as quoted in https://github.com/cilium/cilium/pull/31016. That free addresses under `explicit`
    reservations do not count is [unproven].
    """
    if free_addresses < count * ADDRESSES_PER_BLOCK:
        return Ec2Error("InvalidParameterValue", "There aren't sufficient free Ipv4 addresses or prefixes")
    return no_free_block()


def no_free_block() -> Ec2Error:
    """Fragmented. [I] https://github.com/aws/amazon-vpc-cni-k8s/issues/1836; for IPv6 the same is [unproven]."""
    return Ec2Error(
        "InsufficientCidrBlocks",
        "The specified subnet does not have enough free cidr blocks to satisfy the request.",
    )


def no_single() -> Ec2Error:
    """No single address is left. [I] https://github.com/aws/amazon-vpc-cni-k8s/pull/1773."""
    return Ec2Error(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )
