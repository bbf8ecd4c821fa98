"""The report for spreadsheets: a table for each kind of thing, one row for each thing.

RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe in front
(https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.capacity.findings.finding import Finding
from functions.capacity.wording import clean
from functions.report.audit import Audit
from functions.report.audit.facts import Record, shown
from functions.report.forms.layout import kinds, steps

FORMULA = ("=", "+", "-", "@")  # tabs and returns, which are as bad, are cleaned away
END = "\r\n"

FINDING_KEYS = ("severity", "id", "resource", "cluster", "title", "means", "numbers", "runbook", "detail")

Row = Sequence[object]


def as_csv(audit: Audit) -> str:
    """All tables in one text, subnets first, with an empty line between them.

    The first column of a row says what it is: lines that begin with `subnet,` are the subnets.
    """
    return END.join(csv_tables(audit).values())


def csv_tables(audit: Audit) -> Mapping[str, str]:
    """Each table as a CSV of its own, by the name that its rows begin with."""
    tables = {
        each.name: _table(each.name, each.records)
        for each in sorted(kinds(audit), key=lambda kind: kind.name != "subnet")
    }
    return {
        "subnet": tables.pop("subnet"),
        "finding": _findings(audit.findings),
        **tables,
        "unknown": csv_text([["record", "what"], *(["unknown", each] for each in audit.unknowns)]),
        "report": _report(audit),
    }


def _table(name: str, records: tuple[Record, ...]) -> str:
    keys = [each.key for each in records[0].readable] if records else []
    rows = ([name, each.id, *(fact.value for fact in each.readable)] for each in records)
    return csv_text([["record", "id", *keys], *rows])


def _findings(findings: Iterable[Finding]) -> str:
    rows = (["finding", *finding_row(each)] for each in findings)
    return csv_text([["record", *FINDING_KEYS, "remedy"], *rows])


def finding_row(finding: Finding) -> Row:
    """A finding's cells: FINDING_KEYS, then the remedy."""
    return [*(getattr(finding, key) for key in FINDING_KEYS), _Steps(finding)]


def _report(audit: Audit) -> str:
    said = {"takenAt": audit.taken_at.isoformat(), "where": audit.where, "verdict": audit.verdict}
    totals = {each.key: each.value for each in audit.totals}
    return csv_text(
        [["record", "key", "value"], *(["report", key, value] for key, value in {**said, **totals}.items())]
    )


def csv_text(rows: Iterable[Row]) -> str:
    """The rows as lines."""
    return "".join(",".join(map(_cell, row)) + END for row in rows)


def _cell(value: object) -> str:
    """A number as it is; a text in quotes where it needs them. Only a remedy has more than one line."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    text = str(value) if isinstance(value, _Steps) else clean(shown(value, nothing=""))
    if text.startswith(FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\n') else text


@dataclass(frozen=True)
class _Steps:
    """A remedy with its commands, as lines."""

    finding: Finding

    def __str__(self) -> str:
        numbered = enumerate(steps(self.finding), start=1)
        return "\n".join(line for n, step in numbered for line in (f"{n}. {step.words}", *step.lines))
