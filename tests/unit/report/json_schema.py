"""As much of JSON Schema (draft 2020-12) as our schema uses; whatever else a schema says is an error.

https://json-schema.org/draft/2020-12/json-schema-validation
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list, tuple),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
ANNOTATIONS = frozenset({"$schema", "$id", "$defs", "title", "description"})


def errors(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any], at: str = "$") -> Iterator[str]:
    """Where the value is not as the schema says. Raises KeyError for a keyword that is not known here."""
    for keyword in schema.keys() - ANNOTATIONS - {"items", "properties"}:
        yield from (f"{at}: {each}" for each in KEYWORDS[keyword](value, schema[keyword], root))
    if isinstance(value, dict):
        for name in value.keys() & schema.get("properties", {}).keys():
            yield from errors(value[name], schema["properties"][name], root, f"{at}.{name}")
    if isinstance(value, list | tuple) and "items" in schema:
        for n, each in enumerate(value):
            yield from errors(each, schema["items"], root, f"{at}[{n}]")


def _type(value: Any, wanted: str | list[str], _: Any) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if (isinstance(value, bool) and "boolean" not in names) or not any(
        isinstance(value, TYPES[name]) for name in names
    ):
        yield f"{value!r} is not {names}"


def _required(value: Any, names: list[str], _: Any) -> Iterator[str]:
    yield from (f"{name} is missing" for name in names if isinstance(value, dict) and name not in value)


def _enum(value: Any, allowed: list[Any], _: Any) -> Iterator[str]:
    if value not in allowed:
        yield f"{value!r} is none of {allowed}"


def _pattern(value: Any, pattern: str, _: Any) -> Iterator[str]:
    if isinstance(value, str) and not re.search(pattern, value):
        yield f"{value!r} does not match {pattern}"


def _minimum(value: Any, least: int, _: Any) -> Iterator[str]:
    if isinstance(value, int) and value < least:
        yield f"{value} is less than {least}"


def _additional(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Iterator[str]:
    for name, each in value.items() if isinstance(value, dict) else ():
        yield from errors(each, schema, root, name)


def _ref(value: Any, target: str, root: Mapping[str, Any]) -> Iterator[str]:
    yield from errors(value, root["$defs"][target.removeprefix("#/$defs/")], root)


KEYWORDS: Mapping[str, Callable[[Any, Any, Any], Iterator[str]]] = {
    "type": _type,
    "required": _required,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _minimum,
    "additionalProperties": _additional,
    "$ref": _ref,
}
