"""The published schemas of messages, and what of a message does not obey them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from jsonschema import Draft202012Validator

from functions.capacity.wording import Form, Message
from sandbox.process import ROOT

SCHEMAS = ROOT / "docs" / "schemas"


def received(envelope: Mapping[str, Any], form: Form) -> Message:
    """A message as SNS delivered it to a queue or a URL."""
    attributes = {name: str(each["Value"]) for name, each in envelope.get("MessageAttributes", {}).items()}
    return Message(subject=envelope["Subject"], body=envelope["Message"], attributes=attributes, form=form)


def breaches(message: Message) -> list[str]:
    """What of a message does not obey the schema of its form."""
    schema = json.loads((SCHEMAS / f"{message.form}.json").read_text())
    if message.form is Form.MAIL:
        said = asdict(message)
        return errors({key: said[key] for key in ("subject", "body", "attributes")}, schema)
    return errors(json.loads(message.body), schema)


def errors(value: Any, schema: Mapping[str, Any]) -> list[str]:
    """Where a value, as JSON has it, does not obey a schema, and how."""
    said = json.loads(json.dumps(value))
    return sorted(f"{each.json_path}: {each.message}" for each in Draft202012Validator(schema).iter_errors(said))
