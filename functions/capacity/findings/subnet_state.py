"""Findings about one subnet as a run leaves it: a shortage, a view that is not whole, single addresses out of place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from ipaddress import IPv4Address

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.findings.subnet_numbers import LISTED, group, listed, numbers, others, place, standing
from functions.capacity.model import BLOCK, MODE_TAG, Mode, Reservation, Subnet
from functions.capacity.pins import Newcomer, pinned
from functions.capacity.steering.staying import worths
from functions.capacity.wording import count

THREE_LOOKS = timedelta(minutes=10)  # of a sweep each five minutes: what could be a moment between two launches
LEAD = timedelta(days=1)  # of the forecasts that people are told; what drains has as long


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A subnet after a run: its analysis, our reservations in it, and whether more are on their way."""

    analysis: Analysis
    ours: tuple[Reservation, ...] = ()
    unfinished: bool = False
    newcomers: tuple[Newcomer, ...] = ()  # single addresses that came into our reservations since the last look
    why_not: str = ""  # what kept Headroom from doing more
    at: datetime | None = None  # when it was looked at

    @property
    def subnet(self) -> Subnet:
        """Its subnet."""
        return self.analysis.subnet

    @cached_property
    def drains(self) -> int:
        """Draining blocks that are expected to be free within a day, by how long their addresses have been there.

        Those that somebody has to move by hand do not count.
        """
        blocks = self.analysis.blocks
        chances = worths(blocks, self.at.timestamp() if self.at else None)
        return int(sum(chances[n] for n in blocks.draining - pinned(blocks).keys()))

    @property
    def resource(self) -> Resource:
        """What the findings are about; of several clusters that share it, the first by name."""
        clusters = (each.group.cluster for each in self.analysis.demand.groups)
        return Resource(kind=Kind.SUBNET, name=self.subnet.id, cluster=min(clusters, default=""))


def subnet_state(now: Situation) -> Iterator[Finding]:
    """What is so of it. A view that is not whole, or a decision half done, says nothing of a shortage."""
    if now.analysis.partial:
        yield _partial(now)
    if now.newcomers:
        yield _strays(now)
    if now.analysis.partial or now.unfinished:
        yield replace(_shortage(now), severity=Severity.UNKNOWN)
    elif now.analysis.missing or not _spare(now.analysis):
        yield _shortage(now)


def _spare(analysis: Analysis) -> bool:
    """Whether there is room for one node more than are asked for, or nothing is asked of it."""
    demand = analysis.demand
    return not demand.prefixes or analysis.obtainable >= demand.prefixes + demand.largest_node


def reserved(now: Situation, known: frozenset[str]) -> tuple[Finding | None, frozenset[str]]:
    """What to tell of our reservations, once for all that a decision made, and the ids that people know then.

    Those that are gone are forgotten. A steered subnet's pool moves all day: that is told of once.
    """
    if now.unfinished or now.analysis.partial:
        return None, known
    news = tuple(each for each in now.ours if each.id not in known)
    steered = now.subnet.mode is Mode.STEER and known
    return (_reserved(now, news) if news and not steered else None), frozenset(each.id for each in now.ours)


def _shortage(now: Situation) -> Finding:
    """Worse by whole nodes only, and over with a node to spare: what swings around the threshold opens nothing."""
    analysis, severity = now.analysis, _severity(now)
    groups = [group(each) for each in analysis.demand.groups]
    drains = min(now.drains, analysis.missing)
    return Finding(
        id=FindingId.SHORTAGE,
        severity=severity,
        resource=now.resource,
        title=f"{now.subnet.id} lacks {analysis.missing} of the {analysis.demand.prefixes} prefixes asked of it"
        + (f", {drains} of them draining" if drains else ""),
        means="Nodes that ask for more get InsufficientCidrBlocks, and their pods stay in ContainerCreating.",
        where=place(now.subnet),
        numbers={**numbers(analysis, now.drains), "nodeGroups": groups},
        remedy=tuple(_let_headroom(now.subnet)),
        done=(_held(now), *others(analysis), *([f"no more, because {now.why_not}"] if now.why_not else [])),
        over=f"{now.subnet.id} can hold the demand of its node groups again",
        magnitude=analysis.missing,
        grain=analysis.demand.largest_node,
        hold=_hold(now, severity),
        opens=analysis.missing > 0,
    )


def _severity(now: Situation) -> Severity:
    """Critical where nodes that are there or asked for lack blocks.

    Just after a subnet is steered most of it drains: while that covers them, and the next node has its blocks at hand,
    a warning will do. It turns critical with the look at which it has not.
    """
    analysis = now.analysis
    if not analysis.missing_urgent:
        return Severity.WARNING
    next_node = analysis.obtainable >= analysis.demand.largest_node
    covered = now.subnet.mode is Mode.STEER and now.drains >= analysis.missing_urgent
    return Severity.WARNING if next_node and covered else Severity.CRITICAL


