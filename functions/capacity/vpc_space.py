"""Room in a VPC for another subnet: ranges that no subnet takes, or ranges that could be added to the VPC.

Ranges are split in halves, never walked address by address. Only the VPC itself is looked at: routes, peerings and
networks beyond it are not known here, which whoever shows a range has to say (NOT_CHECKED).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

LARGEST, SMALLEST = 16, 28  # prefix lengths of subnets and of a VPC's blocks (VPC user guide, 'subnet-sizing')
QUOTA = 5  # IPv4 blocks of a VPC, the primary one too; up to 50 on request (VPC user guide, 'amazon-vpc-limits')
NOT_CHECKED = "routes, peerings and networks beyond the VPC were not checked"

PODS_OWN = IPv4Network("100.64.0.0/10")  # may be added to any VPC; the usual choice for pods
PRIVATE = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))  # RFC 1918

# A VPC with a block in the first range can't be given one in the second, by 'IPv4 CIDR block association restrictions'
# (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html, #add-cidr-block-restrictions). That page also
# keeps 198.19.0.0/16 and the RFC 1918 ranges other than the primary block's out of every VPC: none is proposed here.
RESTRICTED = (
    (IPv4Network("10.0.0.0/15"), IPv4Network("10.0.0.0/16")),
    (IPv4Network("172.16.0.0/12"), IPv4Network("172.31.0.0/16")),
)
# Allowed, and still no good idea: Docker's own network, which AWS's services use too (the same page), and those that
# EKS gives to Kubernetes services by default (EKS API reference, KubernetesNetworkConfigRequest, serviceIpv4Cidr).
IN_USE_ELSEWHERE = tuple(IPv4Network(each) for each in ("172.17.0.0/16", "10.100.0.0/16", "172.20.0.0/16"))


@dataclass(frozen=True, kw_only=True)
class VpcSpace:
    """A VPC's IPv4 blocks, the primary one first, and those of its subnets in all zones.

    `unsettled` blocks are being added or removed: nothing can be placed in them, or over them.
    """

    vpc_id: str
    cidrs: tuple[IPv4Network, ...]
    subnets: tuple[IPv4Network, ...]
    unsettled: tuple[IPv4Network, ...] = ()

    def free(self, prefix_length: int, how_many: int = 1) -> tuple[IPv4Network, ...]:
        """Ranges for so many subnets of this size; fewer where the VPC has no room for all."""
        return free_cidrs(self.cidrs, self.subnets, prefix_length, how_many)

    def holes(self) -> tuple[IPv4Network, ...]:
        """All that no subnet takes, as the fewest aligned ranges."""
        return tuple(hole for cidr in self.cidrs for hole in _holes(cidr, self.subnets))

    def secondary(self, prefix_length: int, how_many: int = 1) -> tuple[IPv4Network, ...]:
        """Ranges of this size that could be added to the VPC."""
        return secondary_cidrs(self.cidrs, self.unsettled, prefix_length, how_many)


def free_cidrs(
    vpc_cidrs: Iterable[IPv4Network], subnet_cidrs: Iterable[IPv4Network], prefix_length: int, how_many: int
) -> tuple[IPv4Network, ...]:
    """Up to `how_many` ranges of that size, each within one block of the VPC and clear of its subnets and each other.

    Each is cut from the smallest hole that has room, from the lowest address on. Raises ValueError on a size that no
    subnet can have.
    """
    _check(prefix_length)
    taken = tuple(subnet_cidrs)
    left = [hole for cidr in vpc_cidrs for hole in _holes(cidr, taken)]
    found = list[IPv4Network]()
    while len(found) < how_many:
        fitting = [hole for hole in left if hole.prefixlen <= prefix_length]
        if not fitting:
            break
        hole = min(fitting, key=lambda each: (-each.prefixlen, each))
        cut = IPv4Network((int(hole.network_address), prefix_length))
        left.remove(hole)
        left.extend(hole.address_exclude(cut))
        found.append(cut)
    return tuple(found)


def secondary_cidrs(
    vpc_cidrs: Iterable[IPv4Network], taken: Iterable[IPv4Network], prefix_length: int, how_many: int = 1
) -> tuple[IPv4Network, ...]:
    """Up to `how_many` ranges of that size that EC2 would add to the VPC: 100.64.0.0/10 first, then the primary's kind.

    `taken` are others to stay clear of: those of peers and of networks that are routed to. The first of `vpc_cidrs` is
    the primary one. Raises ValueError on a size that no block can have.
    """
    _check(prefix_length)
    blocks = tuple(vpc_cidrs)
    clear_of = [*blocks, *taken, *_restricted(blocks), *IN_USE_ELSEWHERE]
    lowest = (
        cut
        for kind in (PODS_OWN, *_kind(blocks))
        for hole in _holes(kind, clear_of)
        if hole.prefixlen <= prefix_length
        for cut in hole.subnets(new_prefix=prefix_length)
    )
    return tuple(cut for _, cut in zip(range(how_many), lowest, strict=False))


def _kind(blocks: Sequence[IPv4Network]) -> list[IPv4Network]:
    """The RFC 1918 range of the primary block, if it is in one."""
    return [each for each in PRIVATE for primary in blocks[:1] if primary.subnet_of(each)]


def _restricted(blocks: Collection[IPv4Network]) -> Iterator[IPv4Network]:
    return (never for has, never in RESTRICTED if any(block.overlaps(has) for block in blocks))


def _holes(space: IPv4Network, taken: Collection[IPv4Network]) -> Iterator[IPv4Network]:
    """The free rest of the space as the fewest aligned ranges, by address."""
    inside = [each for each in taken if each.overlaps(space)]
    if not inside:
        yield space
    elif not any(space.subnet_of(each) for each in inside):
        for half in space.subnets():
            yield from _holes(half, inside)


def _check(prefix_length: int) -> None:
    if not LARGEST <= prefix_length <= SMALLEST:
        raise ValueError(f"/{prefix_length} is neither a subnet's nor a VPC's size: /{LARGEST} to /{SMALLEST}")
