"""A grid with its labels and tooltips: as one block where it has few rows, side by side where it has many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.report.map_cells import COLUMNS, Frame, drawn
from functions.report.map_layout import MARGIN, WIDTH, Part
from functions.report.map_states import Cells

_HEAD = 16  # height of the line with the columns' names


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a grid is laid out, in the picture's units."""

    panels: int  # side by side
    cell: tuple[float, float]
    label: float  # width
    font: int


# By rows: the first whose number is not below theirs. A /20 has 16 rows, a /18 has 64, a /16 has 256.
_SHAPES = (
    (4, Shape(panels=1, cell=(29, 22), label=104, font=12)),
    (16, Shape(panels=1, cell=(29, 20), label=104, font=12)),
    (64, Shape(panels=1, cell=(29, 13), label=104, font=11)),
    (256, Shape(panels=2, cell=(12, 10), label=80, font=9)),
)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells with a label for each row, a name for each column, and a tooltip for each cell or for each row."""

    cells: Cells
    labels: Sequence[str]
    columns: Sequence[str]
    tooltips: Sequence[str]


def grid(content: Grid) -> Part:
    """The grid as a part of the picture. Labels and tooltips must be escaped."""
    rows = len(content.labels)
    shape = next((shape for most, shape in _SHAPES if rows <= most), _SHAPES[-1][1])
    each = -(-rows // shape.panels)
    panels = [range(start, min(start + each, rows)) for start in range(0, rows, each)]
    drawn_panels = (_panel(content, shape, its, place) for place, its in enumerate(panels))
    return Part(height=_head(content) + each * shape.cell[1], content="".join(drawn_panels))


def _head(content: Grid) -> int:
    return _HEAD if content.columns else 0


def _panel(content: Grid, shape: Shape, rows: range, place: int) -> str:
    width, height = shape.cell
    between = (WIDTH - 2 * MARGIN + MARGIN) / shape.panels
    frame = Frame(x=MARGIN + place * between + shape.label, y=_head(content), width=width, height=height)
    numbers = range(rows.start * COLUMNS, min(rows.stop * COLUMNS, len(content.cells.states)))
    return (
        "".join(_columns(content.columns, shape, frame, len(numbers)))
        + f'<g class="mono quiet" font-size="{shape.font}" transform="translate({frame.x - shape.label:g} 0)">'
        + "".join(_labels(content, shape, frame, rows))
        + "</g>"
        + drawn(content.cells, frame, numbers)
        + _tooltips(content, frame, rows, numbers)
    )


def _columns(names: Sequence[str], shape: Shape, frame: Frame, cells: int) -> Iterator[str]:
    """As many names as there is room for."""
    step = 1 if shape.panels == 1 else COLUMNS // 4
    for n in range(0, min(len(names), cells), step):
        x, anchor = (frame.x + (n + 0.5) * frame.width, "middle") if step == 1 else (frame.x + n * frame.width, "start")
        yield (
            f'<text class="quiet mono" x="{x:g}" y="{_HEAD - 5}" font-size="{min(10, shape.font)}" '
            f'text-anchor="{anchor}">{names[n]}</text>'
        )


def _labels(content: Grid, shape: Shape, frame: Frame, rows: range) -> Iterator[str]:
    down = frame.y + frame.height / 2 + shape.font * 0.35
    for n, row in enumerate(rows):
        yield f'<text y="{down + n * frame.height:.0f}">{content.labels[row]}</text>'


def _tooltips(content: Grid, frame: Frame, rows: range, numbers: range) -> str:
    """Invisible areas over the cells; a browser shows an element's title where the mouse rests."""
    if len(content.tooltips) == len(content.cells.states):
        areas = (_area(n % COLUMNS, n // COLUMNS - rows.start, 1, content.tooltips[n]) for n in numbers)
    else:
        areas = (_area(0, n - rows.start, COLUMNS, content.tooltips[n]) for n in rows)
    placed = f"translate({frame.x:g} {frame.y + frame.height / 2:g}) scale({frame.width:g} {frame.height:g})"
    return f'<g class="tips" transform="{placed}">{"".join(areas)}</g>'


def _area(x: int, y: int, width: int, words: str) -> str:
    return f'<path d="M{x} {y}h{width}"><title>{words}</title></path>'
