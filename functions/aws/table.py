"""How the one DynamoDB table is laid out: the keys of its items, their expiry, and the day's counters.

| pk | sk | what | written by |
|---|---|---|---|
| `LEASE` | `RECONCILE` | who may act now (`lease.py`) | reconcile |
| `SUBNET#<id>` | `TOLD` | what people know of the subnet (`chapters.py`) | reconcile |
| `SUBNET#<id>` | `HISTORY` | samples of earlier looks (`memory.py`) | reconcile |
| `SUBNET#<id>` | `DAY#<date>` | calls made on that UTC day (here) | both |
| `CLUSTER#<name>` | `INCIDENTS`, `INCIDENTS#<n>` | the cluster's findings over time (`chapters.py`) | reconcile |
| `JOURNAL#<id>` | `<time>#<entry>` | each call that changed a reservation (`journal.py`) | both |
| `ARRIVALS` | `EVENTS` | when the last event of each kind came (`memory.py`) | reconcile |
| `LOOKED` | `EVERYWHERE` | when the last look everywhere began (`coverage.py`) | reconcile |
| `OUTBOX` | `<time>#<n>` | messages that are still to be published (`memory.py`) | reconcile |
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Key = dict[str, Any]

DAYS_KEPT = timedelta(days=8)  # of the daily counters


def subnet_key(subnet_id: str, sk: str) -> Key:
    """The key of an item about a subnet."""
    return {"pk": {"S": f"SUBNET#{subnet_id}"}, "sk": {"S": sk}}


def cluster_key(name: str) -> Key:
    """The key of what is known of a cluster's findings."""
    return {"pk": {"S": f"CLUSTER#{name}"}, "sk": {"S": "INCIDENTS"}}


def day(now: datetime) -> str:
    """The sort key of that (UTC) day's counters."""
    return f"DAY#{now:%Y-%m-%d}"


def expires(at: datetime) -> dict[str, str]:
    """The attribute after which DynamoDB may take the item away."""
    return {"N": str(int(at.timestamp()))}


def counted(table: str, subnet_id: str, now: datetime, what: str, at_most: int) -> dict[str, Any]:
    """The Update that counts one more call of the day, on the condition that the cap is not reached.

    Counted before the call is made, so that a crash can only count too many.
    """
    return {
        "TableName": table,
        "Key": subnet_key(subnet_id, day(now)),
        "UpdateExpression": f"ADD {what} :one SET expiresAt = :end",
        "ConditionExpression": f"attribute_not_exists({what}) OR {what} < :most",
        "ExpressionAttributeValues": {
            ":one": {"N": "1"},
            ":most": {"N": str(at_most)},
            ":end": expires(now + DAYS_KEPT),
        },
    }


def time_text(at: datetime) -> str:
    """A time as part of a sort key: always of the same form, so that keys sort as times do."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
