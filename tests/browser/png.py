"""Reads the pixels of a screenshot: PNG of 8 bits a channel, RGB or RGBA, not interlaced, as Chromium writes it.

https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHANNELS = {2: 3, 6: 4}  # by colour type
_NONE, _SUB, _UP, _AVERAGE, _PAETH = range(5)


@dataclass(frozen=True)
class Pixels:
    """Rows of RGB or RGBA bytes."""

    width: int
    channels: int
    rows: list[bytes]

    def colours(self) -> Counter[str]:
        """How many pixels there are of each colour, as `#rrggbb`."""
        step = self.channels
        found = Counter(row[n : n + 3] for row in self.rows for n in range(0, len(row), step))
        return Counter({f"#{colour.hex()}": count for colour, count in found.items()})

    def below(self, y: int) -> Pixels:
        """The part from row `y` on."""
        return Pixels(self.width, self.channels, self.rows[y:])


def read(path: Path) -> Pixels:
    """The pixels of a PNG. Raises AssertionError for a kind of PNG that it does not read."""
    chunks = dict[bytes, bytes]()
    for kind, content in _chunks(path.read_bytes()):
        chunks[kind] = chunks.get(kind, b"") + content
    width, _, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert depth == 8
    assert not interlaced
    channels = _CHANNELS[colour]
    return Pixels(width, channels, list(_rows(zlib.decompress(chunks[b"IDAT"]), width * channels, channels)))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at = 8
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += length + 12


def _rows(data: bytes, length: int, back: int) -> Iterator[bytes]:
    above = bytes(length)
    for at in range(0, len(data), length + 1):
        above = _unfiltered(data[at], bytearray(data[at + 1 : at + 1 + length]), above, back)
        yield above


def _unfiltered(kind: int, row: bytearray, above: bytes, back: int) -> bytes:
    if kind == _UP:
        return bytes((a + b) & 255 for a, b in zip(row, above, strict=True))
    if kind != _NONE:
        for n in range(len(row)):
            left, corner = (row[n - back], above[n - back]) if n >= back else (0, 0)
            row[n] = (row[n] + _predicted(kind, left, above[n], corner)) & 255
    return bytes(row)


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == _SUB:
        return left
    if kind == _AVERAGE:
        return (left + up) // 2
    assert kind == _PAETH
    near = left + up - corner
    return min((left, up, corner), key=lambda each: abs(near - each))
