"""Notices as people read them: plain text in a fixed order (what, where, how bad, done, to do, runbook)."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

from functions.capacity.alerts import Notice, State
from functions.capacity.blocks import blocks_of
from functions.capacity.demand import GroupDemand
from functions.capacity.findings.finding import FindingId
from functions.capacity.model import BLOCK, MODE_TAG, Mode, Reservation
from functions.capacity.pins import Newcomer
from functions.capacity.spread import Share
from functions.capacity.wording import Message, clean, count, sections, subject, time

LISTED = 12  # reservations named in one message


def message(notice: Notice) -> Message:
    """The notice as a message. Total: every finding in every state has its words."""
    title = _TITLES[notice.finding](notice)
    return Message(
        subject=subject(f"[{notice.severity.upper()}] {notice.state}: {title}"),
        body=sections(
            ("What", title),
            ("Where", _where(notice)),
            ("Numbers", _numbers(notice)),
            ("Done", _done(notice)),
            ("To do", _to_do(notice)),
            ("Runbook", f"docs/runbooks/{notice.finding}.md"),
        ),
        attributes={
            "finding": notice.finding,
            "state": notice.state,
            "severity": notice.severity,
            "subnet": notice.analysis.subnet.id,
        },
    )


def _reserved_title(notice: Notice) -> str:
    if notice.analysis.subnet.mode is Mode.STEER:
        kept = sum(len(blocks_of(each, notice.analysis.subnet)) for each in notice.reservations)
        return f"{notice.analysis.subnet.id} is steered now: {count(kept, 'block')} held for prefixes ahead of demand"
    prefixes = sum(each.cidr.num_addresses // BLOCK for each in notice.reservations)
    return f"reserved {count(prefixes, 'prefix')} (/28) ahead of demand in {notice.analysis.subnet.id}"


def _shortage_title(notice: Notice) -> str:
    subnet = notice.analysis.subnet.id
    if notice.state is State.RESOLVED:
        return f"{subnet} can hold the demand of its node groups again"
    return f"{subnet} lacks {notice.analysis.missing} of the {notice.analysis.demand.prefixes} prefixes asked of it"


def _partial_title(notice: Notice) -> str:
    subnet = notice.analysis.subnet.id
    if notice.state is State.RESOLVED:
        return f"all of {subnet} can be seen again"
    return f"not all of {subnet} can be seen, so nothing is changed in it"


def _strays_title(notice: Notice) -> str:
    new = count(len(notice.newcomers), "new single address")
    return f"{new} inside Headroom's reservations in {notice.analysis.subnet.id}"


_TITLES = {
    FindingId.RESERVED: _reserved_title,
    FindingId.SHORTAGE: _shortage_title,
    FindingId.PARTIAL: _partial_title,
    FindingId.STRAYS: _strays_title,
}


def _where(notice: Notice) -> str:
    subnet = notice.analysis.subnet
    lines = [f"subnet {subnet.id}, {subnet.cidr}, {subnet.zone}, mode {subnet.mode}"]
    lines += [f"node group {clean(_group(each))}" for each in notice.analysis.demand.groups]
    return "\n".join(lines)


def _group(each: GroupDemand) -> str:
    surge = f" and {each.surge_nodes} during an update" if each.surge_nodes else ""
    share = f"; {each.share}" if each.share is not Share.WHOLE else ""
    return (
        f"{each.name}: {count(each.nodes_now, 'node')} here, up to {each.nodes_to_come} more{surge}; a full node takes "
        f"{count(each.per_node.prefixes, 'prefix')} and {count(each.per_node.singles, 'single address')} "
        f"(max pods {each.max_pods}{share})"
    )


def _numbers(notice: Notice) -> str:
    if notice.finding is FindingId.PARTIAL:
        return f"{notice.analysis.partial or 'EC2 counts what could be read'}\nout of step since {time(notice.since)}"
    blocks, demand = notice.analysis.blocks, notice.analysis.demand
    reserved, outside = len(blocks.free_reserved), len(blocks.free_open)
    lines = [
        f"prefixes that may still be asked for: {demand.prefixes}, of them {demand.urgent} by nodes wanted now",
        f"prefixes free when this was read: {reserved} in reservations, {outside} outside",
        f"blocks with single addresses: {len(blocks.draining)} in reservations, {len(blocks.drainable)} outside",
        f"prefixes assigned: {len(blocks.held)}",
        f"single addresses that others can still get: {blocks.open_addresses}",
    ]
    if notice.finding is FindingId.STRAYS:
        lines += [_stray(each) for each in notice.newcomers[:LISTED]] + _and_more(len(notice.newcomers) - LISTED)
    if notice.finding is FindingId.SHORTAGE:
        lines += [f"outlook: {notice.outlook}"] if notice.outlook else []
        lines.append(f"since {time(notice.since)}")
    return "\n".join(lines)


def _stray(each: Newcomer) -> str:
    what = "primary" if each.holder.primary else "secondary"
    return (
        f"{IPv4Address(each.holder.address)}, {what} address of {each.holder.interface_id} ({each.holder.owner}), "
        f"in {each.reservation_id}"
    )


def _done(notice: Notice) -> str:
    if notice.finding is FindingId.PARTIAL:
        return ""
    if notice.finding is FindingId.STRAYS:
        return "nothing: whoever asks EC2 for an address by name may have it"
    if notice.finding is FindingId.RESERVED:
        ordered = sorted(notice.reservations, key=lambda each: each.cidr)
        lines = [f"{each.cidr} ({each.id}): {_held(notice, (each,))}" for each in ordered[:LISTED]]
        return "\n".join([*lines, *_and_more(len(notice.reservations) - LISTED)])
    if not notice.reservations:
        return f"nothing is reserved here{_because(notice)}"
    ranges = count(len(notice.reservations), "reservation")
    return f"{ranges} of Headroom's: {_held(notice, notice.reservations)}{_because(notice)}"


def _held(notice: Notice, reservations: Iterable[Reservation]) -> str:
    """What stands in the blocks of these reservations."""
    blocks = notice.analysis.blocks
    numbers = {n for each in reservations for n in blocks_of(each, notice.analysis.subnet)}
    assigned = len(blocks.held & numbers)
    draining = sum(1 for n in numbers if blocks.singles[n])
    return f"{len(numbers) - draining - assigned} free, {draining} draining, {assigned} assigned"


def _and_more(left: int) -> list[str]:
    return [f"and {left} more"] if left > 0 else []


def _because(notice: Notice) -> str:
    return f"\nno more, because {clean(notice.why_not)}" if notice.why_not else ""


def _to_do(notice: Notice) -> str:
    if notice.finding is not FindingId.STRAYS and notice.state in (State.RESOLVED, State.DONE):
        return "nothing"
    return "\n".join(f"{n}. {text}" for n, text in enumerate(_steps(notice), start=1))


def _steps(notice: Notice) -> Iterator[str]:
    subnet = notice.analysis.subnet
    if notice.finding is FindingId.STRAYS:
        ids = " ".join(dict.fromkeys(each.holder.interface_id for each in notice.newcomers[:LISTED]))
        yield (
            "See who made them, and whether they named the addresses:\n"
            f"   aws ec2 describe-network-interfaces --network-interface-ids {ids} "
            "--query 'NetworkInterfaces[].[NetworkInterfaceId,RequesterId,Description]' --output text"
        )
        yield "If nobody named them, EC2 hands out single addresses from reservations here: please report it."
        return
    list_interfaces = (
        f"aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={subnet.id} "
        "--query 'NetworkInterfaces[].[PrivateIpAddress,InterfaceType,Description]' --output text"
    )
    if notice.finding is FindingId.PARTIAL:
        yield f"See whose interfaces are missing from what this account may read:\n   {list_interfaces}"
        yield "If the subnet is shared from another account, run Headroom in the account that owns it."
        return
    if subnet.mode is Mode.OBSERVE:
        yield (
            "Let Headroom reserve blocks in this subnet:\n"
            f"   aws ec2 create-tags --resources {subnet.id} --tags Key={MODE_TAG},Value={Mode.AHEAD}"
        )
    if notice.advice:
        yield from notice.advice
        return
    yield f"See what holds single addresses, and move what can go elsewhere:\n   {list_interfaces}"
    yield "Give the node groups another subnet, new ones best used by prefix nodes alone."
    for each in notice.analysis.demand.groups:
        if each.prefixes:
            yield f"Or bound what {clean(each.name)} may ask for:\n   {_bound(each)}"


def _bound(each: GroupDemand) -> str:
    cluster, group = shlex.quote(clean(each.group.cluster)), shlex.quote(clean(each.group.name))
    return (
        f"aws eks update-nodegroup-config --cluster-name {cluster} --nodegroup-name {group} "
        f"--scaling-config maxSize={max(each.group.desired_size, len(each.group.nodes), 1)}"
    )
