"""Every strategy in every life of a subnet, side by side: rows, and how they are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from random import Random
from statistics import mean
from typing import Any

from benchmarks.placement import scenarios, strategies
from benchmarks.placement.demand import Scenario
from benchmarks.placement.life import Life
from benchmarks.placement.strategies import Strategy
from ec2_rules.allocation import Order

STRATEGIES = (
    Strategy(name="nothing"),
    Strategy(name="half reserved", act=strategies.half, period=60, once=True),
    Strategy(name="all free at once", act=strategies.all_free, period=60, once=True),
    Strategy(name="all free each minute", act=strategies.all_free, period=60),
    Strategy(name="ahead", act=strategies.ahead, period=60),
    Strategy(name="steer", act=strategies.steering, period=60),
    Strategy(name="steer, as deployed", act=strategies.steering, period=300, window=60),  # sweep, and gathered events
    Strategy(name="steer, ages unknown", act=strategies.steering, period=60, ages=False),
    Strategy(name="ideal placement", ideal=True),
)
HEADING = f"  {'':<22}{'first':>8}{'avoid.':>9}{'exhaust.':>9}{'singles':>9}{'calls/d':>9}{'most':>6}{'objects':>9}"
Draw = Callable[[int, Random], Scenario]
SCENARIOS: dict[str, Draw] = {
    "P5 new": scenarios.filling,
    "P6 adopted": scenarios.adopted,
    "P7 70 %": partial(scenarios.diurnal, peak=0.70),
    "P7 80 %": partial(scenarios.diurnal, peak=0.80),
    "P7 90 %": partial(scenarios.diurnal, peak=0.90),
    "P8 25 %": partial(scenarios.migration, singles=0.25),
    "P8 40 %": partial(scenarios.migration, singles=0.40),
    "P9 bursts": scenarios.bursty,
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """Means over the seeds, but for the two that say most. Percentages are of what was asked for."""

    scenario: str
    length: int
    order: str
    strategy: str
    seeds: tuple[int, ...]
    first_failure: float | None  # % of the subnet asked for at the first refusal; None where there was none
    avoidable: float  # % of prefixes refused although enough addresses were free
    exhausted: float  # % of prefixes refused because too few were
    singles_caused: float  # single addresses refused while reservations held free ones
    singles_asked: float
    calls_a_day: float
    most_calls_a_day: int
    most_objects: int


def rows(
    *,
    lengths: Iterable[int] = (20,),
    seeds: Iterable[int] = (1,),
    orders: Iterable[Order] = tuple(Order),
    draws: Mapping[str, Draw] = SCENARIOS,
    names: Iterable[str] | None = None,
    which: Iterable[Strategy] = STRATEGIES,
) -> list[Row]:
    """One row for each combination, in the lives of these names or in all; every strategy meets the same demand."""
    of = tuple(seeds)
    return [
        _row((name, draws[name]), length, order, strategy, of)
        for name in (draws if names is None else names)
        for length in lengths
        for order in orders
        for strategy in which
    ]


def as_json(found: Iterable[Row]) -> list[dict[str, Any]]:
    """The rows for a file."""
    return [asdict(each) for each in found]


def lines(found: Iterable[Row]) -> list[str]:
    """The rows as a table, a heading for each life."""
    text, heading = list[str](), ""
    for each in found:
        above = f"{each.scenario}, /{each.length}, singles in order '{each.order}', seeds {list(each.seeds)}"
        if above != heading:
            text += ["", above, HEADING]
            heading = above
        first = "-" if each.first_failure is None else f"{each.first_failure:.1f} %"
        text.append(
            f"  {each.strategy:<22}{first:>8}{each.avoidable:>7.2f} %{each.exhausted:>7.2f} %"
            f"{each.singles_caused:>9.1f}{each.calls_a_day:>9.1f}{each.most_calls_a_day:>6}{each.most_objects:>9}"
        )
    return text


def _row(drawn: tuple[str, Draw], length: int, order: Order, strategy: Strategy, seeds: tuple[int, ...]) -> Row:
    name, draw = drawn
    lives = [Life(draw(length, Random(seed)), strategy, order, seed) for seed in seeds]
    tallies = [life.run() for life in lives]
    firsts = [each.first_failure for each in tallies if each.first_failure is not None]
    return Row(
        scenario=name,
        length=length,
        order=str(order),
        strategy=strategy.name,
        seeds=seeds,
        first_failure=100 * mean(firsts) if firsts else None,
        avoidable=mean(100 * each.prefixes_avoidable / max(1, each.prefixes_asked) for each in tallies),
        exhausted=mean(100 * each.prefixes_exhausted / max(1, each.prefixes_asked) for each in tallies),
        singles_caused=mean(each.singles_caused for each in tallies),
        singles_asked=mean(each.singles_asked for each in tallies),
        calls_a_day=mean(each.calls / life.days for each, life in zip(tallies, lives, strict=True)),
        most_calls_a_day=max(each.most_calls_a_day for each in tallies),
        most_objects=max(each.most_objects for each in tallies),
    )
