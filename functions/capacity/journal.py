"""The journal of what was done to a subnet's reservations: written before each call, settled after it.

CreateSubnetCidrReservation has no client token, a Lambda can die between any two calls, and EC2 may answer for minutes
as if the last change had not been made. The journal closes all three gaps: what it knows and EC2 does not show yet is
reckoned in, so nothing is planned twice; and what EC2 shows otherwise than the journal says is a surprise.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from functions.capacity.model import Reservation, Subnet

STALE = timedelta(minutes=5)  # how old an answer of EC2 may be: it promises eventual consistency and no bound
LIVES = timedelta(minutes=2)  # longest life of a run, from its journal entry to the call's effect (infra/reconcile.py)
RECKONED = STALE + LIVES  # for so long an entry speaks for what EC2 may not show
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
    OVERLAPS = "overlaps"  # EC2 refused: something reserves a part of the range already
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


def reckoned(subnet: Subnet, journal: Entries, now: datetime) -> Subnet:
    """The subnet with what the journal knows and EC2's answer may not show yet.

    A create whose end nobody knows counts as made, with an empty id: at worst a range is left alone for some minutes.
    """
    recent = [each for each in journal if now - each.at < RECKONED]
    gone = {each.reservation_id for each in recent if each.kind is Kind.RELEASE and each.outcome is Outcome.DONE}
    shown = tuple(each for each in subnet.reservations if each.id not in gone)
    cidrs = {each.cidr for each in shown}
    unseen = tuple(
        _made(each)
        for each in recent
        if _may_stand(each) and each.cidr not in cidrs and each.reservation_id not in gone
    )
    return replace(subnet, reservations=shown + unseen)


def surprises(subnet: Subnet, journal: Entries, now: datetime) -> tuple[str, ...]:
    """What went otherwise than the journal says it should, lately, in words. `subnet` as EC2 shows it."""
    watched = [each for each in journal if now - each.at < WATCHED]
    return tuple(_surprises(subnet, watched, now))


def tripped(surprised: Collection[str]) -> str:
    """Why nothing is changed in a subnet after so many surprises; empty while there are few."""
    if len(surprised) < SURPRISES:
        return ""
    hours = WATCHED // timedelta(hours=1)
    return f"{len(surprised)} surprises in {hours} hours: {'; '.join(sorted(surprised)[:SURPRISES])}"


def _surprises(subnet: Subnet, watched: Entries, now: datetime) -> Iterator[str]:
    shown = {each.id for each in subnet.reservations}
    released = {each.reservation_id for each in watched if each.kind is Kind.RELEASE}
    for each in watched:
        if each.outcome is Outcome.OVERLAPS:
            yield f"EC2 had something in {each.cidr} that it had not shown"
        stands = each.kind is Kind.CREATE and each.outcome is Outcome.DONE and now - each.at >= RECKONED
        if stands and each.reservation_id not in shown | released:
            yield f"{each.cidr} ({each.reservation_id}) is gone, and not by Headroom"


def _may_stand(entry: Entry) -> bool:
    return entry.kind is Kind.CREATE and entry.outcome in {Outcome.OPEN, Outcome.DONE}


def _made(entry: Entry) -> Reservation:
    return Reservation(
        id=entry.reservation_id, subnet_id=entry.subnet_id, cidr=entry.cidr, reserves_prefixes=True, ours=True
    )
