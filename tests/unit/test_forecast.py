"""When a subnet is full: linear growth, days that rise and fall, and what is said of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import cos, pi

import pytest

from functions.capacity.analyse import Analysis
from functions.capacity.forecast import Forecast, forecast
from functions.capacity.forecast_words import says
from functions.capacity.growth import Full
from functions.capacity.model import Mode, Subnet
from functions.capacity.steering.samples import History, Sample
from tests.builders import NOW, a_demand, a_group, a_reservation, a_subnet, an_analysis, an_interface, under_demand

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USABLE = 254  # blocks of a /20
LEAD = 2 * HOUR


def a_view(taken: int, *, demand: int = 0, urgent: int = 0, singles: int = 0, mode: str = "ahead") -> Analysis:
    """A /20 of which so many blocks are assigned as prefixes, and the last /24 holds so many single addresses."""
    node = an_interface(prefixes=[f"10.0.{n // 16}.{n % 16 * 16}/28" for n in range(1, taken + 1)], instance_id="i-1")
    others = an_interface(*(f"10.0.15.{n}" for n in range(singles)), interface_id="eni-2")
    return under_demand(
        a_subnet("10.0.0.0/20", interfaces=[node, others], mode=mode), a_demand(demand, urgent=urgent, node=1)
    )


def a_sample(at: datetime, taken: float, *, singles: int = 0) -> Sample:
    return Sample(at=at, latest=singles, singles=singles, free=USABLE - round(taken))


def fine(of: Callable[[float], float], hours: float = 6) -> History:
    """A sample each five minutes up to now; `of` is how many blocks are taken so many hours from now."""
    steps = round(hours * 12)
    return tuple(a_sample(NOW - n * timedelta(minutes=5), of(-n / 12)) for n in range(steps, 0, -1))


def kept(of: Callable[[float], float], days: float) -> History:
    """As samples are kept: the worst of each hour, for the last six hours of each five minutes."""
    hours = range(round(-days * 24), -6)
    return tuple(a_sample(NOW + h * HOUR, max(of(h + n / 12) for n in range(12))) for h in hours) + fine(of)


def seen(of: Callable[[float], float], days: float) -> Forecast:
    return forecast(kept(of, days), a_view(round(of(0))), NOW, LEAD)


def wave(low: float, high: float, peak: float = 20) -> Callable[[float], float]:
    """Each day alike: as many as `high` at that hour (UTC; now is 12:00), as few as `low` twelve hours later."""
    return lambda t: low + (high - low) * (1 + cos((t + 12 - peak) * pi / 12)) / 2


def jitter(t: float, size: float) -> float:
    """Noise that is the same on each run."""
    return size * ((round(t * 12) * 7919) % 201 - 100) / 100


# --- growth without a daily course ---


def test_linear_growth_gives_the_exact_time():
    found = forecast(fine(lambda t: 134 + 12 * t), a_view(134), NOW, LEAD)  # 120 blocks are left
    assert found.prefixes.full == Full(at=NOW + 10 * HOUR, earliest=NOW + 10 * HOUR, latest=NOW + 10 * HOUR)
    assert found.prefixes.growth is not None
    assert found.prefixes.growth.per_hour == pytest.approx(12)


def test_linear_growth_over_a_week_gives_the_time_within_a_sample():
    found = seen(lambda t: 200 + t, 7)
    assert found.prefixes.full is not None
    assert abs(found.prefixes.full.at - (NOW + 54 * HOUR)) <= HOUR
    assert found.prefixes.growth is not None
    assert found.prefixes.growth.daily


@pytest.mark.parametrize("days", [0.25, 1, 2, 7, 14])
def test_what_does_not_grow_has_no_end(days):
    found = seen(lambda _: 200, days)
    assert found.prefixes.full is None
    assert found.prefixes.growth is not None
    assert (found.prefixes.growth.grows, found.prefixes.growth.per_hour) == (False, 0)


def test_noise_is_no_growth():
    assert seen(lambda t: 200 + jitter(t, 20), 7).prefixes.full is None
    assert seen(lambda t: 200 + jitter(t, 20), 0.25).prefixes.full is None


@pytest.mark.parametrize("ago", [1, 2, 3, 4, 5])
def test_a_single_step_is_no_growth(ago):
    assert seen(lambda t: 200 + (30 if t > -ago else 0), 0.25).prefixes.full is None
    assert seen(lambda t: 200 + (30 if t > -ago else 0), 7).prefixes.full is None


def test_noise_widens_the_range():
    full = seen(lambda t: 134 + 12 * t + jitter(t, 10), 0.25).prefixes.full
    assert full is not None
    assert full.latest is not None
    assert full.earliest < full.at < full.latest
    assert abs(full.at - (NOW + 10 * HOUR)) < 2 * HOUR


def test_what_shrinks_has_no_end():
    found = seen(lambda t: 150 - 10 * t, 0.25).prefixes
    assert found.full is None
    assert found.growth is not None
    assert found.growth.per_hour == pytest.approx(-10)


@pytest.mark.parametrize(
    "history",
    [
        pytest.param((), id="no samples"),
        pytest.param(fine(lambda _: 100, hours=0.2), id="too few"),
        pytest.param(tuple(a_sample(NOW - n * timedelta(minutes=1), 100) for n in range(9)), id="too short a time"),
        pytest.param((a_sample(NOW - 5 * HOUR, 90), a_sample(NOW - HOUR, 98)), id="three looks"),
        pytest.param(tuple(a_sample(NOW, 100) for _ in range(9)), id="all at once"),
        pytest.param(tuple(a_sample(NOW + n * HOUR, 100 + n) for n in range(1, 9)), id="all of them later than now"),
        pytest.param(tuple(a_sample(NOW - n * HOUR, 100 + n) for n in range(30, 40)), id="all before a long gap"),
    ],
)
def test_unknown_is_unknown(history):
    found = forecast(history, a_view(100), NOW, LEAD)
    assert (found.prefixes.growth, found.prefixes.full, found.prefixes.expected) == (None, None, 100)
    assert says(found, NOW) == "not enough history"


def test_a_subnet_that_is_full_is_full_whatever_its_history():
    found = forecast((), a_view(USABLE), NOW, LEAD)
    assert found.prefixes.full == Full(at=NOW, earliest=NOW, latest=NOW)
    assert says(found, NOW) == "full now"


def test_what_is_later_than_now_does_not_count():
    history = fine(lambda t: 134 + 12 * t)
    later = tuple(a_sample(NOW + n * timedelta(minutes=5), 0) for n in range(1, 99))
    assert forecast(history + later, a_view(134), NOW, LEAD) == forecast(history, a_view(134), NOW, LEAD)


@pytest.mark.timeout(60)  # between every two of them: 200 million slopes
def test_many_samples_take_no_longer():
    many = tuple(a_sample(NOW - n * timedelta(seconds=1), 134 - n // 400) for n in range(20_000, 0, -1))
    assert forecast(many, a_view(134), NOW, LEAD).prefixes.full is not None


# --- days that rise and fall ---


@pytest.mark.parametrize(("days", "daily"), [(1, False), (1.9, False), (2, True), (14, True)])
def test_days_are_compared_once_there_are_two(days, daily):
    growth = seen(wave(50, 230), days).prefixes.growth
    assert growth is not None
    assert growth.daily == daily


def test_what_is_older_than_a_week_does_not_count():
    growth = seen(lambda t: 100 + min(0, t + 7.5 * 24) / 2, 14).prefixes.growth
    assert growth is not None
    assert growth.per_hour == 0


def test_today_is_measured_against_other_days_alone():
    view = a_view(round(wave(50, 200)(0)) + 30)
    history = kept(lambda t: wave(50, 200)(t) + (30 if t > -2 else 0), 2)
    assert 228 <= forecast(history, view, NOW, DAY).prefixes.expected <= 234


@pytest.mark.parametrize("days", [2, 3, 7, 14])
@pytest.mark.parametrize("hour", range(24))
def test_a_daily_wave_whose_peak_fits_is_never_called_full(days, hour):
    found = seen(wave(50, 230, peak=hour), days)
    assert found.prefixes.full is None, says(found, NOW)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_nor_is_it_with_some_noise(hour):
    of = wave(50, 220, peak=hour)
    found = seen(lambda t: of(t) + jitter(t, 5), 7)
    assert found.prefixes.full is None, says(found, NOW)


@pytest.mark.parametrize("hour", range(24))
def test_peaks_that_grow_are_told_with_their_day_and_hour(hour):
    """At the peak 6 blocks more each day, at the lowest none: 24 are left at the peak nearest to now."""
    base = wave(0, 1, peak=hour)
    found = seen(lambda t: 50 + base(t) * (180 + 6 * t / 24), 7)
    full = found.prefixes.full
    assert full is not None
    assert timedelta(days=2) <= full.at - NOW <= timedelta(days=6)
    assert min((full.at.hour - hour) % 24, (hour - full.at.hour) % 24) <= 3


def test_a_peak_that_never_fitted_is_full_again_at_the_same_hour():
    full = seen(lambda t: min(USABLE, wave(50, 290)(t)), 7).prefixes.full
    assert full is not None
    assert 15 <= full.at.hour <= 20
    assert full.at - NOW < DAY


def test_a_day_that_is_worse_than_the_others_is_taken_to_stay_so():
    def of(t: float) -> float:
        return wave(50, 230)(t) + (40 if t > -2 else 0)

    full = seen(of, 7).prefixes.full
    assert full is not None
    assert full.at.date() == NOW.date()


def test_growth_that_leaves_the_daily_course_is_told_while_it_is_near():
    full = seen(lambda t: 130 + 20 * max(0, t + 4), 7).prefixes.full  # for four hours now, 20 an hour
    assert full is not None
    assert full.at - NOW <= 6 * HOUR


def test_a_climb_that_is_over_long_before_the_end_does_not_go_on_forever():
    assert seen(lambda t: 100 + 2 * max(0, t + 4), 7).prefixes.full is None


def test_a_quiet_weekend_is_no_growth():
    """Monday noon after two quiet days."""

    def of(t: float) -> float:
        quiet = -60 <= t < -12 or t < -60 - 5 * 24
        return wave(30, 80 if quiet else 220)(t)

    assert seen(of, 14).prefixes.full is None


# --- the lead time ---


def test_the_lead_time_brings_what_the_samples_say():
    assert forecast(fine(lambda t: 134 + 12 * t), a_view(134), NOW, 3 * HOUR).prefixes.expected == 170


def test_the_lead_time_brings_the_peak_that_lies_in_it():
    def expected(hours: int) -> int:
        return forecast(kept(wave(50, 230), 7), a_view(round(wave(50, 230)(0))), NOW, hours * HOUR).prefixes.expected

    assert all(230 <= expected(hours) <= 233 for hours in (8, 24, 100))
    assert expected(2) < 200


def test_nodes_in_flight_are_expected_and_maxima_are_possible():
    found = forecast(fine(lambda _: 100), a_view(100, demand=60, urgent=20), NOW, LEAD)
    assert (found.prefixes.in_use, found.prefixes.expected, found.prefixes.possible) == (100, 120, 160)


def test_of_single_addresses_too():
    found = forecast((), an_analysis(a_subnet(), a_group(desired=3, most=10)), NOW, LEAD)
    assert (found.singles.expected, found.singles.possible) == (3, 10)


# --- single addresses ---


def with_singles(subnet: Subnet, now: int, per_hour: int) -> Forecast:
    history = tuple(
        Sample(at=NOW - n * timedelta(minutes=30), latest=0, singles=now - n * per_hour // 2, free=9)
        for n in range(12, 0, -1)
    )
    return forecast(history, under_demand(subnet, a_demand(0)), NOW, LEAD)


def test_open_addresses_run_out():
    singles = an_interface(*(f"10.0.0.{n}" for n in range(4, 104)))
    found = with_singles(a_subnet(interfaces=[singles]), 100, 10).singles  # 256 - 5 - 100 are left
    assert found.left == 151
    assert found.full is not None
    assert found.full.at == NOW + 15.1 * HOUR


def test_where_headroom_steers_reserved_addresses_are_left_to_singles():
    ours, others = a_reservation("10.0.0.128/26"), a_reservation("10.0.0.192/27", ours=False)
    interfaces = [an_interface("10.0.0.130", prefixes=["10.0.0.144/28"])]
    left = {
        mode: with_singles(a_subnet(mode=mode, interfaces=interfaces, reservations=[ours, others]), 1, 0).singles.left
        for mode in Mode
    }
    assert left == {mode: 155 + (15 + 16 + 16 if mode is Mode.STEER else 0) for mode in Mode}


# --- words ---


def said(history: History, view: Analysis, now: datetime = NOW) -> str:
    return says(forecast(history, view, now, LEAD), now)


def test_says_when_with_a_range():
    found = forecast(fine(lambda t: 134 + 12 * t), a_view(134), NOW, LEAD)
    full = Full(
        at=datetime(2026, 11, 26, 14, 10, tzinfo=UTC),
        earliest=datetime(2026, 11, 25, 21, 50, tzinfo=UTC),
        latest=datetime(2026, 11, 28, 3, 0, tzinfo=UTC),
    )
    assert found.prefixes.growth is not None
    prefixes = replace(found.prefixes, full=full, growth=replace(found.prefixes.growth, daily=True))
    assert says(replace(found, prefixes=prefixes), NOW) == (
        "full on Thursday about 14:00 UTC at this rate (between Wednesday 22:00 and Saturday 03:00)"
    )
    never = replace(prefixes, full=replace(full, latest=None))
    assert says(replace(found, prefixes=never), NOW) == (
        "full on Thursday about 14:00 UTC at this rate (as early as Wednesday 22:00, or not at all)"
    )
    far = replace(prefixes, full=Full(at=NOW + 7 * DAY, earliest=NOW + 6 * DAY, latest=NOW + 8 * DAY))
    assert says(replace(found, prefixes=far), NOW) == (
        "full on 2026-11-30 about 12:00 UTC at this rate (between Sunday 12:00 and 2026-12-01 12:00)"
    )


def test_says_how_little_it_rests_on():
    assert said(fine(lambda t: 134 + 12 * t), a_view(134)) == (
        "full today about 22:00 UTC at this rate, by 6 hours of history"
    )
    assert said(fine(lambda t: 194 + 60 * t, hours=0.75), a_view(194)) == (
        "full today about 13:00 UTC at this rate, by 45 minutes of history"
    )


def test_says_that_nothing_grows():
    assert said(fine(lambda _: 100), a_view(100)) == "no growth seen over 6 hours"
    assert said(kept(lambda _: 100, 7), a_view(100)) == "no growth seen over 7 days"


def test_says_that_the_end_is_far():
    far = tuple(a_sample(NOW - n * HOUR, 10 if n > 84 else 11 if n > 36 else 12) for n in range(168, 0, -1))
    assert said(far, a_view(12)) == "not full within 90 days at this rate"


def test_says_what_runs_out_first():
    history = tuple(
        Sample(at=NOW - n * timedelta(minutes=30), latest=0, singles=100 - 10 * n, free=9) for n in range(6, 0, -1)
    )
    singles = an_interface(*(f"10.0.0.{n}" for n in range(4, 104)))
    view = under_demand(a_subnet(interfaces=[singles]), a_demand(0))
    assert said(history, view).startswith("out of single addresses today about ")
    both = tuple(replace(each, free=14 + 4 * n) for n, each in zip(range(6, 0, -1), history, strict=True))
    assert said(both, view).startswith("full today about ")


def test_of_a_view_that_is_not_whole_nothing_is_said():
    view = replace(a_view(134), partial="EC2 counts 9")
    assert said(fine(lambda t: 134 + 12 * t), view) == "not known: EC2 counts 9"


def test_days_are_those_of_utc():
    late = NOW.replace(hour=23)
    history = tuple(replace(each, at=each.at + 11 * HOUR) for each in fine(lambda t: 134 + 60 * t))
    found = forecast(history, a_view(134), late, LEAD)
    assert says(found, late).startswith("full on Tuesday about 01:00 UTC")
