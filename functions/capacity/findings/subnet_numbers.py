"""What is said of a subnet in numbers: its place, its blocks and their demand, its node groups."""

from __future__ import annotations

from collections.abc import Iterable

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.demand import GroupDemand
from functions.capacity.findings.finding import Number
from functions.capacity.model import PREFIX_LENGTH, Reservation, Subnet
from functions.capacity.spread import Share
from functions.capacity.wording import count

LISTED = 12  # reservations or addresses named in one message


def place(subnet: Subnet) -> str:
    """Its range, zone, VPC and mode."""
    return ", ".join(filter(None, (f"{subnet.cidr} in {subnet.zone}", subnet.vpc_id, f"mode {subnet.mode}")))


def numbers(analysis: Analysis, drains: int | None = None) -> dict[str, Number]:
    """Demand and blocks, by the names that they have in JSON; `drains` are the draining ones that are expected to."""
    blocks, demand = analysis.blocks, analysis.demand
    return {
        "prefixesToCome": demand.prefixes,
        "ofThemUrgent": demand.urgent,
        "freeInReservations": len(blocks.free_reserved),
        "freeOutside": len(blocks.free_open),
        "draining": len(blocks.draining),
        **({} if drains is None else {"expectedToDrainWithinADay": drains}),
        "spoiltOutside": len(blocks.drainable),
        "assigned": len(blocks.held),
        "openSingleAddresses": blocks.open_addresses,
    }


def group(each: GroupDemand) -> str:
    """A node group: what it has here, what it may still ask for, and what a full node takes."""
    surge = f" and {each.surge_nodes} during an update" if each.surge_nodes else ""
    share = f"; {each.share}" if each.share is not Share.WHOLE else ""
    return (
        f"{each.name}: {count(each.nodes_now, 'node')} here, up to {each.nodes_to_come} more{surge}; a full node takes "
        f"{count(each.per_node.prefixes, 'prefix')} and {count(each.per_node.singles, 'single address')} "
        f"(max pods {each.max_pods}{share})"
    )


def listed(lines: Iterable[str]) -> list[str]:
    """The first of them, and how many more there are."""
    every = list(lines)
    more = len(every) - LISTED
    return every[:LISTED] + ([f"and {more} more"] if more > 0 else [])


def standing(analysis: Analysis, reservations: Iterable[Reservation]) -> str:
    """What stands in the blocks of these reservations, those apart that can never be a prefix."""
    blocks = analysis.blocks
    inside = {n for each in reservations for n in blocks_of(each, analysis.subnet)} & set(blocks.allocatable)
    assigned = len(blocks.held & inside)
    draining = sum(1 for n in inside if blocks.singles[n])
    return f"{len(inside) - draining - assigned} free, {draining} draining, {assigned} assigned"


def others(analysis: Analysis) -> list[str]:
    """Reservations that are not Headroom's, in words: they count, and are never changed."""
    found = sorted((each for each in analysis.subnet.reservations if not each.ours), key=lambda each: each.cidr)
    return listed(f"{each.cidr} ({each.id}), {_kept_for(each, analysis)}" for each in found)


def _kept_for(each: Reservation, analysis: Analysis) -> str:
    if each.reserves_prefixes and each.cidr.prefixlen <= PREFIX_LENGTH:
        return f"somebody else's for prefixes, counted, never changed: {standing(analysis, (each,))}"
    blocks = count(len(blocks_of(each, analysis.subnet)), "block")
    return f"somebody else's, never changed: no prefix that EC2 chooses comes into its {blocks}"
