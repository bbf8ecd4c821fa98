"""R2: the process dies before and after each single call of a run, in each of some situations, and more goes wrong.

Whatever happens, nothing is leaked, and two sweeps later all is where it should be.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any

from functions.capacity.model import Policy
from tests.simulation.faults import OLDEST, Fault, Kind
from tests.simulation.invariants import Break, Observer
from tests.simulation.nature import Nature
from tests.simulation.notices import ALERT_HOLDS
from tests.simulation.process import Trace
from tests.simulation.world import World

SOON = 90.0  # seconds that a following fault lasts


def _silent(_: str) -> None:
    pass


@dataclass
class Stage:
    """A world on the brink of a run."""

    world: World
    observer: Observer
    nature: Nature

    def sweep(self) -> None:
        """And all that comes of it."""
        self.world.sweep()
        self.idle()

    def idle(self) -> None:
        """Let the queues run empty."""
        if not self.world.run_until_idle():
            self.observer.broken("I7", "the queues never become quiet")
        self.observer.check()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One of them all: `at` counts the calls that pass before the kill."""

    situation: str
    kind: Kind
    at: int
    following: str

    def __str__(self) -> str:
        """As the command line takes it."""
        return f"{self.situation}/{self.kind}/{self.at}/{self.following}"


def case_of(text: str) -> Case:
    """The inverse of str()."""
    situation, kind, at, following = text.split("/")
    return Case(situation=situation, kind=Kind(kind), at=int(at), following=following)


def a_stage(mode: str, trace: Trace = _silent, *, most: int = 2, **caps: int) -> Stage:
    """A subnet of six blocks that can be prefixes, with some single addresses in it."""
    world = World(Random(1), Policy(single_address_floor=8, max_creates_per_run=3, **caps), trace=trace)
    network = world.region.add_network("10.0.0.0/25", mode)
    world.cluster.add_group("workers", network.id, desired=1, most=most)
    stage = Stage(world, Observer(world), Nature(world, world.rng))
    for _ in range(3):
        world.region.add_interface(network, Description="ELB net/web/1")
    return stage


# --- situations: each is a stage whose next sweep has the work to do ---


def _adopt(trace: Trace) -> Stage:
    """A subnet that was never looked at."""
    return a_stage("ahead", trace)


def _steered(trace: Trace) -> Stage:
    """The same, to be held but for a pool."""
    return a_stage("steer", trace)


def _scale_out(trace: Trace) -> Stage:
    """A group that may grow further than was reserved for."""
    stage = a_stage("ahead", trace, most=0)
    stage.sweep()
    stage.world.cluster.scale("workers", 2)
    return stage


def _release(trace: Trace) -> Stage:
    """Single addresses need room that is held for prefixes."""
    stage = a_stage("steer", trace)
    stage.sweep()
    (network,) = stage.world.region.networks.values()
    while network.space.available_ip_address_count > 2:
        stage.world.region.add_interface(network, Description="ELB net/web/2")
    return stage


def _alert(trace: Trace) -> Stage:
    """A demand that cannot be met."""
    stage = a_stage("ahead", trace)
    stage.sweep()
    stage.world.cluster.scale("workers", 9)
    return stage


def _outbox(trace: Trace) -> Stage:
    """Messages that SNS refused wait to be published."""
    stage = _alert(trace)
    stage.world.faults.add(Fault(kind=Kind.BREAK, service="sns", until=stage.world.clock.now + 60))
    stage.world.sweep()
    stage.world.run_for(61)
    stage.world.cluster.scale("workers", 0)
    return stage


SITUATIONS: Mapping[str, Callable[[Trace], Stage]] = {
    "adopt": _adopt,
    "steer": _steered,
    "scale-out": _scale_out,
    "release": _release,
    "alert": _alert,
    "outbox": _outbox,
}


# --- what follows a kill ---


def _fault(stage: Stage, **fault: Any) -> None:
    until = stage.world.clock.now + SOON
    stage.world.faults.add(Fault(until=until, **fault))


FOLLOWING: Mapping[str, Callable[[Stage], object]] = {
    "nothing": lambda stage: None,
    "stale": lambda stage: _fault(stage, kind=Kind.STALE, as_of=stage.world.clock.now - OLDEST),
    "throttled": lambda stage: _fault(stage, kind=Kind.THROTTLE, service="ec2"),
    "no-table": lambda stage: _fault(stage, kind=Kind.BREAK, service="dynamodb"),
    "silent": lambda stage: _fault(stage, kind=Kind.BREAK, service="sns"),
    "killed": lambda stage: _fault(stage, kind=Kind.KILL_AFTER, operation="transact_write_items"),
    "lost-answer": lambda stage: _fault(stage, kind=Kind.LOSE_ANSWER, operation="create_subnet_cidr_reservation"),
    "others": lambda stage: stage.nature.reserve(),
    "expired": lambda stage: stage.world.table.expire(stage.world.clock.now),
}


def cases() -> Iterator[Case]:
    """Every boundary of every situation, with everything that may follow."""
    for situation in SITUATIONS:
        for kind, at in boundaries(situation):
            for following in FOLLOWING:
                yield Case(situation=situation, kind=kind, at=at, following=following)


def boundaries(situation: str) -> Iterator[tuple[Kind, int]]:
    """Before each call of each process, and after its last: the moment after any other is that before the next."""
    stage = SITUATIONS[situation](_silent)
    calls = list[int]()  # of each process
    stage.world.judge = lambda done: calls.append(done.process.calls)
    stage.sweep()
    yield from ((Kind.KILL_BEFORE, at) for at in range(sum(calls)))
    yield from ((Kind.KILL_AFTER, end - 1) for end in accumulate(calls))


def run(case: Case, trace: Trace = _silent) -> list[Break]:
    """The breaks of one case."""
    stage = SITUATIONS[case.situation](trace)
    world = stage.world
    world.faults.add(Fault(kind=case.kind, skip=case.at))
    world.sweep()
    while world.faults.active and world.step():
        pass
    trace(f"then: {case.following}")
    FOLLOWING[case.following](stage)
    world.run_for(SOON / 2)
    world.sweep()
    world.run_for(SOON)
    _settle(stage)
    return stage.observer.breaks


def _settle(stage: Stage) -> None:
    world = stage.world
    world.faults.clear()
    world.run_for(OLDEST)
    stage.idle()
    stage.sweep()
    world.run_for(ALERT_HOLDS)
    stage.sweep()
    world.run_for(ALERT_HOLDS)
    writes, said = stage.observer.writes, len(world.topic.delivered)
    stage.sweep()
    if stage.observer.writes != writes:
        stage.observer.broken("I7", f"a third sweep changed {stage.observer.writes - writes} reservations")
    if any(each.attributes["state"] != "reminded" for each in world.topic.delivered[said:]):
        stage.observer.broken(
            "I7", f"a third sweep had news: {[each.subject for each in world.topic.delivered[said:]]}"
        )
    stage.observer.check_messages()
    stage.observer.check_rest()
