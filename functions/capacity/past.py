"""What earlier looks at a subnet left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.capacity.analyse import Analysis
from functions.capacity.pins import Newcomer, newcomers, singles_in_our_reservations
from functions.capacity.steering.samples import History, remembered


@dataclass(frozen=True, kw_only=True)
class Past:
    """Samples, oldest first, and the single addresses that stood inside each of our reservations at the last look."""

    history: History = ()
    inside: Mapping[str, frozenset[int]] = field(default_factory=dict)


def with_look(past: Past, analysis: Analysis, at: datetime) -> tuple[Past, tuple[Newcomer, ...]]:
    """The past with one more look, and the single addresses that came into our reservations since the one before."""
    now = Past(history=remembered(past.history, analysis, at), inside=singles_in_our_reservations(analysis.subnet))
    return now, newcomers(past.inside, analysis.subnet)
