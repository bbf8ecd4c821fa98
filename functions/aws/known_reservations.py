"""The reservations of subnets as they were read lately: GetSubnetCidrReservations takes one subnet a call.

In a storm that is half of all reads, and reservations hardly change by themselves meanwhile. So what was read is used
again for three minutes, well within what the journal reckons with (functions/capacity/journal.py); not after a change
of our own, and not where EC2's counts of addresses do not add up with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

Answer = Mapping[str, Any]

USED_AGAIN = timedelta(minutes=3)
NEVER = timedelta()


@dataclass(frozen=True, kw_only=True)
class KnownReservations:
    """By subnet, what EC2 answered and when, used again for so long. Lives as long as the process."""

    used_again: timedelta = USED_AGAIN
    known: dict[str, tuple[datetime, Answer]] = field(default_factory=dict)

    def of(
        self, subnet_ids: Iterable[str], now: datetime, read: Callable[[list[str]], Iterable[Answer]]
    ) -> Mapping[str, Answer]:
        """By subnet, as known, or read now. `read` answers for each subnet that it is asked for, in order."""
        wanted = list(subnet_ids)
        found = {each: self.known[each][1] for each in wanted if self._lasts(each, now)}
        self._forget_old(now)
        new = [each for each in wanted if each not in found]
        found |= zip(new, read(new), strict=True)
        self.known.update({each: (now, found[each]) for each in new})
        return {each: found[each] for each in wanted}

    def _lasts(self, subnet_id: str, now: datetime) -> bool:
        at, _ = self.known.get(subnet_id, (None, None))
        return at is not None and at <= now < at + self.used_again

    def forget(self, subnet_ids: Iterable[str]) -> None:
        """They may be others by now."""
        for each in subnet_ids:
            self.known.pop(each, None)

    def _forget_old(self, now: datetime) -> None:
        self.forget([each for each, (at, _) in self.known.items() if now >= at + self.used_again])
