"""When the last look everywhere began: events that are older need none of their own.

Items: pk `LOOKED`, sk `EVERYWHERE` {at: ISO time}.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# EC2's answers lag behind its events: what an event tells of, a look may miss that began this soon after it.
SETTLED = timedelta(seconds=5)
KEY: dict[str, Any] = {"pk": {"S": "LOOKED"}, "sk": {"S": "EVERYWHERE"}}


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Read and written by whoever holds the lease."""

    dynamodb: DynamoDBClient
    table: str

    def covers(self, newest: datetime | None) -> bool:
        """Whether a look everywhere, carried through, began after the newest of these events had settled."""
        if newest is None:
            return False
        item = self.dynamodb.get_item(TableName=self.table, Key=KEY, ConsistentRead=True).get("Item")
        return item is not None and newest + SETTLED <= datetime.fromisoformat(item["at"]["S"])

    def looked(self, began: datetime) -> None:
        """A look everywhere was carried through."""
        self.dynamodb.put_item(TableName=self.table, Item=KEY | {"at": {"S": began.isoformat()}})
