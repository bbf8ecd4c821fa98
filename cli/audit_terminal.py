"""The audit on a terminal: the verdict, the subnets with the blocks of those in trouble, and what to do about each.

A digest of the report for whoever sits before it; the other forms have all facts.
"""

from __future__ import annotations

from collections.abc import Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from functions.capacity.findings.finding import Severity
from functions.report import text_map
from functions.report.audit import Audit
from functions.report.audit.facts import Record
from functions.report.audit.severities import NO_FINDING
from functions.report.audit.subnets import SubnetView
from functions.report.audit.summary import Trouble, troubles
from functions.report.forms.layout import as_of, capital, steps, text_of

COLOURS = {  # words say the same: nothing is told by colour alone
    Severity.CRITICAL.value: "bold red",
    Severity.WARNING.value: "yellow",
    Severity.UNKNOWN.value: "magenta",
    Severity.INFO.value: "cyan",
    NO_FINDING: "green",
}
SHOWN = ("cidr", "worst", "freePrefixes", "prefixesToCome", "prefixesMissing")  # as much as 80 columns take
MOST_ROWS = 16  # of a picture: a /20's; `headroom map` draws any
MOST_PICTURES = 8
MOST_NAMED = 5  # resources with the same finding
MORE = Text("Every fact, and the steps for each resource: headroom audit --format html > audit.html", style="dim")


def show(audit: Audit, console: Console) -> None:
    """Print it; commands stay on one line each, however long, so that they can be copied."""
    for each in _parts(audit):
        console.print(each, soft_wrap=isinstance(each, Text))


def _parts(audit: Audit) -> Iterator[RenderableType]:
    yield Text.assemble(("Headroom audit", "bold"), f"  {text_of(as_of(audit))}")
    yield Padding(Text(text_of(audit.verdict), style="bold"), 0, expand=False)
    if audit.subnets:
        yield _subnets(audit.subnets)
    yield from _pictures(audit)
    for trouble in troubles(audit.findings):
        yield from _trouble(trouble)
    if audit.unknowns:
        yield Rule("What could not be read", align="left", style="dim")
        yield from (_indented(f"- {text_of(each)}") for each in audit.unknowns)
    yield Text()
    yield MORE


def _subnets(records: tuple[Record, ...]) -> Table:
    columns = [each for each in records[0].facts if each.key in SHOWN]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Subnet", no_wrap=True)
    for each in columns:
        number = isinstance(each.value, int)
        table.add_column(each.label, justify="right" if number else "left", no_wrap=not number)
    for record in records:
        shown = [(each.key, text_of(record[each.key])) for each in columns]
        table.add_row(Text(record.id), *(Text(value, style=_style(key, value)) for key, value in shown))
    return table


def _style(key: str, value: str) -> str:
    if key == "worst":
        return COLOURS.get(value, "")
    return COLOURS[Severity.WARNING] if key == "prefixesMissing" and value != "0" else ""


def _pictures(audit: Audit) -> Iterator[RenderableType]:
    """Of subnets in trouble, as many as one screen or two can take."""
    in_trouble = [
        (record, view)
        for record, view in zip(audit.subnets, audit.views, strict=True)
        if record["worst"] in {Severity.CRITICAL, Severity.WARNING}
    ]
    drawn = [(record, view) for record, view in in_trouble if _rows(view) <= MOST_ROWS][:MOST_PICTURES]
    for record, view in drawn:
        said = (text_of(record[key]) for key in ("cidr", "name", "forecast"))
        yield Text.assemble((record.id, "bold"), "  ", "  ".join(said))
        yield Group(*map(Text, text_map.rows(view.analysis.blocks)), "")
    if drawn:
        yield Text(text_map.legend(), style="dim")
    if more := len(in_trouble) - len(drawn):
        yield Text(f"{more} more of them: `headroom map SUBNET`", style="dim")


def _rows(view: SubnetView) -> int:
    return len(view.analysis.blocks.singles) // text_map.BLOCKS_A_ROW


def _trouble(trouble: Trouble) -> Iterator[RenderableType]:
    """The first finding of its kind with its steps, and where else it is so."""
    first, others = trouble.findings[0], trouble.where[1:]
    yield Text()
    yield Text.assemble((capital(trouble.severity), COLOURS[trouble.severity]), f": {text_of(first.title)}")
    if others:
        more = f" and {len(others) - MOST_NAMED} more" if len(others) > MOST_NAMED else ""
        yield _indented(f"The same at {', '.join(map(text_of, others[:MOST_NAMED]))}{more}.")
    yield _indented(text_of(first.means))
    for number, step in enumerate(steps(first), start=1):
        yield _indented(f"{number}. {text_of(step.words)}")
        yield from (Text(f"     {line}", style="bold") for line in step.lines)
    yield _indented(f"runbook: {text_of(first.runbook)}", style="dim")


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(text, style=style), (0, 0, 0, 2), expand=False)
