"""One DynamoDB table, and boto3's client for it: the calls that the product makes, and no others."""
# ruff: noqa: N803, ARG002 - arguments are named as AWS names them, and some say nothing here

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from tests.simulation import dynamodb_expressions as expressions
from tests.simulation.dynamodb_expressions import Condition, ExpressionError, Item, Names, Values
from tests.simulation.faults import client_error
from tests.simulation.process import Process

Key = tuple[str, str]  # pk, sk
Asked = Mapping[str, Any]

PAGE = 4  # items of a Query's answer; DynamoDB stops at a megabyte
TRANSACTION = 100  # actions at most (API reference, TransactWriteItems)
CONDITIONAL = "The conditional request failed"
_REFUSED = "ConditionalCheckFailedException"


@dataclass
class Table:
    """The items as they are. An item is replaced, never changed, so an answer can share it."""

    partitions: dict[str, dict[str, Item]] = field(default_factory=dict)  # by pk, then sk
    watch: Callable[[Key, Item | None], None] = lambda *_: None  # each write

    def get(self, key: Key) -> Item:
        """An empty one where there is none: conditions take it for the same."""
        return self.under(key[0]).get(key[1], {})

    def under(self, pk: str) -> Mapping[str, Item]:
        """The items of a partition by sort key, in no order."""
        return self.partitions.get(pk, {})

    def put(self, key: Key, item: Item | None) -> None:
        """Store it; None takes it away."""
        self.watch(key, item)
        items = self.partitions.setdefault(key[0], {})
        if item is None:
            items.pop(key[1], None)
        else:
            items[key[1]] = item

    def expire(self, now: float, attribute: str = "expiresAt") -> list[Key]:
        """What DynamoDB's time to live takes away, within days: here at once."""
        everything = [(pk, sk, item) for pk, items in self.partitions.items() for sk, item in items.items()]
        gone = [(pk, sk) for pk, sk, item in everything if attribute in item and int(item[attribute]["N"]) < now]
        for key in gone:
            self.put(key, None)
        return gone


@dataclass(frozen=True)
class Write:
    """One change on its way: whether it may be, and what it makes of the item."""

    key: Key
    allowed: bool
    after: Callable[[], Item | None]
    asks_for_item: bool = False