def _hold(now: Situation, severity: Severity) -> timedelta:
    """What a steered subnet's own draining will cover in time is not told: it is being done."""
    if severity is Severity.CRITICAL:
        return timedelta(0)
    covered = now.subnet.mode is Mode.STEER and now.drains >= now.analysis.missing
    return LEAD if covered and not now.analysis.missing_urgent else THREE_LOOKS


def _partial(now: Situation) -> Finding:
    subnet = now.subnet
    return Finding(
        id=FindingId.PARTIAL,
        severity=Severity.WARNING,
        resource=now.resource,
        title=f"not all of {subnet.id} can be seen, so nothing is changed in it",
        means="What stands there unseen takes room too: its numbers are at best a part of the truth.",
        where=place(subnet),
        numbers={"disagreement": now.analysis.partial},
        remedy=(
            f"See whose interfaces are missing from what this account may read:\n{list_interfaces(subnet)}",
            "If the subnet is shared from another account, run Headroom in the account that owns it.",
        ),
        over=f"all of {subnet.id} can be seen again",
    )


def _strays(now: Situation) -> Finding:
    new = count(len(now.newcomers), "new single address")
    return Finding(
        id=FindingId.STRAYS,
        severity=Severity.WARNING,
        resource=now.resource,
        title=f"{new} inside Headroom's reservations in {now.subnet.id}",
        means="Blocks that are kept for prefixes are spoilt one by one, if this goes on.",
        where=place(now.subnet),
        numbers={**numbers(now.analysis), "addresses": listed(map(_stray, now.newcomers))},
        remedy=(
            f"See who made them, and whether they named the addresses:\n{_makers(now)}",
            "If nobody named them, EC2 hands out single addresses from reservations here: please report it.",
        ),
        done=("nothing: whoever asks EC2 for an address by name may have it",),
        over=f"no new single address came into Headroom's reservations in {now.subnet.id} for a day",
        hold=timedelta(0),  # an address comes once
    )


def _reserved(now: Situation, news: tuple[Reservation, ...]) -> Finding:
    ordered = sorted(news, key=lambda each: each.cidr)
    return Finding(
        id=FindingId.RESERVED,
        severity=Severity.INFO,
        resource=now.resource,
        title=_reserved_title(now.subnet, news),
        means="Nodes get their prefixes from these ranges; single addresses no longer come into them.",
        where=place(now.subnet),
        numbers=numbers(now.analysis),
        done=tuple(listed(f"{each.cidr} ({each.id}): {standing(now.analysis, (each,))}" for each in ordered)),
    )


def _reserved_title(subnet: Subnet, news: tuple[Reservation, ...]) -> str:
    if subnet.mode is Mode.STEER:
        kept = sum(len(blocks_of(each, subnet)) for each in news)
        return f"{subnet.id} is steered now: {count(kept, 'block')} held for prefixes ahead of demand"
    prefixes = sum(each.cidr.num_addresses // BLOCK for each in news)
    return f"reserved {count(prefixes, 'prefix')} (/28) ahead of demand in {subnet.id}"


def _stray(each: Newcomer) -> str:
    what = "primary" if each.holder.primary else "secondary"
    return (
        f"{IPv4Address(each.holder.address)}, {what} address of {each.holder.interface_id} ({each.holder.owner}), "
        f"in {each.reservation_id}"
    )


def _makers(now: Situation) -> str:
    ids = " ".join(dict.fromkeys(each.holder.interface_id for each in now.newcomers[:LISTED]))
    return (
        f"aws ec2 describe-network-interfaces --network-interface-ids {ids} "
        "--query 'NetworkInterfaces[].[NetworkInterfaceId,RequesterId,Description]' --output text"
    )


def _held(now: Situation) -> str:
    if not now.ours:
        return "nothing is reserved here"
    return f"{count(len(now.ours), 'reservation')} of Headroom's: {standing(now.analysis, now.ours)}"


def _let_headroom(subnet: Subnet) -> Iterator[str]:
    if subnet.mode is Mode.OBSERVE:
        yield (
            "Let Headroom reserve blocks in this subnet, before single addresses spoil more of them:\n"
            f"aws ec2 create-tags --resources {subnet.id} --tags Key={MODE_TAG},Value={Mode.AHEAD}"
        )


def list_interfaces(subnet: Subnet) -> str:
    """The command that lists what stands in it."""
    return (
        f"aws ec2 describe-network-interfaces --filters Name=subnet-id,Values={subnet.id} "
        "--query 'NetworkInterfaces[].[PrivateIpAddress,InterfaceType,OwnerId,Description]' --output text"
    )
