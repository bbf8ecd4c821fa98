"""The published schemas of messages, and the part of JSON Schema that they use: enough to find what does not obey."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from functions.capacity.wording import Form, Message
from sandbox.process import ROOT

SCHEMAS = ROOT / "docs" / "schemas"
TYPES: Mapping[str, type] = {"object": dict, "array": list, "string": str, "null": type(None)}
SAID = {"$schema", "title", "description"}  # for people


def received(envelope: Mapping[str, Any], form: Form) -> Message:
    """A message as SNS delivered it to a queue or a URL."""
    attributes = {name: str(each["Value"]) for name, each in envelope.get("MessageAttributes", {}).items()}
    return Message(subject=envelope["Subject"], body=envelope["Message"], attributes=attributes, form=form)


def breaches(message: Message) -> list[str]:
    """What of a message does not obey the schema of its form."""
    schema = json.loads((SCHEMAS / f"{message.form}.json").read_text())
    if message.form is Form.MAIL:
        said = asdict(message)
        return list(_breaches({key: said[key] for key in ("subject", "body", "attributes")}, schema, "mail"))
    return list(_breaches(json.loads(message.body), schema, message.form))


def _breaches(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    for word, rule in schema.items():
        if word not in SAID:
            yield from (f"{where}: {what}" for what in RULES[word](value, rule, schema))


def _properties(value: Any, rule: Any, _: Any) -> Iterator[str]:
    for name in rule.keys() & value.keys():
        yield from _breaches(value[name], rule[name], name)


def _items(value: Any, rule: Any, _: Any) -> Iterator[str]:
    for n, each in enumerate(value):
        yield from _breaches(each, rule, str(n))


def _others(value: Any, rule: Any, schema: Any) -> Iterator[str]:
    if rule is not False:
        raise NotImplementedError("additionalProperties other than false")
    yield from (f"{name} is not in the schema" for name in value.keys() - schema["properties"].keys())


RULES: Mapping[str, Any] = {
    "type": lambda value, rule, _: [] if isinstance(value, TYPES[rule]) else [f"{value!r:.60} is no {rule}"],
    "const": lambda value, rule, _: [] if value == rule else [f"{value!r:.60} is not {rule!r}"],
    "enum": lambda value, rule, _: [] if value in rule else [f"{value!r:.60} is none of {rule}"],
    "pattern": lambda value, rule, _: [] if re.search(rule, value) else [f"{value!r:.200} does not match {rule}"],
    "minLength": lambda value, rule, _: [] if len(value) >= rule else ["too short"],
    "maxLength": lambda value, rule, _: [] if len(value) <= rule else [f"{len(value)} characters"],
    "maxItems": lambda value, rule, _: [] if len(value) <= rule else [f"{len(value)} items"],
    "required": lambda value, rule, _: [f"{name} is missing" for name in rule if name not in value],
    "properties": _properties,
    "additionalProperties": _others,
    "items": _items,
}
