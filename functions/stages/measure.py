"""Measure: what a run saw and did, as the values that CloudWatch is told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from functions.capacity.failures import Failures, failures_in
from functions.capacity.subnet_metrics import Dimension, Measured, Seen, measured
from functions.stages.act import Result


def measure(results: Iterable[Result], whole: Iterable[str], failures: Failures, now: datetime) -> Iterator[Measured]:
    """The values of each subnet, and the sums of the clusters whose subnets were all looked at."""
    return measured((_seen(each, failures, now) for each in results), whole)


def _seen(result: Result, failures: Failures, now: datetime) -> Seen:
    look = result.look
    today = look.remembered.created_today + look.remembered.released_today
    return Seen(
        analysis=look.analysis,
        history=look.past.history,
        now=now,
        calls=today + len(result.created) + len(result.refused) + len(result.releases),
        failures=failures_in(look.analysis.subnet, failures),
    )


def not_looked_at(failures: Failures) -> Iterator[Measured]:
    """The failures of a batch that came to no look: of the subnets that its events name, nothing else is known."""
    for name, count in sorted(failures.items()):
        if name.startswith("subnet-"):
            yield Measured(dimension=Dimension.SUBNET, name=name, values={"FailuresSeen": float(count)})
