"""What people know as text in the table, and back; what versions before stored is understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from functions.capacity.findings.finding import FindingId, Kind, Resource, Severity
from functions.capacity.incidents import Incident
from functions.capacity.remembered import Known

Stored = Mapping[str, Any]


def text_of(known: Known) -> str:
    """All of it, as one JSON object."""
    return json.dumps(
        {
            "incidents": {key: _stored(each) for key, each in known.incidents.items()},
            "reservations": sorted(known.reservations),
            "storms": {page: sorted(keys) for page, keys in known.storms.items()},
            "openChapters": sorted(known.open_chapters),
        }
    )


def known_of(text: str, subnet_id: str = "") -> Known:
    """What the text says; `subnet_id` where it is a subnet's."""
    stored = json.loads(text)
    if "incidents" not in stored:
        return _before(stored, subnet_id)
    return Known(
        incidents={key: _incident(each) for key, each in stored["incidents"].items()},
        reservations=frozenset(stored["reservations"]),
        storms={page: frozenset(keys) for page, keys in stored["storms"].items()},
        open_chapters=frozenset(stored["openChapters"]),
    )


def _stored(incident: Incident) -> Stored:
    return {
        "since": incident.since.isoformat(),
        "finding": incident.finding,
        "resource": incident.resource,
        "title": incident.title,
        "cluster": incident.cluster,
        "where": incident.where,
        "over": incident.over,
        "told": incident.told,
        "toldAt": _text(incident.told_at),
        "magnitude": incident.magnitude,
        "reminders": incident.reminders,
        "worseSince": _text(incident.worse_since),
        "absentSince": _text(incident.absent_since),
    }


def _incident(stored: Stored) -> Incident:
    """Versions before knew no cluster, no place, nothing of reminders and no magnitude."""
    return Incident(
        since=datetime.fromisoformat(stored["since"]),
        finding=stored["finding"],
        resource=stored["resource"],
        title=stored["title"],
        cluster=stored.get("cluster", ""),
        where=stored.get("where", ""),
        over=stored.get("over", ""),
        told=Severity(stored["told"]) if stored["told"] else None,
        told_at=_time(stored.get("toldAt")),
        magnitude=stored.get("magnitude", 0),
        reminders=stored.get("reminders", 0),
        worse_since=_time(stored.get("worseSince")),
        absent_since=_time(stored["absentSince"]),
    )


def _text(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- the version before: a subnet's conditions each in a field of its own, a cluster's incidents without more ---


def _before(stored: Stored, subnet_id: str) -> Known:
    if not subnet_id:
        return Known(incidents={key: _incident(each) for key, each in stored.items()})
    found = (_shortage(stored.get("shortage"), subnet_id), _partial(stored.get("partial"), subnet_id))
    return Known(
        incidents={f"{each.finding} {each.resource}": each for each in found if each},
        reservations=frozenset(stored["reservations"]),
    )


def _shortage(stored: Stored | None, subnet_id: str) -> Incident | None:
    if not stored:
        return None
    return Incident(
        since=datetime.fromisoformat(stored["since"]),
        finding=FindingId.SHORTAGE,
        resource=_of(subnet_id),
        title=f"{subnet_id} lacks {stored['missing']} of the prefixes asked of it",
        told=Severity.CRITICAL if stored["urgent"] else Severity.WARNING,
        magnitude=stored["missing"],
    )


def _partial(stored: Stored | None, subnet_id: str) -> Incident | None:
    if not stored:
        return None
    return Incident(
        since=datetime.fromisoformat(stored["since"]),
        finding=FindingId.PARTIAL,
        resource=_of(subnet_id),
        title=f"not all of {subnet_id} can be seen, so nothing is changed in it",
        told=Severity.WARNING if stored["told"] else None,
    )


def _of(subnet_id: str) -> str:
    return str(Resource(kind=Kind.SUBNET, name=subnet_id))
