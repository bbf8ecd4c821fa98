"""Which blocks will drain: a single address that has been there for long is likely to stay.

Lives of workloads differ by orders of magnitude, so the longer one has lasted the longer it will; what came within
the last hours says little. DescribeNetworkInterfaces tells since when (Attachment.AttachTime).
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.capacity.blocks import BlockMap

UNKNOWN = 0.75  # that a single address leaves in time, where nobody knows since when it is there
YOUNG = 0.9  # the same for one that has just come
HALF_WAY = 6 * 3600.0  # seconds: what has been there for much longer stays, what has been for less leaves
STEEP = 4  # how sharply the two are told apart


def worths(blocks: BlockMap, now: float | None) -> list[float]:
    """How much of a free block each block is: the chance that all its single addresses leave. `now` in epoch s."""
    return [_worth(count, blocks.since.get(n, ()), now) for n, count in enumerate(blocks.singles)]


def draining(blocks: BlockMap, worth: Sequence[float]) -> list[float]:
    """The same, as if all of them had just come: 1 where none has been there for long."""
    return [each / YOUNG**count for each, count in zip(worth, blocks.singles, strict=True)]


def _worth(count: int, since: tuple[float, ...], now: float | None) -> float:
    if now is None:
        return float(UNKNOWN**count)
    worth = UNKNOWN ** max(0, count - len(since))
    for each in since:
        worth *= leaves(now - each)
    return float(worth)


def leaves(age: float) -> float:
    """The chance that a single address of that age in seconds leaves in time."""
    return float(YOUNG * (1 - (max(0.0, age) / (max(0.0, age) + HALF_WAY)) ** STEEP))
