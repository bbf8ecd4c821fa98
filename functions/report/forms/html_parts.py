"""Pieces of the report page. Whatever comes from outside goes through `safe`, and nothing else makes text into HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from functions.capacity.findings.finding import Finding, Severity
from functions.report.audit.facts import UNKNOWN, Fact
from functions.report.forms.layout import Kind, Step, finding_facts, steps, text_of
from functions.report.forms.page_style import STYLE

WORDS = 4  # from which on a cell is a sentence
SHORT = 32  # characters of an id that stay on one line; EC2's have 24
# Should a name ever get out of its quotes: the page may load nothing and run nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def head(title: str) -> Iterator[str]:
    """All before what the page says."""
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    yield '<meta name="viewport" content="width=device-width,initial-scale=1">'
    yield f"<title>{safe(title)}</title><style>{STYLE}</style></head><body>"
    yield '<a class="skip" href="#summary">Skip to what is wrong</a>'


def safe(value: object) -> str:
    """A value as escaped text on one line, quotes too."""
    return escape(text_of(value))


def badge(word: object) -> str:
    """A severity or a state: a word in its colour."""
    return f'<span class="badge {tone(word)}">{safe(word)}</span>'


def tone(word: object) -> str:
    """The class of its colour."""
    return str(word) if word in set(Severity) else "fine"


def totals(facts: Iterable[Fact]) -> str:
    """The counts of the whole report."""
    tiles = "".join(f"<div><dt>{safe(each.label)}</dt><dd>{safe(each.value)}</dd></div>" for each in facts)
    return f'<dl class="totals">{tiles}</dl>'


def fact_list(facts: Iterable[Fact]) -> str:
    """Facts with their labels."""
    pairs = "".join(f"<div><dt>{safe(each.label)}</dt><dd>{safe(each.value)}</dd></div>" for each in facts)
    return f'<dl class="facts">{pairs}</dl>'


def step_list(steps: Iterable[Step]) -> str:
    """A remedy, its commands to be copied."""
    items = "".join(f"<li>{safe(each.words)}{_commands(each.lines)}</li>" for each in steps)
    return f'<ol class="steps">{items}</ol>' if items else ""


def finding_article(finding: Finding, number: int, *, before: tuple[Fact, ...] = ()) -> str:
    """One finding with its remedy. `before` are facts that stand before its own."""
    return (
        f'<article class="finding {tone(finding.severity)}" id="finding-{number}">'
        f"<h3>{badge(finding.severity)} {safe(finding.title)}</h3><p>{safe(finding.means)}</p>"
        f"{fact_list((*before, *finding_facts(finding)))}<h4>What to do</h4>{step_list(steps(finding))}</article>"
    )


def _commands(lines: Sequence[str]) -> str:
    return f"<pre><code>{escape(chr(10).join(lines))}</code></pre>" if lines else ""


def table(name: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that can be scrolled by keyboard where it is wider than the page. Cells are HTML; the first is a header.

    A cell that is a number stands to the right, and so does its column's head.
    """
    body = [tuple(each) for each in rows]
    numeric = [_numeric([row[n] for row in body]) for n in range(len(heads))]
    return "".join(streamed_table(name, caption, heads, body, numeric))


def streamed_table(
    name: str, caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]
) -> Iterator[str]:
    """The same, row by row, for one too long to be held; `numeric` columns stand to the right."""
    head = "".join(f'<th scope="col"{_number(right)}>{safe(h)}</th>' for h, right in zip(heads, numeric, strict=True))
    yield (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{name}-caption"><table>'
        f'<caption id="{name}-caption">{safe(caption)}</caption><thead><tr>{head}</tr></thead><tbody>'
    )
    for each in rows:
        yield _row(each, numeric)
    yield "</tbody></table></div>"


def _row(cells: Sequence[str], numeric: Sequence[bool]) -> str:
    first, *others = cells
    rest = "".join(
        f"<td{_kept_wide(each) or _number(right)}>{each}</td>" for each, right in zip(others, numeric[1:], strict=True)
    )
    return f'<tr><th scope="row">{first}</th>{rest}</tr>'


def _kept_wide(cell: str) -> str:
    """A sentence in a column one word wide is hard to read."""
    return ' class="text"' if cell.count(" ") >= WORDS and not cell.startswith("<") else ""


def _numeric(column: Sequence[str]) -> bool:
    known = [each for each in column if each != UNKNOWN]
    return bool(known) and all(each.isdigit() for each in known)


def _number(right: bool) -> str:  # noqa: FBT001 - one of two classes
    return ' class="number"' if right else ""


def overview(kind: Kind) -> str:
    """The table that compares all things of a kind; each id leads to the thing where it has a place of its own."""
    if not kind.records:
        return f"<p>{safe(kind.nothing)}</p>"
    heads = [kind.id_label, *(each.label for each in kind.records[0].overview)]
    return table(kind.name, f"{kind.heading} compared", heads, _rows(kind))


def _rows(kind: Kind) -> Iterator[list[str]]:
    for number, record in enumerate(kind.records):
        id_ = f'<span class="nowrap">{safe(record.id)}</span>' if len(record.id) <= SHORT else safe(record.id)
        linked = f'<a href="#{kind.name}-{number}">{id_}</a>' if record.readable != record.overview else id_
        yield [linked, *(badge(each.value) if each.key == "worst" else safe(each.value) for each in record.overview)]
