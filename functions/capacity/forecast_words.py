"""A forecast in words: 'full on Thursday about 14:00 UTC at this rate (between Wednesday 22:00 and Saturday 03:00)'."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from functions.capacity.forecast import Course, Forecast
from functions.capacity.growth import COMPARABLE, DAY, HORIZON, RECENT, Full
from functions.capacity.wording import count


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
