"""How messages are worded and laid out: what every form of them shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

ATTRIBUTE_LIMIT = (
    256  # characters of one attribute: names are no longer, and SNS counts attributes as part of a message
)
SUBJECT_LIMIT = 100  # characters of an SNS subject, printable ASCII (SNS API reference, Publish)

_PLURALS = {
    "prefix": "prefixes",
    "single address": "single addresses",
    "new single address": "new single addresses",
    "account and region": "accounts and regions",
}


class Form(StrEnum):
    """Who reads a message; each has a topic of its own."""

    MAIL = "mail"
    CHAT = "chat"
    PAGING = "paging"


@dataclass(frozen=True, kw_only=True)
class Message:
    """One SNS message. `attributes` are texts, for subscriptions' filter policies."""

    subject: str
    body: str
    attributes: Mapping[str, str]
    form: Form = Form.MAIL


def subject(text: str) -> str:
    """Printable ASCII within SNS's limit."""
    return within(re.sub(r"[^\x20-\x7e]", "?", text), SUBJECT_LIMIT)


def clean(text: str) -> str:
    """Without control characters: names come from tags and may hold anything."""
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)


def within(text: str, limit: int) -> str:
    """The text, cut to so many characters where it is longer."""
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def count(number: int, noun: str) -> str:
    """`1 prefix`, `2 prefixes`."""
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, f'{noun}s')}"


def time(at: datetime) -> str:
    """To the minute, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
