"""A chapter of what people know as items of the table: one where it is short, packed in parts where it is long.

An item takes 400 KB (DynamoDB developer guide, 'Constraints'), which is some 800 incidents as text; packed they are a
tenth of that. The first part has the version that news must replace; the others have it too, to be told from older.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from functions.aws.table import Key
from functions.aws.told import known_of, text_of
from functions.capacity.remembered import Known

Item = Mapping[str, Any]

WHOLE = 100_000  # characters that are stored as they are, so that people can read them
PART = 300_000  # bytes of one item; the rest of the 400 KB is for its keys


class TornChapterError(RuntimeError):
    """Parts of two versions: another run is storing the chapter at this moment. The next run reads it whole."""


def puts(key: Key, known: Known, replaces: int) -> Iterator[dict[str, Any]]:
    """The Puts that store it in place of version `replaces` (0: of nothing), without the table's name."""
    first, *others = _values(text_of(known))
    version = {"version": {"N": str(replaces + 1)}}
    yield {"Item": key | version | first | {"parts": {"N": str(len(others) + 1)}}, **_in_place_of(replaces)}
    for number, each in enumerate(others, start=1):
        yield {"Item": key | {"sk": {"S": f"{key['sk']['S']}#{number:03}"}} | version | each}


def read(sk: str, items: Mapping[str, Item], subnet_id: str = "") -> tuple[Known, int]:
    """What stands in these items, by their sort keys, and its version: nothing known and 0 where there is none."""
    first = items.get(sk)
    if first is None:
        return Known(), 0
    if "S" in first["told"]:
        return known_of(first["told"]["S"], subnet_id), _version(first)
    parts = [first, *(items.get(f"{sk}#{n:03}") for n in range(1, int(first["parts"]["N"])))]
    if any(each is None or _version(each) != _version(first) for each in parts):
        raise TornChapterError(f"{sk}: parts of more than one version")
    packed = b"".join(bytes(each["told"]["B"]) for each in parts if each)
    return known_of(zlib.decompress(packed).decode(), subnet_id), _version(first)


def _values(text: str) -> list[dict[str, Any]]:
    if len(text) <= WHOLE:
        return [{"told": {"S": text}}]
    packed = zlib.compress(text.encode())
    return [{"told": {"B": packed[start : start + PART]}} for start in range(0, len(packed), PART)]


def _in_place_of(version: int) -> dict[str, Any]:
    if not version:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "version = :replaces",
        "ExpressionAttributeValues": {":replaces": {"N": str(version)}},
    }


def _version(item: Item) -> int:
    return int(item["version"]["N"])
