"""How many addresses single requests need open: enough for what may come before the next look, no more than that.

Every address held open is one that a prefix cannot use at the subnet's fullest hour, since a block that a single
address touched drains only in hours. So the margin follows the free blocks that the next hours are expected to leave.
"""

from __future__ import annotations

from dataclasses import dataclass

from functions.capacity.analyse import Analysis
from functions.capacity.model import BLOCK, Policy
from functions.capacity.steering.samples import COARSE, DAY, History, lately, scattered, since_yesterday

UNSEEN = 0.04  # of the subnet: a burst that nobody has seen yet
MOST = 1.5 * UNSEEN  # of the subnet: the same where free blocks abound, or would be left for ever
UNLEARNT = 0.25  # of the subnet: the single addresses in it at their most, before a day was seen
SHARE = 0.35  # of what is free: the single addresses' part in it, so that both run out together
LEFT_SHARE = 0.8  # the same of what no look ever found in use: nobody but a burst will want it
SCARCE = 0.05  # of the blocks: below this the margin is what was seen, not what might come
SAFETY = 1.25  # times the largest gain between two looks
REMEMBERED = 2 * DAY  # for how long a burst keeps the margin large
AHEAD = 18  # hours of yesterday that tell what comes; draining takes hours
SOON_SCARCE = 0.08  # of the blocks: closing is then worth its calls
RELAXED, TIGHT = 0.30, 0.15  # of the blocks: with more or fewer free lately, the pool may be wide or is kept close
WIDTH = 0.03  # of the subnet, but a block at least: how much wider it may be then
LARGE = 4096  # addresses: from here on half a block more costs little and saves calls
SMALL = 512  # addresses: in a smaller subnet each block is one of few, and the pool may vary by less than one
INVITED = 4  # nodes that come between two looks, each with a primary address


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Open addresses: below `low` blocks are released, above `high` blocks are reserved, both up to `aim`."""

    low: int
    aim: int
    high: int


def pool(analysis: Analysis, policy: Policy, history: History, *, calls_over_pace: float) -> Pool:
    """The pool of one subnet. Calls over the day's pace make it wider, so that there are fewer."""
    invited = min(analysis.demand.singles, INVITED, len(analysis.blocks.free))
    low = max(policy.single_address_floor + invited, _margin(analysis, history))
    if not scattered(history, len(analysis.blocks.singles)):
        return Pool(low=low, aim=low + round(UNSEEN * _size(analysis)), high=_size(analysis))
    size = _size(analysis)
    band = BLOCK * (1 + min(1, size / LARGE) / 2) * min(1, size / SMALL) + BLOCK * 20 * calls_over_pace
    band += _ease(analysis, history) * max(BLOCK, WIDTH * size) + _coming_back(analysis, history)
    return Pool(low=low, aim=low + round(band / 2), high=low + round(band))


def to_be_left(analysis: Analysis, history: History) -> int:
    """Open addresses that single requests may come to need where none is given back: all they ever took, and more."""
    in_use, most = sum(analysis.blocks.singles), max((each.singles for each in history), default=0)
    if not history or history[-1].at - history[0].at < DAY:
        most = max(most, round(UNLEARNT * _size(analysis)))
    return max(0, most - in_use) + _margin(analysis, history)


def _margin(analysis: Analysis, history: History) -> int:
    blocks = len(analysis.blocks.singles)
    foreseen = (*lately(history, 3 * COARSE), *since_yesterday(history, AHEAD))
    fewest = min([len(analysis.blocks.free), *(each.free for each in foreseen)])
    unseen = SHARE * BLOCK * (fewest - SCARCE * blocks)
    seen = SAFETY * max((each.gain for each in lately(history, REMEMBERED)), default=0)
    ease = 1.0 if seen > UNSEEN * _size(analysis) else _ease(analysis, history)
    usual = min((UNSEEN + ease * (MOST - UNSEEN)) * _size(analysis), max(unseen, seen, 0))
    left = LEFT_SHARE * BLOCK * (_always_left(analysis, history) - SCARCE * blocks)
    return round(max(usual, min(MOST * _size(analysis), left)))


def _always_left(analysis: Analysis, history: History) -> float:
    """The fewest free blocks ever, less half of what free ones lost since yesterday; 0 before a day was seen."""
    yesterday = since_yesterday(history, AHEAD)
    if not yesterday:
        return 0
    free = len(analysis.blocks.free)
    return min([free, *(each.free for each in history)]) - max(0, yesterday[0].free - free) / 2


def _ease(analysis: Analysis, history: History) -> float:
    """1 where free blocks abounded for a day, or will with all that may be asked for; 0 where they were few."""
    free, blocks = len(analysis.blocks.free), len(analysis.blocks.singles)
    day = lately(history, DAY + 2 * COARSE)
    known = day and day[-1].at - day[0].at >= DAY - 4 * COARSE
    fewest = min([free, *(each.free for each in day)]) if known else free - analysis.demand.prefixes
    return max(0.0, min(1.0, (fewest / blocks - TIGHT) / (RELAXED - TIGHT)))


def _coming_back(analysis: Analysis, history: History) -> int:
    """Single addresses that, as yesterday, are back before free blocks get scarce: closing would soon be undone."""
    scarce = SOON_SCARCE * len(analysis.blocks.singles)
    if len(analysis.blocks.free) < scarce:
        return 0
    most = 0
    for each in since_yesterday(history, AHEAD):
        if each.free < scarce:
            break
        most = max(most, each.singles)
    return max(0, most - sum(analysis.blocks.singles))


def _size(analysis: Analysis) -> int:
    return BLOCK * len(analysis.blocks.singles)
