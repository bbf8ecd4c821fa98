"""Look: from a scope to a view of each subnet, with what earlier runs wrote down of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.journal import reckoned, resolved, surprises, tripped
from functions.capacity.model import Snapshot, Subnet
from functions.capacity.past import Past, with_look
from functions.capacity.pins import Newcomer
from functions.capacity.remembered import Remembered
from functions.capacity.scope import Scope
from functions.ports import Aws

READS = 3  # at subnets whose counts disagree: nodes that launch while they are read look like that


@dataclass(frozen=True, kw_only=True)
class Look:
    """One subnet as it is seen now, and as it was."""

    analysis: Analysis
    remembered: Remembered
    past: Past  # with this look
    newcomers: tuple[Newcomer, ...] = ()  # single addresses inside our reservations
    tripped: str = ""  # why so many surprises keep us from changing anything here

    @property
    def subnet_id(self) -> str:
        """Its subnet."""
        return self.analysis.subnet.id


def look(scope: Scope, aws: Aws) -> tuple[Snapshot, tuple[Look, ...]]:
    """The snapshot, and each of its subnets. What is seen is kept before anything is planned: plans learn from it."""
    seen, analyses = _whole(scope, aws)
    now = aws.clock()
    remembered = {each.id: _resolving(each, aws.memory.of_subnet(each.id, now), aws) for each in seen.subnets}
    subnets = tuple(reckoned(each, remembered[each.id].journal, now) for each in seen.subnets)
    trips = {each.id: tripped(surprises(each, remembered[each.id].journal, now)) for each in seen.subnets}
    if subnets != seen.subnets:
        seen = replace(seen, subnets=subnets)
        analyses = analyse(seen)
    looks = (_remembering(each, remembered[each.subnet.id], trips[each.subnet.id], aws) for each in analyses)
    return seen, tuple(looks)


def _whole(scope: Scope, aws: Aws) -> tuple[Snapshot, tuple[Analysis, ...]]:
    """Read until EC2's own counts agree with what was read, or too often."""
    for _ in range(READS):
        snapshot = aws.reader.read(scope, aws.clock())
        if _agree(analyses := analyse(snapshot)):
            break
        snapshot = aws.reader.recount(snapshot)
        if _agree(analyses := analyse(snapshot)) or aws.late:
            break
    return snapshot, analyses


def _agree(analyses: Iterable[Analysis]) -> bool:
    return not any(each.partial for each in analyses)


def _resolving(subnet: Subnet, remembered: Remembered, aws: Aws) -> Remembered:
    """What a run that died could not write down of its calls is written down once EC2 shows it."""
    ends = {each.id: each for each in resolved(subnet, remembered.journal, aws.clock())}
    for each in ends.values():
        aws.journal.settle(each, each.outcome, each.reservation_id)
    return replace(remembered, journal=tuple(ends.get(each.id, each) for each in remembered.journal))


def _remembering(analysis: Analysis, remembered: Remembered, trip: str, aws: Aws) -> Look:
    """A partial view teaches nothing."""
    past, newcomers = remembered.past, tuple[Newcomer, ...]()
    if not analysis.partial:
        past, newcomers = with_look(past, analysis, aws.clock())
        aws.memory.keep_past(analysis.subnet.id, past, aws.clock())
    return Look(analysis=analysis, remembered=remembered, past=past, newcomers=newcomers, tripped=trip)