@dataclass
class DynamoDbClient:
    """The client of one process; there is one table. `exceptions` is not used by the product."""

    process: Process
    table: Table

    def get_item(self, *, TableName: str, Key: Item, ConsistentRead: bool, **more: Any) -> Asked:
        """Only consistent reads are modelled: another may say anything."""
        _only(more)
        if not ConsistentRead:
            raise NotImplementedError("a read that is not consistent")
        return self._call("get_item", lambda: {"Item": dict(found)} if (found := self.table.get(_key(Key))) else {})

    def put_item(self, **asked: Any) -> Asked:
        """PutItem."""
        return self._write("put_item", asked, self._put)

    def delete_item(self, **asked: Any) -> Asked:
        """DeleteItem."""
        return self._write("delete_item", asked, self._delete)

    def update_item(self, **asked: Any) -> Asked:
        """UpdateItem."""
        return self._write("update_item", asked, self._update)

    def transact_write_items(self, *, TransactItems: list[Asked], **more: Any) -> Asked:
        """All or nothing. Its token makes a second attempt at the same one harmless."""
        _only(more, "ClientRequestToken")
        done = False

        def write() -> Asked:
            nonlocal done
            if not done:
                self._transact(TransactItems)
                done = True
            return {}

        return self._call("transact_write_items", write)

    def query(self, **asked: Any) -> Asked:
        """One page of the items of a partition, in the order of their sort keys."""
        return self._call("query", lambda: self._query(asked))

    def get_paginator(self, operation: str) -> "QueryPages":
        """For Query."""
        if operation != "query":
            raise NotImplementedError(operation)
        return QueryPages(self)

    # --- single writes ---

    def _write(self, operation: str, asked: Asked, of: Callable[[Asked], Write]) -> Asked:
        def effect() -> Asked:
            write = of(asked)
            before = self.table.get(write.key)
            if not write.allowed:
                raise _refused(operation, before if write.asks_for_item else {})
            after = write.after()
            self.table.put(write.key, after)
            return _returned(asked, before, after or {})

        return self._call(operation, effect)

    def _put(self, asked: Asked) -> Write:
        _only(asked, "TableName", "Item", *_CONDITIONS)
        key = _key({name: asked["Item"][name] for name in ("pk", "sk")})
        return Write(key, self._allowed(asked, key), lambda: dict(asked["Item"]), _asks(asked))

    def _delete(self, asked: Asked) -> Write:
        _only(asked, "TableName", "Key", *_CONDITIONS)
        key = _key(asked["Key"])
        return Write(key, self._allowed(asked, key), lambda: None, _asks(asked))

    def _update(self, asked: Asked) -> Write:
        _only(asked, "TableName", "Key", "UpdateExpression", *_CONDITIONS)
        key = _key(asked["Key"])
        allowed = self._allowed(asked, key, asked["UpdateExpression"])
        old = self.table.get(key) or dict(asked["Key"])

        def after() -> Item:
            try:
                return expressions.update(asked["UpdateExpression"]).apply(old, *_placeholders(asked))
            except ExpressionError as error:
                raise client_error("ValidationException", "UpdateItem", str(error)) from error

        return Write(key, allowed, after, _asks(asked))

    def _check(self, asked: Asked) -> Write:
        _only(asked, "TableName", "Key", *_CONDITIONS)
        key = _key(asked["Key"])
        return Write(key, self._allowed(asked, key), lambda: self.table.get(key), _asks(asked))

    def _allowed(self, asked: Asked, key: Key, *other: str) -> bool:
        text = asked.get("ConditionExpression")
        _no_strangers(asked, *filter(None, (text, *other)))
        if text is None:
            return True
        return _holds(expressions.condition(text), self.table.get(key), asked)

    # --- transactions and queries ---

    def _transact(self, items: list[Asked]) -> None:
        kinds: Mapping[str, Callable[[Asked], Write]] = {
            "Put": self._put,
            "Update": self._update,
            "Delete": self._delete,
            "ConditionCheck": self._check,
        }
        named = [next(iter(each.items())) for each in items]
        writes = [kinds[kind](asked) for kind, asked in named]
        if len({each.key for each in writes}) < len(writes) or not 0 < len(writes) <= TRANSACTION:
            raise client_error("ValidationException", "TransactWriteItems", "one action for each item, 100 at most")
        if not all(each.allowed for each in writes):
            raise _cancelled([self._reason(each) for each in writes])
        after = [each.after() for each in writes]
        for (kind, _), write, item in zip(named, writes, after, strict=True):
            if kind != "ConditionCheck":
                self.table.put(write.key, item)

    def _reason(self, write: Write) -> dict[str, Any]:
        if write.allowed:
            return {"Code": "None"}
        shown = {"Item": dict(self.table.get(write.key))} if write.asks_for_item and self.table.get(write.key) else {}
        return {"Code": "ConditionalCheckFailed", "Message": CONDITIONAL, **shown}

    def _query(self, asked: Asked) -> Asked:
        _only(
            asked,
            "TableName",
            "KeyConditionExpression",
            "ExpressionAttributeValues",
            "ExpressionAttributeNames",
            "ConsistentRead",
            "ScanIndexForward",
            "ExclusiveStartKey",
            "Limit",
            "FilterExpression",
        )
        if not asked.get("ConsistentRead"):
            raise NotImplementedError("a read that is not consistent")
        filtered = asked.get("FilterExpression")
        _no_strangers(asked, asked["KeyConditionExpression"], *filter(None, [filtered]))
        found = self._after(asked, self._in_order(asked))
        size = min(PAGE, asked.get("Limit", PAGE))
        page, more = found[:size], len(found) > size
        shown = [each for each in page if not filtered or _holds(expressions.condition(filtered), each, asked)]
        last = {"LastEvaluatedKey": {"pk": page[-1]["pk"], "sk": page[-1]["sk"]}} if more else {}
        return {"Items": [dict(each) for each in shown], "Count": len(shown), "ScannedCount": len(page), **last}

    def _in_order(self, asked: Asked) -> list[Item]:
        wanted = asked["KeyConditionExpression"]
        partition = re.match(r"pk = (:\w+)(?! OR)", wanted)
        if partition is None:
            raise NotImplementedError(f"the key condition {wanted!r}")
        holds = expressions.condition(wanted)
        stored = self.table.under(asked["ExpressionAttributeValues"][partition[1]]["S"])
        values, names = _placeholders(asked)
        found = [sk for sk, item in stored.items() if holds(item, values, names)]
        return [stored[sk] for sk in sorted(found, reverse=not asked.get("ScanIndexForward", True))]

    def _after(self, asked: Asked, found: list[Item]) -> list[Item]:
        if "ExclusiveStartKey" not in asked:
            return found
        start = asked["ExclusiveStartKey"]["sk"]["S"]
        if asked.get("ScanIndexForward", True):
            return [item for item in found if item["sk"]["S"] > start]
        return [item for item in found if item["sk"]["S"] < start]

    def _call(self, operation: str, effect: Callable[[], Asked]) -> Asked:
        return self.process.call("dynamodb", operation, effect)


