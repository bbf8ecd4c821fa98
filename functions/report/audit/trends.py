"""Where a subnet comes from: its free /28s at earlier looks, in numbers and in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.capacity.steering.samples import History
from functions.capacity.wording import count, time
from functions.report.audit.facts import Fact


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Free /28s over time, the oldest look first and the present one last."""

    points: tuple[tuple[datetime, int], ...]

    def __str__(self) -> str:
        (since, then), (_, now) = self.points[0], self.points[-1]
        return f"{then} on {time(since)}, {now} now, at most {self.most}, in {count(len(self.points), 'look')}"

    @property
    def most(self) -> int:
        """At any look."""
        return max(free for _, free in self.points)


def trend_of(history: History, free_now: int, now: datetime) -> Trend | None:
    """None where nobody looked before."""
    earlier = tuple((each.at, each.free) for each in history if each.at < now)
    return Trend(points=(*earlier, (now, free_now))) if earlier else None


def trend_facts(trend: Trend | None) -> Iterator[Fact]:
    """Not known where nobody looked before."""
    since, then = trend.points[0] if trend else (None, None)
    yield Fact(key="trend", label="Free /28 over time", value=str(trend) if trend else None)
    yield Fact(key="trendSince", label="First look", value=since.isoformat() if since else None)
    yield Fact(key="trendFreePrefixes", label="/28 free then", value=then)
    yield Fact(key="trendMostFreePrefixes", label="/28 free at most", value=trend.most if trend else None)
