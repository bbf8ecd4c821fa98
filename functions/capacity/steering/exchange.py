"""Which open block to reserve although the pool is not too large: another, worth less, will be opened in its stead.

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


def exchanged(analysis: Analysis, pool: Pool, worth: Sequence[float], *, objects_left: int) -> Range | None:
    """The open block worth most, where the pool has room without it that costs less to open again elsewhere."""
    blocks = analysis.blocks
    closed = blocks.held | blocks.reserved | blocks.taken_by_others
    best = max((n for n in blocks.allocatable if n not in closed), key=lambda n: (worth[n], n), default=None)
    if best is None or objects_left < 1 or worth[best] <= WORTH_A_CHANGE:
        return None
    room = BLOCK - blocks.singles[best]
    instead = cheapest(analysis, pool, worth, objects_left=objects_left - 1)
    if instead is None or blocks.open_addresses - room < pool.low:
        return None
    return (best, 1) if worth[best] - instead.cost * room > WORTH_A_CHANGE else None
