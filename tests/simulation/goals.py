"""The goals of RELIABILITY.md that a simulation can show: what is run how often, and what is counted."""

import gc
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import Pool
from typing import Any

from tests.simulation import backlog, kills, outage, throttled, writers
from tests.simulation.invariants import Break
from tests.simulation.policies import CONTROLS
from tests.simulation.process import Trace
from tests.simulation.schedule import Schedule
from tests.simulation.world import HEADROOM, Deployment

SEEDS = 20_000  # of R1; the other goals take their share of it
CHUNK = 50
_DEPLOYMENTS = {each.name: each for each in (HEADROOM, *CONTROLS)}

Case = Any  # a seed, or what names one case
One = Callable[[Case, Trace], list[Break]]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One goal: its cases for a number of seeds, and what one case is."""

    name: str
    what: str
    cases: Callable[[int], Iterable[Case]]
    one: One
    events: int = 0  # in each case


@dataclass(frozen=True, kw_only=True)
class Counted:
    """What was found: how many cases broke which invariant, and the first of each."""

    cases: int
    broken: tuple[str, ...]  # the cases
    by_invariant: Mapping[str, int]
    first: Mapping[str, tuple[str, str]]  # invariant -> case, what


def _scheduled(case: tuple[str, int], trace: Trace) -> list[Break]:
    deployment, seed = case
    return Schedule(seed, _DEPLOYMENTS[deployment], trace).run()


def _of(deployment: Deployment) -> Callable[[int], Iterable[Case]]:
    return lambda seeds: ((deployment.name, seed) for seed in range(seeds))


def _killed(text: str, trace: Trace) -> list[Break]:
    return kills.run(kills.case_of(text), trace)


def _outage(seed: int, trace: Trace) -> list[Break]:
    return outage.run_one(seed, trace).breaks


def _backlog(messages: int, _: Trace) -> list[Break]:
    return backlog.drained(messages)[2]


GOALS = (
    Goal(name="R1", what="fault schedules of 60 events", cases=_of(HEADROOM), one=_scheduled, events=60),
    Goal(name="R2", what="kills at each call", cases=lambda _: map(str, kills.cases()), one=_killed),
    Goal(name="R3", what="contests of 2-4 writers", cases=lambda seeds: range(seeds // 4), one=writers.run_one),
    Goal(name="R4", what="runs of real clients, half throttled", cases=lambda n: range(n // 40), one=throttled.run_one),
    Goal(name="R6", what="backlogs of 10,000 messages", cases=lambda _: [backlog.MESSAGES], one=_backlog),
    Goal(name="R8", what="outages of SNS of 6 hours", cases=lambda seeds: range(max(1, seeds // 1000)), one=_outage),
)
CONTROL_GOALS = tuple(
    Goal(name=f"control-{n}", what=each.name, cases=_of(each), one=_scheduled, events=60)
    for n, each in enumerate(CONTROLS, start=1)
)


def counted(goal: Goal, seeds: int, processes: int) -> Counted:
    """Run all cases of a goal, on so many processors."""
    cases = list(goal.cases(seeds))
    by_invariant, first, broken = Counter[str](), dict[str, tuple[str, str]](), list[str]()
    for case, breaks in _all(goal, cases, processes):
        broken += [shown(case)] if breaks else []
        for invariant in sorted({each.invariant for each in breaks}):
            by_invariant[invariant] += 1
            what = next(each.what for each in breaks if each.invariant == invariant)
            first.setdefault(invariant, (shown(case), what))
    return Counted(cases=len(cases), broken=tuple(broken), by_invariant=dict(by_invariant), first=first)


def shown(case: Case) -> str:
    """As the command line takes it for a replay: the seed, or the case's own name."""
    return str(case[1] if isinstance(case, tuple) else case)


def _all(goal: Goal, cases: list[Case], processes: int) -> Iterator[tuple[Case, list[Break]]]:
    if processes == 1:
        yield from ((case, goal.one(case, _silent)) for case in cases)
        return
    with Pool(processes, initializer=quiet) as pool:
        work = ((goal.name, case) for case in cases)
        yield from zip(cases, pool.imap(_one, work, CHUNK), strict=True)


def _one(work: tuple[str, Case]) -> list[Break]:
    name, case = work
    return by_name(name).one(case, _silent)


def by_name(name: str) -> Goal:
    """The goal of that name."""
    return next(each for each in (*GOALS, *CONTROL_GOALS) if each.name == name)


def _silent(_: str) -> None:
    pass


def quiet() -> None:
    """The product logs each malformed message; here there are thousands.

    And a schedule makes little rubbish that refers to itself: to look for it after each 700 objects costs a tenth.
    """
    logging.disable(logging.CRITICAL)
    gc.set_threshold(50_000, 20, 100)
