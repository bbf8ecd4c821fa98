"""Laws of every forecast, whatever the samples look like."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.analyse import Analysis
from functions.capacity.forecast import Course, Forecast, forecast
from functions.capacity.forecast_words import says
from functions.capacity.steering.samples import History, Sample
from tests.builders import NOW, a_demand, a_subnet, an_interface, under_demand

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
USABLE = 254  # blocks of a /20


def a_view(taken: int) -> Analysis:
    blocks = [f"10.0.{n // 16}.{n % 16 * 16}/28" for n in range(1, taken + 1)]
    return under_demand(a_subnet("10.0.0.0/20", interfaces=[an_interface(prefixes=blocks)]), a_demand(0))


VIEWS = {taken: a_view(taken) for taken in range(0, USABLE + 1, 2)}
TAKEN = st.sampled_from(sorted(VIEWS))


def samples(back: list[tuple[int, int]]) -> History:
    """From pairs of minutes before now and blocks taken."""
    return tuple(Sample(at=NOW - m * MINUTE, latest=taken, singles=taken, free=USABLE - taken) for m, taken in back)


def of(history: History, taken: int, lead: timedelta = HOUR) -> Forecast:
    return forecast(history, VIEWS[taken], NOW, lead)


# In any order, with gaps, several at one time, and some later than now; minutes to weeks.
ANY = st.lists(st.tuples(st.integers(-600, 21_000), st.integers(0, USABLE)), max_size=60).map(samples)
# As passes leave them behind: an even pace for up to ten days.
EVEN = st.tuples(st.sampled_from([5, 60, 97]), st.lists(st.integers(0, USABLE), max_size=160)).map(
    lambda drawn: samples([(drawn[0] * n, taken) for n, taken in enumerate(drawn[1], 1)][::-1])
)
HISTORIES = ANY | EVEN


@given(HISTORIES, TAKEN, st.timedeltas(timedelta(0), timedelta(days=30)))
def test_a_forecast_is_consistent_with_itself(history, taken, lead):
    found = of(history, taken, lead)
    assert says(found, NOW)
    for course in (found.prefixes, found.singles):
        assert course.in_use <= course.expected <= course.possible
        if course.full:
            assert NOW <= course.full.earliest <= course.full.at
            assert course.full.latest is None or course.full.at <= course.full.latest
        if course.growth:
            assert course.growth.slowest <= course.growth.per_hour <= course.growth.fastest
        else:
            assert course.full is None or course.left == 0


@given(HISTORIES, TAKEN, st.timedeltas(timedelta(days=-900), timedelta(days=900)))
def test_shifting_time_shifts_the_answer(history, taken, by):
    here = of(history, taken)
    moved = tuple(replace(each, at=each.at + by) for each in history)
    there = forecast(moved, VIEWS[taken], NOW + by, HOUR)
    assert ends(there, by) == ends(here)
    assert there.prefixes.growth == here.prefixes.growth
    assert there.prefixes.expected == here.prefixes.expected


def ends(found: Forecast, by: timedelta = timedelta(0)) -> list[object]:
    fulls = (course.full for course in (found.prefixes, found.singles))
    return [full and (full.at - by, full.earliest - by, full.latest and full.latest - by) for full in fulls]


@given(HISTORIES, TAKEN, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter(history, taken, rng):
    assert of(tuple(rng.sample(history, len(history))), taken) == of(history, taken)


@given(st.integers(0, USABLE).map(lambda n: n - n % 2), st.sampled_from([5, 60, 97]), st.integers(0, 200))
def test_what_never_changes_is_never_full(taken, minutes, count):
    history = samples([(minutes * n, taken) for n in range(count, 0, -1)])
    found = of(history, taken, 100 * HOUR)
    assert found.prefixes.expected == taken
    assert (found.prefixes.full is None) == (taken < USABLE)


RISES = st.lists(st.integers(0, 3), min_size=4, max_size=150)  # from one sample to the next, the latest first


@given(RISES, st.sampled_from([5, 60]), st.sampled_from(range(0, USABLE, 2)), st.integers(1, 5))
def test_more_growth_is_never_full_later(rises, minutes, taken, times):
    """Of two histories that end alike, one grew several times as much at each step."""

    def course(factor: int) -> Course:
        back, value = list[tuple[int, int]](), taken
        for n, rise in enumerate(rises, 1):
            value -= factor * rise
            back.append((minutes * n, value))
        return of(samples(back[::-1]), taken).prefixes

    less, more = course(1), course(times)
    assert less.full is None or (more.full is not None and more.full.at <= less.full.at + timedelta(seconds=1))
    assert more.expected >= less.expected


@given(st.integers(1, 20), st.sampled_from(range(0, USABLE, 2)), st.integers(7, 72))
def test_growth_without_noise_gives_the_exact_time(each_five_minutes, taken, count):
    history = samples([(5 * n, taken - each_five_minutes * n) for n in range(count, 0, -1)])
    full = of(history, taken).prefixes.full
    exact = NOW + (USABLE - taken) / each_five_minutes * 5 * MINUTE
    assert full is not None
    assert all(abs(at - exact) <= timedelta(seconds=1) for at in (full.at, full.earliest, full.latest or NOW))


@given(st.integers(1, 9), st.sampled_from(range(0, USABLE, 2)), st.integers(48, 330))
def test_so_it_does_over_days(hourly, taken, hours):
    history = samples([(60 * n, taken - hourly * n) for n in range(hours, 0, -1)])
    full = of(history, taken).prefixes.full
    assert full is not None
    assert abs(full.at - (NOW + (USABLE - taken) / hourly * HOUR)) <= HOUR
