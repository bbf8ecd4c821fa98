"""The report as Markdown, to paste into an issue or a wiki, or to read as it is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from functions.report.audit.facts import Record
from functions.report.forms.layout import HOW_COUNTED
from functions.report.forms.markdown import escaped, finding_part, table
from functions.report.organisation.layout import IN_FULL, TITLE, Kind, as_of, kinds, where
from functions.report.organisation.merged import Organisation


def markdown_lines(of: Organisation) -> Iterator[str]:
    """The whole report, line by line. Names from outside are escaped."""
    return (f"{each}\n" for each in _lines(of))


def _lines(of: Organisation) -> Iterator[str]:
    yield from (f"# {TITLE}", "", escaped(f"{as_of(of)}."), "", f"**{escaped(of.verdict)}**", "")
    yield from table(("What", "How many"), ((each.label, each.value) for each in of.totals))
    yield from _troubles(of)
    yield from _records("Accounts", "Account", of.accounts)
    yield from _records("Accounts and regions", "Place", of.places)
    yield from _findings(of)
    for kind in kinds(of):
        yield from _kind(kind)
    yield from ("## What could not be read", "")
    said = (f"{place}: {what}" for place, what in of.unknowns())
    first = next(said, "Nothing: all was read.")
    yield from (f"- {escaped(each)}" for each in chain([first], said))
    yield from ("", "## How it is counted", "", HOW_COUNTED, "", escaped(IN_FULL), "")


def _troubles(of: Organisation) -> Iterator[str]:
    if of.troubles:
        yield from ("## What is wrong, where, and what to do", "")
        yield from table(
            ("How bad", "What", "How many", "Where", "Begin with"),
            (
                (each.severity, each.id, each.count, ", ".join(map(str, each.places)), each.first_step)
                for each in of.troubles
            ),
        )


def _records(heading: str, id_label: str, records: tuple[Record, ...]) -> Iterator[str]:
    yield from (f"## {heading}", "")
    heads = [each.label for each in records[0].facts] if records else []
    yield from table((id_label, *heads), ((each.id, *(fact.value for fact in each.facts)) for each in records))


def _findings(of: Organisation) -> Iterator[str]:
    yield from ("## Findings", "")
    if not of.troubles:
        yield from ("Nothing wrong was seen.", "")
    for place, finding in of.findings():
        yield from finding_part(finding, before=where(place))


def _kind(kind: Kind) -> Iterator[str]:
    yield from (f"## {kind.heading}", "")
    records = kind.records()
    first = next(records, None)
    if first is None:
        yield from (kind.nothing, "")
        return
    heads = [each.label for each in (*where(first[0]), *first[1].facts)]
    yield from table(
        (kind.id_label, *heads),
        ((each.id, *(fact.value for fact in (*where(place), *each.facts))) for place, each in chain([first], records)),
    )
