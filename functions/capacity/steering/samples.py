"""What looks at a subnet leave behind, and what can be learnt from them.

Five minutes share one sample; after six hours an hour does; after fourteen days they are dropped: some 400 in all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import AWS_LAST, BlockMap
from functions.capacity.model import BLOCK

FINE, FINE_FOR = timedelta(minutes=5), timedelta(hours=6)
COARSE, COARSE_FOR = timedelta(hours=1), timedelta(days=14)
DAY = timedelta(days=1)
KNOWN = 16.0  # single addresses that free blocks would have got for each they did, before we believe they are spared
SPARED = 0.05  # of that: 0 where EC2 takes the lowest address, about 1 where any, 0.1 where the next after the last
FEW = 4  # single addresses in free blocks that are chance
ENOUGH = 0.2  # of the blocks: while more were free at each look, what a few single addresses spoil is not missed


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A subnet over some minutes or an hour. Gains are of single addresses, from one look to the next, net."""

    at: datetime  # of the first look
    latest: int  # single addresses at the last look
    singles: int  # the most at any look
    free: int  # the fewest free blocks at any look, reserved or not
    gain: int = 0  # the largest
    fair: float = 0.0  # single addresses that free open blocks would have got, had all open addresses the same chance
    spoiled: int = 0  # those that they did get
    whole: int = 0  # at the last look: bit n is set where block n was open and free
    holes: int = 0  # at the last look: open addresses in blocks that were not free, the last block's apart

    @classmethod
    def of(cls, analysis: Analysis, at: datetime) -> Sample:
        """One look, as yet compared with no other."""
        blocks = analysis.blocks
        singles = sum(blocks.singles)
        return cls(
            at=at,
            latest=singles,
            singles=singles,
            free=len(blocks.free),
            whole=sum(1 << n for n in blocks.free_open),
            holes=blocks.open_addresses - BLOCK * len(blocks.free_open) - _in_last(blocks),
        )


def _in_last(blocks: BlockMap) -> int:
    """Open addresses in the last block: where EC2 goes from the lowest address on, it comes there last of all."""
    last = len(blocks.singles) - 1
    taken = last in blocks.reserved or last in blocks.taken_by_others
    return 0 if taken or not last else BLOCK - AWS_LAST - blocks.singles[last]


History = tuple[Sample, ...]  # oldest first


def remembered(history: History, analysis: Analysis, at: datetime) -> History:
    """The history with one more look, merged and thinned."""
    look = Sample.of(analysis, at)
    if not history:
        return (look,)
    look = _compared(look, history[-1], analysis)
    if look.at - history[-1].at < FINE:
        return (*history[:-1], _merged(history[-1], look))
    return (*_thinned((*history[:-1], replace(history[-1], whole=0)), look.at), look)


def lately(history: History, span: timedelta) -> History:
    """The samples that began within that time before the last one."""
    return history[bisect_left(history, history[-1].at - span, key=_at) :] if history else ()


def since_yesterday(history: History, hours: int) -> History:
    """What happened in the `hours` that followed this moment yesterday; empty where nobody looked then."""
    if not history or history[-1].at - history[0].at < DAY - 2 * COARSE:
        return ()
    day = lately(history, DAY)
    return day[: bisect_right(day, history[-1].at - DAY + hours * COARSE, key=_at)]


def _at(sample: Sample) -> datetime:
    return sample.at


def scattered(history: History, blocks: int) -> bool:
    """Whether single addresses spoil free blocks although others have room; assumed until the history says otherwise.

    Where EC2 fills the lowest addresses first, say, the open blocks that are free stay free while others fill. Where it
    takes any of the lower ones, few are spoiled, and those are missed only while few of all `blocks` are free.
    What does not scatter is not closed, after which little is learnt: so each one spoiled, up to the few that are
    chance, asks for as much more, and all of it for a round over the addresses that others had open.
    """
    fair, spoiled = sum(each.fair for each in history), sum(each.spoiled for each in history)
    if fair < KNOWN * (1 + min(spoiled, FEW)) or fair < _round(history) or spoiled > max(FEW, SPARED * fair):
        return True
    return spoiled > FEW and min(each.free for each in lately(history, 2 * DAY)) < ENOUGH * blocks


def _round(history: History) -> float:
    """Open addresses that an order which goes on from the last one takes before it comes to the free blocks."""
    fair = sum(each.fair for each in history)
    return sum(each.fair * each.holes for each in history) / fair if fair else 0.0


def _compared(look: Sample, before: Sample, analysis: Analysis) -> Sample:
    """Where the single addresses went that came since; it tells something where other blocks had room for them."""
    blocks, gain = analysis.blocks, max(0, look.latest - before.latest)
    were_open = sorted(blocks.free_open | blocks.drainable)
    frontier = max((n for n in were_open if not before.whole >> n & 1), default=0)
    still = [n for n in were_open if n > frontier]  # below it a free block is the lowest of all now and then
    if not still or not gain or before.holes < 2 * gain:
        return replace(look, gain=gain)
    share = BLOCK * len(still) / (BLOCK * len(still) + before.holes)
    return replace(look, gain=gain, fair=gain * share, spoiled=sum(blocks.singles[n] for n in still))


def _merged(first: Sample, second: Sample) -> Sample:
    return replace(
        first,
        latest=second.latest,
        singles=max(first.singles, second.singles),
        free=min(first.free, second.free),
        gain=max(first.gain, second.gain),
        fair=first.fair + second.fair,
        spoiled=first.spoiled + second.spoiled,
        whole=second.whole,
        holes=second.holes,
    )


def _thinned(history: History, now: datetime) -> History:
    kept = list[Sample]()
    for each in history:
        age = now - each.at
        if age > COARSE_FOR:
            continue
        if age > FINE_FOR and kept and _hour(kept[-1]) == _hour(each):
            kept[-1] = _merged(kept[-1], each)
        else:
            kept.append(each)
    return tuple(kept)


def _hour(sample: Sample) -> int:
    return int(sample.at.timestamp() // COARSE.total_seconds())
