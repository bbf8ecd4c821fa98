"""The table: what people were told of each subnet, and how many reservations were made in it today.

Items: pk `SUBNET#<id>`; sk `TOLD` {told: JSON text, version: n} or `DAY#<date>` {created: n, expiresAt: epoch s}.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.capacity.alerts import Partial, Shortage, Told

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

DAYS_KEPT = 8  # of the daily counters


@dataclass(frozen=True, kw_only=True)
class Table:
    """One DynamoDB table with the keys pk and sk."""

    dynamodb: DynamoDBClient
    name: str

    def told(self, subnet_id: str) -> tuple[Told, int]:
        """What people know of the subnet, and the version that `remember` must replace (0: nothing stored)."""
        item = self._get(subnet_id, "TOLD")
        if item is None:
            return Told(), 0
        return _told(json.loads(item["told"]["S"])), int(item["version"]["N"])

    def remember(self, subnet_id: str, told: Told, *, replaces: int) -> None:
        """Store what people know now. Raises ClientError if another run has stored something since."""
        self.dynamodb.put_item(
            TableName=self.name,
            Item=_key(subnet_id, "TOLD") | {"told": {"S": _text(told)}, "version": {"N": str(replaces + 1)}},
            ConditionExpression="attribute_not_exists(pk)" if replaces == 0 else "version = :replaces",
            **({} if replaces == 0 else {"ExpressionAttributeValues": {":replaces": {"N": str(replaces)}}}),  # type: ignore[arg-type]
        )

    def created_today(self, subnet_id: str, now: datetime) -> int:
        """Reservations counted for the subnet on this (UTC) day."""
        item = self._get(subnet_id, _day(now))
        return int(item["created"]["N"]) if item else 0

    def count_create(self, subnet_id: str, now: datetime, *, at_most: int) -> bool:
        """Count one more, before it is made, so that a crash can only count too many; False at the day's cap."""
        try:
            self.dynamodb.update_item(
                TableName=self.name,
                Key=_key(subnet_id, _day(now)),
                UpdateExpression="ADD created :one SET expiresAt = :end",
                ConditionExpression="attribute_not_exists(created) OR created < :most",
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":most": {"N": str(at_most)},
                    ":end": {"N": str(int((now + timedelta(days=DAYS_KEPT)).timestamp()))},
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def _get(self, subnet_id: str, sk: str) -> Any:
        return self.dynamodb.get_item(TableName=self.name, Key=_key(subnet_id, sk), ConsistentRead=True).get("Item")


def _key(subnet_id: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": f"SUBNET#{subnet_id}"}, "sk": {"S": sk}}


def _day(now: datetime) -> str:
    return f"DAY#{now:%Y-%m-%d}"


def _text(told: Told) -> str:
    return json.dumps(
        {
            "reservations": sorted(told.reservations),
            "shortage": told.shortage
            and {
                "since": told.shortage.since.isoformat(),
                "missing": told.shortage.missing,
                "urgent": told.shortage.urgent,
            },
            "partial": told.partial and {"since": told.partial.since.isoformat(), "told": told.partial.told},
        }
    )


def _told(stored: Any) -> Told:
    shortage, partial = stored["shortage"], stored["partial"]
    return Told(
        reservations=frozenset(stored["reservations"]),
        shortage=shortage
        and Shortage(
            since=datetime.fromisoformat(shortage["since"]), missing=shortage["missing"], urgent=shortage["urgent"]
        ),
        partial=partial and Partial(since=datetime.fromisoformat(partial["since"]), told=partial["told"]),
    )
