"""The report as Markdown (GitHub's, for its tables), to paste into an issue or a wiki, or to read as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from functions.capacity.findings.finding import Finding
from functions.report.audit import Audit
from functions.report.audit.facts import Fact
from functions.report.audit.summary import troubles
from functions.report.forms.layout import HOW_COUNTED, Kind, Step, as_of, capital, finding_facts, kinds, steps, text_of

# What is more than a letter to Markdown, wherever it stands; www. and :// would become links by themselves.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~&$]|(?<=www)\.|(?<=:)/(?=/))")
# What begins a heading, a list or a line under a heading; 10.0.0.0/23 and 1.19.2 begin none.
_AT_START = re.compile(r"^(?=[#+=-]|\d+[.)](?:\s|$))(\d*)(.)")


def as_markdown(audit: Audit) -> str:
    """The whole report. Names from outside are escaped: they make no tables, links or HTML."""
    return "\n".join(_lines(audit))


def _lines(audit: Audit) -> Iterator[str]:
    yield from ("# Headroom audit", "", escaped(f"{as_of(audit)}."), "", f"**{escaped(audit.verdict)}**", "")
    yield from table(("What", "How many"), ((each.label, each.value) for each in audit.totals))
    yield from _summary(audit)
    yield from ("## Findings", "")
    for finding in audit.findings:
        yield from finding_part(finding)
    if not audit.findings:
        yield from ("Nothing wrong was seen.", "")
    for kind in kinds(audit):
        yield from _kind(kind)
    yield from ("## What could not be read", "")
    yield from (f"- {escaped(each)}" for each in audit.unknowns or ("Nothing: all was read.",))
    yield from ("", "## How it is counted", "", HOW_COUNTED, "")


def _summary(audit: Audit) -> Iterator[str]:
    if audit.findings:
        yield from ("## What is wrong, where, and what to do", "")
        yield from table(
            ("How bad", "What", "How many", "Where", "Begin with"),
            (
                (each.severity, each.id, len(each.findings), ", ".join(each.where), each.first_step)
                for each in troubles(audit.findings)
            ),
        )


def finding_part(finding: Finding, *, before: tuple[Fact, ...] = ()) -> Iterator[str]:
    """One finding with its remedy. `before` are facts that stand before its own."""
    yield from (f"### {capital(finding.severity)}: {escaped(finding.title)}", "", escaped(finding.means), "")
    yield from _facts((*before, *finding_facts(finding)), finding.id)
    for number, step in enumerate(steps(finding), start=1):
        yield from _step(number, step)
    yield ""


def _step(number: int, step: Step) -> Iterator[str]:
    yield f"{number}. {escaped(step.words)}"
    if step.lines:
        fence = "`" * max(3, 1 + max(len(run) for run in re.findall("`*", "\n".join(step.lines))))
        yield ""
        yield from (f"   {line}" for line in (f"{fence}sh", *step.lines, fence))
        yield ""


def _kind(kind: Kind) -> Iterator[str]:
    yield from (f"## {kind.heading}", "")
    if not kind.records:
        yield from (kind.nothing, "")
        return
    heads = [each.label for each in kind.records[0].overview]
    yield from table(
        (kind.id_label, *heads), ((each.id, *(fact.value for fact in each.overview)) for each in kind.records)
    )
    for record in kind.records:
        if record.readable != record.overview:
            yield from (f"### {kind.id_label} {escaped(text_of(record.id))}", "")
            yield from _facts(record.readable, "Value")


def _facts(facts: Iterable[Fact], head: str) -> Iterator[str]:
    return table(("Fact", head), ((each.label, each.value) for each in facts))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A table of GitHub's, and an empty line after it."""
    yield _row(heads)
    yield _row(["---"] * len(heads), escape=False)
    yield from (_row(each) for each in rows)
    yield ""


def _row(cells: Iterable[object], *, escape: bool = True) -> str:
    return f"| {' | '.join(escaped(text_of(each)) if escape else str(each) for each in cells)} |"


def escaped(text: str) -> str:
    """A text that means nothing but itself, on one line."""
    return _AT_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text_of(text).strip()))
