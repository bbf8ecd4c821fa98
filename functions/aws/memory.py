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

from botocore.exceptions import ClientError

from functions.aws.denied import denied
from functions.aws.history import packed, unpacked
from functions.aws.journal import Journal
from functions.aws.table import Key, cluster_key, day, expires, subnet_key, time_text
from functions.aws.told import known_of, text_of
from functions.capacity.arrivals import Arrivals, Kind
from functions.capacity.past import Past
from functions.capacity.remembered import Chapter, Known, News, Remembered, Unpublished
from functions.capacity.wording import Form, Message

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
            known=known_of(told["told"]["S"], subnet_id) if told else Known(),
            version=_version(told),
            past=unpacked(bytes(history["samples"]["B"])) if history else Past(),
            created_today=int(today.get("created", {"N": 0})["N"]),
            released_today=int(today.get("released", {"N": 0})["N"]),
            journal=self.journal.entries(subnet_id, now),
        )

    def of_cluster(self, name: str) -> tuple[Known, int]:
        """What people know of a cluster (without a name: of Headroom), and the version that news must replace."""
        item = self.dynamodb.get_item(TableName=self.table, Key=cluster_key(name), ConsistentRead=True).get("Item")
        return known_of(item["told"]["S"]) if item else Known(), _version(item)

    def keep_past(self, subnet_id: str, past: Past, now: datetime) -> None:
        """Store it, whoever stored another meanwhile: a lost look does no harm."""
        item = subnet_key(subnet_id, "HISTORY")
        item |= {"samples": {"B": packed(past)}, "expiresAt": expires(now + HISTORY_KEPT)}
        self.dynamodb.put_item(TableName=self.table, Item=item)

    def keep_news(self, news: Sequence[News], messages: Sequence[Message], now: datetime) -> None:
        """Store what people will know and the messages that tell them, together as far as one transaction reaches.

        The messages go with the first news: a run that dies between two transactions tells the rest once more.
        Raises ClientError if another run has stored news of the same since.
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
            if "message" not in item:
                continue
            stored = json.loads(item["message"]["S"])
            form = Form(stored.pop("form", Form.MAIL))  # the version before knew mail alone
            yield Unpublished(id=item["sk"]["S"], message=Message(**stored, form=form))

    def published(self, id_: str, now: datetime) -> None:
        """Forget one of them; where it may not be deleted it is emptied, so that nobody is told twice."""
        key: Key = {"pk": {"S": OUTBOX}, "sk": {"S": id_}}
        try:
            self.dynamodb.delete_item(TableName=self.table, Key=key)
        except ClientError as error:
            if denied(error) is None:
                raise
            self._empty(key, now)

    def _empty(self, key: Key, now: datetime) -> None:
        """Leave it to the table's expiry."""
        self.dynamodb.update_item(
            TableName=self.table,
            Key=key,
            UpdateExpression="SET expiresAt = :now REMOVE message",
            ExpressionAttributeValues={":now": expires(now)},
        )

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

    def _news(self, news: News) -> Any:
        key = subnet_key(news.name, "TOLD") if news.chapter is Chapter.SUBNET else cluster_key(news.name)
        return self._replaced(key, text_of(news.known), news.replaces)

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
