"""What people can do for a subnet that cannot hold its demand, in steps with commands that can be run as they stand.

Steps that make up for all that is missing come first, and of those what works sooner; limits to growth come last.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Network

from functions.capacity.analyse import Analysis
from functions.capacity.clusters import NodeGroup, Origin
from functions.capacity.demand import GroupDemand
from functions.capacity.findings.subnet_outlook import Outlook, smallest_subnet
from functions.capacity.findings.vpc_cni import default_targets
from functions.capacity.model import MODE_TAG, Mode, Snapshot, Subnet
from functions.capacity.nodes import NodeDemand
from functions.capacity.owners import Owner
from functions.capacity.pins import Holder, holders
from functions.capacity.vpc_space import LARGEST, NOT_CHECKED, QUOTA, VpcSpace
from functions.capacity.warm import warm_waste
from functions.capacity.wording import clean, count

_OWNERS = {  # of several; of the rest, the word with an s
    Owner.POD: "pods with security groups of their own",
    Owner.CONTROL_PLANE: "the EKS control plane",
    Owner.INSTANCE: "instances outside any cluster",
    Owner.OTHER: "others",
}
LISTED = 8  # interfaces and ranges that one step names


class _Soon(IntEnum):
    """How long it takes until blocks are free, roughly."""

    MINUTES = 0  # the CNI gives back what it holds too many of
    NEW_NODES = 1  # they have to start somewhere else
    BY_HAND = 2  # somebody has to move what is not Headroom's


@dataclass(frozen=True, kw_only=True)
class WarmReturn:
    """Blocks of this subnet that the default warm pool would return, at the most, from the nodes there are."""

    group: str
    blocks: int
    change: str  # the words and commands of the change


@dataclass(frozen=True, kw_only=True)
class _Step:
    blocks: int  # that it frees, at the most
    soon: _Soon
    text: str


def advice(analysis: Analysis, space: VpcSpace | None, waste: Iterable[WarmReturn] = ()) -> tuple[str, ...]:
    """The steps in order, without numbers; none where nothing is missing or the view is not whole.

    `space` is None where the VPC was not read.
    """
    if analysis.partial or not analysis.missing:
        return ()
    missing = analysis.missing
    steps = [*_warm(waste), *_new_subnet(analysis, space), *_pins(analysis)]
    steps.sort(key=lambda each: (each.blocks < missing, each.soon, -each.blocks))
    return (*(each.text for each in steps), *_bounds(analysis))


# --- a new subnet ---


def _new_subnet(analysis: Analysis, space: VpcSpace | None) -> Iterator[_Step]:
    subnet, whole = analysis.subnet, Outlook(analysis=analysis).whole
    if space is None:
        text = _unread(subnet, smallest_subnet(whole)[0])
    else:
        text = _in_free_space(analysis, space, whole) or _in_added_range(subnet, space, *smallest_subnet(whole))
    yield _Step(blocks=analysis.missing, soon=_Soon.NEW_NODES, text=text)


def _in_free_space(analysis: Analysis, space: VpcSpace, whole: NodeDemand) -> str:
    """For all that the groups take, or at least for what is missing; empty where the VPC has no room for either."""
    part = NodeDemand(prefixes=analysis.missing, interfaces=analysis.demand.interfaces)
    for wanted, what in ((whole, ""), (part, " for what is missing")):
        length, subnets = smallest_subnet(wanted)
        free = space.free(length, subnets)
        if len(free) == subnets:
            made = (_create_subnet(analysis.subnet, space.vpc_id, each) for each in free[:LISTED])
            place = f"in the VPC's free space{what}, with new node groups {_routed(analysis.subnet)}"
            return _lines(f"Make {_new(subnets)} {place}:", *made)
    return ""


def _in_added_range(subnet: Subnet, space: VpcSpace, length: int, subnets: int) -> str:
    added = _added(space, length, subnets)
    if not added:
        return f"Make new node groups in another VPC: this one has no room for a /{length}, and no range to grow by."
    inside = [each for cidr in added for each in cidr.subnets(new_prefix=length)][:subnets]
    many = f"more than the {QUOTA} that are allowed by default; " if len(space.cidrs) + len(added) > QUOTA else ""
    return _lines(
        f"Add a range to the VPC, which has no room ({many}{NOT_CHECKED}), and {_new(subnets)} in it, with new node "
        f"groups {_routed(subnet)}:",
        *(f"aws ec2 associate-vpc-cidr-block --vpc-id {space.vpc_id} --cidr-block {each}" for each in added[:LISTED]),
        *(_create_subnet(subnet, space.vpc_id, each) for each in inside[:LISTED]),
    )


def _added(space: VpcSpace, length: int, subnets: int) -> tuple[IPv4Network, ...]:
    """Ranges for so many subnets; one with room for up to three more, in other zones or later, where there is such."""
    if subnets > 1:
        return space.secondary(length, subnets)
    return next(filter(None, (space.secondary(n) for n in range(max(LARGEST, length - 2), length + 1))), ())


def _new(subnets: int) -> str:
    return "a new subnet" if subnets == 1 else f"{subnets} new subnets"


def _unread(subnet: Subnet, length: int) -> str:
    vpc = subnet.vpc_id or '"$VPC"'  # EC2 always says which
    return _lines(
        f"Make a new /{length} subnet, with new node groups {_routed(subnet)}; find a free range, none was read:",
        f"aws ec2 describe-subnets --filters Name=vpc-id,Values={vpc} --query 'Subnets[].CidrBlock' --output text",
        f"CIDR=  # a free /{length}",
        _create_subnet(subnet, vpc, '"$CIDR"'),
    )


def _routed(subnet: Subnet) -> str:
    """A new subnet starts with the VPC's main route table, which need not be this one's."""
    return f"and {subnet.id}'s route table"


def _create_subnet(subnet: Subnet, vpc_id: str, cidr: IPv4Network | str) -> str:
    """In the same zone, so that volumes stay in reach, and for prefix nodes alone, which is what STEER is for."""
    return (
        f"aws ec2 create-subnet --vpc-id {vpc_id} --cidr-block {cidr} --availability-zone {subnet.zone} "
        f"--tag-specifications 'ResourceType=subnet,Tags=[{{Key={MODE_TAG},Value={Mode.STEER}}}]'"
    )


# --- single addresses that hold blocks ---


def _pins(analysis: Analysis) -> Iterator[_Step]:
    """Blocks that single addresses hold, by owner, and which interfaces to move for the blocks that are missing."""
    blocks = analysis.blocks
    spoilt = blocks.draining | blocks.drainable
    found = holders(blocks, spoilt).values()
    if not found:
        return
    held = [_in_the_way(each) for each in found]
    held.sort(key=lambda each: (not each[0].pins, len(each)))
    named, freed = _interfaces(held[: analysis.missing])
    yield _Step(
        blocks=min(len(held), analysis.missing),
        soon=_Soon.BY_HAND,
        text=_lines(
            f"Move single addresses: {_by_owner(found)}. "
            f"{count(freed, 'block')} {'needs' if freed == 1 else 'need'} only {count(len(named), 'interface')} moved:",
            f"aws ec2 describe-network-interfaces --network-interface-ids {' '.join(named)} "
            "--query 'NetworkInterfaces[].[NetworkInterfaceId,PrivateIpAddress,InterfaceType,Description]' "
            "--output text",
        ),
    )


def _in_the_way(held: tuple[Holder, ...]) -> tuple[Holder, ...]:
    """Those that stay until somebody moves them; where there are none, all: nodes and tasks can be replaced."""
    return tuple(each for each in held if each.pins) or held


def _interfaces(blocks: Iterable[tuple[Holder, ...]]) -> tuple[list[str], int]:
    """The interfaces in these blocks, as many as one step names, and how many of the blocks they are in the way of."""
    named, freed = dict[str, None](), 0
    for held in blocks:
        wanted = named | dict.fromkeys(each.interface_id for each in held)
        if freed and len(wanted) > LISTED:
            break
        named, freed = wanted, freed + 1
    return list(named), freed


def _by_owner(held_blocks: Iterable[tuple[Holder, ...]]) -> str:
    """`8 blocks are held by load balancers, 3 by RDS databases`; those of most blocks first."""
    blocks = Counter(owner for holding in held_blocks for owner in {each.owner for each in holding})
    (first, number), *others = sorted(blocks.items(), key=lambda each: (-each[1], each[0]))
    held = f"{count(number, 'block')} {'is' if number == 1 else 'are'} held by {_OWNERS.get(first, f'{first}s')}"
    return ", ".join([held, *(f"{n} by {_OWNERS.get(who, f'{who}s')}" for who, n in others)])


# --- warm pools ---


def warm_returns(analysis: Analysis, snapshot: Snapshot) -> tuple[WarmReturn, ...]:
    """What the default warm pool would return of this subnet, by group, where that is known; the most first."""
    found = (_warm_return(each, snapshot) for each in analysis.demand.groups)
    return tuple(sorted((each for each in found if each), key=lambda each: (-each.blocks, each.group)))


def _warm_return(demand: GroupDemand, snapshot: Snapshot) -> WarmReturn | None:
    group, cluster = demand.group, snapshot.clusters.get(demand.group.cluster)
    types = [snapshot.instance_types[name] for name in group.instance_types if name in snapshot.instance_types]
    if cluster is None or cluster.cni is None or not types or group.origin is Origin.AUTO_MODE:
        return None
    now = warm_waste(group, cluster.cni, types).idle.prefixes
    default = warm_waste(group, cluster.cni.with_default_targets, types).idle.prefixes
    # No more than the nodes hold here beyond one idle node's default each: some of their blocks serve pods.
    blocks = min(demand.nodes_now * (now - default), demand.held.prefixes - demand.nodes_now * default)
    if blocks <= 0:
        return None
    return WarmReturn(group=group.label, blocks=blocks, change=default_targets(cluster, group.os))


def _warm(waste: Iterable[WarmReturn]) -> Iterator[_Step]:
    for each in waste:
        words, _, commands = each.change.partition("\n")
        text = f"Up to {count(each.blocks, 'block')} back from idle nodes of {clean(each.group)}: {_lower(words)}"
        yield _Step(blocks=each.blocks, soon=_Soon.MINUTES, text=_lines(text, *commands.splitlines()))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


# --- limits to growth ---


def _bounds(analysis: Analysis) -> Iterator[str]:
    for each in analysis.demand.groups:
        group, there = each.group, max(len(each.group.nodes), 1)
        wanted, later = max(group.desired_size, there), (each.nodes_to_come - each.nodes_desired)
        if each.prefixes and later > 0:
            less = f"{count(later * each.per_node.prefixes, 'prefix')} less than now"
            yield from _step_of(f"Or bound what {clean(each.name)} may ask for, {less}:", _bound(group, wanted))
        elif each.prefixes and there < wanted:
            words = f"Or stop {clean(each.name)} at the nodes that are there, so that none starts without prefixes:"
            yield from _step_of(words, _bound(group, there, stop=True))


def _step_of(words: str, command: str) -> Iterator[str]:
    if command:
        yield _lines(words, command)


def _bound(group: NodeGroup, most: int, *, stop: bool = False) -> str:
    """The command, if there is one: of Karpenter's pools and Auto Mode's, AWS knows no maximum."""
    if group.origin is Origin.MANAGED:
        names = f"--cluster-name {_quoted(group.cluster)} --nodegroup-name {_quoted(group.name)}"
        sizes = f"maxSize={most}" + (f",desiredSize={most}" if stop else "")
        return f"aws eks update-nodegroup-config {names} --scaling-config {sizes}"
    if group.origin is Origin.SELF_MANAGED and len(group.auto_scaling_groups) == 1:
        name = _quoted(group.auto_scaling_groups[0])
        sizes = f"--max-size {most}" + (f" --desired-capacity {most}" if stop else "")
        return f"aws autoscaling update-auto-scaling-group --auto-scaling-group-name {name} {sizes}"
    return ""


def _quoted(name: str) -> str:
    return shlex.quote(clean(name))


def _lines(words: str, *commands: str) -> str:
    return "\n   ".join([words, *commands])
