"""Pages: what is critical, under names that its end closes again, whether it was paged alone or in a storm of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from functions.capacity.findings.finding import Severity
from functions.capacity.forms.alert import DIGEST_ABOVE, Alert, Place, alert, digest
from functions.capacity.incidents import Change, State
from functions.capacity.remembered import Storms


def pages(changes: Sequence[Change], storms: Storms, place: Place, at: datetime) -> tuple[tuple[Alert, ...], Storms]:
    """The alerts that page, or end a page, and the storms that are still open then.

    A storm is one page for many incidents at once; it ends with the last of them. Pagers want no reminders.
    """
    opened = [each for each in changes if _pages(each) and each.before is not Severity.CRITICAL]
    storm = digest(opened, place, at) if len(opened) > DIGEST_ABOVE else None
    open_ = {name: set(keys) for name, keys in storms.items()}
    if storm:
        open_[storm.page] = {each.key for each in opened}
    single = [each for each in changes if storm is None or each not in opened]
    said = [*([storm] if storm else []), *_single(single, open_, place, at)]
    return tuple(said), {name: frozenset(keys) for name, keys in open_.items() if keys}


def _pages(change: Change) -> bool:
    return change.severity is Severity.CRITICAL and change.state in {State.OPEN, State.WORSE}


def _single(changes: Sequence[Change], open_: dict[str, set[str]], place: Place, at: datetime) -> Iterator[Alert]:
    """What is told of alone; what belongs to a storm goes under its name, and only the last one's end is its end."""
    for each in changes:
        storm = next((name for name, keys in open_.items() if each.key in keys), None)
        ends = each.state is State.RESOLVED and each.before is Severity.CRITICAL
        if ends and storm:
            open_[storm].discard(each.key)
        if _pages(each) or (ends and not (storm and open_[storm])):
            said = alert(each, place, at)
            yield replace(said, page=storm) if storm else said
