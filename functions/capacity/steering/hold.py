"""Which open blocks to reserve when more is open than single addresses need, and in what ranges.

Single addresses have a home, large enough for all at their most: blocks with some that have been there for long, since
those would not drain, and the stretches that hold the most. What lies outside will not have to be given back and is
held in large ranges, whatever single addresses are still in it. In the home the blocks that will drain soonest are
held, in small ranges, since they are given back one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import BlockMap
from functions.capacity.model import BLOCK
from functions.capacity.steering.layout import CLOSED, Range, best_ranges
from functions.capacity.steering.pool import AHEAD, Pool
from functions.capacity.steering.samples import DAY, History, lately, since_yesterday
from functions.capacity.steering.staying import draining

LARGEST = 16  # blocks in one reservation: a /24, so that giving one back in parts stays within EC2's burst of 5 calls
DRAINING = 4  # blocks in one reservation that has single addresses in it: it will be given back as a whole
STRETCHES = 32  # that a subnet is cut into for the home: /25s in a /20
SPARE = 1.3  # times the room that single addresses need at their most
STAYS = 0.7  # of a free block: one that is worth less is not expected to drain
FOR_LAYOUT = 0.8  # of the reservations that may still be made, to leave out blocks that stay
CHEAP = 0.05  # of a free block: the least that one more reservation has to bring
WORTH_IT = 0.2  # of a free block: what a block of the home has to be worth once a day was seen
HALVINGS = 6  # of the bar, until what ranges leave out is no more than the home


def holds(
    analysis: Analysis, pool: Pool, history: History, worth: Sequence[float], *, objects_left: int
) -> list[Range]:
    """The ranges to reserve, those with the most free blocks first; as many open addresses as `pool.aim` are left."""
    blocks = analysis.blocks
    home = _home(blocks, pool, history, worth, objects_left)
    spare, unheld = blocks.open_addresses - pool.aim, _open(blocks) - blocks.held
    outside = set(_emptiest([[n] for n in sorted(unheld - home)], blocks, worth, spare))
    spare -= sum(BLOCK - blocks.singles[n] for n in outside)
    found = list(aligned(outside, _open(blocks) & blocks.held, LARGEST))
    inside = _open(blocks) - {n for first, count in found for n in range(first, first + count)}
    left = objects_left - len(found)
    unit = _unit(blocks, history, left)
    bar = WORTH_IT if since_yesterday(history, AHEAD) else 0.0
    inside &= home | blocks.held
    found += _in_home(blocks, inside, worth, spare=spare, unit=unit, objects_left=left, bar=bar)
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


def _in_home(
    blocks: BlockMap, inside: set[int], worth: Sequence[float], *, spare: int, unit: int, objects_left: int, bar: float
) -> list[Range]:
    """Blocks of the home worth more than `bar` in ranges of at least `unit`, of more if there were too many objects.

    Below the bar are blocks nearly full: what little is open in them is taken again soon, which gives them back.
    """
    while True:
        chosen = set(_emptiest(_units(inside, unit), blocks, worth, spare, bar))
        empty = {n for n in chosen if not blocks.singles[n]}
        held = (inside & blocks.held) - chosen
        found = [*aligned(empty, held, LARGEST), *aligned(chosen - empty, (), max(unit, DRAINING))]
        if len(found) <= objects_left or unit >= LARGEST:
            return found
        unit *= 2


def _home(blocks: BlockMap, pool: Pool, history: History, worth: Sequence[float], objects_left: int) -> set[int]:
    """Blocks that are not expected to drain, as far as ranges can be laid around them, then the fullest stretches.

    Ranges are laid around them while more is open than single addresses will ever need: when Headroom comes to a
    subnet in use. Later those that are open still just stay so.
    """
    singles = max([sum(blocks.singles), *(each.singles for each in history)])
    needed = round(SPARE * (singles + pool.aim) / BLOCK) + 1
    unheld, chances = _open(blocks) - blocks.held, draining(blocks, worth)
    stay = {n for n in unheld if chances[n] < STAYS and blocks.since}
    if stay and len(unheld) > needed:
        return _stretches(blocks, worth, _left_out(blocks, chances, needed, objects_left), needed)
    return stay | _stretches(blocks, worth, set(), needed)


def _stretches(blocks: BlockMap, worth: Sequence[float], home: set[int], needed: int) -> set[int]:
    """The home with as many of the fullest stretches as make it large enough."""
    home, stretches, length = set(home), dict[int, list[int]](), max(1, len(blocks.singles) // STRETCHES)
    for n in blocks.allocatable:
        if n not in blocks.taken_by_others and n not in blocks.held & blocks.reserved:
            stretches.setdefault(n // length, []).append(n)
    for _, members in sorted(stretches.items(), key=lambda each: (sum(worth[n] - 1 for n in each[1]), each[0])):
        if len(home) >= needed:
            break
        home.update(n for n in members if n not in blocks.held)
    return home


def _left_out(blocks: BlockMap, chances: Sequence[float], needed: int, objects_left: int) -> set[int]:
    """Open blocks that ranges leave out, no more than `needed`: those below a bar, found by halving."""
    unheld, most = _open(blocks) - blocks.held, round(FOR_LAYOUT * objects_left)
    bar, step, left = STAYS, STAYS, set[int]()
    for _ in range(HALVINGS if most else 0):
        found = unheld - _around(blocks, chances, bar, most)
        step /= 2
        if len(found) > needed:
            bar -= step
        else:
            left = found
            if bar == STAYS:
                break
            bar += step
    return left


def _around(blocks: BlockMap, worth: Sequence[float], bar: float, most: int) -> set[int]:
    """What `most` ranges at most hold of the blocks worth more than the bar, with as few others as can be."""
    can, price = _open(blocks), CHEAP
    gains = [CLOSED if n not in can else 0.0 if n in blocks.held else each - bar for n, each in enumerate(worth)]
    while len(found := best_ranges(gains, price, LARGEST)) > most:
        price *= 2
    return {n for first, count in found for n in range(first, first + count)}


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


def _emptiest(
    groups: list[list[int]], blocks: BlockMap, worth: Sequence[float], spare: int, bar: float = 0.0
) -> Iterator[int]:
    """The blocks of the groups that drain soonest, the last ones first, within so many open addresses."""
    for group in sorted(groups, key=lambda each: (-sum(worth[n] for n in each), -each[0])):
        costs = sum(BLOCK - blocks.singles[n] for n in group if n not in blocks.held)
        if sum(worth[n] for n in group) < bar * len(group):
            break
        if 0 < costs <= spare:
            spare -= costs
            yield from group


def _open(blocks: BlockMap) -> set[int]:
    return set(blocks.allocatable) - blocks.reserved - blocks.taken_by_others


def _free(blocks: BlockMap, each: Range) -> int:
    return len(blocks.free.intersection(range(each[0], each[0] + each[1])))
