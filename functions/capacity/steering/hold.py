"""Which open blocks to reserve when more is open than single addresses need, and in what ranges.

Single addresses have a home: the stretches that hold the most of them, large enough for all at their most. What lies
outside will not have to be given back and is held in large ranges, whatever single addresses are still in it. In the
home the blocks that will drain soonest are held, in small ranges, since they are given back one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import BlockMap
from functions.capacity.model import BLOCK
from functions.capacity.steering.pool import Pool
from functions.capacity.steering.samples import DAY, History, lately

LARGEST = 16  # blocks in one reservation: a /24, so that giving one back in parts stays within EC2's burst of 5 calls
DRAINING = 4  # blocks in one reservation that has single addresses in it: it will be given back as a whole
STRETCHES = 32  # that a subnet is cut into for the home: /25s in a /20
SPARE = 1.3  # times the room that single addresses need at their most

Range = tuple[int, int]  # first block and how many, a power of two that divides the first


def holds(analysis: Analysis, pool: Pool, history: History, *, objects_left: int) -> list[Range]:
    """The ranges to reserve, those with the most free blocks first; as many open addresses as `pool.aim` are left."""
    blocks = analysis.blocks
    home = _home(blocks, pool, history)
    spare, unheld = blocks.open_addresses - pool.aim, _open(blocks) - blocks.held
    outside = set(_emptiest([[n] for n in unheld - home], blocks, spare))
    spare -= sum(BLOCK - blocks.singles[n] for n in outside)
    found = list(aligned(outside, _open(blocks) & blocks.held, LARGEST))
    inside = _open(blocks) - {n for first, count in found for n in range(first, first + count)}
    found += _in_home(
        blocks,
        inside & (home | blocks.held),
        spare,
        _unit(blocks, history, objects_left - len(found)),
        objects_left - len(found),
    )
    return sorted(found, key=lambda each: (-_free(blocks, each), -each[1], each))[: max(0, objects_left)]


def aligned(chosen: Iterable[int], filling: Iterable[int], largest: int) -> Iterator[Range]:
    """The chosen blocks as few aligned ranges; blocks of `filling` may be in them where that makes them larger."""
    left, allowed, size = set(chosen), set(chosen) | set(filling), largest
    while size:
        for first in sorted({n - n % size for n in left}):
            whole = range(first, first + size)
            if allowed.issuperset(whole):
                yield first, size
                left.difference_update(whole)
                allowed.difference_update(whole)
        size //= 2


def _in_home(blocks: BlockMap, inside: set[int], spare: int, unit: int, objects_left: int) -> list[Range]:
    """Blocks of the home in ranges of at least `unit`, of more where there would be too many objects."""
    while True:
        chosen = set(_emptiest(_units(inside, unit), blocks, spare))
        empty = {n for n in chosen if not blocks.singles[n]}
        held = (inside & blocks.held) - chosen
        found = [*aligned(empty, held, LARGEST), *aligned(chosen - empty, (), max(unit, DRAINING))]
        if len(found) <= objects_left or unit >= LARGEST:
            return found
        unit *= 2


def _home(blocks: BlockMap, pool: Pool, history: History) -> set[int]:
    singles = max([sum(blocks.singles), *(each.singles for each in history)])
    needed = round(SPARE * (singles + pool.aim) / BLOCK) + 1
    stretches, length = dict[int, list[int]](), max(1, len(blocks.singles) // STRETCHES)
    for n in blocks.allocatable:
        if n not in blocks.taken_by_others and n not in blocks.held & blocks.reserved:
            stretches.setdefault(n // length, []).append(n)
    home = set[int]()
    for _, members in sorted(stretches.items(), key=lambda each: (-sum(blocks.singles[n] for n in each[1]), each[0])):
        if len(home) >= needed:
            break
        home.update(n for n in members if n not in blocks.held)
    return home


def _unit(blocks: BlockMap, history: History, objects_left: int) -> int:
    """So small that all blocks which the day's decline of single addresses will leave find room in objects."""
    singles = sum(blocks.singles)
    to_come = (singles - min((each.singles for each in lately(history, DAY)), default=singles)) / BLOCK
    unit = 1
    while unit < LARGEST and to_come / unit > max(1, objects_left):
        unit *= 2
    return unit


def _units(inside: set[int], unit: int) -> list[list[int]]:
    """Aligned groups of `unit` blocks that are all there."""
    firsts = sorted({n - n % unit for n in inside})
    return [list(range(first, first + unit)) for first in firsts if inside.issuperset(range(first, first + unit))]


def _emptiest(groups: list[list[int]], blocks: BlockMap, spare: int) -> Iterator[int]:
    """The blocks of the groups that drain soonest, the last ones first, within so many open addresses."""
    for group in sorted(groups, key=lambda each: (sum(blocks.singles[n] for n in each), -each[0])):
        costs = sum(BLOCK - blocks.singles[n] for n in group if n not in blocks.held)
        if 0 < costs <= spare:
            spare -= costs
            yield from group


def _open(blocks: BlockMap) -> set[int]:
    return set(blocks.allocatable) - blocks.reserved - blocks.taken_by_others


def _free(blocks: BlockMap, each: Range) -> int:
    return len(blocks.free.intersection(range(each[0], each[0] + each[1])))
