"""How often people hear of a value that flaps over its threshold: 10,000 looks at a subnet, under noise of many kinds.

    python -m benchmarks.alerts

A subnet of 30 blocks, asked for 14 prefixes by two nodes to come. How many blocks are really free changes slowly: for
hours there is a node to spare and more, for hours there is too little, which is a real incident. What a look sees is
that with noise. Headroom's rule (functions/capacity/incidents.py, with the finding as a run makes it) is counted beside
two that are modelled on peers: a notice at each poll that finds it so, and one for each log line that a poll writes of
it, the subnet's and its node group's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Network
from itertools import pairwise
from pathlib import Path
from random import Random

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.cni import CniSettings
from functions.capacity.findings.subnet_state import Situation, subnet_state
from functions.capacity.incidents import Incidents, State, follow
from functions.capacity.model import MODE_TAG, InstanceType, Interface, Snapshot, Subnet

SAMPLES, SEED, EVERY = 10_000, 1, timedelta(minutes=5)
BLOCKS, NODE, ASKED = 30, 7, 14  # that prefixes can be in a /23; prefixes of a full m5.large; of two
HOURS = (2, 18)  # of a phase, from and to
SHORT, PLENTY = (8, 13), (ASKED + NODE + 1, BLOCKS)  # blocks free in a phase
RARE = 0.02  # how often a look is far off
GOAL = 2  # notices for each real incident, at the most
BEGAN = datetime(2026, 11, 23, tzinfo=UTC)
OUTPUT = Path(__file__).parent.parent / "build" / "bench" / "alerts.json"

Noise = Callable[[Sequence[int], Random], Iterator[float]]


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One trace, and what each rule says of it."""

    noise: str
    crossings: int  # of the threshold, by what the looks saw
    incidents: int  # real ones
    notices: int
    missed: int  # real incidents that nobody was told of while they lasted
    at_each_poll: int
    at_each_log_line: int

    @property
    def each(self) -> float:
        """Notices for each real incident."""
        return self.notices / self.incidents


def run(samples: int = SAMPLES, seed: int = SEED) -> list[Counted]:
    """Every kind of noise."""
    return [_counted(name, noise, samples, Random(seed)) for name, noise in NOISES.items()]


def show(counted: Sequence[Counted]) -> None:
    """As a table."""
    minutes = EVERY.seconds // 60
    print(f"{SAMPLES} looks, one in {minutes} minutes, at a subnet that flaps over its threshold; seed {SEED}")
    heads = ("crossings", "real", "notices", "each", "missed", "each poll", "log lines")
    print(f"  {'noise':<32}" + "".join(f"{head:>11}" for head in heads))
    for row in counted:
        numbers = (row.crossings, row.incidents, row.notices, f"{row.each:.2f}", row.missed)
        peers = (row.at_each_poll, row.at_each_log_line)
        print(f"  {row.noise:<32}" + "".join(f"{each:>11}" for each in (*numbers, *peers)))


def _counted(name: str, noise: Noise, samples: int, rng: Random) -> Counted:
    real = _phases(samples, rng)
    seen = [min(BLOCKS, max(0, round(value))) for value in noise(real, rng)]
    told = _told(seen)
    polls = sum(1 for free in seen if free < ASKED)
    stretches = list(_stretches(real))
    return Counted(
        noise=name,
        crossings=sum((a < ASKED) != (b < ASKED) for a, b in pairwise(seen)),
        incidents=len(stretches),
        notices=len(told),
        missed=sum(1 for first, end in stretches if not _open_within(told, first, end)),
        at_each_poll=polls,
        at_each_log_line=2 * polls,
    )


def _phases(samples: int, rng: Random) -> list[int]:
    """Blocks that are really free at each look; it ends with plenty."""
    found, short = list[int](), False
    while len(found) < samples:
        looks = round(rng.uniform(*HOURS) * timedelta(hours=1) / EVERY)
        found += [rng.randint(*(SHORT if short else PLENTY))] * looks
        short = not short
    tail = round(HOURS[0] * timedelta(hours=1) / EVERY)
    return [*found[: samples - tail], *[BLOCKS] * tail]


