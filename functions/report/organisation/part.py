"""What one account and region contributes to an organisation's report, and the text in which it waits to be merged.

Of clusters, node groups and subnets it has what compares them: all the rest stands in the place's own report.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.places import Place
from functions.report.audit import Audit
from functions.report.audit.facts import Fact, Record
from functions.report.audit.severities import NO_FINDING, worst


class MalformedPartError(ValueError):
    """A text that is no part of a report; the message says what is wrong with it."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """The audit of one place, short. Findings come the gravest first, records in the order of their ids."""

    place: Place
    taken_at: datetime
    verdict: str
    totals: Mapping[str, int]
    findings: tuple[Finding, ...]
    clusters: tuple[Record, ...]
    node_groups: tuple[Record, ...]
    subnets: tuple[Record, ...]
    unknowns: tuple[str, ...]

    @property
    def worst(self) -> str:
        """The gravest of its findings; what could not be read counts as one, since unknown is not fine."""
        seen = [each.severity for each in self.findings] + [Severity.UNKNOWN] * bool(self.unknowns)
        return worst(seen) or NO_FINDING


def part_of(audit: Audit, place: Place) -> Part:
    """The part that this audit is."""
    return Part(
        place=place,
        taken_at=audit.taken_at,
        verdict=audit.verdict,
        totals={each.key: each.value for each in audit.totals if isinstance(each.value, int)},
        findings=audit.findings,
        clusters=_compared(audit.clusters),
        node_groups=_compared(audit.node_groups),
        subnets=_compared(audit.subnets),
        unknowns=audit.unknowns,
    )


def _compared(records: Iterable[Record]) -> tuple[Record, ...]:
    return tuple(Record(id=each.id, facts=each.overview) for each in records)


# --- as text ---


def as_text(part: Part) -> str:
    """The part in JSON: for `from_text` of the same version, and for nobody else."""
    return json.dumps(
        {
            "account": part.place.account,
            "region": part.place.region,
            "takenAt": part.taken_at.isoformat(),
            "verdict": part.verdict,
            "totals": dict(part.totals),
            "findings": [_written(each) for each in part.findings],
            **{name: [_rows(each) for each in getattr(part, name)] for name in _RECORDS},
            "unknowns": list(part.unknowns),
        }
    )


def from_text(text: str | bytes) -> Part:
    """The part in a text. Raises MalformedPartError."""
    try:
        said: dict[str, Any] = json.loads(text)
        return Part(
            place=Place(said["account"], said["region"]),
            taken_at=datetime.fromisoformat(said["takenAt"]),
            verdict=said["verdict"],
            totals=said["totals"],
            findings=tuple(map(_finding, said["findings"])),
            **{name: tuple(map(_record, said[name])) for name in _RECORDS},
            unknowns=tuple(said["unknowns"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedPartError(f"{type(error).__name__}: {error!s:.200}") from error


_RECORDS = ("clusters", "node_groups", "subnets")


def _written(finding: Finding) -> dict[str, Any]:
    resource = finding.resource
    return {
        "id": finding.id.value,
        "severity": finding.severity.value,
        "resource": [resource.kind.value, resource.name, resource.cluster],
        "title": finding.title,
        "means": finding.means,
        "numbers": dict(finding.numbers),
        "remedy": list(finding.remedy),
        "detail": finding.detail,
    }


def _finding(said: Mapping[str, Any]) -> Finding:
    kind, name, cluster = said["resource"]
    return Finding(
        id=FindingId(said["id"]),
        severity=Severity(said["severity"]),
        resource=Resource(kind=Kind(kind), name=name, cluster=cluster),
        title=said["title"],
        means=said["means"],
        numbers=said["numbers"],
        remedy=tuple(said["remedy"]),
        detail=said["detail"],
    )


def _rows(record: Record) -> dict[str, Any]:
    return {"id": record.id, "facts": [[each.key, each.label, each.value] for each in record.facts]}


def _record(said: Mapping[str, Any]) -> Record:
    facts = (Fact(key=key, label=label, value=_value(value), overview=True) for key, label, value in said["facts"])
    return Record(id=said["id"], facts=tuple(facts))


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
