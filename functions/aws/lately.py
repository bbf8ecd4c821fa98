"""Answers that hardly ever change by themselves, used again for some minutes: the looks of a storm do not ask anew.

*A subnet's reservations.* GetSubnetCidrReservations takes one subnet a call, and in a storm that is half of all reads.
The journal knows of our own changes for longer than such an answer is used (functions/capacity/journal.py); after a
change of this process, and where EC2's counts of addresses do not add up with it, it is not used again at all.

*A VPC's ranges.* They are asked for where a shortage is told, and a storm may tell many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from functions.capacity.journal import USED_AGAIN

Answer = TypeVar("Answer")

NEVER = timedelta()


@dataclass(frozen=True, kw_only=True)
class Lately(Generic[Answer]):
    """By name, what AWS answered and when, used again for so long. Lives as long as the process."""

    used_again: timedelta = USED_AGAIN
    known: dict[str, tuple[datetime, Answer]] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)  # what was read for the look that is under way

    def of(
        self, names: Iterable[str], now: datetime, read: Callable[[list[str]], Iterable[Answer]]
    ) -> dict[str, Answer]:
        """By name, as known, or read now. `read` answers for each name that it is asked for, in order."""
        wanted = list(names)
        found = {each: self.known[each][1] for each in wanted if self._lasts(each, now)}
        self._forget_old(now)
        new = [each for each in wanted if each not in found]
        found |= zip(new, read(new), strict=True)
        self.known.update({each: (now, found[each]) for each in new})
        self.fresh.clear()
        self.fresh.update(new)
        return {each: found[each] for each in wanted}

    def then_and_now(
        self, name: str, now: datetime, read: Callable[[list[str]], Iterable[Answer]]
    ) -> tuple[Answer | None, Answer]:
        """What the look under way went by, and what is so: read anew, unless that look did so itself."""
        before = self.known[name][1] if name in self.known else None
        if before is not None and name in self.fresh:
            return before, before
        (found,) = read([name])
        self.known[name] = now, found
        self.fresh.add(name)
        return before, found

    def _lasts(self, name: str, now: datetime) -> bool:
        at = self.known[name][0] if name in self.known else None
        return at is not None and at <= now < at + self.used_again

    def forget(self, names: Iterable[str]) -> None:
        """They may be others by now."""
        for each in names:
            self.known.pop(each, None)

    def _forget_old(self, now: datetime) -> None:
        self.forget([each for each, (at, _) in self.known.items() if now >= at + self.used_again])