def _stretches(real: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First look and end of each real incident."""
    first = None
    for n, free in enumerate(real):
        if free < ASKED and first is None:
            first = n
        if free >= ASKED and first is not None:
            yield first, n
            first = None


def _told(seen: Sequence[int]) -> list[tuple[int, State]]:
    """Look and state of each notice by Headroom's rule."""
    incidents: Incidents = {}
    told = list[tuple[int, State]]()
    for n, free in enumerate(seen):
        changes, incidents = follow(subnet_state(Situation(analysis=_look(free))), incidents, BEGAN + n * EVERY)
        told += [(n, each.state) for each in changes]
    return told


def _open_within(told: Sequence[tuple[int, State]], first: int, end: int) -> bool:
    """Whether people knew of something open at some look of these."""
    before = [state for n, state in told if n < first]
    known = bool(before) and before[-1] is not State.RESOLVED
    return known or any(first <= n < end and state is State.OPEN for n, state in told)


@cache
def _look(free: int) -> Analysis:
    """The subnet with so many blocks free: a single address in each of the others."""
    cidr = IPv4Network("10.0.0.0/23")
    spoilt = [int(cidr.network_address) + 16 * n for n in range(1, BLOCKS - free + 1)]
    interfaces = tuple(
        Interface(id=f"eni-{a}", subnet_id="s", instance_id=None, addresses=(a,), prefixes=()) for a in spoilt
    )
    subnet = Subnet(
        id="subnet-flapping",
        cidr=cidr,
        zone="us-east-1a",
        available=(cidr.num_addresses - 5 - len(spoilt),),
        tags={MODE_TAG: "ahead"},
        interfaces=interfaces,
        reservations=(),
    )
    group = NodeGroup(
        cluster="demo",
        name="workers",
        subnet_ids=(subnet.id,),
        instance_types=("m5.large",),
        desired_size=0,
        max_size=2,
    )
    m5_large = InstanceType(name="m5.large", interfaces=3, addresses_per_interface=10, vcpus=2, nitro=True)
    (analysis,) = analyse(
        Snapshot(
            taken_at=BEGAN,
            subnets=(subnet,),
            node_groups=(group,),
            instance_types={m5_large.name: m5_large},
            clusters={"demo": Cluster(name="demo", cni=CniSettings(prefix_delegation=True))},
            whole=frozenset({"demo"}),
        )
    )
    assert (analysis.obtainable, analysis.demand.prefixes) == (free, ASKED)  # noqa: S101 - what all is measured by
    return analysis


def _still(real: Sequence[int], _: Random) -> Iterator[float]:
    yield from real


def _gaussian(real: Sequence[int], rng: Random) -> Iterator[float]:
    return (free + rng.gauss(0, 2) for free in real)


def _square(real: Sequence[int], _: Random) -> Iterator[float]:
    """Nodes that come and go in turns."""
    return (free + (3 if n % 2 else -3) for n, free in enumerate(real))


def _drifting(real: Sequence[int], rng: Random) -> Iterator[float]:
    """Noise that remembers: each look's is mostly that of the look before."""
    drift = 0.0
    for free in real:
        drift = 0.9 * drift + rng.gauss(0, 0.8)
        yield free + drift


def _spikes(real: Sequence[int], rng: Random) -> Iterator[float]:
    """One look in fifty is far off, by more than a node."""
    return (free + (rng.choice((-12, 12)) if rng.random() < RARE else 0) for free in real)


def _late(real: Sequence[int], rng: Random) -> Iterator[float]:
    """A look may see what was there up to three looks ago, with noise of its own."""
    return (real[max(0, n - rng.randrange(4))] + rng.gauss(0, 1.5) for n in range(len(real)))


NOISES: dict[str, Noise] = {
    "none": _still,
    "Gaussian, two blocks": _gaussian,
    "to and fro by three blocks": _square,
    "drifting": _drifting,
    "one look in fifty far off": _spikes,
    "answers up to 15 minutes old": _late,
}


def main() -> None:
    """Measure, print, write."""
    show(counted := run())
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(each), "noticesForEachIncident": each.each} for each in counted]
    OUTPUT.write_text(json.dumps({"seed": SEED, "samples": SAMPLES, "goal": GOAL, "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
