"""An organisation's accounts and places, a row each, and what they come to in all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from functions.capacity.findings.finding import Severity
from functions.capacity.places import Place
from functions.report.audit.facts import Fact, Record
from functions.report.audit.severities import GRAVEST_FIRST, NO_FINDING

# What a part counts, as people read it: the names are those of a single audit (summary.py).
COUNTED = {
    "critical": "Critical",
    "warning": "Warnings",
    "unknown": "Not known",
    "info": "Notes",
    "clusters": "Clusters",
    "nodes": "Nodes",
    "subnets": "Subnets",
    "freePrefixes": "/28 free where all was seen",
    "prefixesToCome": "/28 to come",
    "prefixesMissing": "/28 missing",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One place: what it counts, or why nothing is known of it."""

    place: Place
    why: str = ""  # nothing was read
    worst: str = Severity.UNKNOWN.value
    totals: Mapping[str, int] = field(default_factory=dict)
    unknowns: int = 0
    short: int = 0  # subnets that cannot hold what may be asked
    full: int = 0  # subnets without a free /28

    @property
    def read(self) -> bool:
        """Whether anything is known."""
        return not self.why


def place_record(row: Row) -> Record:
    """All facts of a place. Of one that was not read each number is unknown, not 0."""
    return Record(
        id=str(row.place),
        facts=(
            Fact(key="account", label="Account", value=row.place.account, overview=True),
            Fact(key="region", label="Region", value=row.place.region, overview=True),
            Fact(key="read", label="Read", value=row.read, overview=True),
            Fact(key="worst", label="State", value=row.worst, overview=True),
            *(
                Fact(key=key, label=label, value=row.totals.get(key) if row.read else None, overview=True)
                for key, label in COUNTED.items()
            ),
            Fact(key="thingsNotRead", label="Things not read", value=row.unknowns if row.read else None, overview=True),
            Fact(key="why", label="Why it was not read", value=row.why, overview=True),
        ),
    )


def account_records(rows: Sequence[Row]) -> tuple[Record, ...]:
    """One for each account; `rows` are in the order of their places."""
    return tuple(_account(id_, list(group)) for id_, group in groupby(rows, key=lambda row: row.place.account))


def _account(id_: str, rows: list[Row]) -> Record:
    read = [row for row in rows if row.read]
    return Record(
        id=id_,
        facts=(
            Fact(key="regionsRead", label="Regions read", value=len(read), overview=True),
            Fact(key="regionsNotRead", label="Not read", value=_regions(rows, read=False), overview=True),
            Fact(key="worst", label="State", value=_worst(rows), overview=True),
            *(
                Fact(key=key, label=label, value=value if read else None, overview=True)
                for key, label, value in _sums(read)
            ),
        ),
    )


def _regions(rows: Iterable[Row], *, read: bool) -> tuple[str, ...]:
    return tuple(row.place.region for row in rows if row.read is read)


def _worst(rows: Iterable[Row]) -> str:
    order = [*(each.value for each in GRAVEST_FIRST), NO_FINDING]
    return min((row.worst for row in rows), key=order.index)


def totals_of(rows: Sequence[Row]) -> tuple[Fact, ...]:
    """The counts of the whole report; numbers are of what was read."""
    read = [row for row in rows if row.read]
    return (
        Fact(key="accounts", label="Accounts", value=len({row.place.account for row in rows})),
        Fact(key="places", label="Accounts and regions", value=len(rows)),
        Fact(key="placesNotRead", label="Of these not read", value=len(rows) - len(read)),
        *(Fact(key=key, label=label, value=value) for key, label, value in _sums(read)),
    )


def _sums(read: Sequence[Row]) -> Iterator[tuple[str, str, int]]:
    for key, label in COUNTED.items():
        yield key, label, sum(row.totals.get(key, 0) for row in read)
