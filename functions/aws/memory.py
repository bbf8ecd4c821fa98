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

from functions.aws import chapters
from functions.aws.denied import denied
from functions.aws.history import packed, unpacked
from functions.aws.journal import Journal
from functions.aws.table import Key, cluster_key, day, expires, subnet_key, time_text
from functions.capacity.arrivals import Arrivals, Kind
from functions.capacity.past import Past
from functions.capacity.remembered import Chapter, Known, News, Remembered, Unpublished
from functions.capacity.wording import Form, Message

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

HISTORY_KEPT = timedelta(days=14)  # after the last look
AT_ONCE = 100  # items of a transaction, which takes 4 MB (DynamoDB API reference, TransactWriteItems)
LARGEST = 3_500_000  # bytes of one
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
        history, today = items.get("HISTORY"), items.get(day(now), {})
        known, version = chapters.read("TOLD", items, subnet_id)
        return Remembered(
            known=known,
            version=version,
            past=unpacked(bytes(history["samples"]["B"])) if history else Past(),
            created_today=int(today.get("created", {"N": 0})["N"]),
            released_today=int(today.get("released", {"N": 0})["N"]),
            journal=self.journal.entries(subnet_id, now),
        )

    def of_cluster(self, name: str) -> tuple[Known, int]:
        """What people know of a cluster (without a name: of Headroom), and the version that news must replace."""
        pk, sk = (cluster_key(name)[each]["S"] for each in ("pk", "sk"))
        return chapters.read(sk, {item["sk"]["S"]: item for item in self._under(pk)})

    def keep_past(self, subnet_id: str, past: Past, now: datetime) -> None:
        """Store it, whoever stored another meanwhile: a lost look does no harm."""
        item = subnet_key(subnet_id, "HISTORY")
        item |= {"samples": {"B": packed(past)}, "expiresAt": expires(now + HISTORY_KEPT)}
        self.dynamodb.put_item(TableName=self.table, Item=item)

    def keep_news(self, news: Sequence[News], messages: Sequence[Message], now: datetime) -> None:
        """Store what people will know and the messages that tell them, together as far as one transaction reaches.

        The messages go with the first news: a run that dies between two transactions tells the rest once more. One
        chapter's news are never in two. Raises ClientError if another run has stored news of the same since.
        """
        writes = [*([each] for each in self._outgoing(messages, now)), *map(self._news, news)]
        for transaction in _together(writes):
            self.dynamodb.transact_write_items(TransactItems=transaction)

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

    def _news(self, news: News) -> list[Any]:
        key = subnet_key(news.name, "TOLD") if news.chapter is Chapter.SUBNET else cluster_key(news.name)
        return [{"Put": {"TableName": self.table, **each}} for each in chapters.puts(key, news.known, news.replaces)]


def _together(groups: Iterable[list[Any]]) -> Iterator[list[Any]]:
    """The writes in transactions, as few as there can be in this order; those of a group are in one."""
    together, size = list[Any](), 0
    for group in groups:
        grown = sum(map(_size, group))
        if together and (len(together) + len(group) > AT_ONCE or size + grown > LARGEST):
            yield together
            together, size = [], 0
        together, size = [*together, *group], size + grown
    if together:
        yield together


def _size(write: Any) -> int:
    """Bytes, roughly: what is large in an item is one text or one binary."""
    values = (value for each in write["Put"]["Item"].values() for value in each.values())
    return sum(len(each) if isinstance(each, bytes) else len(str(each).encode()) for each in values)
