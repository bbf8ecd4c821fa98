"""The subnet map: a picture of a subnet's blocks, one row for each /24 with 16 blocks of /28, as pure SVG.

No script and nothing from outside. Light or dark as the viewer's system has it, or as a page says; states differ in
shape and not in colour alone; the title and the description say the same in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import IPv4Address
from types import MappingProxyType

from functions.capacity.analyse import Analysis
from functions.capacity.model import BLOCK
from functions.capacity.wording import time
from functions.report import map_ipv6, map_words
from functions.report.map_cells import COLUMNS, PATTERNS
from functions.report.map_grid import Grid, grid
from functions.report.map_layout import MARGIN, WIDTH, Part, lines, space, stacked
from functions.report.map_legend import legend
from functions.report.map_palette import Theme, stylesheet
from functions.report.map_states import Cells, cells, counts
from functions.report.map_tooltips import Times, of_blocks, of_rows
from functions.report.map_words import safe

_NAMED_ONE_BY_ONE = 512  # blocks, a /19: in larger subnets tooltips are per row, or the picture would outgrow 100 KB
_DESCRIPTION = 4000  # characters that a description may have

NOTHING_KNOWN: Mapping[str, datetime] = MappingProxyType({})


def subnet_map(
    analysis: Analysis,
    *,
    now: datetime | None = None,
    trend: str = "",
    since: Mapping[str, datetime] = NOTHING_KNOWN,
    theme: Theme | None = None,
) -> str:
    """A standalone SVG; the same arguments give the same text.

    `trend` is a forecast in words (`forecast_words.says`). `since` says of interface and reservation ids when they came
    to be, for the ages in tooltips, which need `now` too. `theme` fixes light or dark.
    """
    parts = f"<style>{stylesheet(theme)}</style><defs>{PATTERNS}</defs>"
    return _svg(analysis, Times(since=since, now=now), trend, parts)


def map_in_page(
    analysis: Analysis,
    *,
    now: datetime | None = None,
    trend: str = "",
    since: Mapping[str, datetime] = NOTHING_KNOWN,
) -> str:
    """The same as a part of an HTML page, which has `page_parts` in front of its maps, once for all of them."""
    return _svg(analysis, Times(since=since, now=now), trend, "")


def page_parts(theme: Theme | None = None) -> str:
    """What the maps of one HTML page share: stylesheet and patterns."""
    hidden = 'aria-hidden="true" width="0" height="0" style="position:absolute"'
    return f'<style>{stylesheet(theme)}</style><svg class="headroom-map" {hidden}><defs>{PATTERNS}</defs></svg>'


def _svg(analysis: Analysis, times: Times, trend: str, parts: str) -> str:
    shown = cells(analysis.blocks)
    troubles = map_words.wrong(analysis)
    picture = stacked((*_head(analysis, troubles, times.now, trend), *_ipv4(analysis, shown, times), *_ipv6(analysis)))
    words = map_words.described(analysis, shown, troubles, trend=trend)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="headroom-map" role="img" '
        f'viewBox="0 0 {WIDTH} {picture.height:g}" width="{WIDTH}" height="{picture.height:g}" '
        f'style="width:100%;height:auto;max-width:{2 * WIDTH}px" font-size="12">'
        f"<title>{_name(analysis)}</title><desc>{safe(words, _DESCRIPTION)}</desc>{parts}"
        f'<rect class="bg" width="{WIDTH}" height="{picture.height:g}"/>{picture.content}</svg>'
    )


def _name(analysis: Analysis) -> str:
    return safe(f"Address blocks of {map_words.title(analysis)}", 120)


def _head(analysis: Analysis, troubles: Sequence[str], now: datetime | None, trend: str) -> Iterator[Part]:
    yield space(MARGIN)
    yield lines(map_words.title(analysis), size=17, bold=True)
    yield lines(map_words.place(analysis) + (f", {time(now)}" if now else ""), look="quiet")
    yield space(8)
    for trouble in troubles:
        yield lines(f"⚠ {trouble}", look="wrong", bold=True)
    yield lines(map_words.headline(analysis))
    if trend:
        yield lines(f"Forecast: {trend}.")


def _ipv4(analysis: Analysis, shown: Cells, times: Times) -> Iterator[Part]:
    blocks = analysis.blocks
    base, each = int(analysis.subnet.cidr.network_address), range(0, len(shown.states), COLUMNS)
    one_by_one = len(shown.states) <= _NAMED_ONE_BY_ONE
    yield space(12)
    yield legend(counts(shown))
    yield space(8)
    yield grid(
        Grid(
            cells=shown,
            labels=[str(IPv4Address(base + n * BLOCK)) for n in each],
            columns=[f".{(base + n * BLOCK) % 256}" for n in range(COLUMNS)],
            tooltips=of_blocks(blocks, shown, times) if one_by_one else of_rows(blocks, shown),
        )
    )
    yield space(MARGIN)


def _ipv6(analysis: Analysis) -> Iterator[Part]:
    if analysis.ipv6 is None:
        return
    density = map_ipv6.density(analysis.ipv6)
    yield lines(f"IPv6: {analysis.ipv6.cidr}", size=14, bold=True)
    yield lines(map_ipv6.headline(analysis.ipv6))
    yield lines(_scale(analysis.ipv6.in_use, density.blocks_a_cell), look="quiet")
    yield space(6)
    yield grid(Grid(cells=density.cells, labels=density.labels, columns=(), tooltips=density.tooltips))
    yield space(MARGIN)


def _scale(used: int, each: int) -> str:
    """What a cell stands for, and how many prefixes there are in use."""
    if each == 1:
        return f"{used:,} in use. A cell is one block of /80."
    return f"{used:,} in use. A cell is {each:,} blocks of /80, filled by the logarithm: one in use shows."
