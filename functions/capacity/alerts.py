"""Whom to tell what: one total function from what is so, and what was told before, to notices and what is told then.

It is level-triggered like all else: it compares the reservations and the shortage that exist with those that people
know of. A run that dies before its notice is made up for by the next one, and a run that changes nothing says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.capacity.analyse import Analysis
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.model import Mode, Reservation
from functions.capacity.pins import Newcomer

SUBNET_FINDINGS = (
    FindingId.RESERVED,
    FindingId.SHORTAGE,
    FindingId.PARTIAL,
    FindingId.STRAYS,
)  # those that are told here
PARTIAL_HOLD = timedelta(minutes=5)
STRAYS_AGAIN = timedelta(days=1)


class State(StrEnum):
    """Where an incident stands. A notice of something that is over and done is DONE."""

    OPEN = "open"
    WORSE = "worse"
    RESOLVED = "resolved"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Shortage:
    """An open shortage as people were told of it."""

    since: datetime
    missing: int
    urgent: bool


@dataclass(frozen=True, kw_only=True)
class Partial:
    """A view that has not been whole since then, and whether people were told."""

    since: datetime
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """What people know about a subnet: the ids of our reservations, and the incidents that are open."""

    reservations: frozenset[str] = frozenset()
    shortage: Shortage | None = None
    partial: Partial | None = None
    strays: datetime | None = None  # when they were last told of single addresses inside our reservations


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One thing to tell. `reservations` are those that it is about; `since` is when its incident began."""

    finding: FindingId
    state: State
    severity: Severity
    analysis: Analysis
    since: datetime
    reservations: tuple[Reservation, ...] = ()
    why_not: str = ""  # what kept Headroom from doing more
    outlook: str = ""  # where the subnet is going
    advice: tuple[str, ...] = ()  # what people can do, in steps
    newcomers: tuple[Newcomer, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A subnet after this run: its analysis, our reservations in it, and whether more are on their way."""

    analysis: Analysis
    ours: tuple[Reservation, ...]
    unfinished: bool
    newcomers: tuple[Newcomer, ...] = ()  # single addresses that came into our reservations since the last look
    why_not: str = ""


def decide(now: Situation, told: Told, at: datetime) -> tuple[tuple[Notice, ...], Told]:
    """The notices to send at this time, and what people know once they are sent."""
    partial, told = _partial(now, told, at)
    if now.analysis.partial:  # a view that is not whole proves nothing about the rest
        return partial, told
    strays, told = _strays(now, told, at)
    reserved, told = _reserved(now, told, at)
    shortage, told = _shortage(now, told, at)
    return partial + strays + reserved + shortage, told


def _partial(now: Situation, told: Told, at: datetime) -> tuple[tuple[Notice, ...], Told]:
    """Told once it has lasted: while many nodes launch, a view can be out of step for a moment."""
    before = told.partial
    if not now.analysis.partial:
        notices = (_partial_notice(now, State.RESOLVED, before.since),) if before and before.told else ()
        return notices, replace(told, partial=None)
    known = before or Partial(since=at)
    if known.told or at - known.since < PARTIAL_HOLD:
        return (), replace(told, partial=known)
    return (_partial_notice(now, State.OPEN, known.since),), replace(told, partial=replace(known, told=True))


def _partial_notice(now: Situation, state: State, since: datetime) -> Notice:
    return Notice(finding=FindingId.PARTIAL, state=state, severity=Severity.WARNING, analysis=now.analysis, since=since)


def _strays(now: Situation, told: Told, at: datetime) -> tuple[tuple[Notice, ...], Told]:
    """Told at most once a day: what is wrong then is wrong with every reservation."""
    if not now.newcomers or (told.strays and at - told.strays < STRAYS_AGAIN):
        return (), told
    notice = Notice(
        finding=FindingId.STRAYS,
        state=State.DONE,
        severity=Severity.WARNING,
        analysis=now.analysis,
        since=at,
        reservations=now.ours,
        newcomers=now.newcomers,
    )
    return (notice,), replace(told, strays=at)


def _reserved(now: Situation, told: Told, at: datetime) -> tuple[tuple[Notice, ...], Told]:
    """One notice for all that a decision made, once the last of it stands; those that are gone are forgotten."""
    if now.unfinished:
        return (), told
    known = replace(told, reservations=frozenset(each.id for each in now.ours))
    news = tuple(each for each in now.ours if each.id not in told.reservations)
    steered = now.analysis.subnet.mode is Mode.STEER and told.reservations  # its pool moves all day: told of once
    if not news or steered:
        return (), known
    notice = Notice(
        finding=FindingId.RESERVED,
        state=State.DONE,
        severity=Severity.INFO,
        analysis=now.analysis,
        since=at,
        reservations=news,
    )
    return (notice,), known


def _shortage(now: Situation, told: Told, at: datetime) -> tuple[tuple[Notice, ...], Told]:
    """Opened when the demand does not fit, worse by whole nodes only, resolved with a node to spare: no flapping."""
    if now.unfinished:
        return (), told
    analysis, before = now.analysis, told.shortage
    urgent = analysis.missing_urgent > 0
    node = analysis.demand.largest_node
    if analysis.missing == 0:
        over = before is not None and analysis.obtainable >= analysis.demand.prefixes + node
        return (_shortage_notice(now, State.RESOLVED, told, at), replace(told, shortage=None)) if over else ((), told)
    if before is None:
        state = State.OPEN
    elif (urgent and not before.urgent) or analysis.missing >= before.missing + max(1, node):
        state = State.WORSE
    else:
        return (), told
    since = before.since if before else at
    known = replace(told, shortage=Shortage(since=since, missing=analysis.missing, urgent=urgent))
    return _shortage_notice(now, state, known, at), known


def _shortage_notice(now: Situation, state: State, told: Told, at: datetime) -> tuple[Notice, ...]:
    urgent = now.analysis.missing_urgent > 0
    return (
        Notice(
            finding=FindingId.SHORTAGE,
            state=state,
            severity=Severity.CRITICAL if urgent else Severity.WARNING,
            analysis=now.analysis,
            since=told.shortage.since if told.shortage else at,
            reservations=now.ours,
            why_not=now.why_not,
        ),
    )
