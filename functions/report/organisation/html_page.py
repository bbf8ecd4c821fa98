"""The report as one HTML file: no script, nothing from outside. The maps are in the places' own reports.

Those lie beside it, so that a downloaded folder can be walked through by its links.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain

from functions.capacity.findings.finding import Finding
from functions.report.audit.facts import Fact, Record
from functions.report.forms.html_parts import badge, finding_article, head, safe, streamed_table, table, totals
from functions.report.forms.layout import HOW_COUNTED
from functions.report.organisation.layout import IN_FULL, TITLE, Kind, as_of, kinds, where
from functions.report.organisation.merged import Organisation, Trouble

NAMED = 3  # places that a line of the summary names


def html_lines(of: Organisation) -> Iterator[str]:
    """The page, line by line."""
    return (f"{each}\n" for each in _lines(of))


def _lines(of: Organisation) -> Iterator[str]:
    yield from head(TITLE)
    yield from _header(of)
    yield f'<main class="wide"><section id="summary" aria-label="Summary">{totals(of.totals)}'
    yield from _troubles(of)
    yield "</section>"
    yield from _records("accounts", "Accounts", "Account", of.accounts)
    yield from _records("places", "Accounts and regions", "Place", of.places, unlinked=set(map(str, of.unread)))
    yield from _findings(of)
    for kind in kinds(of):
        yield from _kind(kind)
    yield from _unread(of)
    yield '</main><footer><div class="wide"><h2>How it is counted</h2>'
    yield f"<p>{HOW_COUNTED}</p><p>{safe(IN_FULL)}</p></div></footer></body></html>"


def _header(of: Organisation) -> Iterator[str]:
    links = [
        ("accounts", "Accounts"),
        ("places", "Accounts and regions"),
        ("findings", "Findings"),
        *((f"{each.name}s", each.heading) for each in kinds(of)),
        ("unread", "Not read"),
    ]
    items = "".join(f'<li><a href="#{id_}">{name}</a></li>' for id_, name in links)
    yield f'<header><div class="wide"><p class="quiet">{safe(as_of(of))}</p>'
    yield f'<h1>{TITLE}</h1><p class="verdict">{safe(of.verdict)}</p>'
    yield f'<nav aria-label="Parts of this report"><ul>{items}</ul></nav></div></header>'


def _troubles(of: Organisation) -> Iterator[str]:
    if of.troubles:
        yield "<h2>What is wrong, where, and what to do</h2>"
        heads = ("What", "How bad", "How many", "Where", "Begin with")
        yield table("summary", "The findings by kind, the gravest first", heads, _rows(of.troubles))


def _rows(troubles: tuple[Trouble, ...]) -> Iterator[tuple[str, ...]]:
    for each in troubles:
        more = len(each.places) - NAMED
        named = [*map(str, each.places[:NAMED]), *([f"and {more} more"] if more > 0 else [])]
        yield (
            f'<a href="#{_anchor(each)}">{safe(each.id)}</a>',
            badge(each.severity),
            str(each.count),
            safe(", ".join(named)),
            safe(each.first_step),
        )


def _anchor(of: Trouble | Finding) -> str:
    """Of the first finding of a kind and severity."""
    return f"first-{of.severity}-{of.id}"


def _records(
    name: str, heading: str, id_label: str, records: tuple[Record, ...], *, unlinked: Collection[str] | None = None
) -> Iterator[str]:
    """`unlinked`: the ids of what has no report of its own; without it nothing has one."""
    yield f'<section id="{name}"><h2>{heading}</h2>'
    if records:
        heads = (id_label, *(each.label for each in records[0].facts))
        yield table(name, f"{heading} compared", heads, (_row(each, unlinked) for each in records))
    yield "</section>"


def _row(record: Record, unlinked: Collection[str] | None) -> tuple[str, ...]:
    id_ = f'<span class="nowrap">{safe(record.id)}</span>'
    linked = unlinked is not None and record.id not in unlinked
    first = f'<a href="{safe(record.id)}/report.html">{id_}</a>' if linked else id_
    return (first, *map(_cell, record.facts))


def _cell(fact: Fact) -> str:
    return badge(fact.value) if fact.key == "worst" else safe(fact.value)


def _findings(of: Organisation) -> Iterator[str]:
    yield '<section id="findings"><h2>Findings</h2>'
    met = set[str]()
    for number, (place, finding) in enumerate(of.findings()):
        if (anchor := _anchor(finding)) not in met:
            met.add(anchor)
            yield f'<div id="{anchor}"></div>'
        yield finding_article(finding, number, before=where(place))
    yield "</section>" if of.troubles else "<p>Nothing wrong was seen.</p></section>"


def _kind(kind: Kind) -> Iterator[str]:
    yield f'<section id="{kind.name}s"><h2>{kind.heading}</h2>'
    records = kind.records()
    first = next(records, None)
    if first is None:
        yield f"<p>{safe(kind.nothing)}</p></section>"
        return
    facts = (*where(first[0]), *first[1].facts)
    heads = (kind.id_label, *(each.label for each in facts))
    numeric = (False, *(isinstance(each.value, int) and not isinstance(each.value, bool) for each in facts))
    rows = ((safe(each.id), *map(_cell, (*where(place), *each.facts))) for place, each in chain([first], records))
    yield from streamed_table(kind.name, f"{kind.heading} compared", heads, rows, numeric)
    yield "</section>"


def _unread(of: Organisation) -> Iterator[str]:
    yield '<section id="unread"><h2>What could not be read</h2>'
    said = of.unknowns()
    first = next(said, None)
    if first is None:
        yield "<p>Nothing: all was read.</p></section>"
        return
    yield "<ul>"
    yield from (f"<li>{safe(f'{place}: {what}')}</li>" for place, what in chain([first], said))
    yield "</ul></section>"
