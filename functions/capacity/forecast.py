"""When a subnet will be full, and what will be asked of it until then: from known demand, and from its samples.

Growth is the median of the slopes between samples (Theil-Sen): a burst or a gap moves it little. From two days of
samples on, each hour is compared with the same hour of other days, so that a daily wave is no growth; growth is then
that of the busiest quarter of the day, since it is the peaks that do not fit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil, floor
from statistics import median

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import blocks_of
from functions.capacity.demand import SubnetDemand
from functions.capacity.model import BLOCK, Mode
from functions.capacity.steering.samples import History, Sample
from functions.capacity.wording import count

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
class Course:
    """One kind of thing: how much is in use and left now, how it grows, and what the lead time may bring.

    `growth` is None where the history does not say; `full` is None where that, or no exhaustion, is in sight.
    """

    in_use: int
    left: int
    expected: int  # in use at once, at the most, until the lead time is over: by nodes in flight and by the samples
    possible: int  # the same, should every node group grow to its maximum and one be updated
    growth: Growth | None
    full: Full | None


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """A subnet from `at` until the lead time is over.

    A block that single addresses spoil is lost to prefixes like one that is assigned: samples count the free ones.
    `unknown` says why none of it can be relied on, or is empty.
    """

    at: datetime
    until: datetime
    unknown: str
    prefixes: Course
    singles: Course


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """Known demand: by nodes wanted already, and in all."""

    urgent: int
    most: int


@dataclass(frozen=True, kw_only=True)
class _Outlook:
    """What each hour of the day comes to now, the growth on top, and the growth that left the daily course lately."""

    level: Mapping[int, float]
    growth: Growth
    departure: Growth | None = None


def forecast(history: History, analysis: Analysis, now: datetime, lead: timedelta) -> Forecast:
    """The courses of prefixes and of single addresses. Samples from after `now` are left out."""
    blocks, demand = analysis.blocks, analysis.demand
    held, free = len(blocks.held), len(blocks.free)
    prefixes = _Asked(urgent=demand.urgent, most=demand.prefixes)
    singles = _Asked(urgent=_urgent_singles(demand), most=demand.singles)

    def course(of: Callable[[Sample], int], in_use: int, left: int, asked: _Asked) -> Course:
        return _course(_points(history, now, of, in_use), left, asked, now, lead)

    return Forecast(
        at=now,
        until=now + lead,
        unknown=analysis.partial,
        prefixes=course(lambda each: held + free - each.free, held, free, prefixes),
        singles=course(lambda each: each.singles, sum(blocks.singles), _left_to_singles(analysis), singles),
    )


def says(forecast: Forecast, now: datetime) -> str:
    """When the subnet is full, in words: 'full on Thursday about 14:00 UTC at this rate (between ...)'."""
    if forecast.unknown:
        return f"not known: {forecast.unknown}"
    courses = {"full": forecast.prefixes, "out of single addresses": forecast.singles}
    ends = [(course.full.at, what, course) for what, course in courses.items() if course.full]
    if ends:
        _, what, course = min(ends, key=lambda each: each[0])
        return f"{what} {_when(course, now)}"
    known = [course.growth for course in courses.values() if course.growth]
    if not known:
        return "not enough history"
    if any(each.grows for each in known):
        return f"not full within {HORIZON // DAY} days at this rate"
    return f"no growth seen over {_span(known[0].seen)}"


# --- known demand ---


def _urgent_singles(demand: SubnetDemand) -> int:
    """Single addresses that nodes asked for, launching or running can take."""
    return sum(g.singles - (g.nodes_to_come - g.nodes_desired) * g.per_node.singles for g in demand.groups)


def _left_to_singles(analysis: Analysis) -> int:
    """Open addresses, and those that Headroom gives back when they are needed, where it steers."""
    blocks, subnet = analysis.blocks, analysis.subnet
    if subnet.mode is not Mode.STEER:
        return blocks.open_addresses
    ours = (each for each in subnet.reservations if each.ours and each.reserves_prefixes)
    kept = {n for each in ours for n in blocks_of(each, subnet)} & blocks.reserved - blocks.held
    return blocks.open_addresses + sum(BLOCK - blocks.singles[n] for n in kept)


# --- growth ---


def _points(history: History, now: datetime, of: Callable[[Sample], int], in_use: int) -> Points:
    past = sorted(((each.at - now) / timedelta(hours=1), of(each)) for each in history if each.at <= now)
    return [*past, (0.0, in_use)]


def _course(points: Points, left: int, asked: _Asked, now: datetime, lead: timedelta) -> Course:
    in_use = int(points[-1][1])
    outlook = _by_days(points) or _by_hours(points)
    projected = _highest(outlook, lead) if outlook else in_use
    expected = max(in_use + asked.urgent, in_use, ceil(projected - 1e-6))
    return Course(
        in_use=in_use,
        left=left,
        expected=expected,
        possible=max(expected, in_use + asked.most),
        growth=outlook.growth if outlook else None,
        full=_full(outlook, in_use + left, now) if left > 0 else Full(at=now, earliest=now, latest=now),
    )


def _by_hours(points: Points) -> _Outlook | None:
    """From the last hours alone: where days cannot be compared, a daily wave looks like growth."""
    recent = [each for each in points if each[0] >= -RECENT]
    every = ceil(len(recent) / MOST_POINTS)
    growth = _growth(_slopes(recent[::-1][::every][::-1]), seen=-recent[0][0], daily=False)
    if len(recent) < ENOUGH or growth is None or growth.seen < ENOUGH_FOR:
        return None
    return _Outlook(level=dict.fromkeys(range(DAY), recent[-1][1]), growth=growth)


def _by_days(points: Points) -> _Outlook | None:
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
    return _Outlook(level={slot: of + behind for slot, of in level.items()}, growth=growth, departure=departure)


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


def _full(outlook: _Outlook | None, limit: float, now: datetime) -> Full | None:
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


def _highest(outlook: _Outlook, lead: timedelta) -> float:
    """The most in use until the lead time is over: no hour comes to more than at its last time in there."""
    end = max(0.0, lead / timedelta(hours=1))
    pace, extra = outlook.growth.paces[0], outlook.departure.paces[0] if outlook.departure else 0.0
    hours = range(max(0, ceil(end) - DAY), ceil(end))
    times = ((hour % DAY, min(end, hour + 1)) for hour in hours)
    return max(
        (outlook.level[s] + pace * t + extra * min(t, RECENT) for s, t in times if s in outlook.level), default=0
    )


# --- words ---


def _when(course: Course, now: datetime) -> str:
    full = course.full
    assert full is not None  # noqa: S101 - only courses with an end are put into words
    if full.at <= now:
        return "now"
    short = "" if course.growth is None or course.growth.daily else f", by {_span(course.growth.seen)} of history"
    return f"{_day(full.at, now, 'on ')} about {_clock(full.at, now)} UTC at this rate{_range(full, now)}{short}"


def _range(full: Full, now: datetime) -> str:
    first = _moment(full.earliest, now)
    if full.latest is None:
        return f" (as early as {first}, or not at all)"
    last = _moment(full.latest, now)
    return "" if first == last else f" (between {first} and {last})"


def _moment(at: datetime, now: datetime) -> str:
    return f"{_day(at, now)} {_clock(at, now)}"


def _day(at: datetime, now: datetime, on: str = "") -> str:
    """Today, the day of the week, or from a week on the date."""
    day = _rounded(at, now)
    days = (day.date() - now.astimezone(UTC).date()).days
    if days <= 0:
        return "today"
    return on + day.strftime("%A" if days < 7 else "%Y-%m-%d")  # noqa: PLR2004 - days of a week


def _clock(at: datetime, now: datetime) -> str:
    return _rounded(at, now).strftime("%H:%M")


def _rounded(at: datetime, now: datetime) -> datetime:
    """To the hour; to the minute where it is near."""
    unit = 60 if at - now < timedelta(hours=RECENT) else 3600
    return datetime.fromtimestamp((at.timestamp() + unit / 2) // unit * unit, UTC)


def _span(seen: timedelta) -> str:
    hours = seen / timedelta(hours=1)
    if hours >= COMPARABLE:
        return count(round(hours / DAY), "day")
    return count(round(hours), "hour") if hours >= 1 else count(round(hours * 60), "minute")
