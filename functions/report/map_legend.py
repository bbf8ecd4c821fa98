"""What the cells mean, and how many there are of each."""

from __future__ import annotations

from collections.abc import Mapping

from functions.report.map_cells import FULL, Frame, drawn
from functions.report.map_layout import MARGIN, WIDTH, Part
from functions.report.map_states import Cells, State
from functions.report.map_words import state_words

_COLUMNS, _STEP = 3, 21
_SWATCH = (24, 15)
_FULLNESS = (1, 8, 16)  # of 16 addresses
_SHOWN_AT = 7  # how full a swatch of a state with addresses in use is


def legend(counts: Mapping[State, int]) -> Part:
    """A swatch, the meaning and the count of every state, also of those that there is none of."""
    entries = [*(_entry(state, counts[state], n) for n, state in enumerate(State)), _fullness(len(State))]
    return Part(height=-(-len(entries) // _COLUMNS) * _STEP, content="".join(entries))


def _entry(state: State, count: int, place: int) -> str:
    x, y = _at(place)
    level = FULL if state is State.PREFIX else _SHOWN_AT
    return _swatches([state], [level], x, y) + _words(state_words(state), x + _SWATCH[0] + 8, y) + _count(count, x, y)


def _fullness(place: int) -> str:
    x, y = _at(place)
    shown = _swatches([State.PARTLY_USED] * len(_FULLNESS), list(_FULLNESS), x, y)
    return shown + _words("1 to 16 in use", x + len(_FULLNESS) * _SWATCH[0] + 8, y)


def _swatches(states: list[State], levels: list[int], x: float, y: float) -> str:
    cells = Cells(states=states, levels=levels, reserved={0} if states[0] is State.RESERVED_DRAINING else ())
    return drawn(cells, Frame(x=x, y=y, width=_SWATCH[0], height=_SWATCH[1]), range(len(states)))


def _words(words: str, x: float, y: float) -> str:
    return f'<text class="txt" x="{x:g}" y="{y + 12:g}">{words}</text>'


def _count(count: int, x: float, y: float) -> str:
    look = "txt" if count else "quiet"
    right = x + _column() - 18
    return f'<text class="{look} mono" x="{right:g}" y="{y + 12:g}" text-anchor="end" font-weight="700">{count}</text>'


def _at(place: int) -> tuple[float, float]:
    return MARGIN + place % _COLUMNS * _column(), place // _COLUMNS * _STEP


def _column() -> int:
    return (WIDTH - 2 * MARGIN + 18) // _COLUMNS
