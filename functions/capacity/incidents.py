"""Whom to tell of which finding: one total function from what is so, and what was told, to changes and what is told.

A finding is told once it has lasted, a critical one at once; again when it gets graver, or worse by more than its
grain, where what only grows waits unless it has doubled; as a reminder at growing intervals; and once more when it has
stayed away for a while. Where its facts cannot be read it neither opens nor ends; only that a cluster's settings cannot
be read is told, since most other findings rest on them. What is only worth knowing (INFO) stands in the audit and is
not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.mutes import NOTHING, Mutes, muted

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

HOLD = {  # how long a finding has to last until it is told
    Severity.CRITICAL: timedelta(0),
    Severity.WARNING: 5 * _MINUTE,
    Severity.UNKNOWN: _HOUR,  # a call that fails once is no reason to wake anybody
}
WORSE_AFTER = _HOUR  # how long a warning has to be worse by its grain until that is told
GROWN_AFTER = 10 * _MINUTE  # since people heard of a critical one: while nodes come, it grows with each look
OVER_AFTER = 5 * _MINUTE  # how long it has to stay away until it is over
_OVER_AFTER: Mapping[str, timedelta] = {
    FindingId.SHORTAGE: 10 * _MINUTE,  # while nodes come and go it can be over for a moment
    FindingId.STRAYS: _DAY,  # it is seen at the one look after it happened
}
REMINDER = {Severity.CRITICAL: _HOUR, Severity.WARNING: _DAY, Severity.UNKNOWN: 7 * _DAY}  # the first
LONGEST = 7 * _DAY  # between two reminders
TOLD_UNKNOWN = frozenset({FindingId.CNI_SETTINGS})

MOST = 3_000  # incidents that are followed at once in one chapter; what is more waits until others end

RANK = {Severity.INFO: 0, Severity.UNKNOWN: 1, Severity.WARNING: 2, Severity.CRITICAL: 3}


class State(StrEnum):
    """Where an incident stands. What is told as over and done is DONE, and no incident."""

    OPEN = "open"
    WORSE = "worse"
    REMINDED = "reminded"
    RESOLVED = "resolved"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A finding over time, as it was last seen. `told` is the severity that people know of, None before they do."""

    since: datetime
    finding: str
    resource: str
    title: str
    cluster: str = ""
    where: str = ""
    over: str = ""  # what is so once it is over
    told: Severity | None = None
    told_at: datetime | None = None
    magnitude: int = 0  # as people know it
    reminders: int = 0  # since it was opened or got worse
    worse_since: datetime | None = None  # than people know
    absent_since: datetime | None = None


