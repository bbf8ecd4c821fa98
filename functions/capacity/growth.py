"""How fast what is in use in a subnet grows, and when it comes to its limit at that rate.

Growth is the median of the slopes between samples (Theil-Sen): a burst or a gap moves it little. From two days of
samples on, each hour is compared with the same hour of other days, so that a daily wave is no growth; growth is then
that of the busiest quarter of the day, since it is the peaks that do not fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor
from statistics import median

ENOUGH, ENOUGH_FOR = 4, timedelta(minutes=30)  # samples, and the time they span: below, nothing is said of growth
RECENT = 6  # hours: what is looked at without a day to compare with, and how long a departure is taken to go on
DAY, BUSIEST = 24, 6  # hours of a day, and how many of them stand for its peak
COMPARABLE, WEEK = 2 * DAY, 7 * DAY  # hours from which days are compared, and beyond which nothing is
HORIZON = 90 * DAY  # hours; a rate does not last longer
MOST_POINTS = 120  # between which slopes are taken: 7,140 pairs

Points = Sequence[tuple[float, float]]  # hours from now (0 or before) and how much was in use; oldest first


@dataclass(frozen=True, kw_only=True)
class Growth:
    """How much more is in use per hour: the median slope, and the quartiles of the slopes as its range.

    It `grows` where at least two slopes in three rise, so that no single step is growth. `daily`: hours were compared
    with those of other days.
    """

    per_hour: float
    slowest: float
    fastest: float
    grows: bool
    seen: timedelta
    daily: bool

    @property
    def paces(self) -> tuple[float, float, float]:
        """What to project with, per hour: as it is, at its fastest, at its slowest; never less than nothing."""
        if not self.grows:
            return 0.0, 0.0, 0.0
        return self.per_hour, self.fastest, max(0.0, self.slowest)


@dataclass(frozen=True, kw_only=True)
class Full:
    """When nothing is left at this rate. `latest` is None where it may as well never come to that in our horizon."""

    at: datetime
    earliest: datetime
    latest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What each hour of the day comes to now, the growth on top, and the growth that left the daily course lately."""

    level: Mapping[int, float]
    growth: Growth
    departure: Growth | None = None


def by_hours(points: Points) -> Outlook | None:
    """From the last hours alone: where days cannot be compared, a daily wave looks like growth."""
    recent = [each for each in points if each[0] >= -RECENT]
    every = ceil(len(recent) / MOST_POINTS)
    growth = _growth(_slopes(recent[::-1][::every][::-1]), seen=-recent[0][0], daily=False)
    if len(recent) < ENOUGH or growth is None or growth.seen < ENOUGH_FOR:
        return None
    return Outlook(level=dict.fromkeys(range(DAY), recent[-1][1]), growth=growth)


def by_days(points: Points) -> Outlook | None:
    """From each hour compared with the same hour of other days, within the last week."""
    worst = _worst_by_hour(points)
    slots: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for hour in sorted(worst):
        slots[hour % DAY].append(worst[hour])
    paired = [slot for slot, values in slots.items() if len(values) > 1]
    busiest = sorted(paired, key=lambda slot: (-median(y for _, y in slots[slot]), slot))[:BUSIEST]
    seen = -min(x for x, _ in worst.values())
    growth = _growth([each for slot in busiest for each in _slopes(slots[slot])], seen=seen, daily=True)
    if growth is None or seen < COMPARABLE:
        return None
    level = {slot: _level(values, growth.per_hour) for slot, values in slots.items()}
    late = [(x, y - growth.per_hour * x - level[h % DAY]) for h, (x, y) in sorted(worst.items()) if h >= -RECENT]
    behind = max(0.0, late[-1][1])  # today is worse than other days: it is taken to stay so
    departure = _growth(_slopes(late), seen=-late[0][0], daily=True)
    return Outlook(level={slot: of + behind for slot, of in level.items()}, growth=growth, departure=departure)


def _worst_by_hour(points: Points) -> dict[int, tuple[float, float]]:
    """Of each hour, counted from now, the point with most in use; old samples are an hour's worst themselves."""
    worst: dict[int, tuple[float, float]] = {}
    for x, y in points:
        hour = min(-1, floor(x))
        if x >= -WEEK and (hour not in worst or y >= worst[hour][1]):
            worst[hour] = x, y
    return worst


def _level(values: Points, per_hour: float) -> float:
    """What an hour of the day comes to now, by the days before; by the last hours only where there is no other day."""
    before = [(x, y) for x, y in values if x < -RECENT] or values
    return median(y - per_hour * x for x, y in before)


def _slopes(points: Points) -> list[float]:
    """Per hour, between every two points of different times."""
    return [(y2 - y1) / (x2 - x1) for n, (x1, y1) in enumerate(points) for x2, y2 in points[n + 1 :] if x2 > x1]


def _growth(slopes: Iterable[float], *, seen: float, daily: bool) -> Growth | None:
    ordered = sorted(slopes)
    if not ordered:
        return None
    rising, middle = sum(1 for each in ordered if each > 0), median(ordered)
    return Growth(
        per_hour=middle,
        slowest=ordered[(len(ordered) - 1) // 4],
        fastest=ordered[-1 - (len(ordered) - 1) // 4],
        grows=3 * rising >= 2 * len(ordered),
        seen=timedelta(hours=seen),
        daily=daily,
    )


# --- projection ---


def full(outlook: Outlook | None, limit: float, now: datetime) -> Full | None:
    """When the limit is reached; None where it is not known, or not in sight."""
    if outlook is None:
        return None
    more = outlook.departure.paces if outlook.departure else (0.0, 0.0, 0.0)
    hours = (_reached(outlook.level, limit, *each) for each in zip(outlook.growth.paces, more, strict=True))
    at, earliest, latest = (None if each is None else now + timedelta(hours=each) for each in hours)
    return None if at is None or earliest is None else Full(at=at, earliest=earliest, latest=latest)


def _reached(level: Mapping[int, float], limit: float, pace: float, extra: float) -> float | None:
    """Hours until the limit is reached; `extra` growth, by which today departs from other days, is not lasting."""
    lasting = _crossing(level, limit, pace)
    passing = _crossing(level, limit, pace + extra)
    found = [lasting] if passing is None or passing > RECENT else [lasting, passing]
    return min((each for each in found if each is not None), default=None)


def _crossing(level: Mapping[int, float], limit: float, pace: float) -> float | None:
    """Hours until an hour of the day comes whose level has grown to the limit; None beyond the horizon."""
    due = ((slot, max(0.0, limit - of)) for slot, of in level.items() if limit - of <= pace * HORIZON)
    return min((_next(slot, need / pace if need else 0.0) for slot, need in due), default=None)


def _next(slot: int, due: float) -> float:
    """The first time from `due` on that lies in this hour of the day, both in hours from now."""
    waits = (slot - floor(due)) % DAY
    return floor(due) + waits if waits else due


def highest(outlook: Outlook, lead: timedelta) -> float:
    """The most in use until the lead time is over: no hour comes to more than at its last time in there."""
    end = max(0.0, lead / timedelta(hours=1))
    pace, extra = outlook.growth.paces[0], outlook.departure.paces[0] if outlook.departure else 0.0
    hours = range(max(0, ceil(end) - DAY), ceil(end))
    times = ((hour % DAY, min(end, hour + 1)) for hour in hours)
    return max(
        (outlook.level[s] + pace * t + extra * min(t, RECENT) for s, t in times if s in outlook.level), default=0
    )
