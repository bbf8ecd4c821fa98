"""Whom to tell of which finding: one total function from what is so, and what was told, to notices and what is told.

A finding is told once it has lasted, unless it is critical; it is over once it has stayed away as long. Where its
facts cannot be read it neither opens nor ends; only that a cluster's settings cannot be read is told, since most other
findings rest on them. What is only worth knowing (INFO) stands in the audit and is not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.capacity.alerts import State
from functions.capacity.findings.finding import Finding, FindingId, Severity

HOLD = timedelta(minutes=5)
UNKNOWN_HOLD = timedelta(hours=1)  # a call that fails once is no reason to wake anybody
TOLD_UNKNOWN = frozenset({FindingId.CNI_SETTINGS})
DIGEST_ABOVE = 5  # notices of one cluster at a time; more become one message

_RANK = {Severity.INFO: 0, Severity.UNKNOWN: 1, Severity.WARNING: 2, Severity.CRITICAL: 3}


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A finding over time, as it was last seen. `told` is the severity that people know of, None before they do."""

    since: datetime
    finding: str
    resource: str
    title: str
    told: Severity | None = None
    absent_since: datetime | None = None


Incidents = Mapping[str, Incident]  # by finding and resource


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing to tell about a cluster: a finding that opened, got worse, or (then `finding` is None) is over."""

    state: State
    incident: Incident
    severity: Severity
    finding: Finding | None = None


def follow(found: Iterable[Finding], before: Incidents, at: datetime) -> tuple[tuple[Change, ...], Incidents]:
    """The changes to tell at this time, the gravest first, and the incidents as they stand once they are told."""
    current = {" ".join(each.key): each for each in found if each.severity is not Severity.INFO}
    steps: dict[str, tuple[Change | None, Incident | None]] = {
        key: _present(finding, before.get(key), at) for key, finding in current.items()
    }
    steps |= {key: _absent(known, at) for key, known in before.items() if key not in current}
    changes = [change for _, (change, _) in sorted(steps.items()) if change]
    return (
        tuple(sorted(changes, key=lambda each: -_RANK[each.severity])),
        {key: incident for key, (_, incident) in steps.items() if incident},
    )


def _present(finding: Finding, known: Incident | None, at: datetime) -> tuple[Change | None, Incident | None]:
    if finding.severity is Severity.UNKNOWN and (finding.id not in TOLD_UNKNOWN or (known and known.told)):
        return None, known  # nothing is known of it now: neither worse nor over
    incident = replace(known, absent_since=None, title=finding.title) if known else _begun(finding, at)
    worse = incident.told is None or _RANK[finding.severity] > _RANK[incident.told]
    if not worse or not _due(finding, incident, at):
        return None, incident
    state = State.OPEN if incident.told is None else State.WORSE
    incident = replace(incident, told=finding.severity)
    return Change(state=state, incident=incident, severity=finding.severity, finding=finding), incident


def _begun(finding: Finding, at: datetime) -> Incident:
    return Incident(since=at, finding=finding.id, resource=str(finding.resource), title=finding.title)


def _due(finding: Finding, incident: Incident, at: datetime) -> bool:
    if finding.severity is Severity.CRITICAL:
        return True
    return at - incident.since >= (UNKNOWN_HOLD if finding.severity is Severity.UNKNOWN else HOLD)


def _absent(known: Incident, at: datetime) -> tuple[Change | None, Incident | None]:
    if known.told is None:
        return None, None
    gone = replace(known, absent_since=known.absent_since or at)
    if gone.absent_since is not None and at - gone.absent_since < HOLD:
        return None, gone
    return Change(state=State.RESOLVED, incident=gone, severity=known.told), None


def batches(changes: tuple[Change, ...]) -> Iterator[tuple[Change, ...]]:
    """What goes into one message: each change alone, or all of them where they are many."""
    if len(changes) > DIGEST_ABOVE:
        yield changes
    else:
        yield from ((each,) for each in changes)
