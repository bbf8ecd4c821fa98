"""The table of the simulation against moto's, which is somebody else's reading of the same documentation."""

from collections.abc import Sequence
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.simulation.clock import Clock
from tests.simulation.dynamodb import DynamoDbClient, Table
from tests.simulation.dynamodb_expressions import ExpressionError, condition, update
from tests.simulation.faults import Faults
from tests.simulation.process import Process

OPERATIONS, OPERATIONS_IN_SOAK = 500, 10_000
CONDITIONS = (
    "attribute_not_exists(pk)",
    "attribute_exists(pk)",
    "attribute_not_exists(howmany)",
    "attribute_not_exists(howmany) OR howmany < :two",
    "howmany >= :two AND howmany <> :one",
    "lyrics = :text",
    "NOT lyrics = :text",
    "(lyrics = :text OR howmany = :one) AND attribute_exists(lyrics)",
    "begins_with(lyrics, :start)",
    "howmany BETWEEN :one AND :two",
    "#n > :one",
    "absentee <> :one",
)
UPDATES = (
    "ADD howmany :one",
    "SET lyrics = :text",
    "SET lyrics = :text, howmany = :two ADD amount :one",
    "SET howmany = howmany + :one",
    "SET howmany = if_not_exists(howmany, :two) - :one",
    "REMOVE lyrics",
    "REMOVE lyrics, howmany ADD amount :two",
    "SET #n = :one",
)
KEY_CONDITIONS = (
    "pk = :pk",
    "pk = :pk AND sk >= :from",
    "pk = :pk AND begins_with(sk, :from)",
    "pk = :pk AND sk BETWEEN :from AND :to",
)
VALUES: dict[str, Any] = {":one": {"N": "1"}, ":two": {"N": "2"}, ":text": {"S": "abc"}, ":start": {"S": "a"}}
NAMES = {"#n": "howmany"}


