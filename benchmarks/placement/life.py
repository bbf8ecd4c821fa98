"""One life of a subnet under one strategy: the requests in their order, the passes between them, what came of it."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from random import Random

from benchmarks.placement.demand import DAY, NEVER, Scenario
from benchmarks.placement.known import known_demand
from benchmarks.placement.strategies import Seen, Strategy
from benchmarks.placement.world import World
from ec2_rules.allocation import Order
from ec2_rules.errors import Ec2Error
from functions.capacity.demand import SubnetDemand
from functions.capacity.model import BLOCK

SOON = 5.0  # seconds until a pass that an event or a deferred action asks for
LEAVE, PASS, ARRIVE, ASK = range(4)  # what comes first among things of the same moment


@dataclass
class Tally:
    """Counts from the scenario's `counted` on."""

    prefixes_asked: int = 0
    prefixes_avoidable: int = 0  # refused although enough addresses were free
    prefixes_exhausted: int = 0
    singles_asked: int = 0
    singles_caused: int = 0  # refused while reservations held free addresses
    singles_exhausted: int = 0
    first_failure: float | None = None  # share of the subnet asked for by then
    calls: int = 0
    most_objects: int = 0
    most_calls_a_day: int = 0


class Life:
    """Runs a scenario. `tenants` that are there hold their places in `_singles` and `_prefixes`."""

    def __init__(self, scenario: Scenario, strategy: Strategy, order: Order, seed: int) -> None:
        self.scenario, self.strategy = scenario, strategy
        self.world = World(scenario.length, order, Random(seed), ages=strategy.ages)
        self.seen = Seen(world=self.world, demand=SubnetDemand())
        self.tally = Tally()
        self._singles: dict[int, int] = {}
        self._prefixes: dict[int, list[int]] = {}
        self._missing: dict[int, int] = {}  # prefixes that nodes will still ask for
        self._pass_at = NEVER
        self._queue: list[tuple[float, int, int]] = [(each.at, ARRIVE, n) for n, each in enumerate(scenario.tenants)]
        heapq.heapify(self._queue)
        self._now = 0.0

    def run(self) -> Tally:
        """The whole life, or until the first failure where the scenario asks for that."""
        if self.strategy.act:
            self._pass_in(self.scenario.adopted)
        calls_before = 0
        while self._queue and not (self.scenario.to_first_failure and self.tally.first_failure is not None):
            self._now, kind, n = heapq.heappop(self._queue)
            if self._now >= self.scenario.ends:
                break
            if not self._counting():
                calls_before = self.world.calls
            {LEAVE: self._leave, PASS: self._pass, ARRIVE: self._arrive, ASK: self._ask}[kind](n)
        self.tally.calls = self.world.calls - calls_before
        self.tally.most_calls_a_day = self.seen.most_calls_a_day
        return self.tally

    @property
    def days(self) -> float:
        """How long was counted."""
        return max(0.01, (self._now - self.scenario.counted) / DAY)

    def _counting(self) -> bool:
        return self._now >= self.scenario.counted

    def _arrive(self, n: int) -> None:
        tenant = self.scenario.tenants[n]
        self.tally.singles_asked += self._counting()
        try:
            self._singles[n] = self.world.take_single(self._ideal_place(), at=self._now)
        except Ec2Error:
            self._refused_single()
            return
        if tenant.prefixes:
            self._node_event()
            self._prefixes[n] = []
            self._missing[n] = len(tenant.prefixes)
            for at in tenant.prefixes:
                heapq.heappush(self._queue, (at, ASK, n))
        if tenant.leaves < self.scenario.ends:
            heapq.heappush(self._queue, (tenant.leaves, LEAVE, n))

    def _refused_single(self) -> None:
        caused = self.world.used < self.world.usable
        if self._counting():
            self.tally.singles_caused += caused
            self.tally.singles_exhausted += not caused
            self._first_failure(1)
        self._pass_soon()

    def _ask(self, n: int) -> None:
        if n not in self._singles:
            return
        self._missing[n] -= 1
        self.tally.prefixes_asked += self._counting()
        try:
            self._prefixes[n].append(self.world.take_prefix())
        except Ec2Error:
            if self._counting():
                enough = self.world.usable - self.world.used >= BLOCK
                self.tally.prefixes_avoidable += enough
                self.tally.prefixes_exhausted += not enough
                self._first_failure(BLOCK)
            self._pass_soon()

    def _first_failure(self, asked: int) -> None:
        if self.tally.first_failure is None:
            self.tally.first_failure = min(1.0, (self.world.used + asked) / self.world.usable)

    def _leave(self, n: int) -> None:
        self.world.release_single(self._singles.pop(n))
        if self._missing.pop(n, None) is not None:
            self._node_event()
        for block in self._prefixes.pop(n, ()):
            self.world.release_prefix(block)

    def _pass(self, _: int) -> None:
        if self._now != self._pass_at or not self.strategy.act:
            return  # an earlier pass took its place
        self.seen.seconds = self._now
        self.seen.demand = known_demand(self.scenario, self._missing)
        again = self.strategy.act(self.seen)
        if self._counting():
            self.tally.most_objects = max(self.tally.most_objects, len(self.world.reservations))
        self._pass_at = NEVER
        if not self.strategy.once:
            self._pass_in(self._now + (SOON if again else self.strategy.period))

    def _pass_soon(self) -> None:
        if self.strategy.act and not self.strategy.once and self._now >= self.scenario.adopted:
            self._pass_in(self._now + SOON)

    def _node_event(self) -> None:
        if self.strategy.window and self._now >= self.scenario.adopted:
            self._pass_in(self._now + self.strategy.window)

    def _pass_in(self, at: float) -> None:
        if at < self._pass_at:
            self._pass_at = at
            heapq.heappush(self._queue, (at, PASS, 0))

    def _ideal_place(self) -> int | None:
        """For the oracle: the fullest block with a free address, blocks that no prefix can have first."""
        if not self.strategy.ideal or self._now < self.scenario.adopted:
            return None
        world, last = self.world, len(self.world.singles) - 1
        for edge in (0, last):
            if (place := world.free_in(edge)) is not None:
                return place
        open_blocks = (n for n in range(1, last) if n not in world.held and world.singles[n] < BLOCK)
        best = max(open_blocks, key=lambda n: world.singles[n], default=None)
        return None if best is None else world.free_in(best)
