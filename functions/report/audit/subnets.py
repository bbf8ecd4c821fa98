"""What the report says about one subnet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from functions.capacity.address_space import AddressSpace, address_space
from functions.capacity.analyse import Analysis
from functions.capacity.clusters import NodeGroup
from functions.capacity.findings.finding import Severity
from functions.capacity.findings.subnet_outlook import Outlook
from functions.capacity.plan import Plan
from functions.capacity.steering.samples import History
from functions.report.audit.facts import Fact, Record
from functions.report.audit.severities import NO_FINDING, worst
from functions.report.audit.trends import Trend, trend_facts
from functions.report.map_states import pins
from functions.report.map_words import wrong


@dataclass(frozen=True, kw_only=True)
class SubnetView:
    """A subnet with all that was worked out of it. `groups` are the node groups that may start nodes in it."""

    analysis: Analysis
    groups: tuple[NodeGroup, ...]
    severities: Collection[Severity]  # of the findings on it
    forecast: str
    history: History  # that the forecast was made of
    trend: Trend | None
    plan: Plan

    @property
    def unknown_demand(self) -> tuple[str, ...]:
        """Groups of which nobody knows what they ask of it."""
        known = {each.name for each in self.analysis.demand.groups}
        return tuple(sorted({each.label for each in self.groups} - known))


def subnet_record(view: SubnetView) -> Record:
    """All facts of a subnet; `addresses` counts leave AWS's five out."""
    space = address_space(view.analysis.subnet)
    problems = tuple(_problems(view, space))
    return Record(
        id=view.analysis.subnet.id,
        facts=(
            *_identity(view, problems),
            *_addresses(view.analysis, space),
            *_prefixes(view.analysis, space),
            *_holders(view.analysis),
            *_demand(view),
            *_ipv6(view.analysis),
        ),
    )


def _identity(view: SubnetView, problems: tuple[str, ...]) -> Iterator[Fact]:
    subnet = view.analysis.subnet
    ipv6 = str(subnet.ipv6_cidr) if subnet.ipv6_cidr else ""
    yield Fact(key="name", label="Name", value=subnet.tags.get("Name", ""), overview=True)
    yield Fact(key="cidr", label="CIDR", value=str(subnet.cidr), overview=True)
    yield Fact(key="ipv6Cidr", label="IPv6 CIDR", value=ipv6)
    yield Fact(key="vpcId", label="VPC", value=subnet.vpc_id)
    yield Fact(key="zone", label="Zone", value=subnet.zone)
    yield Fact(key="mode", label="Headroom's mode", value=subnet.mode.value)
    clusters = tuple(sorted({each.cluster for each in view.groups}))
    yield Fact(key="clusters", label="Clusters", value=clusters)
    yield Fact(key="worst", label="State", value=_state(view, problems), overview=True)
    yield Fact(key="problems", label="What is wrong", value=problems)
    yield Fact(key="partial", label="Not seen", value=view.analysis.partial)


def _state(view: SubnetView, problems: tuple[str, ...]) -> str:
    """The gravest of its findings. What is wrong without one counts where nodes may start; unknown is no good news."""
    seen = list(view.severities)
    if problems and not view.analysis.partial:
        seen.append(Severity.WARNING if view.groups else Severity.INFO)
    if view.analysis.partial or view.unknown_demand:
        seen.append(Severity.UNKNOWN)
    return worst(seen) or NO_FINDING


def _problems(view: SubnetView, space: AddressSpace) -> Iterator[str]:
    """In sentences without their full stops, the gravest first."""
    yield from (each.removesuffix(".") for each in wrong(view.analysis))
    if not space.free_addresses:
        yield "No address is free: EC2 would refuse every new interface"
    elif not view.analysis.blocks.open_addresses:
        yield "No single address is left outside reservations: a new node would get no primary address"


def _addresses(analysis: Analysis, space: AddressSpace) -> Iterator[Fact]:
    counted = tuple(map(str, analysis.subnet.available))
    yield Fact(key="inUseAddresses", label="Addresses in use", value=space.in_use_addresses)
    yield Fact(key="freeAddresses", label="Free addresses", value=space.free_addresses)
    yield Fact(key="availableIpAddressCount", label="Available, as EC2 counts", value=counted)
    yield Fact(key="openAddresses", label="Free outside reservations", value=analysis.blocks.open_addresses)


