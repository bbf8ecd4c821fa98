"""Reads a subnet map back: what stands at which place of the picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree as ET

NS = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> Any:
    """The root element; raises ParseError for what is no XML 1.0."""
    return ET.fromstring(text.encode())  # noqa: S314 - our own picture


def texts(text: str) -> list[str]:
    return ["".join(each.itertext()) for each in parsed(text).iter(f"{NS}text")]


def titles(text: str) -> list[str]:
    """What pointing at the picture shows, the picture's own title first."""
    return [each.text or "" for each in parsed(text).iter(f"{NS}title")]


def description(text: str) -> str:
    return parsed(text).find(f"{NS}desc").text or ""


def painted(text: str, name: str) -> set[int]:
    """The cells of the last grid that have this paint, bars of any height included. Lines and tooltips lie over it."""
    grid = [each for each in parsed(text).iter(f"{NS}g") if "scale" in each.get("transform", "")][-3]
    return {cell for each in grid if each.get("class") == name for cell in cells_of(each.get("d"))}


def cells_of(path: str) -> Iterator[int]:
    """The cells that a path of strokes covers."""
    x = y = 0
    for command, first, second in re.findall(r"([mh])(-?\d+)(?: (\d+))?", path):
        if command == "m":
            x, y = x + int(first), y + int(second)
        else:
            assert 0 <= x < x + int(first) <= 16, "a stroke that leaves its row"
            yield from range(y * 16 + x, y * 16 + x + int(first))
            x += int(first)
