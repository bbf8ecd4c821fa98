"""What CloudWatch is told of each subnet and cluster: one table of metrics, and their values in one look.

A value that is not known is left out, never told as 0. docs/metrics.md says what each is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import BlockMap
from functions.capacity.forecast import forecast
from functions.capacity.model import BLOCK
from functions.capacity.steering.samples import History

FULL = 100.0  # per cent


class Unit(StrEnum):
    """CloudWatch's (API reference, MetricDatum.Unit). It has no hours: those go without one."""

    COUNT = "Count"
    PERCENT = "Percent"
    SECONDS = "Seconds"
    NONE = "None"


class Dimension(StrEnum):
    """The one dimension that a value has."""

    SUBNET = "SubnetId"
    CLUSTER = "ClusterName"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One subnet in one run. `calls` are creates and releases of this UTC day; `failures` calls that EC2 refused."""

    analysis: Analysis
    history: History
    now: datetime
    calls: int = 0
    failures: int = 0

    @property
    def whole(self) -> bool:
        """Whether what was counted is all there is."""
        return not self.analysis.partial


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`of` gives the value, or None where it is not known. What is `counted` in a partial view is not known."""

    name: str
    unit: Unit
    of: Callable[[Seen], float | None]
    counted: bool = True

    def value(self, seen: Seen) -> float | None:
        """The value in one look."""
        return self.of(seen) if seen.whole or not self.counted else None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The values of one subnet or cluster, by metric name."""

    dimension: Dimension
    name: str
    values: Mapping[str, float]


def fragmentation(*of: BlockMap) -> float:
    """The share of free addresses outside whole free blocks, in per cent; AWS's first and last block left apart."""
    free = sum(map(_free, of))
    return FULL * (1 - BLOCK * sum(len(each.free) for each in of) / free) if free else 0.0


def _free(blocks: BlockMap) -> int:
    closed = blocks.held | blocks.taken_by_others
    return sum(BLOCK - blocks.singles[n] for n in blocks.allocatable if n not in closed)


def hours_to_exhaustion(seen: Seen) -> float | None:
    """Until prefixes or single addresses are used up at their growth; None where that is not known or not in sight."""
    outlook = forecast(seen.history, seen.analysis, seen.now, timedelta())
    ends = [course.full.at for course in (outlook.prefixes, outlook.singles) if course.full]
    return max(0.0, (min(ends) - seen.now) / timedelta(hours=1)) if ends else None


def view_age(seen: Seen) -> float | None:
    """Seconds since the subnet was last seen whole, to five minutes; None where it never was."""
    if seen.whole:
        return 0.0
    return (seen.now - seen.history[-1].at).total_seconds() if seen.history else None


METRICS = (
    Metric(name="FreePrefixesReserved", unit=Unit.COUNT, of=lambda seen: len(seen.analysis.blocks.free_reserved)),
    Metric(name="FreePrefixesOpen", unit=Unit.COUNT, of=lambda seen: len(seen.analysis.blocks.free_open)),
    Metric(name="MissingPrefixes", unit=Unit.COUNT, of=lambda seen: seen.analysis.missing),
    Metric(name="AssignedPrefixes", unit=Unit.COUNT, of=lambda seen: len(seen.analysis.blocks.held)),
    Metric(name="DrainingBlocks", unit=Unit.COUNT, of=lambda seen: len(seen.analysis.blocks.draining)),
    Metric(name="OpenAddresses", unit=Unit.COUNT, of=lambda seen: seen.analysis.blocks.open_addresses),
    Metric(name="Fragmentation", unit=Unit.PERCENT, of=lambda seen: fragmentation(seen.analysis.blocks)),
    Metric(name="HoursToExhaustion", unit=Unit.NONE, of=hours_to_exhaustion),
    Metric(name="FailuresSeen", unit=Unit.COUNT, of=lambda seen: seen.failures, counted=False),
    Metric(name="CallsToday", unit=Unit.COUNT, of=lambda seen: seen.calls, counted=False),
    Metric(name="ViewAge", unit=Unit.SECONDS, of=view_age, counted=False),
)
UNITS = {each.name: each.unit for each in METRICS}
SUMMED = tuple(each.name for each in METRICS if each.unit is Unit.COUNT)  # over a cluster's subnets


def of_subnet(seen: Seen) -> Measured:
    """All that is known of one subnet."""
    values = {each.name: each.value(seen) for each in METRICS}
    known = {name: float(value) for name, value in values.items() if value is not None}
    return Measured(dimension=Dimension.SUBNET, name=seen.analysis.subnet.id, values=known)


def measured(looks: Iterable[Seen], whole: Iterable[str]) -> Iterator[Measured]:
    """Each subnet, then each cluster in `whole`: the ones whose subnets are all among the looks.

    A subnet counts for each cluster whose nodes or pods may take addresses of it, so sums of two clusters may overlap.
    """
    subnets: dict[str, list[tuple[Seen, Measured]]] = defaultdict(list)
    for seen in looks:
        found = of_subnet(seen)
        yield found
        for cluster in {each.group.cluster for each in seen.analysis.demand.groups}:
            subnets[cluster].append((seen, found))
    for cluster in sorted(subnets.keys() & set(whole)):
        yield Measured(dimension=Dimension.CLUSTER, name=cluster, values=_of_cluster(subnets[cluster]))


def _of_cluster(subnets: Sequence[tuple[Seen, Measured]]) -> dict[str, float]:
    """Sums of what is counted, and of the rest what its subnets are together; not told where it is unknown of one.

    An exception are hours to exhaustion: those of the first subnet that is known to end.
    """
    values = [each.values for _, each in subnets]
    known = [name for name in UNITS if all(name in each for each in values)]
    found = {name: sum(each[name] for each in values) for name in known if name in SUMMED}
    if "Fragmentation" in known:
        found["Fragmentation"] = fragmentation(*(seen.analysis.blocks for seen, _ in subnets))
    if ends := [each["HoursToExhaustion"] for each in values if "HoursToExhaustion" in each]:
        found["HoursToExhaustion"] = min(ends)
    if "ViewAge" in known:
        found["ViewAge"] = max(each["ViewAge"] for each in values)
    return found
