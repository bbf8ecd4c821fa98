"""What the report says about one VPC: what room there is for further subnets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from functions.capacity.vpc_space import LARGEST, QUOTA, VpcSpace
from functions.report.audit.facts import Fact, Record, Value


def vpc_record(vpc_id: str, subnet_ids: Sequence[str], space: VpcSpace | None) -> Record:
    """All facts of a VPC. `subnet_ids` are those in the report; of a VPC that was not read the rest is unknown."""
    return Record(
        id=vpc_id,
        facts=(
            Fact(key="subnetIds", label="Subnets in this report", value=tuple(subnet_ids)),
            *(_ranges(space) if space else _unread()),
        ),
    )


_LABELS = {
    "cidrs": "CIDRs",
    "unsettledCidrs": "Being added or removed",
    "subnetCount": "Subnets in all",
    "addresses": "Addresses in its CIDRs",
    "addressesInNoSubnet": "Addresses in no subnet",
    "largestRangeInNoSubnet": "Largest range in no subnet",
    "rangesInNoSubnetBySize": "Ranges in no subnet by size",
    "cidrsWithinQuota": "CIDRs that the default quota still allows",
    "rangeToAdd": "Largest range that could be added",
}
_OVERVIEW = {"cidrs", "subnetCount", "addressesInNoSubnet", "largestRangeInNoSubnet", "rangeToAdd"}


def _unread() -> Iterator[Fact]:
    yield from (Fact(key=key, label=label, value=None, overview=key in _OVERVIEW) for key, label in _LABELS.items())


def _ranges(space: VpcSpace) -> Iterator[Fact]:
    holes = space.holes()
    by_length = Counter(each.prefixlen for each in holes)
    largest = min(holes, key=lambda each: (each.prefixlen, each), default=None)
    to_add = next(filter(None, (space.secondary(length) for length in range(LARGEST, 29))), ())
    values: dict[str, Value] = {
        "cidrs": tuple(map(str, space.cidrs)),
        "unsettledCidrs": tuple(map(str, space.unsettled)),
        "subnetCount": len(space.subnets),
        "addresses": sum(each.num_addresses for each in space.cidrs),
        "addressesInNoSubnet": sum(each.num_addresses for each in holes),
        "largestRangeInNoSubnet": str(largest or ""),
        "rangesInNoSubnetBySize": {f"/{length}": by_length[length] for length in sorted(by_length)},
        "cidrsWithinQuota": max(0, QUOTA - len(space.cidrs) - len(space.unsettled)),
        "rangeToAdd": str(to_add[0]) if to_add else "",
    }
    yield from (
        Fact(key=key, label=_LABELS[key], value=value, overview=key in _OVERVIEW) for key, value in values.items()
    )
