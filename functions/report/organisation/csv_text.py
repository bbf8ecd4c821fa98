"""The report for spreadsheets: a table for each kind of thing, places first, as csv_tables.py has it for one place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from functions.capacity.places import Place
from functions.report.audit.facts import Record
from functions.report.forms.csv_tables import END, FINDING_KEYS, csv_text, finding_row
from functions.report.organisation.layout import kinds, where
from functions.report.organisation.merged import Organisation

WHERE = ("account", "region")


def csv_lines(of: Organisation) -> Iterator[str]:
    """All tables, an empty line between them. The first column of a row says what it is."""
    yield from _plain("place", of.places)
    yield END
    yield from _plain("account", of.accounts)
    yield END
    yield csv_text([["record", *WHERE, *FINDING_KEYS, "remedy"]])
    for place, finding in of.findings():
        yield csv_text([["finding", place.account, place.region, *finding_row(finding)]])
    for kind in kinds(of):
        yield END
        yield from _placed(kind.name, kind.records())
    yield END
    yield csv_text([["record", *WHERE, "what"]])
    yield from (csv_text([["unknown", place.account, place.region, what]]) for place, what in of.unknowns())
    yield END
    yield _report(of)


def _plain(name: str, records: Iterable[Record]) -> Iterator[str]:
    for number, each in enumerate(records):
        if not number:
            yield csv_text([["record", "id", *(fact.key for fact in each.facts)]])
        yield csv_text([[name, each.id, *(fact.value for fact in each.facts)]])


def _placed(name: str, records: Iterable[tuple[Place, Record]]) -> Iterator[str]:
    """Without any, there is a header of what all have."""
    number = -1
    for number, (place, each) in enumerate(records):
        if not number:
            yield csv_text([["record", "id", *(fact.key for fact in (*where(place), *each.facts))]])
        yield csv_text([[name, each.id, *(fact.value for fact in (*where(place), *each.facts))]])
    if number < 0:
        yield csv_text([["record", "id", *WHERE]])


def _report(of: Organisation) -> str:
    began, ended = of.taken or (None, None)
    said = {
        "takenFrom": began and began.isoformat(),
        "takenUntil": ended and ended.isoformat(),
        "where": of.where,
        "verdict": of.verdict,
        **{each.key: each.value for each in of.totals},
    }
    return csv_text([["record", "key", "value"], *(["report", key, value] for key, value in said.items())])
