"""A grid of cells as SVG, 16 a row: their states, how full they are, and what distinguishes them besides colour.

Drawn in a space where a cell is 1 by 1, so that the patterns fit every size, and as strokes one cell wide, so that a
run of cells takes a few bytes: a /16 has 4,096 of them. There is no `<use>`, which CloudWatch removes.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_security.html
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from functions.report.map_states import Cells, State

COLUMNS = 16
FULL = 16  # the highest level
_SMALL, _STEP_WHERE_SMALL = 20, 4  # width of a cell in the picture's units; levels

# Each is one cell; it repeats on all that are painted with it.
PATTERNS = "".join(
    f'<pattern id="headroom-{name}" patternUnits="userSpaceOnUse" y="-.5" width="1" height="1">{content}</pattern>'
    for name, content in {
        "reserved": '<rect class="reserved-base" width="1" height="1"/>'
        '<path class="reserved-ink" stroke-width=".1" d="M-.1 .6L.6-.1M-.1 1.1L1.1-.1M.4 1.1L1.1 .4"/>',
        "aws": '<rect class="aws-base" width="1" height="1"/>'
        '<path class="aws-ink" stroke-width=".1" d="M.25 .25L.75 .75M.25 .75L.75 .25"/>',
        "explicit": '<rect class="explicit-base" width="1" height="1"/>'
        '<path class="explicit-ink" stroke-width=".1" d="M.2 0V1M.4 0V1M.6 0V1M.8 0V1"/>',
        "drains": '<polygon class="drains-ink" stroke-width=".06" points=".3,.3 .7,.3 .5,.75"/>',
        "pinned": '<rect class="pins-ink" y=".5" width="1" height=".5"/>'
        '<ellipse class="pins-head" stroke-width=".08" cx=".5" cy=".48" rx=".18" ry=".27"/>',
    }.items()
)

_BARS = frozenset({State.PREFIX, State.PARTLY_USED, State.RESERVED_DRAINING})
_OVER_RESERVED = frozenset({State.PREFIX, State.RESERVED_DRAINING, State.PINNED})


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Where a grid stands, and how large its cells are, in the picture's units."""

    x: float
    y: float
    width: float  # of a cell
    height: float

    @property
    def small(self) -> bool:
        """Whether a cell has little room: finer lines then leave more of it, and sixteen levels look like four."""
        return self.width < _SMALL


def drawn(cells: Cells, frame: Frame, numbers: range) -> str:
    """These cells as one grid; the first of them must begin a row."""
    return _placed(frame, _layers(cells, frame, numbers)) + _placed(frame, _lines(frame, numbers), off=0.5)


def path(cells: Iterable[int], first: int = 0) -> str:
    """The middle lines of these cells, ascending, as a path; the grid begins with cell `first`."""
    parts, row, end = list[str](), 0, 0
    for start, length in _runs(cells, first):
        y, x = divmod(start, COLUMNS)
        parts.append(f"m{x - end} {y - row}h{length}")
        row, end = y, x + length
    return "".join(parts)


def _runs(cells: Iterable[int], first: int) -> Iterator[tuple[int, int]]:
    """Cells side by side in a row, as their first and how many they are."""
    start = end = -1
    for each in cells:
        number = each - first
        if number != end or not number % COLUMNS:
            if end > start:
                yield start, end - start
            start = number
        end = number + 1
    if end > start:
        yield start, end - start


def _placed(frame: Frame, content: Iterable[str], *, off: float = 0) -> str:
    """In the picture, so many units off; a stroke's middle line is half a cell below the cell's upper edge."""
    x, y = _short(frame.x + off), _short(frame.y + frame.height / 2 + off)
    return (
        f'<g transform="translate({x} {y}) scale({_short(frame.width)} {_short(frame.height)})">{"".join(content)}</g>'
    )