class Twins:
    """The same calls on both."""

    def __init__(self) -> None:
        clock = Clock()
        self.table = Table()
        process = Process("test", clock, Faults(Random(0)), float("inf"))
        self.ours: Any = DynamoDbClient(process, self.table)
        self.motos: Any = boto3.client("dynamodb", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
        attributes = [{"AttributeName": each, "AttributeType": "S"} for each in ("pk", "sk")]
        schema = [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]
        self.motos.create_table(
            TableName="t", AttributeDefinitions=attributes, KeySchema=schema, BillingMode="PAY_PER_REQUEST"
        )

    def both(self, operation: str, **asked: Any) -> tuple[Any, Any]:
        return outcome(self.ours, operation, asked), outcome(self.motos, operation, asked)


def outcome(client: Any, operation: str, asked: dict[str, Any]) -> Any:
    try:
        answer = getattr(client, operation)(**asked)
    except ClientError as error:
        reasons: Any = error.response.get("CancellationReasons", ())
        return error.response["Error"]["Code"], [each["Code"] for each in reasons], error.response.get("Item")
    return {name: each for name, each in answer.items() if name in {"Item", "Attributes"}}


def queried(client: Any, asked: dict[str, Any]) -> list[Any]:
    pages = client.get_paginator("query").paginate(TableName="t", **asked)
    return [each for page in pages for each in page["Items"]]


def key(rng: Random) -> dict[str, Any]:
    return {"pk": {"S": rng.choice("ab")}, "sk": {"S": rng.choice(("1", "2", "3", "30", "4", "5", "6"))}}


def used(*texts: str) -> dict[str, Any]:
    everything = " ".join(texts)
    values = {name: value for name, value in VALUES.items() if name in everything}
    names = {name: each for name, each in NAMES.items() if name in everything}
    return ({"ExpressionAttributeValues": values} if values else {}) | (
        {"ExpressionAttributeNames": names} if names else {}
    )


def a_write(rng: Random, updates: Sequence[str] = UPDATES) -> tuple[str, dict[str, Any]]:
    """PutItem, UpdateItem or DeleteItem, with a condition or none."""
    text = rng.choice((None, *CONDITIONS))
    conditional = {"ConditionExpression": text} if text else {}
    match rng.choice(("put_item", "update_item", "update_item", "delete_item")):
        case "put_item":
            item = key(rng) | {"howmany": {"N": str(rng.randrange(4))}, "lyrics": {"S": rng.choice(("abc", "b"))}}
            return "put_item", {"Item": item, **conditional, **used(text or "")}
        case "delete_item":
            return "delete_item", {"Key": key(rng), **conditional, **used(text or "")}
    change = rng.choice(updates)
    return "update_item", {
        "Key": key(rng),
        "UpdateExpression": change,
        **conditional,
        **used(text or "", change),
    }


def a_transaction(rng: Random) -> list[dict[str, Any]]:
    """Without updates that can be invalid for an item: moto and DynamoDB's documentation differ on those here."""
    kinds = {"put_item": "Put", "update_item": "Update", "delete_item": "Delete"}
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for _ in range(rng.randrange(1, 4)):
        operation, asked = a_write(rng, [each for each in UPDATES if "howmany +" not in each])
        named = asked.get("Key") or asked["Item"]
        found[named["pk"]["S"], named["sk"]["S"]] = {kinds[operation]: {"TableName": "t", **asked}}
    return list(found.values())


@pytest.fixture
def twins():
    with mock_aws():
        yield Twins()


def test_a_random_sequence_of_operations_has_the_same_answers_and_leaves_the_same_items(twins, soak):
    rng = Random(7)
    seen = set[str]()
    for _ in range(OPERATIONS_IN_SOAK if soak else OPERATIONS):
        match rng.randrange(8):
            case 0:
                asked = {"KeyConditionExpression": rng.choice(KEY_CONDITIONS), "ConsistentRead": True}
                values = {":pk": {"S": "a"}, ":from": {"S": "3"}, ":to": {"S": "5"}}
                given = {name: each for name, each in values.items() if name in str(asked["KeyConditionExpression"])}
                asked |= {"ScanIndexForward": rng.random() < 0.5, "ExpressionAttributeValues": given}
                ours, motos = (queried(client, asked) for client in (twins.ours, twins.motos))
            case 1:
                ours, motos = twins.both("get_item", TableName="t", Key=key(rng), ConsistentRead=True)
            case 2:
                ours, motos = twins.both("transact_write_items", TransactItems=a_transaction(rng))
            case _:
                operation, asked = a_write(rng)
                shown = rng.choice(("NONE", "ALL_OLD", "ALL_NEW"))
                if operation != "update_item" and shown != "ALL_OLD":
                    shown = "NONE"
                ours, motos = twins.both(operation, TableName="t", ReturnValues=shown, **asked)
        assert ours == motos
        seen.add(str(ours)[:12])
    assert len(seen) >= 8  # kinds of outcome


def test_pages_of_a_query_are_short_and_none_is_missing(twins):
    for number in range(11):
        twins.ours.put_item(TableName="t", Item={"pk": {"S": "p"}, "sk": {"S": f"{number:02}"}})
    asked = {
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": "p"}},
        "ConsistentRead": True,
    }
    pages = list(twins.ours.get_paginator("query").paginate(TableName="t", **asked))
    assert [len(each["Items"]) for each in pages] == [4, 4, 3]
    assert [each["sk"]["S"] for page in pages for each in page["Items"]] == [f"{n:02}" for n in range(11)]


def test_a_transaction_is_all_or_nothing_and_says_which_part_was_refused(twins):
    wanted = {"Put": {"TableName": "t", "Item": {"pk": {"S": "a"}, "sk": {"S": "1"}}}}
    refused = {
        "ConditionCheck": {
            "TableName": "t",
            "Key": {"pk": {"S": "a"}, "sk": {"S": "2"}},
            "ConditionExpression": "attribute_exists(pk)",
        }
    }
    ours, motos = twins.both("transact_write_items", TransactItems=[wanted, refused])
    assert ours == motos == ("TransactionCanceledException", ["None", "ConditionalCheckFailed"], None)
    assert twins.table.get(("a", "1")) == {}


@pytest.mark.parametrize("text", ["size(a) > :one", "a.b = :one", "a[0] = :one", "a IN (:one)", "a =", "a = :one OR"])
def test_a_condition_that_is_not_modelled_is_an_error(text):
    with pytest.raises(ExpressionError):
        condition(text)


@pytest.mark.parametrize("text", ["", "PUT a = :one", "SET a", "SET a = list_append(a, :one)", "DELETE a :one"])
def test_an_update_that_is_not_modelled_is_an_error(text):
    with pytest.raises(ExpressionError):
        update(text)


@pytest.mark.parametrize(
    ("text", "holds"), [("a = :two", False), ("a < :two", False), ("a >= :two", False), ("a <> :two", True)]
)
def test_values_of_different_types_are_not_equal_and_in_no_order(text, holds):
    """The developer guide, 'Comparison operator and function reference'; moto raises a TypeError."""
    assert condition(text)({"a": {"S": "2"}}, VALUES, {}) is holds


def test_arguments_that_are_not_modelled_are_an_error(twins):
    with pytest.raises(NotImplementedError):
        twins.ours.put_item(TableName="t", Item=key(Random(1)), ReturnConsumedCapacity="TOTAL")
    with pytest.raises(NotImplementedError):
        twins.ours.get_item(TableName="t", Key=key(Random(1)), ConsistentRead=False)


def test_an_update_tells_the_attributes_that_it_names_as_they_are_after_it(twins):
    """API reference, UpdateItem, ReturnValues; moto leaves those out whose value stays the same."""
    asked = {"TableName": "t", "Key": {"pk": {"S": "LEASE"}, "sk": {"S": "1"}}, "ReturnValues": "UPDATED_NEW"}
    change = {"UpdateExpression": "SET holder = :me ADD fence :one"}
    values = {"ExpressionAttributeValues": {":me": {"S": "me"}, ":one": {"N": "1"}}}
    twins.ours.update_item(**asked, **change, **values)
    answer = twins.ours.update_item(**asked, **change, **values)
    assert answer == {"Attributes": {"holder": {"S": "me"}, "fence": {"N": "2"}}}


def test_what_has_expired_is_taken_away(twins):
    item = {"pk": {"S": "a"}, "sk": {"S": "1"}, "expiresAt": {"N": "100"}}
    twins.ours.put_item(TableName="t", Item=item)
    assert twins.table.expire(100) == []
    assert twins.table.expire(101) == [("a", "1")]
    assert twins.table.get(("a", "1")) == {}
