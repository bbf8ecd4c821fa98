"""The table: what people were told of each subnet and cluster, and how many reservations were made in a day.

Items: pk `SUBNET#<id>`; sk `TOLD` {told: JSON text, version: n} or `DAY#<date>` {created: n, released: n,
expiresAt: epoch s}, or `HISTORY` {samples: bytes, expiresAt};
pk `CLUSTER#<name>`; sk `INCIDENTS` {told: JSON text, version: n}.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.aws.history import packed, unpacked
from functions.capacity.alerts import Partial, Shortage, Told
from functions.capacity.findings.finding import Severity
from functions.capacity.incidents import Incident, Incidents
from functions.capacity.past import Past

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Key = dict[str, Any]

DAYS_KEPT = 8  # of the daily counters
HISTORY_KEPT = 14  # days after the last look


@dataclass(frozen=True, kw_only=True)
class Table:
    """One DynamoDB table with the keys pk and sk."""

    dynamodb: DynamoDBClient
    name: str

    def told(self, subnet_id: str) -> tuple[Told, int]:
        """What people know of the subnet, and the version that `remember` must replace (0: nothing stored)."""
        text, version = self._versioned(_subnet(subnet_id, "TOLD"))
        return (_told(json.loads(text)) if text else Told()), version

    def remember(self, subnet_id: str, told: Told, *, replaces: int) -> None:
        """Store what people know now. Raises ClientError if another run has stored something since."""
        self._replace(_subnet(subnet_id, "TOLD"), _text(told), replaces)

    def incidents(self, cluster: str) -> tuple[Incidents, int]:
        """The cluster's findings over time, and the version that `remember_incidents` must replace."""
        text, version = self._versioned(_cluster(cluster))
        return ({key: _incident(each) for key, each in json.loads(text).items()} if text else {}), version

    def remember_incidents(self, cluster: str, incidents: Incidents, *, replaces: int) -> None:
        """Store them. Raises ClientError if another run has stored something since."""
        text = json.dumps({key: _incident_json(each) for key, each in incidents.items()})
        self._replace(_cluster(cluster), text, replaces)

    def past(self, subnet_id: str) -> Past:
        """What earlier looks at the subnet left; empty where there were none yet."""
        item = self._get(_subnet(subnet_id, "HISTORY"))
        return unpacked(bytes(item["samples"]["B"])) if item else Past()

    def keep_past(self, subnet_id: str, past: Past, now: datetime) -> None:
        """Store it, whoever stored another meanwhile: a lost look does no harm."""
        self.dynamodb.put_item(
            TableName=self.name,
            Item=_subnet(subnet_id, "HISTORY")
            | {
                "samples": {"B": packed(past)},
                "expiresAt": {"N": str(int((now + timedelta(days=HISTORY_KEPT)).timestamp()))},
            },
        )

    def created_today(self, subnet_id: str, now: datetime) -> int:
        """Reservations counted for the subnet on this (UTC) day."""
        item = self._get(_subnet(subnet_id, _day(now)))
        return int(item["created"]["N"]) if item and "created" in item else 0

    def released_today(self, subnet_id: str, now: datetime) -> int:
        """Reservations of the subnet that were given back on this (UTC) day."""
        item = self._get(_subnet(subnet_id, _day(now)))
        return int(item["released"]["N"]) if item and "released" in item else 0

    def count_create(self, subnet_id: str, now: datetime, *, at_most: int) -> bool:
        """Count one more reservation before it is made; False at the day's cap."""
        return self._count("created", subnet_id, now, at_most)

    def count_release(self, subnet_id: str, now: datetime, *, at_most: int) -> bool:
        """Count one more release before it is done; False at the day's cap."""
        return self._count("released", subnet_id, now, at_most)

    def _count(self, what: str, subnet_id: str, now: datetime, at_most: int) -> bool:
        """Counted before it is done, so that a crash can only count too many."""
        try:
            self.dynamodb.update_item(
                TableName=self.name,
                Key=_subnet(subnet_id, _day(now)),
                UpdateExpression=f"ADD {what} :one SET expiresAt = :end",
                ConditionExpression=f"attribute_not_exists({what}) OR {what} < :most",
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

    def _versioned(self, key: Key) -> tuple[str, int]:
        item = self._get(key)
        return (item["told"]["S"], int(item["version"]["N"])) if item else ("", 0)

    def _replace(self, key: Key, text: str, replaces: int) -> None:
        self.dynamodb.put_item(
            TableName=self.name,
            Item=key | {"told": {"S": text}, "version": {"N": str(replaces + 1)}},
            ConditionExpression="attribute_not_exists(pk)" if replaces == 0 else "version = :replaces",
            **({} if replaces == 0 else {"ExpressionAttributeValues": {":replaces": {"N": str(replaces)}}}),  # type: ignore[arg-type]
        )

    def _get(self, key: Key) -> Any:
        return self.dynamodb.get_item(TableName=self.name, Key=key, ConsistentRead=True).get("Item")


def _subnet(subnet_id: str, sk: str) -> Key:
    return {"pk": {"S": f"SUBNET#{subnet_id}"}, "sk": {"S": sk}}


def _cluster(name: str) -> Key:
    return {"pk": {"S": f"CLUSTER#{name}"}, "sk": {"S": "INCIDENTS"}}


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
            "strays": told.strays and told.strays.isoformat(),
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
        strays=datetime.fromisoformat(stored["strays"]) if stored.get("strays") else None,
        partial=partial and Partial(since=datetime.fromisoformat(partial["since"]), told=partial["told"]),
    )


def _incident_json(incident: Incident) -> dict[str, Any]:
    return {
        "since": incident.since.isoformat(),
        "finding": incident.finding,
        "resource": incident.resource,
        "title": incident.title,
        "told": incident.told,
        "absentSince": incident.absent_since and incident.absent_since.isoformat(),
    }


def _incident(stored: Any) -> Incident:
    return Incident(
        since=datetime.fromisoformat(stored["since"]),
        finding=stored["finding"],
        resource=stored["resource"],
        title=stored["title"],
        told=stored["told"] and Severity(stored["told"]),
        absent_since=stored["absentSince"] and datetime.fromisoformat(stored["absentSince"]),
    )
