"""The report as one HTML file, to send and to print: no script, nothing from outside, and it allows none."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from functions.capacity.findings.finding import Finding
from functions.capacity.wording import count, time
from functions.report.audit import Audit
from functions.report.audit.facts import Record
from functions.report.audit.subnets import SubnetView
from functions.report.audit.summary import Trouble, troubles
from functions.report.forms.html_parts import badge, fact_list, finding_article, head, overview, safe, table, totals
from functions.report.forms.layout import HOW_COUNTED, Kind, as_of, kinds
from functions.report.forms.trend_line import trend_line
from functions.report.subnet_map import map_in_page, page_parts

TITLE = "Can the subnets hold what the clusters will ask for?"
NAMED = 3  # resources that a line of the summary names
BESIDE = frozenset(  # the map, of a subnet's facts: what neither the map nor the comparing table tells
    {
        *("zone", "clusters", "freeAddresses", "reservedFreePrefixes", "drainingPrefixes", "spoiledPrefixes"),
        *("largestFreeBlock", "singleAddressesByOwner", "pinnedBlocksByOwner", "prefixesUrgent", "demandUnknownOf"),
        *("plan", "plannedReservations", "plannedReleases"),
    }
)
_REST = ("cluster", "nodeGroup", "subnet", "vpc")  # kinds whose things have facts beyond the comparing table


def as_html(audit: Audit) -> str:
    """The whole page. Light or dark as the reader's system has it; on paper, light."""
    return "\n".join(_lines(audit)) + "\n"


def _lines(audit: Audit) -> Iterator[str]:
    yield from head(f"Headroom audit, {time(audit.taken_at)}")
    yield from _header(audit)
    yield f'<main class="wide">{page_parts()}'
    yield from _summary(audit)
    yield from _findings(audit)
    for kind in kinds(audit):
        yield from _kind(kind, audit)
    yield from _unread(audit)
    yield f'</main><footer><div class="wide"><h2>How it is counted</h2><p>{HOW_COUNTED}</p></div></footer>'
    yield "</body></html>"


def _header(audit: Audit) -> Iterator[str]:
    links = [("findings", "Findings"), *((f"{each.name}s", each.heading) for each in kinds(audit))]
    items = "".join(f'<li><a href="#{id_}">{name}</a></li>' for id_, name in (*links, ("unread", "Not read")))
    yield f'<header><div class="wide"><p class="quiet">Headroom audit. {safe(as_of(audit))}</p>'
    yield f'<h1>{TITLE}</h1><p class="verdict">{safe(audit.verdict)}</p>'
    yield f'<nav aria-label="Parts of this report"><ul>{items}</ul></nav></div></header>'


def _summary(audit: Audit) -> Iterator[str]:
    yield f'<section id="summary" aria-label="Summary">{totals(audit.totals)}'
    if audit.findings:
        yield "<h2>What is wrong, where, and what to do</h2>"
        heads = ("What", "How bad", "How many", "Where", "Begin with")
        rows = (_trouble(each, audit.findings) for each in troubles(audit.findings))
        yield table("summary", "The findings by kind, the gravest first", heads, rows)
    yield "</section>"


def _trouble(trouble: Trouble, findings: tuple[Finding, ...]) -> tuple[str, ...]:
    link = f"#finding-{findings.index(trouble.findings[0])}"
    more = len(trouble.where) - NAMED
    where = ", ".join([*trouble.where[:NAMED], *([f"and {more} more"] if more > 0 else [])])
    return (
        f'<a href="{link}">{safe(trouble.id)}</a>',
        badge(trouble.severity),
        str(len(trouble.findings)),
        safe(where),
        safe(trouble.first_step),
    )


def _findings(audit: Audit) -> Iterator[str]:
    yield '<section id="findings"><h2>Findings</h2>'
    for number, finding in enumerate(audit.findings):
        yield finding_article(finding, number)
    yield "</section>" if audit.findings else "<p>Nothing wrong was seen.</p></section>"


def _kind(kind: Kind, audit: Audit) -> Iterator[str]:
    yield f'<section id="{kind.name}s"><h2>{kind.heading}</h2>{overview(kind)}'
    if kind.name == "subnet":
        for number, (record, view) in enumerate(zip(audit.subnets, audit.views, strict=True)):
            yield _subnet(number, record, view, audit.taken_at)
    elif kind.name in _REST and kind.records:
        yield f"<details><summary>All facts of {count(len(kind.records), kind.in_a_sentence)}</summary>"
        for number, record in enumerate(kind.records):
            yield f'<article id="{kind.name}-{number}"><h3>{safe(record.id)}</h3>{fact_list(record.readable)}</article>'
        yield "</details>"
    yield "</section>"


def _subnet(number: int, record: Record, view: SubnetView, at: datetime) -> str:
    name = f" {safe(record['name'])}" if record["name"] else ""
    return (
        f'<article class="subnet" id="subnet-{number}"><h3>{badge(record["worst"])} {safe(record.id)}{name}</h3>'
        f'<div class="beside"><figure>{map_in_page(view.analysis, trend=view.forecast)}</figure>'
        f"<div>{trend_line(view.history, len(view.analysis.blocks.free), at)}"
        f"{fact_list(each for each in record.facts if each.key in BESIDE)}</div></div>"
        f"<details><summary>All facts of {safe(record.id)}</summary>{fact_list(record.readable)}</details></article>"
    )


def _unread(audit: Audit) -> Iterator[str]:
    yield '<section id="unread"><h2>What could not be read</h2>'
    if audit.unknowns:
        yield f"<ul>{''.join(f'<li>{safe(each)}</li>' for each in audit.unknowns)}</ul></section>"
    else:
        yield "<p>Nothing: all was read.</p></section>"
