"""The map's parts, one below the other, and the lines of text among them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import wrap

from functions.report.map_words import safe

WIDTH = 600  # the picture's own units; it scales to any width
MARGIN = 16
_LETTERS = 88  # that surely fit on a line in 12 units


@dataclass(frozen=True, kw_only=True)
class Part:
    """A piece of SVG that begins at y = 0, and its height."""

    height: float
    content: str


def stacked(parts: Iterable[Part]) -> Part:
    """The parts below each other."""
    content, top = list[str](), 0.0
    for each in parts:
        content.append(f'<g transform="translate(0 {top:g})">{each.content}</g>')
        top += each.height
    return Part(height=top, content="".join(content))


def space(height: float) -> Part:
    """Nothing, so high."""
    return Part(height=height, content="")


def lines(words: str, *, look: str = "txt", size: int = 12, bold: bool = False) -> Part:
    """Words from anywhere, broken into as many lines as they need."""
    step = round(size * 1.4)
    looks = f'class="{look}" font-size="{size}"' + (' font-weight="700"' if bold else "")
    broken = wrap(words, width=_LETTERS * 12 // size) or [""]
    content = "".join(
        f'<text {looks} x="{MARGIN}" y="{number * step + size}">{safe(each, 200)}</text>'
        for number, each in enumerate(broken)
    )
    return Part(height=step * len(broken), content=content)