Incidents = Mapping[str, Incident]  # by cause and resource


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing to tell: a finding that opened, got worse, is still so, or (then `finding` is None) is over."""

    state: State
    key: str  # of its incident
    incident: Incident
    severity: Severity
    before: Severity | None = None  # what people knew of it
    finding: Finding | None = None


_Step = tuple[State | None, Incident | None]  # what to tell, if anything, and what is known from then on


def follow(
    found: Iterable[Finding], before: Incidents, at: datetime, mutes: Mutes = NOTHING
) -> tuple[tuple[Change, ...], Incidents]:
    """The changes to tell at this time, the gravest first, and the incidents as they stand once they are told."""
    current = _with_room({key_of(each): each for each in found if each.severity is not Severity.INFO}, before)
    steps: dict[str, _Step] = {
        key: _present(finding, before.get(key), at, silent=muted(finding, mutes)) for key, finding in current.items()
    }
    steps |= {key: _absent(known, at) for key, known in before.items() if key not in current}
    changes = (_change(key, step, before.get(key), current.get(key)) for key, step in sorted(steps.items()))
    after = {key: incident for key, (state, incident) in steps.items() if incident and state is not State.RESOLVED}
    return tuple(sorted(filter(None, changes), key=lambda each: -RANK[each.severity])), after


def _with_room(found: Mapping[str, Finding], before: Incidents) -> Mapping[str, Finding]:
    """All that are followed already, and of the new ones the gravest, as many as there is room for."""
    room = MOST - len(before)
    new = sorted(found.keys() - before.keys(), key=lambda key: (-RANK[found[key].severity], key))
    left_out = set(new[max(0, room) :])
    return {key: each for key, each in found.items() if key not in left_out} if left_out else found


def key_of(finding: Finding) -> str:
    """What makes two findings the same incident."""
    return " ".join(finding.key)


def _change(key: str, step: _Step, known: Incident | None, finding: Finding | None) -> Change | None:
    state, incident = step
    if state is None or incident is None:
        return None
    return Change(
        state=state,
        key=key,
        incident=incident,
        severity=finding.severity if finding else incident.told or Severity.WARNING,
        before=known.told if known else None,
        finding=finding,
    )


def _present(finding: Finding, known: Incident | None, at: datetime, *, silent: bool) -> _Step:
    if finding.severity is Severity.UNKNOWN and not _told_unknown(finding, known):
        return None, known  # nothing is known of it now: neither worse nor over
    if not finding.opens:
        return None, replace(known, absent_since=None) if known else None
    incident = _seen(finding, known, at)
    state = _news(finding, incident, at)
    if silent or state is None:
        return None, incident
    return state, _told(finding, incident, state, at)


def _told_unknown(finding: Finding, known: Incident | None) -> bool:
    return finding.id in TOLD_UNKNOWN and (known is None or known.told in {None, Severity.UNKNOWN})


def _seen(finding: Finding, known: Incident | None, at: datetime) -> Incident:
    since = known.since if known else at
    incident = known or Incident(since=since, finding=finding.id, resource=str(finding.resource), title=finding.title)
    if incident.told and incident.told_at is None:  # as the version before stored it: reminders count from now on
        incident = replace(incident, told_at=at)
    worse_since = (incident.worse_since or at) if _worse(finding, incident) else None
    incident = replace(incident, worse_since=worse_since)
    return replace(
        incident,
        absent_since=None,
        title=finding.title,
        over=finding.over,
        cluster=finding.cluster,
        where=finding.where,
    )


def _worse(finding: Finding, incident: Incident) -> bool:
    if incident.told is None:
        return False
    return _graver(finding, incident.told) or finding.magnitude >= incident.magnitude + max(1, finding.grain)


def _graver(finding: Finding, told: Severity) -> bool:
    return RANK[finding.severity] > RANK[told]


def _news(finding: Finding, incident: Incident, at: datetime) -> State | None:
    hold = HOLD[finding.severity] if finding.hold is None else finding.hold
    if incident.told is None:
        return State.OPEN if at - incident.since >= hold else None
    held = incident.worse_since is not None and at - incident.worse_since >= hold
    if held and (_graver(finding, incident.told) or _enough(finding, incident, at)):
        return State.WORSE
    return State.REMINDED if incident.told_at and at - incident.told_at >= _interval(finding, incident) else None


def _enough(finding: Finding, incident: Incident, at: datetime) -> bool:
    """What is only more waits: a storm of nodes would be a message with each look at it."""
    if finding.severity is Severity.CRITICAL:
        return finding.magnitude >= 2 * incident.magnitude or at - (incident.told_at or at) >= GROWN_AFTER
    return at - (incident.worse_since or at) >= WORSE_AFTER


def _interval(finding: Finding, incident: Incident) -> timedelta:
    """Until the next reminder: twice as long as until the one before."""
    return min(LONGEST, REMINDER[finding.severity] * int(2 ** min(incident.reminders, 16)))


def _told(finding: Finding, incident: Incident, state: State, at: datetime) -> Incident:
    reminded = state is State.REMINDED
    return replace(
        incident,
        told=max(filter(None, (incident.told, finding.severity)), key=lambda each: RANK[each]),
        told_at=at,
        worse_since=incident.worse_since if reminded else None,
        magnitude=incident.magnitude if reminded else finding.magnitude,
        reminders=incident.reminders + 1 if reminded else 0,
    )


def _absent(known: Incident, at: datetime) -> _Step:
    """What people know of is told to be over even where it is muted by now: that closes its page."""
    if known.told is None:
        return None, None
    gone = replace(known, absent_since=known.absent_since or at)
    lasted = at - (known.absent_since or at) >= _OVER_AFTER.get(known.finding, OVER_AFTER)
    return (State.RESOLVED if lasted else None), gone
