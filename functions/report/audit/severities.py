"""The order of severities."""

from __future__ import annotations

from collections.abc import Iterable

from functions.capacity.findings.finding import Severity

GRAVEST_FIRST = (Severity.CRITICAL, Severity.WARNING, Severity.UNKNOWN, Severity.INFO)
NO_FINDING = "no finding"  # which is no proof of anything


def worst(severities: Iterable[Severity]) -> Severity | None:
    """The gravest; None where there is none."""
    return min(severities, key=GRAVEST_FIRST.index, default=None)
