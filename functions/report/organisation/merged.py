"""Many parts as one report: a row for each account and for each place, and everything in them by account and region.

What grows with the organisation's resources stays in the parts, which are read again for each section, one at a time.
So merging takes the memory of its largest part, and of one row for each place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.places import Place
from functions.report.audit.facts import Fact, Record
from functions.report.audit.severities import GRAVEST_FIRST
from functions.report.organisation.part import Part
from functions.report.organisation.rows import Row, account_records, place_record, totals_of
from functions.report.organisation.verdict import verdict

Parts = Iterable[Part]  # iterated several times: each time in the order of the places


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """All findings of one kind and severity: how many, where, and what the first of them asks for."""

    id: FindingId
    severity: Severity
    count: int
    places: tuple[Place, ...]
    first_step: str


@dataclass(frozen=True, kw_only=True)
class Organisation:
    """The report's content. `parts` are read as often as the forms need them; all else is small."""

    taken: tuple[datetime, datetime] | None  # the first and the last look; None where nothing was read
    where: str
    verdict: str
    totals: tuple[Fact, ...]
    accounts: tuple[Record, ...]
    places: tuple[Record, ...]
    unread: Mapping[Place, str]  # with its reason
    troubles: tuple[Trouble, ...]
    parts: Parts

    def findings(self) -> Iterator[tuple[Place, Finding]]:
        """The gravest of all places first."""
        for severity in GRAVEST_FIRST:
            for part in self.parts:
                yield from ((part.place, each) for each in part.findings if each.severity is severity)

    def clusters(self) -> Iterator[tuple[Place, Record]]:
        """Of all places."""
        return ((part.place, each) for part in self.parts for each in part.clusters)

    def node_groups(self) -> Iterator[tuple[Place, Record]]:
        """Of all places."""
        return ((part.place, each) for part in self.parts for each in part.node_groups)

    def subnets(self) -> Iterator[tuple[Place, Record]]:
        """Of all places."""
        return ((part.place, each) for part in self.parts for each in part.subnets)

    def unknowns(self) -> Iterator[tuple[Place, str]]:
        """Places of which nothing is known, then what is not known of the others."""
        yield from self.unread.items()
        for part in self.parts:
            yield from ((part.place, each) for each in part.unknowns)


def merged(parts: Parts, *, unread: Mapping[Place, str], where: str = "") -> Organisation:
    """The report of these parts, and of the places of which there is none, each with its reason."""
    found = _Found()
    for part in parts:
        found.take(part)
    rows = sorted([*found.rows, *(Row(place=place, why=why) for place, why in unread.items())], key=lambda r: r.place)
    return Organisation(
        taken=(min(found.times), max(found.times)) if found.times else None,
        where=where,
        verdict=verdict(rows),
        totals=totals_of(rows),
        accounts=account_records(rows),
        places=tuple(map(place_record, rows)),
        unread=dict(sorted(unread.items())),
        troubles=found.troubles(),
        parts=parts,
    )


@dataclass
class _Found:
    """What is kept of each part while they go by."""

    rows: list[Row] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)
    _counts: Counter[tuple[Severity, FindingId]] = field(default_factory=Counter)
    _where: dict[tuple[Severity, FindingId], list[Place]] = field(default_factory=lambda: defaultdict(list))
    _first: dict[tuple[Severity, FindingId], Finding] = field(default_factory=dict)

    def take(self, part: Part) -> None:
        self.rows.append(
            Row(
                place=part.place,
                worst=part.worst,
                totals=part.totals,
                unknowns=len(part.unknowns),
                short=sum(1 for each in part.subnets if each["prefixesMissing"]),
                full=sum(1 for each in part.subnets if each["allocatablePrefixes"] and not each["freePrefixes"]),
            )
        )
        self.times.append(part.taken_at)
        for each in part.findings:
            kind = (each.severity, each.id)
            self._counts[kind] += 1
            self._first.setdefault(kind, each)
            if self._where[kind][-1:] != [part.place]:
                self._where[kind].append(part.place)

    def troubles(self) -> tuple[Trouble, ...]:
        order = sorted(self._counts, key=lambda each: (GRAVEST_FIRST.index(each[0]), -self._counts[each], each[1]))
        return tuple(
            Trouble(
                id=id_,
                severity=severity,
                count=self._counts[severity, id_],
                places=tuple(self._where[severity, id_]),
                first_step=_first_step(self._first[severity, id_]),
            )
            for severity, id_ in order
        )


def _first_step(finding: Finding) -> str:
    """In words, without its commands."""
    return finding.remedy[0].partition("\n")[0].rstrip(":") if finding.remedy else ""
