"""The aligned ranges that hold what is worth holding in few reservations.

A tree over a subnet's aligned ranges: each is held as a whole, left open, or judged half by half.
"""

from __future__ import annotations

from collections.abc import Sequence

CLOSED = float("-inf")  # the gain of a block that cannot be held

Range = tuple[int, int]  # first block and how many, a power of two that divides the first
Choice = tuple[float, bool]  # what a range gains at best, and whether that is by holding it as a whole


def best_ranges(gains: Sequence[float], price: float, largest: int) -> list[Range]:
    """Disjoint ranges with the largest sum of gains, less `price` for each range. Blocks may have negative gains."""
    sums, size = list(gains), 1
    levels = [[_choice(each, 0.0, price) for each in sums]]
    while size < largest and len(sums) % 2 == 0:
        sums = [sums[n] + sums[n + 1] for n in range(0, len(sums), 2)]
        below = levels[-1]
        levels.append([_choice(each, below[2 * n][0] + below[2 * n + 1][0], price) for n, each in enumerate(sums)])
        size *= 2
    found = list[Range]()
    for n in range(len(sums)):
        _collect(levels, len(levels) - 1, n, found)
    return found


def _choice(whole: float, in_parts: float, price: float) -> Choice:
    return max(whole - price, in_parts), whole - price > in_parts


def _collect(levels: list[list[Choice]], level: int, n: int, found: list[Range]) -> None:
    gain, whole = levels[level][n]
    if whole:
        found.append((n << level, 1 << level))
    elif level and gain > 0:
        _collect(levels, level - 1, 2 * n, found)
        _collect(levels, level - 1, 2 * n + 1, found)