@dataclass
class QueryPages:
    """boto3's paginator of Query."""

    client: DynamoDbClient

    def paginate(self, **asked: Any) -> Iterator[Asked]:
        """Until the last page."""
        page = self.client.query(**asked)
        yield page
        while "LastEvaluatedKey" in page:
            page = self.client.query(**asked | {"ExclusiveStartKey": page["LastEvaluatedKey"]})
            yield page


_CONDITIONS = (
    "ConditionExpression",
    "ExpressionAttributeValues",
    "ExpressionAttributeNames",
    "ReturnValues",
    "ReturnValuesOnConditionCheckFailure",
)


def _key(key: Item) -> Key:
    if key.keys() != {"pk", "sk"}:
        raise client_error("ValidationException", "Key", "The provided key element does not match the schema")
    return key["pk"]["S"], key["sk"]["S"]


def _only(asked: Asked, *known: str) -> None:
    if unknown := asked.keys() - set(known):
        raise NotImplementedError(f"DynamoDB's {sorted(unknown)}")


def _placeholders(asked: Asked) -> tuple[Values, Names]:
    return asked.get("ExpressionAttributeValues", {}), asked.get("ExpressionAttributeNames", {})


def _holds(condition: Condition, item: Item, asked: Asked) -> bool:
    return condition(item, *_placeholders(asked))


def _no_strangers(asked: Asked, *texts: str) -> None:
    values, names = _placeholders(asked)
    used = _mentioned(texts)
    if len(used) != len(values) + len(names) or not (used.issuperset(values) and used.issuperset(names)):
        wrong = sorted(used ^ (values.keys() | names.keys()))
        raise client_error("ValidationException", "Expression", f"unused or undefined: {wrong}")


@cache
def _mentioned(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset[str]().union(*map(expressions.mentioned, texts))


def _asks(asked: Asked) -> bool:
    return bool(asked.get("ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD")


def _refused(operation: str, item: Item) -> ClientError:
    return client_error(_REFUSED, operation, CONDITIONAL, **({"Item": dict(item)} if item else {}))


def _cancelled(reasons: list[dict[str, Any]]) -> ClientError:
    codes = ", ".join(each["Code"] for each in reasons)
    return client_error(
        "TransactionCanceledException",
        "TransactWriteItems",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _returned(asked: Asked, before: Item, after: Item) -> Asked:
    match asked.get("ReturnValues", "NONE"):
        case "NONE":
            return {}
        case "ALL_OLD":
            return {"Attributes": dict(before)} if before else {}
        case "ALL_NEW":
            return {"Attributes": dict(after)}
        case "UPDATED_NEW":
            touched = expressions.update(asked["UpdateExpression"]).touched(asked.get("ExpressionAttributeNames", {}))
            return {"Attributes": {name: value for name, value in after.items() if name in touched}}
    raise NotImplementedError(f"ReturnValues={asked['ReturnValues']}")
