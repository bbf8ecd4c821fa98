"""What may be done about a subnet: one function a strategy. The product's two are called as they are deployed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Network

from benchmarks.placement.world import START, World
from functions.capacity.demand import SubnetDemand
from functions.capacity.model import Mode, Policy
from functions.capacity.plan import Plan
from functions.capacity.planning import planned
from functions.capacity.steer import History, remembered

POLICY = Policy()


@dataclass
class Seen:
    """What a pass knows: the subnet now, the node groups, and what passes before it left behind."""

    world: World
    demand: SubnetDemand
    seconds: float = 0.0
    history: History = ()
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)  # by day and kind

    @property
    def now(self) -> datetime:
        """The time as the product has it."""
        return START + timedelta(seconds=self.seconds)

    @property
    def most_calls_a_day(self) -> int:
        """Of both kinds together, by days of UTC."""
        by_day = Counter[str]()
        for (day, _), count in self.calls.items():
            by_day[day] += count
        return max(by_day.values(), default=0)

    def count(self, call: str) -> int:
        """Calls of that kind today."""
        return self.calls[f"{self.now:%j}", call]

    def counted(self, call: str) -> None:
        """One more call of that kind today."""
        self.calls[f"{self.now:%j}", call] += 1


Act = Callable[[Seen], bool]  # whether something is left for a pass in a few seconds


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """`period` is the time between passes in seconds, 0 for none; `ideal` places singles itself.

    `window` is how long the events of nodes that start and end are gathered into one pass; 0: nothing tells of them.
    """

    name: str
    act: Act | None = None
    period: float = 0.0
    window: float = 0.0
    once: bool = False
    ideal: bool = False
    ages: bool = True  # it sees since when single addresses are there


def half(seen: Seen) -> bool:
    """Reserve the upper half of the subnet, the last block apart, in ranges of at most a /24."""
    world = seen.world
    _reserve_open(world, set(range(len(world.singles) // 2, len(world.singles) - 1)), 16)
    return False


def all_free(seen: Seen) -> bool:
    """Reserve every block that is free now."""
    blocks = seen.world.analysis(seen.demand).blocks
    _reserve_open(seen.world, set(blocks.free_open), 16)
    return False


def ahead(seen: Seen) -> bool:
    """The product's `ahead`."""
    return _as_deployed(seen, Mode.AHEAD)


def steering(seen: Seen) -> bool:
    """The product's `steer`."""
    return _as_deployed(seen, Mode.STEER)


def _as_deployed(seen: Seen, mode: Mode) -> bool:
    analysis = seen.world.analysis(seen.demand, mode)
    seen.history = remembered(seen.history, analysis, seen.now)
    decided = planned(
        analysis, POLICY, seen.history, created_today=seen.count("create"), released_today=seen.count("release")
    )
    for release in decided.releases:
        seen.counted("release")
        seen.world.release(release.reservation_id)
    _made(seen, decided)
    return decided.deferred > 0


def _made(seen: Seen, decided: Plan) -> None:
    for action in decided.actions:
        if isinstance(action.cidr, IPv4Network):  # there is no other here
            seen.counted("create")
            seen.world.reserve(action.cidr)


def _reserve_open(world: World, blocks: set[int], largest: int) -> None:
    size = largest
    base = int(world.cidr.network_address)
    while size:
        for first in sorted({n - n % size for n in blocks}):
            if blocks.issuperset(range(first, first + size)):
                world.reserve(type(world.cidr)((base + first * 16, 28 - (size.bit_length() - 1))))
                blocks.difference_update(range(first, first + size))
        size //= 2
