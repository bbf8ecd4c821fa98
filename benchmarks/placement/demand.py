"""Who asks a subnet for addresses, and when: drawn beforehand, so that every strategy meets the same sequence.

Times are seconds from the start. Shares are of the subnet's usable addresses.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
NEVER = float("inf")


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A single address with its life, and the prefixes that it asks for later: a node; with none, another workload."""

    at: float
    leaves: float
    prefixes: tuple[float, ...] = ()  # when it asks for each


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A subnet's life. Before `adopted` nobody steers it; failures count from `counted`."""

    name: str
    length: int  # of the subnet's prefix
    tenants: tuple[Tenant, ...]  # in the order of their arrival
    ends: float
    adopted: float = 0.0
    counted: float = 0.0
    largest_node: int = 0  # prefixes
    most_nodes: int = 0  # what the node groups' maximum sizes say
    to_first_failure: bool = False


def population(
    target: Callable[[float], float], life: Callable[[], float], ends: float, rng: Random
) -> list[tuple[float, float]]:
    """Arrivals and departures of a population that follows `target` minute by minute, each with a life of its own.

    The first come within an hour.
    """
    lives: list[tuple[float, float]] = []
    expiring: list[tuple[float, int]] = []
    alive: list[int] = []
    gone = set[int]()
    now = 0.0
    while now < ends:
        while expiring and expiring[0][0] <= now:
            gone.add(heapq.heappop(expiring)[1])
        alive = [n for n in alive if n not in gone] if gone else alive
        gone.clear()
        wanted = round(target(now))
        for n in rng.sample(range(len(alive)), max(0, len(alive) - wanted)):
            lives[alive[n]] = lives[alive[n]][0], max(lives[alive[n]][0], now + rng.random() * MINUTE)
            gone.add(alive[n])
        if gone:
            alive = [n for n in alive if n not in gone]
            expiring = [each for each in expiring if each[1] not in gone]
            heapq.heapify(expiring)
            gone.clear()
        for _ in range(wanted - len(alive)):
            at = now + rng.random() * (MINUTE if now else HOUR)
            leaves = at + life()
            alive.append(len(lives))
            heapq.heappush(expiring, (leaves, len(lives)))
            lives.append((at, leaves))
        now += MINUTE
    return lives


def singles(lives: Sequence[tuple[float, float]]) -> Iterator[Tenant]:
    """Workloads with one address each."""
    return (Tenant(at=at, leaves=leaves) for at, leaves in lives)


def nodes(lives: Sequence[tuple[float, float]], sizes: Sequence[int], rng: Random) -> Iterator[Tenant]:
    """Nodes: a primary address at once, the first prefix 20 s later, one more each minute or so as pods come."""
    for at, leaves in lives:
        asks, when = list[float](), at + 20.0
        for _ in range(rng.choice(sizes)):
            asks.append(when)
            when += rng.uniform(0.2, 2.0) * MINUTE
        yield Tenant(at=at, leaves=leaves, prefixes=tuple(each for each in asks if each < leaves))


def exponential(mean: float, rng: Random) -> Callable[[], float]:
    """Lives with that mean, in seconds."""
    return lambda: rng.expovariate(1 / mean)


def forever() -> float:
    """The life of what never leaves."""
    return NEVER


def in_order(*tenants: Iterator[Tenant]) -> tuple[Tenant, ...]:
    """All of them by arrival."""
    return tuple(sorted((each for some in tenants for each in some), key=lambda each: (each.at, each.leaves)))
