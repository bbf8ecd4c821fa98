"""What outlives a run: what people know of each subnet and cluster, earlier looks, and the messages not yet published.

A message is stored in the same transaction as the knowledge that it brings, published after it, and taken out then. A
run that dies, or a topic that refuses, loses nothing: the next run publishes what is still there, in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from functions.aws.history import packed, unpacked
from functions.aws.journal import Journal
from functions.aws.table import Key, cluster_key, day, expires, subnet_key, time_text
from functions.capacity.alerts import Partial, Shortage, Told
from functions.capacity.arrivals import Arrivals, Kind
from functions.capacity.findings.finding import Severity
from functions.capacity.incidents import Incident, Incidents
from functions.capacity.past import Past
from functions.capacity.remembered import ClusterNews, Remembered, SubnetNews, Unpublished
from functions.capacity.wording import Message

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HISTORY_KEPT = timedelta(days=14)  # after the last look
AT_ONCE = 100  # items of a transaction (DynamoDB API reference, TransactWriteItems)
OUTBOX = "OUTBOX"
ARRIVALS: Key = {"pk": {"S": "ARRIVALS"}, "sk": {"S": "EVENTS"}}


@dataclass(frozen=True, kw_only=True)
class Memory:
    """The table as a run uses it. `journal` is the run's."""

    dynamodb: DynamoDBClient
    table: str
    journal: Journal

    def of_subnet(self, subnet_id: str, now: datetime) -> Remembered:
        """All that is remembered of a subnet."""
        items = {item["sk"]["S"]: item for item in self._under(f"SUBNET#{subnet_id}")}
        told, history, today = items.get("TOLD"), items.get("HISTORY"), items.get(day(now), {})
        return Remembered(
            told=_told(json.loads(told["told"]["S"])) if told else Told(),
            version=_version(told),
            past=unpacked(bytes(history["samples"]["B"])) if history else Past(),
            created_today=int(today.get("created", {"N": 0})["N"]),
            released_today=int(today.get("released", {"N": 0})["N"]),
            journal=self.journal.entries(subnet_id, now),
        )

    def of_cluster(self, name: str) -> tuple[Incidents, int]:
        """The cluster's findings over time, and the version that news of them must replace."""
        item = self.dynamodb.get_item(TableName=self.table, Key=cluster_key(name), ConsistentRead=True).get("Item")
        stored = json.loads(item["told"]["S"]) if item else {}
        return {key: _incident(each) for key, each in stored.items()}, _version(item)

    def keep_past(self, subnet_id: str, past: Past, now: datetime) -> None:
        """Store it, whoever stored another meanwhile: a lost look does no harm."""
        item = subnet_key(subnet_id, "HISTORY")
        item |= {"samples": {"B": packed(past)}, "expiresAt": expires(now + HISTORY_KEPT)}
        self.dynamodb.put_item(TableName=self.table, Item=item)

    def keep_news(self, news: Sequence[SubnetNews | ClusterNews], messages: Sequence[Message], now: datetime) -> None:
        """Store what people will know and the messages that tell them, together as far as one transaction reaches.

        The messages go with the first news. Raises ClientError if another run has stored news of the same since.
        """
        writes = [*self._outgoing(messages, now), *map(self._news, news)]
        for start in range(0, len(writes), AT_ONCE):
            self.dynamodb.transact_write_items(TransactItems=writes[start : start + AT_ONCE])

    def arrivals(self, now: datetime) -> Arrivals:
        """Which kinds of event have come, and when; the first to ask begins to watch."""
        item = self.dynamodb.get_item(TableName=self.table, Key=ARRIVALS, ConsistentRead=True).get("Item", {})
        if "since" not in item:
            self._keep_times({"since": now})
        times = {name: datetime.fromisoformat(item[name]["S"]) for name in ("since", *Kind) if name in item}
        return Arrivals(since=times.get("since", now), last={kind: times[kind] for kind in Kind if kind in times})

    def keep_arrivals(self, kinds: Iterable[Kind], now: datetime) -> None:
        """An event of each of these kinds has come."""
        self._keep_times(dict.fromkeys(kinds, now))

    def _keep_times(self, times: Mapping[str, datetime]) -> None:
        names = {f"#{n}": name for n, name in enumerate(sorted(times))}
        self.dynamodb.update_item(
            TableName=self.table,
            Key=ARRIVALS,
            UpdateExpression="SET " + ", ".join(f"{alias} = :{alias[1:]}" for alias in names),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues={
                f":{alias[1:]}": {"S": times[name].isoformat()} for alias, name in names.items()
            },
        )

    def unpublished(self) -> Iterator[Unpublished]:
        """The messages that are still to be published, oldest first."""
        for item in self._under(OUTBOX):
            yield Unpublished(id=item["sk"]["S"], message=Message(**json.loads(item["message"]["S"])))

    def published(self, id_: str) -> None:
        """Forget one of them."""
        self.dynamodb.delete_item(TableName=self.table, Key={"pk": {"S": OUTBOX}, "sk": {"S": id_}})

    def _under(self, pk: str) -> Iterator[Mapping[str, Any]]:
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": pk}},
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _outgoing(self, messages: Iterable[Message], now: datetime) -> Iterator[Any]:
        for number, each in enumerate(messages):
            item = {
                "pk": {"S": OUTBOX},
                "sk": {"S": f"{time_text(now)}#{self.journal.decision}#{number:04}"},
                "message": {"S": json.dumps(asdict(each))},
            }
            yield {"Put": {"TableName": self.table, "Item": item}}

    def _news(self, news: SubnetNews | ClusterNews) -> Any:
        if isinstance(news, SubnetNews):
            return self._replaced(subnet_key(news.subnet_id, "TOLD"), _told_text(news.told), news.replaces)
        text = json.dumps({key: _incident_json(each) for key, each in news.incidents.items()})
        return self._replaced(cluster_key(news.cluster), text, news.replaces)

    def _replaced(self, key: Key, text: str, replaces: int) -> Any:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if replaces:
            condition = {
                "ConditionExpression": "version = :replaces",
                "ExpressionAttributeValues": {":replaces": {"N": str(replaces)}},
            }
        item = key | {"told": {"S": text}, "version": {"N": str(replaces + 1)}}
        return {"Put": {"TableName": self.table, "Item": item, **condition}}


def _version(item: Mapping[str, Any] | None) -> int:
    return int(item["version"]["N"]) if item else 0


def _told_text(told: Told) -> str:
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