def _layers(cells: Cells, frame: Frame, numbers: range) -> Iterator[str]:
    """The ground, reserved or not; how full the cells are, with a mark on those that drain; then what has a pattern."""
    under = (n for n in numbers if n in cells.reserved and cells.states[n] in _OVER_RESERVED)
    bars = _bars(cells, frame, numbers)
    by_state = _by_state(cells, numbers)
    yield _ground(numbers)
    yield _painted(State.RESERVED_FREE, sorted([*by_state[State.RESERVED_FREE], *under]), numbers)
    for (state, level), its in sorted(bars.items()):
        yield _bar(state, level, path(its, numbers.start))
    yield _painted("drains", by_state[State.RESERVED_DRAINING], numbers)
    for state in (State.PINNED, State.AWS, State.EXPLICIT):
        yield _painted(state, by_state[state], numbers)


def _by_state(cells: Cells, numbers: range) -> Mapping[State, list[int]]:
    found: defaultdict[State, list[int]] = defaultdict(list)
    for n in numbers:
        found[cells.states[n]].append(n)
    return found


def _bars(cells: Cells, frame: Frame, numbers: range) -> Mapping[tuple[State, int], list[int]]:
    """The cells that show how full they are, by state and level."""
    step = _STEP_WHERE_SMALL if frame.small else 1
    found: defaultdict[tuple[State, int], list[int]] = defaultdict(list)
    for n in numbers:
        if cells.states[n] in _BARS:
            found[cells.states[n], -(-cells.levels[n] // step) * step].append(n)
    return found


def _painted(name: str, cells: Iterable[int], numbers: range) -> str:
    d = path(cells, numbers.start)
    return f'<path class="{name}" stroke-width="1" d="{d}"/>' if d else ""


def _ground(numbers: range) -> str:
    columns, rows = _size(numbers)
    return f'<path class="free" stroke-width="{rows}" d="M0 {rows / 2 - 0.5:g}h{columns}"/>'


def _size(numbers: range) -> tuple[int, int]:
    """Columns and rows of a grid of these cells."""
    return min(COLUMNS, len(numbers)), -(-len(numbers) // COLUMNS)


def _bar(state: State, level: int, d: str) -> str:
    """From the cell's lower edge; one address is a fifth of the cell high, so that it can be seen."""
    if not d:
        return ""
    height = (level + 3) / (FULL + 3)
    down = _short((1 - height) / 2)
    return f'<path class="{state.value}" stroke-width="{_short(height)}" transform="translate(0 {down})" d="{d}"/>'


def _lines(frame: Frame, numbers: range) -> Iterator[str]:
    """The cells' borders, and the gaps between them: dashed strokes as wide as the grid.

    A border is a unit wide and covers whole units, being half a unit off: one that is finer or between two pixels
    would be blurred to less contrast than its colour has. Where cells are small they share their borders. The
    outermost gaps cover what of the cells lies outside of their borders.
    """
    columns, rows = _size(numbers)
    for name, units in (("line", 1),) if frame.small else (("line", 3), ("gap", 1)):
        whole = units == 1
        down = _Dashes(count=rows, each=units / frame.height, whole=whole)
        across = _Dashes(count=columns, each=units / frame.width, whole=whole)
        d = f"M{columns / 2:g} {down.start(-0.5)}v{down.length}"
        yield f'<path class="{name}" stroke-width="{across.length}" {down.array} d="{d}"/>'
        d = f"M{across.start(0)} {rows / 2 - 0.5:g}h{across.length}"
        yield f'<path class="{name}" stroke-width="{down.length}" {across.array} d="{d}"/>'


@dataclass(frozen=True, kw_only=True)
class _Dashes:
    """A dash at each border of so many cells; the outermost two are `whole`, or cut in half at the grid's edge."""

    count: int
    each: float
    whole: bool

    @property
    def array(self) -> str:
        dashes = f'stroke-dasharray="{_short(self.each)} {_short(1 - self.each)}"'
        return dashes if self.whole else f'{dashes} stroke-dashoffset="{_short(self.each / 2)}"'

    def start(self, edge: float) -> str:
        return _short(edge - (self.each / 2 if self.whole else 0))

    @property
    def length(self) -> str:
        return _short(self.count + (self.each if self.whole else 0))


def _short(number: float) -> str:
    return f"{number:.4f}".rstrip("0").rstrip(".")