def _prefixes(analysis: Analysis, space: AddressSpace) -> Iterator[Fact]:
    largest = space.largest_free_block
    by_length = {f"/{length}": len(space.free_cover[length]) for length in sorted(space.free_cover)}
    yield Fact(key="allocatablePrefixes", label="/28 in all", value=space.allocatable_prefixes, overview=True)
    yield Fact(key="assignedPrefixes", label="/28 assigned", value=space.assigned_prefixes, overview=True)
    yield Fact(key="freePrefixes", label="/28 free", value=space.free_prefixes, overview=True)
    yield Fact(key="reservedFreePrefixes", label="/28 free and reserved", value=space.reserved_free_prefixes)
    yield Fact(key="drainingPrefixes", label="Reserved, draining", value=len(analysis.blocks.draining))
    yield Fact(key="spoiledPrefixes", label="Open, with single addresses", value=len(analysis.blocks.drainable))
    yield Fact(key="largestFreeBlock", label="Largest free block", value=str(largest) if largest else "")
    yield Fact(key="freeCoverBySize", label="Free CIDRs by size", value=by_length)
    yield Fact(key="freeCover", label="Free CIDRs", value=tuple(space.cover_cidrs()), at_length=True)


def _holders(analysis: Analysis) -> Iterator[Fact]:
    blocks = analysis.blocks
    stuck = pins(blocks, blocks.draining | blocks.drainable)
    by_owner = Counter(owner.value for each in stuck.values() for owner in each)
    singles = dict(Outlook(analysis=analysis).singles)
    yield Fact(key="singleAddressesByOwner", label="Single addresses by owner", value=singles)
    yield Fact(key="pinnedBlocksByOwner", label="Pinned blocks by owner", value=dict(sorted(by_owner.items())))
    reservations = tuple(sorted(each.id for each in analysis.subnet.all_reservations))
    yield Fact(key="reservations", label="Reservations", value=reservations)


def _demand(view: SubnetView) -> Iterator[Fact]:
    analysis, plan = view.analysis, view.plan
    missing = None if analysis.partial else analysis.missing
    created, released = (str(each.cidr) for each in plan.actions), (each.reservation_id for each in plan.releases)
    yield Fact(key="prefixesToCome", label="/28 to come", value=analysis.demand.prefixes, overview=True)
    yield Fact(key="prefixesUrgent", label="/28 for nodes wanted now", value=analysis.demand.urgent)
    yield Fact(key="prefixesMissing", label="/28 missing", value=missing, overview=True)
    yield Fact(key="singleAddressesToCome", label="Single addresses to come", value=analysis.demand.singles)
    yield Fact(key="demandUnknownOf", label="Demand not known of", value=view.unknown_demand)
    yield Fact(key="forecast", label="Forecast", value=view.forecast, overview=True)
    yield Fact(key="samples", label="Earlier looks it rests on", value=len(view.history))
    yield from trend_facts(view.trend)
    yield Fact(key="plan", label="Headroom's plan", value=plan.reason)
    yield Fact(key="plannedReservations", label="It would reserve", value=tuple(created))
    yield Fact(key="plannedReleases", label="It would give back", value=tuple(released))


def _ipv6(analysis: Analysis) -> Iterator[Fact]:
    """A subnet without an IPv6 CIDR has no prefixes: 0 of each."""
    blocks = analysis.ipv6
    largest = blocks.largest_free_block if blocks else None
    missing = None if analysis.partial else analysis.ipv6_missing
    counts: Mapping[str, tuple[str, int | None]] = {
        "ipv6AllocatablePrefixes": ("/80 in all", len(blocks.allocatable) if blocks else 0),
        "ipv6AssignedPrefixes": ("/80 assigned", blocks.in_use if blocks else 0),
        "ipv6FreePrefixes": ("/80 free", analysis.ipv6_obtainable),
        "ipv6ReservedFreePrefixes": ("/80 free and reserved", blocks.free_reserved if blocks else 0),
        "ipv6DrainingPrefixes": ("/80 reserved, draining", blocks.draining if blocks else 0),
        "ipv6PrefixesToCome": ("/80 that may be asked for", analysis.demand.ipv6_prefixes),
        "ipv6PrefixesMissing": ("/80 missing", missing),
    }
    yield from (Fact(key=key, label=label, value=value) for key, (label, value) in counts.items())
    yield Fact(key="ipv6LargestFreeBlock", label="Largest free block of /80s", value=str(largest) if largest else "")
