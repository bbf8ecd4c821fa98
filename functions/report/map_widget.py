"""The CloudWatch custom widget's answers as HTML and Markdown.

CloudWatch removes scripts, `<iframe>` and `<use>`; a `<cwdb-action>` belongs to the element before it and calls a
Lambda function with the JSON inside it.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_interactivity.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from functions.capacity.analyse import Analysis
from functions.report.map_cells import Frame, drawn
from functions.report.map_palette import PALETTES, Theme
from functions.report.map_states import Cells, State, cells, counts
from functions.report.map_tables import counts_table, table
from functions.report.map_words import safe, wrong
from functions.report.subnet_map import map_in_page, page_parts

DOCUMENTATION = """\
## Headroom: subnet map
Draws a subnet's blocks of /28, as EC2 has them now: which are free, which hold single addresses, prefixes or
reservations, and which are pinned by something that will not leave. It reads EC2 and changes nothing.

### Widget parameters
Parameter | Description
---|---
**subnetId** | The subnet to draw. Left out, the widget lists the subnets with the tag `headroom:mode` to choose from.

### Example parameters
``` yaml
subnetId: subnet-0123456789abcdef0
```
"""

_STRIP = 192  # width of an overview's strip of states
_OVERVIEW = {"overview": True}  # `subnetId` left out would also do, were it not for the widget's own parameter


@dataclass(frozen=True, kw_only=True)
class Widget:
    """Whom the page's links call, and how the dashboard looks."""

    function_arn: str
    theme: Theme


def map_page(analysis: Analysis, widget: Widget, *, now: datetime, since: Mapping[str, datetime]) -> str:
    """One subnet: the map, its numbers, and the way back."""
    return _page(
        widget,
        f"{map_in_page(analysis, now=now, since=since)}{counts_table(analysis)}"
        f"<p>{_link('All subnets', _OVERVIEW, widget)} {_link('Refresh', {'subnetId': analysis.subnet.id}, widget)}</p>"
        "<p>What node groups may still ask for is not read here; the audit says whether it fits.</p>",
    )


def overview_page(analyses: Sequence[Analysis], others: Sequence[str], widget: Widget) -> str:
    """The subnets to choose from, those with the fewest free blocks first; `others` are too many to be looked at."""
    ordered = sorted(analyses, key=lambda each: (each.obtainable, each.subnet.id))
    head = ("Subnet", "CIDR", "Free /28", "Pinned", "What is wrong")
    listed = table("Subnets, the fullest first", head, [_overview_row(each, widget) for each in ordered])
    more = " ".join(_link(each, {"subnetId": each}, widget) for each in others)
    return _page(widget, listed + (f"<p>Not looked at here: {more}</p>" if more else ""))


def message_page(words: str, widget: Widget) -> str:
    """Something to say in place of a picture."""
    return _page(widget, f"<p>{safe(words, 1000)}</p><p>{_link('All subnets', _OVERVIEW, widget)}</p>")


def _overview_row(analysis: Analysis, widget: Widget) -> tuple[str, ...]:
    subnet, blocks = analysis.subnet, analysis.blocks
    shown = cells(blocks)
    link, name = _link(subnet.id, {"subnetId": subnet.id}, widget), safe(subnet.tags.get("Name", ""))
    return (
        f"{link}<br>{name}<br>{_strip(shown)}",
        f"{subnet.cidr}<br>{safe(subnet.zone)}",
        f"{len(blocks.free)}<br>{len(blocks.free_reserved)}&nbsp;reserved",
        str(counts(shown)[State.PINNED]),
        safe(" ".join(wrong(analysis)) or "Nothing seen.", 500),
    )


def _strip(shown: Cells) -> str:
    """The shares of the states as 16 cells, in the order of the legend."""
    found = counts(shown)
    ordered = [state for state in State for _ in range(found[state])]
    states = [ordered[n * len(ordered) // 16] for n in range(16)]
    sixteenths = Cells(states=states, levels=[16 if each is State.PREFIX else 8 for each in states], reserved=())
    size = f'viewBox="0 0 {_STRIP + 1} 15" width="{_STRIP + 1}" height="15"'
    content = drawn(sixteenths, Frame(x=0, y=0, width=_STRIP / 16, height=14), range(16))
    return f'<svg class="headroom-map" aria-hidden="true" {size}>{content}</svg>'


def _link(words: str, parameters: Mapping[str, object], widget: Widget) -> str:
    """A button that calls this function again and shows its answer in the widget."""
    action = f'action="call" display="widget" endpoint="{escape(widget.function_arn)}"'
    content = escape(json.dumps(parameters), quote=False)
    return f'<a class="btn">{safe(words)}</a><cwdb-action {action}>{content}</cwdb-action>'


def _page(widget: Widget, content: str) -> str:
    return f'<div class="headroom-widget">{page_parts(widget.theme)}<style>{_css(widget.theme)}</style>{content}</div>'


def _css(theme: Theme) -> str:
    colours = PALETTES[theme]
    return (
        f".headroom-widget{{background:{colours.background};color:{colours.text};font:13px system-ui,sans-serif}}"
        ".headroom-widget table{border-collapse:collapse;margin:12px 16px}"
        ".headroom-widget caption{text-align:left;font-weight:700;padding:4px 0}"
        ".headroom-widget th,.headroom-widget td{text-align:left;padding:4px 16px 4px 0;vertical-align:top;"
        f"background:none;color:{colours.text};border-bottom:1px solid {colours.border}}}"
        ".headroom-widget p{margin:12px 16px}.headroom-widget .btn{white-space:nowrap;font-weight:700}"
    )
