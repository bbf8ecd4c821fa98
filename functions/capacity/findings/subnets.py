"""Subnets whose node groups will ask for prefixes, and whether anything keeps blocks whole for them.

The guide's two ways: reservations, or a new subnet for prefix nodes alone (EKS user guide,
'cni-increase-ip-addresses'). Which of them holds the demand is decided as Headroom itself would reserve: by plan().
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.analyse import Analysis
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Kind, Number, Resource, Severity, unknown
from functions.capacity.findings.ipv6 import vpc_line
from functions.capacity.findings.subnet_numbers import place
from functions.capacity.findings.subnet_outlook import Outlook, smallest_subnet
from functions.capacity.model import MODE_TAG, Mode, Subnet
from functions.capacity.plan import CreateReservation
from functions.capacity.wording import count


def subnet_unprepared(facts: Facts) -> Iterator[Finding]:
    """A subnet that prefixes will be asked of, where single addresses can spoil the blocks that they need.

    subnet-cannot-hold-demand says that the blocks are missing now; this, that they are not kept, and which way out
    there is. Where Headroom may reserve and can, it does so, and nothing is to be said.
    """
    for analysis in facts.analyses.values():
        unread = _unread(facts, analysis.subnet)
        if analysis.demand.prefixes and analysis.partial:
            yield _unknown(analysis.subnet, _cluster_of(analysis), analysis.partial)
        elif unread:
            yield _unknown(analysis.subnet, unread.group.cluster, _why_unread(unread))
        elif analysis.demand.prefixes:
            outlook = Outlook(analysis=analysis)
            if not outlook.safe and not _in_hand(outlook):
                yield _unprepared(outlook)


def _in_hand(outlook: Outlook) -> bool:
    """Whether Headroom is at it, or all is reserved already and only has to drain."""
    acting = outlook.analysis.subnet.mode is not Mode.OBSERVE
    return outlook.reservations_hold_it and (acting or not outlook.proposal.actions)


def _unprepared(outlook: Outlook) -> Finding:
    analysis, subnet = outlook.analysis, outlook.analysis.subnet
    return Finding(
        id=FindingId.SUBNET_UNPREPARED,
        severity=Severity.WARNING,
        resource=_resource(subnet, _cluster_of(analysis)),
        title=_title(outlook),
        where=place(subnet),
        numbers=_numbers(outlook),
        means=(
            f"Single addresses that come to {subnet.id} fall anywhere in its open blocks, and a block with one address "
            "is no prefix any more. Nodes then get InsufficientCidrBlocks, and their pods stay in ContainerCreating."
        ),
        remedy=tuple(_reserve(outlook) if outlook.reservations_hold_it else _move(outlook)),
        done=(_done(subnet),),
    )


def _done(subnet: Subnet) -> str:
    return f"nothing: its mode is {Mode.OBSERVE}" if subnet.mode is Mode.OBSERVE else "what can be reserved is reserved"


def _title(outlook: Outlook) -> str:
    analysis, blocks = outlook.analysis, outlook.analysis.blocks
    asked = f"{count(analysis.demand.prefixes, 'prefix')} may still be asked of {analysis.subnet.id}"
    if outlook.reservations_hold_it:
        return f"{asked}, {len(blocks.free_reserved)} free ones are reserved; reservations can hold the rest"
    length, subnets = smallest_subnet(outlook.whole)
    wanted = f"a new /{length} subnet" if subnets == 1 else f"{subnets} new /{length} subnets"
    return f"{asked}, which reservations cannot hold: its node groups need {wanted}"


def _numbers(outlook: Outlook) -> dict[str, Number]:
    blocks, demand = outlook.analysis.blocks, outlook.analysis.demand
    size = outlook.analysis.subnet.cidr.num_addresses
    numbers: dict[str, Number] = {
        "prefixesToCome": demand.prefixes,
        "singleAddressesToCome": demand.singles,
        "freeBlocks": len(blocks.free),
        "freeBlocksReserved": len(blocks.free_reserved),
        "freeBlocksSpoilable": outlook.spoilable,
        "largestFreeRun": outlook.largest_run,
        "drainingBlocks": len(blocks.draining),
        "drainableBlocks": len(blocks.drainable),
        "singleAddressesByOwner": outlook.singles,
        "percentUsedByOthersSingles": round(100 * outlook.singles_of_others / size, 1),
        "recommended": "reservations" if outlook.reservations_hold_it else "a new subnet",
    }
    if not outlook.reservations_hold_it:
        length, subnets = smallest_subnet(outlook.whole)
        numbers |= {"newSubnetPrefixLength": length, "newSubnets": subnets}
    return numbers


def _reserve(outlook: Outlook) -> Iterator[str]:
    subnet, proposal = outlook.analysis.subnet, outlook.proposal
    yield (
        "Let Headroom reserve them, and keep to it as the demand changes:\n"
        f"aws ec2 create-tags --resources {subnet.id} --tags Key={MODE_TAG},Value={Mode.AHEAD}"
    )
    lines = [_reservation(each) for each in proposal.actions]
    more = [f"# and {proposal.deferred} more, which the next look lists once these stand"] if proposal.deferred else []
    yield "\n".join(["Or reserve by hand what is free, and what will drain, today:", *lines, *more])


def _reservation(action: CreateReservation) -> str:
    return (
        f"aws ec2 create-subnet-cidr-reservation --subnet-id {action.subnet_id} --cidr {action.cidr} "
        f"--reservation-type prefix  # {action.free} free, {action.draining} draining"
    )


def _move(outlook: Outlook) -> Iterator[str]:
    subnet, groups = outlook.analysis.subnet, outlook.analysis.demand.groups
    length, _ = smallest_subnet(outlook.whole)
    yield (
        "See the VPC's blocks, and which of their ranges are taken:\n"
        f"{vpc_line(subnet)}\n"
        "aws ec2 describe-vpcs --vpc-ids $VPC --query 'Vpcs[].CidrBlockAssociationSet[].CidrBlock' --output text\n"
        "aws ec2 describe-subnets --filters Name=vpc-id,Values=$VPC --query 'Subnets[].CidrBlock' --output text"
    )
    yield (
        "Make a subnet for prefix nodes alone, in which Headroom may reserve:\n"
        f"{vpc_line(subnet)}\n"
        f"CIDR=  # a free /{length}\n"
        f'aws ec2 create-subnet --vpc-id $VPC --availability-zone {subnet.zone} --cidr-block "$CIDR" '
        f"--tag-specifications 'ResourceType=subnet,Tags=[{{Key={MODE_TAG},Value={Mode.AHEAD}}}]'"
    )
    names = ", ".join(each.name for each in groups if each.prefixes)
    yield f"Make new node groups in it in place of {names}, and drain the old ones: their subnets cannot be changed."


def _cluster_of(analysis: Analysis) -> str:
    return min((each.group.cluster for each in analysis.demand.groups if each.prefixes), default="")


def _resource(subnet: Subnet, cluster: str) -> Resource:
    return Resource(kind=Kind.SUBNET, name=subnet.id, cluster=cluster)


def _unread(facts: Facts, subnet: Subnet) -> GroupFacts | None:
    """A group that will ask for prefixes here, nobody knows how many."""
    here = (each for each in facts.groups if subnet.id in each.group.subnet_ids and not each.cluster.ipv6)
    return next((each for each in here if each.wants_prefixes and (each.missing_types or not each.types)), None)


def _why_unread(each: GroupFacts) -> str:
    named = ", ".join(each.missing_types)
    return f"the limits of {each.group.label}'s instance types are not known" + (f": {named}" if named else "")


def _unknown(subnet: Subnet, cluster: str, why: str) -> Finding:
    return unknown(
        FindingId.SUBNET_UNPREPARED,
        _resource(subnet, cluster),
        f"{subnet.id}: {why}",
        "See what stands in the subnet, and whose it is:\n"
        f"aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={subnet.id} "
        "--query 'NetworkInterfaces[].[PrivateIpAddress,InterfaceType,OwnerId,Description]' --output text",
    )
