"""Sets of block numbers as sorted ranges that neither overlap nor touch: a subnet may have 2^36 of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

Ranges = tuple[range, ...]


def merged(ranges: Iterable[range]) -> Ranges:
    """The same numbers in as few ranges as possible, in order."""
    found = list[range]()
    for each in sorted(ranges, key=lambda r: r.start):
        if found and each.start <= found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, each.stop))
        elif each:
            found.append(each)
    return tuple(found)


def covered(ranges: Iterable[range]) -> int:
    """How many numbers they have."""
    return sum(each.stop - each.start for each in ranges)


def within(ranges: Ranges, span: range) -> Iterator[range]:
    """What of them lies in the span."""
    at = max(0, bisect_right(ranges, span.start, key=lambda r: r.start) - 1)
    while at < len(ranges) and ranges[at].start < span.stop:
        if ranges[at].stop > span.start:
            yield range(max(ranges[at].start, span.start), min(ranges[at].stop, span.stop))
        at += 1


def between(ranges: Ranges, span: range) -> Iterator[range]:
    """What of the span lies in none of them."""
    start = span.start
    for each in within(ranges, span):
        if start < each.start:
            yield range(start, each.start)
        start = each.stop
    if start < span.stop:
        yield range(start, span.stop)


def aligned(run: range) -> Iterator[range]:
    """The fewest ranges that make up this one, each a power of two in size that starts at a multiple of it: CIDRs."""
    start = run.start
    while start < run.stop:
        size = _power_of_two(run.stop - start)
        if start:
            size = min(size, start & -start)
        yield range(start, start + size)
        start += size


def largest_aligned(run: range) -> range:
    """The largest of those, the first of them."""
    size = _power_of_two(len(run))
    start = -(-run.start // size) * size
    while start + size > run.stop:
        size //= 2
        start = -(-run.start // size) * size
    return range(start, start + size)


def _power_of_two(most: int) -> int:
    """The largest that is not above this number (> 0)."""
    return 1 << (most.bit_length() - 1)
