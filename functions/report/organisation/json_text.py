"""The report for scripts, as docs/organisation-report.schema.json describes it: one object, written bit by bit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from functions.report.forms.json_text import finding_object, values
from functions.report.organisation.layout import Kind, kinds, where
from functions.report.organisation.merged import Organisation


def json_lines(of: Organisation) -> Iterator[str]:
    """The object's text in pieces, an item of it on each line; keys in a fixed order, in ASCII. `null`: not known."""
    began, ended = of.taken or (None, None)
    yield "{\n"
    yield f'"takenFrom": {json.dumps(began and began.isoformat())},\n'
    yield f'"takenUntil": {json.dumps(ended and ended.isoformat())},\n'
    yield f'"where": {json.dumps(of.where)},\n'
    yield f'"verdict": {json.dumps(of.verdict)},\n'
    yield f'"totals": {json.dumps(values(of.totals))},\n'
    yield from _object("accounts", ((each.id, values(each.facts)) for each in of.accounts))
    yield from _object("places", ((each.id, values(each.facts)) for each in of.places))
    yield from _list("findings", (values(where(place)) | finding_object(each) for place, each in of.findings()))
    for kind in kinds(of):
        yield from _kind(kind)
    said = (values(where(place)) | {"what": each} for place, each in of.unknowns())
    yield from _list("unknowns", said, last=True)
    yield "}\n"


def _kind(kind: Kind) -> Iterator[str]:
    """Node groups are a list, as in a single audit: their ids are for people."""
    found = ((place, each.id, values(where(place)) | values(each.facts)) for place, each in kind.records())
    if kind.name == "nodeGroup":
        return _list(kind.json_name, ({"id": id_} | said for _, id_, said in found))
    return _object(kind.json_name, ((place.key(id_), said) for place, id_, said in found))


def _object(name: str, items: Iterable[tuple[str, Any]]) -> Iterator[str]:
    yield from _items(name, (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in items), "{}", last=False)


def _list(name: str, items: Iterable[Any], *, last: bool = False) -> Iterator[str]:
    yield from _items(name, map(json.dumps, items), "[]", last=last)


def _items(name: str, items: Iterable[str], brackets: str, *, last: bool) -> Iterator[str]:
    begin, end = brackets[0], brackets[1]
    yield f"{json.dumps(name)}: {begin}"
    between = "\n "
    for each in items:
        yield f"{between}{each}"
        between = ",\n "
    yield f"{end}\n" if last else f"{end},\n"
