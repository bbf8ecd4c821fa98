"""How messages are worded and laid out: what every form of them shares."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

SUBJECT_LIMIT = 100  # characters of an SNS subject, printable ASCII (SNS API reference, Publish)

_PLURALS = {"prefix": "prefixes", "single address": "single addresses", "new single address": "new single addresses"}


@dataclass(frozen=True, kw_only=True)
class Message:
    """One SNS message. `attributes` are texts, for subscriptions' filter policies."""

    subject: str
    body: str
    attributes: Mapping[str, str]


def sections(*named: tuple[str, str]) -> str:
    """The sections that have a text, each under its name."""
    return "\n\n".join(f"{name}:\n{text}" for name, text in named if text) + "\n"


def subject(text: str) -> str:
    """Printable ASCII within SNS's limit."""
    ascii_text = re.sub(r"[^\x20-\x7e]", "?", text)
    return ascii_text if len(ascii_text) <= SUBJECT_LIMIT else ascii_text[: SUBJECT_LIMIT - 3] + "..."


def clean(text: str) -> str:
    """Without control characters: names come from tags and may hold anything."""
    return "".join(c if c.isprintable() else "?" for c in text)


def count(number: int, noun: str) -> str:
    """`1 prefix`, `2 prefixes`."""
    return f"{number} {noun if number == 1 else _PLURALS.get(noun, f'{noun}s')}"


def time(at: datetime) -> str:
    """To the minute, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
