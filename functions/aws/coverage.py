"""When the last looks began: events that are older need none of their own.

Items: pk `LOOKED`, sk `EVERYWHERE` {at: ISO time of the last look everywhere, events: ISO time of the last look at
anything that events asked for}.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# EC2's answers lag behind its events: what an event tells of, a look may miss that began this soon after it.
SETTLED = timedelta(seconds=3)
# While events come, the work queue's batching window and a run lie between two looks, no more.
STORM = timedelta(seconds=75)
KEY: dict[str, Any] = {"pk": {"S": "LOOKED"}, "sk": {"S": "EVERYWHERE"}}


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Read and written by whoever holds the lease."""

    dynamodb: DynamoDBClient
    table: str

    def covers(self, newest: datetime | None, now: datetime, *, woken: bool = False) -> bool:
        """Whether a look everywhere, carried through, began after the newest of these events had settled.

        Where they are nothing but a wake-up (`woken`), also in the middle of a storm: what made it is in the work
        queue, whose next batch comes within its window.
        """
        if newest is None:
            return False
        item = self.dynamodb.get_item(TableName=self.table, Key=KEY, ConsistentRead=True).get("Item", {})
        looked, for_events = (_time(item, name) for name in ("at", "events"))
        covered = looked is not None and newest + SETTLED <= looked
        return covered or (woken and for_events is not None and for_events <= now < for_events + STORM)

    def looked(self, began: datetime, *, everywhere: bool, for_events: bool) -> None:
        """A look was carried through."""
        said = {"at": everywhere, "events": for_events}
        names = {f"#{name}": name for name, so in said.items() if so}
        if names:
            self.dynamodb.update_item(
                TableName=self.table,
                Key=KEY,
                UpdateExpression="SET " + ", ".join(f"{alias} = :began" for alias in names),
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={":began": {"S": began.isoformat()}},
            )


def _time(item: Any, name: str) -> datetime | None:
    return datetime.fromisoformat(item[name]["S"]) if name in item else None
