"""The simulated lives of subnets: P5 new, P6 adopted late, P7 day and night, P8 a migration, P9 bursts."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from benchmarks.placement.demand import DAY, HOUR, MINUTE, Scenario, exponential, forever, in_order, nodes, population
from benchmarks.placement.demand import singles as workloads

PINNED = 0.02  # share of the addresses that singles hold for good
Curve = Callable[[float], float]


def usable(length: int) -> int:
    """Addresses that a subnet of that prefix length can have in use."""
    return int(2 ** (32 - length)) - 5


def node_sizes(length: int) -> tuple[int, ...]:
    """Prefixes of a node: small nodes in small subnets, up to 110 pods' 7 in the others."""
    return (1, 2, 3) if length > 22 else (2, 3, 5, 7)  # noqa: PLR2004 - a /24 has only fourteen blocks


def filling(length: int, rng: Random) -> Scenario:
    """P5: a new subnet fills up over two days until something is refused."""
    return _ramp("new, filling up", length, rng, start=0.0, adopted=0.0, scattered=0.0, days=2)


def adopted(length: int, rng: Random) -> Scenario:
    """P6: Headroom comes to a subnet with singles all over it, a day before nodes fill it up."""
    return _ramp("adopted, filling up", length, rng, start=2 * DAY, adopted=DAY, scattered=0.08, days=2)


def _ramp(
    name: str, length: int, rng: Random, *, start: float, adopted: float, scattered: float, days: float
) -> Scenario:
    """Nodes and other singles grow evenly to more than there is; a fifth of the addresses are other singles'."""
    size, sizes = usable(length), node_sizes(length)
    of_node = 16 * sum(sizes) / len(sizes) + 1
    ends = start + days * DAY * 1.1

    def progress(t: float) -> float:
        return max(0.0, t - start) / (days * DAY)

    def others(t: float) -> float:
        return size * max(scattered, 0.2 * progress(t))

    tenants = in_order(
        workloads(population(others, exponential(6 * HOUR, rng), ends, rng)),
        workloads(population(lambda t: PINNED * size * min(1.0, t / HOUR), forever, ends, rng)),
        nodes(
            population(lambda t: 0.8 * size * progress(t) / of_node, exponential(3 * DAY, rng), ends, rng), sizes, rng
        ),
    )
    return Scenario(
        name=name,
        length=length,
        tenants=tenants,
        ends=ends,
        adopted=adopted,
        counted=start,
        largest_node=max(sizes),
        most_nodes=round(size / of_node),
        to_first_failure=True,
    )


def diurnal(length: int, rng: Random, *, peak: float, days: int = 5) -> Scenario:
    """P7: day and night with bursts of nodes and of singles; the most that is ever asked for is `peak`."""
    size, sizes = usable(length), node_sizes(length)
    of_node = 16 * sum(sizes) / len(sizes) + 1
    ends = days * DAY
    node_bursts, single_bursts = _bursts(3 * days, ends, rng), _bursts(4 * days, ends, rng)

    def node_load(t: float) -> float:
        return 0.65 * (_day(t, 6 * HOUR) + 0.25 * _height(node_bursts, t))

    def single_load(t: float) -> float:
        return 0.35 * (_day(t, 0.0) + 0.05 * _height(single_bursts, t))

    scale = peak / max(node_load(t * MINUTE) + single_load(t * MINUTE) for t in range(round(ends / MINUTE)))
    tenants = in_order(
        workloads(
            population(lambda t: size * (scale * single_load(t) - PINNED), _mixed(HOUR, 16 * HOUR, rng), ends, rng)
        ),
        workloads(population(lambda t: PINNED * size * min(1.0, t / DAY), forever, ends, rng)),
        nodes(
            population(lambda t: size * scale * node_load(t) / of_node, exponential(12 * HOUR, rng), ends, rng),
            sizes,
            rng,
        ),
    )
    return Scenario(
        name=f"diurnal, peak {peak:.0%}",
        length=length,
        tenants=tenants,
        ends=ends,
        counted=DAY,
        largest_node=max(sizes),
        most_nodes=round(1.1 * 0.85 * peak * size / of_node),
    )


def migration(length: int, rng: Random, *, singles: float) -> Scenario:
    """P8: pods' singles all over the subnet make room while the same pods' prefix nodes move in within a day."""
    size, sizes = usable(length), node_sizes(length)
    of_node = 16 * sum(sizes) / len(sizes) + 1
    moves, ends = DAY, 2.5 * DAY

    def moved(t: float) -> float:
        return min(1.0, max(0.0, t - moves) / DAY)

    tenants = in_order(
        workloads(population(lambda t: size * singles * (1 - 0.6 * moved(t)), _mixed(HOUR, 5 * HOUR, rng), ends, rng)),
        workloads(population(lambda t: PINNED * size * min(1.0, t / HOUR), forever, ends, rng)),
        nodes(
            population(
                lambda t: size * (0.86 - 0.4 * singles) * moved(t) / of_node, exponential(2 * DAY, rng), ends, rng
            ),
            sizes,
            rng,
        ),
    )
    return Scenario(
        name=f"migration, {singles:.0%} singles",
        length=length,
        tenants=tenants,
        ends=ends,
        adopted=moves,
        counted=moves,
        largest_node=max(sizes),
        most_nodes=round(0.9 * size / of_node),
    )


def bursty(length: int, rng: Random) -> Scenario:
    """P9: a quiet subnet at two thirds of its addresses; six times, 5 % of them are asked for within one minute."""
    size, sizes = usable(length), node_sizes(length)
    of_node = 16 * sum(sizes) / len(sizes) + 1
    ends = 3 * DAY
    starts = sorted(rng.uniform(DAY, ends - HOUR) for _ in range(6))
    burst = [
        (start + rng.random() * MINUTE, start + MINUTE + rng.uniform(5, 40) * MINUTE)
        for start in starts
        for _ in range(round(0.05 * size))
    ]
    tenants = in_order(
        workloads(population(lambda _: 0.15 * size, _mixed(HOUR, 12 * HOUR, rng), ends, rng)),
        workloads(population(lambda t: PINNED * size * min(1.0, t / HOUR), forever, ends, rng)),
        workloads(burst),
        nodes(population(lambda _: 0.5 * size / of_node, exponential(12 * HOUR, rng), ends, rng), sizes, rng),
    )
    return Scenario(
        name="bursts of 5 % singles",
        length=length,
        tenants=tenants,
        ends=ends,
        counted=12 * HOUR,
        largest_node=max(sizes),
        most_nodes=round(0.6 * size / of_node),
    )


def _day(t: float, late: float) -> float:
    """Between 0.35 at night and 0.85 at noon."""
    return 0.6 - 0.25 * math.cos(2 * math.pi * (t - late) / DAY)


def _bursts(count: int, ends: float, rng: Random) -> list[tuple[float, float, float]]:
    """Start, end and height between 0.3 and 1."""
    starts = [rng.uniform(0, ends) for _ in range(count)]
    return [(start, start + rng.uniform(10, 90) * MINUTE, rng.uniform(0.3, 1)) for start in starts]


def _height(bursts: list[tuple[float, float, float]], t: float) -> float:
    return max((height for start, end, height in bursts if start <= t < end), default=0.0)


def _mixed(short: float, long: float, rng: Random) -> Callable[[], float]:
    """Two in three lives are short."""
    return lambda: rng.expovariate(1 / (short if rng.random() < 0.67 else long))  # noqa: PLR2004 - two in three
