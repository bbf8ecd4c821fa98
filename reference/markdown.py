"""Tables and paragraphs in Markdown."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence

WIDTH = 120


def paragraph(text: str, *, first: str = "", rest: str = "") -> str:
    """The words of a text on lines of at most 120 characters."""
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def bullet(text: str) -> str:
    """The same as an item of a list."""
    return paragraph(text, first="- ", rest="  ")


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Its lines; the cells are Markdown already."""
    yield _row(heads)
    yield _row(["---"] * len(heads))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    inside = (each.replace("|", "\\|") for each in cells)
    return f"| {' | '.join(inside)} |"
