"""The journal of what was done to a subnet's reservations: written before each call, settled after it.

CreateSubnetCidrReservation has no client token, a Lambda can die between any two calls, and EC2 may answer for minutes
as if the last change had not been made. The journal closes all three gaps: what it knows and EC2 does not show yet is
reckoned in, so nothing is planned twice; and what EC2 shows otherwise than the journal says is a surprise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from functions.capacity.model import Ipv6Reservation, Reservation, Subnet

STALE = timedelta(minutes=5)  # how old an answer of EC2 may be: it promises eventual consistency and no bound
LIVES = timedelta(minutes=2)  # longest life of a run, from its journal entry to the call's effect (infra/reconcile.py)
USED_AGAIN = timedelta(minutes=5)  # for so long a process goes on using an answer (functions/aws/lately.py)
RECKONED = STALE + LIVES + USED_AGAIN  # for so long an entry speaks for what the answers that we use may not show
WATCHED = timedelta(hours=6)  # for so long a surprise counts
SURPRISES = 3  # so many in that time, and Headroom only watches the subnet


class Kind(StrEnum):
    """What an entry is about."""

    CREATE = "create"
    RELEASE = "release"


class Outcome(StrEnum):
    """How the call ended. OPEN: nobody knows, since the run died before it could say."""

    OPEN = "open"
    DONE = "done"
    LAPSED = "lapsed"  # the run died before the call
    OVERLAPS = "overlaps"  # EC2 refused: something reserves a part of the range already, perhaps this very entry
    THROTTLED = "throttled"
    DENIED = "denied"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One call that changes a reservation. `reservation_id` is empty for a create that EC2 has not answered."""

    id: str
    subnet_id: str
    kind: Kind
    cidr: IPv4Network | IPv6Network
    at: datetime
    reason: str
    decision: str  # the run that decided it, as its log lines name it
    outcome: Outcome = Outcome.OPEN
    reservation_id: str = ""


Entries = Collection[Entry]


def resolved(subnet: Subnet, journal: Entries, now: datetime) -> tuple[Entry, ...]:
    """The entries of which EC2's answer says now how they ended, as they are to be written down.

    A create whose answer got lost is repeated by the SDK, and EC2 refuses that for overlapping what was just made: so
    an overlap may be the entry's own reservation, which then carries its id.
    """
    return tuple(end for each in journal if (end := _resolved(each, subnet, now)) != each)


def reckoned(subnet: Subnet, journal: Entries, now: datetime) -> Subnet:
    """The subnet with what the journal knows and EC2's answer may not show yet.

    What EC2 said it made stands, and what is shown in its place is the old thing that was there before. A create whose
    end nobody knows counts as made too, with an empty id, unless what is shown leaves no room for it: at worst a range
    is left alone for some minutes.
    """
    recent = [each for each in journal if now - each.at < RECKONED]
    if not recent:
        return subnet
    gone = {each.reservation_id for each in recent if each.kind is Kind.RELEASE and each.outcome is Outcome.DONE}
    known = {each.id for each in subnet.all_reservations} | gone
    made = [each for each in recent if _was_made(each) and each.reservation_id not in known]
    certain = [each.cidr for each in made]
    shown = [each for each in subnet.all_reservations if each.id not in gone and not _met(each.cidr, certain)]
    taken = [*(each.cidr for each in shown), *certain]
    perhaps = [each for each in recent if _may_stand(each) and not _met(each.cidr, taken)]
    standing = [*shown, *map(_made, made), *map(_made, perhaps)]
    return replace(
        subnet,
        reservations=tuple(each for each in standing if isinstance(each, Reservation)),
        ipv6_reservations=tuple(each for each in standing if isinstance(each, Ipv6Reservation)),
    )


def surprises(subnet: Subnet, journal: Entries, now: datetime) -> tuple[str, ...]:
    """What went otherwise than the resolved journal says it should, lately, in words. `subnet` as EC2 shows it."""
    watched = [each for each in journal if now - each.at < WATCHED]
    return tuple(_surprises(subnet, watched, now))


def tripped(surprised: Collection[str]) -> str:
    """Why nothing is changed in a subnet after so many surprises; empty while there are few."""
    if len(surprised) < SURPRISES:
        return ""
    hours = WATCHED // timedelta(hours=1)
    return f"{len(surprised)} surprises in {hours} hours: {'; '.join(sorted(surprised)[:SURPRISES])}"


def _resolved(entry: Entry, subnet: Subnet, now: datetime) -> Entry:
    shown = {each.intent: each.id for each in subnet.all_reservations if each.intent}
    if entry.kind is Kind.CREATE and entry.outcome in {Outcome.OPEN, Outcome.OVERLAPS} and entry.id in shown:
        return replace(entry, outcome=Outcome.DONE, reservation_id=shown[entry.id])
    if entry.outcome is not Outcome.OPEN or now - entry.at < RECKONED:
        return entry
    stands = entry.reservation_id in {each.id for each in subnet.all_reservations}
    given_back = entry.kind is Kind.RELEASE and not stands
    return replace(entry, outcome=Outcome.DONE if given_back else Outcome.LAPSED)


def _surprises(subnet: Subnet, watched: Entries, now: datetime) -> Iterator[str]:
    """Of what is so old that every answer of EC2 shows how it ended."""
    shown = {each.id for each in subnet.all_reservations}
    released = {each.reservation_id for each in watched if each.kind is Kind.RELEASE}
    for each in watched:
        if now - each.at < RECKONED or each.kind is not Kind.CREATE:
            continue
        if each.outcome is Outcome.OVERLAPS:
            yield f"EC2 had something in {each.cidr} that it had not shown"
        if each.outcome is Outcome.DONE and each.reservation_id not in shown | released:
            yield f"{each.cidr} ({each.reservation_id}) is gone, and not by Headroom"


def _was_made(entry: Entry) -> bool:
    return entry.kind is Kind.CREATE and entry.outcome is Outcome.DONE


def _met(cidr: IPv4Network | IPv6Network, others: Iterable[IPv4Network | IPv6Network]) -> bool:
    return any(each.version == cidr.version and each.overlaps(cidr) for each in others)


def _may_stand(entry: Entry) -> bool:
    """An overlap too: while nobody shows what is there, it is of no use to ask for the range again."""
    return entry.kind is Kind.CREATE and entry.outcome in {Outcome.OPEN, Outcome.OVERLAPS}


def _made(entry: Entry) -> Reservation | Ipv6Reservation:
    if isinstance(entry.cidr, IPv4Network):
        return Reservation(
            id=entry.reservation_id, subnet_id=entry.subnet_id, cidr=entry.cidr, reserves_prefixes=True, ours=True
        )
    return Ipv6Reservation(
        id=entry.reservation_id, subnet_id=entry.subnet_id, cidr=entry.cidr, reserves_prefixes=True, ours=True
    )
