"""Good answers made bad: as a whole, and one field at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bad_input.wire import GOOD

_BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><a>&b;</a>"""


@dataclass(frozen=True, kw_only=True)
class Spoiled:
    """One call's answer, and what is wrong with it, in words."""

    call: str
    wrong: str
    body: bytes

    @property
    def sentence(self) -> str:
        return f"{self.call}: {self.wrong}"


def is_xml(body: bytes) -> bool:
    return body.startswith(b"<")


def _into_the_middle(body: bytes, what: bytes) -> bytes:
    middle = len(body) // 2
    return body[:middle] + what + body[middle:]


WHOLE: dict[str, Callable[[bytes], bytes]] = {
    "an empty body": lambda body: b"",
    "a blank body": lambda body: b" \n",
    "a web page": lambda body: b"<html><head><title>x</title></head><body><h1>Service Unavailable</h1></body></html>",
    "the first half": lambda body: body[: len(body) // 2],
    "bytes that are no text": lambda body: _into_the_middle(body, b"\xff\xfe\x00"),
    "the other format": lambda body: (
        b'{"Subnets": []}' if is_xml(body) else b"<clusters><member>demo</member></clusters>"
    ),
    "an answer without anything in it": lambda body: b"<Response/>" if is_xml(body) else b"{}",
    "null": lambda body: b"null",
    "a list": lambda body: b"[]",
    "a number": lambda body: b"7",
    "nested deeper than anybody reads": lambda body: (b"<a>" if is_xml(body) else b"[") * 20_000,
    "entities that grow": lambda body: _BOMB if is_xml(body) else b'{"a": "' + b"a" * 100_000 + b'"',
}


def wholes() -> list[Spoiled]:
    return [
        Spoiled(call=call, wrong=wrong, body=spoil(body))
        for call, body in GOOD.items()
        for wrong, spoil in WHOLE.items()
    ]


# --- one field at a time ---

_LEAF = re.compile(rb"<(\w+)>([^<]*)</\1>")
_ODD_TEXTS = {
    "empty": b"",
    "a word": b"nonsense",
    "below zero": b"-1",
    "a fraction": b"1.5",
    "a very long number": b"9" * 5000,
    "another family's address": b"2001:db8::1",
}
_ODD_VALUES: dict[str, Any] = {
    "null": None,
    "a number": 7,
    "a text": "nonsense",
    "a list": [7],
    "an object": {"nonsense": 7},
}


def _of_xml(call: str, body: bytes) -> Iterator[Spoiled]:
    """Each field of the first item in its place: missing, and with each odd text."""
    seen = set[bytes]()
    for leaf in _LEAF.finditer(body):
        name, place = leaf[1], slice(*leaf.span())
        if name in seen or name in {b"requestId", b"RequestId"}:
            continue
        seen.add(name)
        yield Spoiled(call=call, wrong=f"no {name.decode()}", body=body[: place.start] + body[place.stop :])
        for wrong, text in _ODD_TEXTS.items():
            odd = b"<%b>%b</%b>" % (name, text, name)
            yield Spoiled(
                call=call, wrong=f"{name.decode()} is {wrong}", body=body[: place.start] + odd + body[place.stop :]
            )


def _of_json(call: str, body: bytes) -> Iterator[Spoiled]:
    for path in _paths(json.loads(body)):
        where = ".".join(map(str, path))
        yield Spoiled(call=call, wrong=f"no {where}", body=_replaced(body, path, ...))
        for wrong, value in _ODD_VALUES.items():
            yield Spoiled(call=call, wrong=f"{where} is {wrong}", body=_replaced(body, path, value))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for key, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _paths(each, (*path, key))


def _replaced(body: bytes, path: tuple[Any, ...], value: Any) -> bytes:
    found = json.loads(body)
    at = found
    for step in path[:-1]:
        at = at[step]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(found).encode()


def fields() -> list[Spoiled]:
    return [each for call, body in GOOD.items() for each in (_of_xml if is_xml(body) else _of_json)(call, body)]
