"""Which open blocks to reserve although the pool is not too large: others, worth less, will be opened in their stead.

A free block that single addresses just came to, or that only young ones are in, drains when it is closed in time. A
block inside a reservation may be known to stay. Where calls are left, the two change places; the next release sees to
the second half, when single addresses need the room.
"""

from __future__ import annotations

from collections.abc import Sequence

from functions.capacity.analyse import Analysis
from functions.capacity.model import BLOCK
from functions.capacity.steering.layout import Range
from functions.capacity.steering.pool import Pool
from functions.capacity.steering.release import cheapest

WORTH_A_CHANGE = 0.2  # of a free block: what it has to bring beyond what is opened for it


def exchanged(analysis: Analysis, pool: Pool, worth: Sequence[float], *, objects_left: int, most: int) -> list[Range]:
    """The open blocks worth most, `most` at most, while the pool has room without them that costs less elsewhere."""
    blocks, found = analysis.blocks, list[Range]()
    best = sorted(blocks.free_open | blocks.drainable, key=lambda n: (-worth[n], -n))
    if not best or objects_left < 1 or worth[best[0]] <= WORTH_A_CHANGE:
        return []
    instead, spare = cheapest(analysis, pool, worth, objects_left=objects_left - 1), blocks.open_addresses - pool.low
    if instead is None:
        return []
    for n in best[: min(most, objects_left)]:
        room = BLOCK - blocks.singles[n]
        if room > spare or worth[n] - instead.cost * room <= WORTH_A_CHANGE:
            break
        found.append((n, 1))
        spare -= room
    return found
