"""An organisation's report in a few sentences, for whoever reads nothing else. What was not read comes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from functions.capacity.wording import count
from functions.report.audit.severities import GRAVEST_FIRST
from functions.report.audit.summary import FEW, counted, listed
from functions.report.organisation.rows import Row

PLACE = "account and region"


def verdict(rows: Sequence[Row]) -> str:
    """In the order of what one has to know."""
    return " ".join(_sentences(rows))


def _sentences(rows: Sequence[Row]) -> Iterator[str]:
    read, unread = [row for row in rows if row.read], [row for row in rows if not row.read]
    if unread:
        which = f" ({', '.join(str(row.place) for row in unread)})" if len(unread) <= FEW else ""
        them = "it" if len(unread) == 1 else "them"
        yield f"{len(unread)} of {count(len(rows), PLACE)} could not be read{which}: nothing is known of {them}."
    if read:
        yield _findings(read)
        yield from _subnets(read)
    if unknowns := sum(row.unknowns for row in read):
        yield f"{count(unknowns, 'thing')} could not be read elsewhere, so what is not named here is not proven fine."


def _findings(read: Sequence[Row]) -> str:
    sums = {each: sum(row.totals.get(each.value, 0) for row in read) for each in GRAVEST_FIRST}
    said = [counted(each, number) for each, number in sums.items() if number]
    if not said:
        return f"Nothing wrong was seen in {count(len(read), PLACE)}."
    having = sum(1 for row in read if any(row.totals.get(each.value) for each in GRAVEST_FIRST))
    return f"{listed(said)} in {having} of the {count(len(read), PLACE)} read."


def _subnets(read: Sequence[Row]) -> Iterator[str]:
    if short := sum(row.short for row in read):
        missing = count(sum(row.totals.get("prefixesMissing", 0) for row in read), "prefix")
        yield f"{count(short, 'subnet')} cannot hold what may be asked: {missing} (/28) missing in all."
    if full := sum(row.full for row in read):
        yield f"{count(full, 'subnet')} {'has' if full == 1 else 'have'} no free /28 at all."
