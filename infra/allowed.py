"""What a key of the configuration may be. Each kind says it in words, and refuses all else with the key's name."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

# Only what catches a mistake, such as a forgotten domain: SNS itself asks the address to confirm.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL, _URL_LENGTH = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._%+=-]+)*/?"), 200


class ConfigurationError(ValueError):
    """A value in the context that cannot be deployed; the message names the key, the value and what is allowed."""


class Allowed(Protocol):
    """A kind of value."""

    @property
    def words(self) -> str:
        """What is allowed, for people."""
        ...

    def read(self, key: str, value: object) -> Any:
        """The value as the stack takes it. Raises ConfigurationError for one that is not allowed."""
        ...


@dataclass(frozen=True)
class Whole:
    """A whole number, both ends included."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """What is allowed, for people."""
        return f"a whole number from {self.low} to {self.high}"

    def read(self, key: str, value: object) -> int:
        """The number itself."""
        # bool is an int to Python, and `true` minutes are a mistake
        if not isinstance(value, int) or isinstance(value, bool) or not self.low <= value <= self.high:
            raise refused(key, value, self.words)
        return value


@dataclass(frozen=True)
class OneOf:
    """One of some numbers of a unit."""

    unit: str
    numbers: Collection[int]

    @property
    def words(self) -> str:
        """What is allowed, for people."""
        return f"{self.unit}, one of {', '.join(map(str, self.numbers))}"

    def read(self, key: str, value: object) -> int:
        """The number itself."""
        if not isinstance(value, int) or isinstance(value, bool) or value not in self.numbers:
            raise refused(key, value, self.words)
        return value


@dataclass(frozen=True)
class Choice:
    """Yes or no."""

    words: str = "true or false"

    def read(self, key: str, value: object) -> bool:
        """The value itself."""
        if not isinstance(value, bool):
            raise refused(key, value, self.words)
        return value


@dataclass(frozen=True)
class Emails:
    """Addresses, each once."""

    words: str = "a list of e-mail addresses"

    def read(self, key: str, value: object) -> tuple[str, ...]:
        """The addresses in their order."""
        if not isinstance(value, list) or not all(isinstance(each, str) and _EMAIL.fullmatch(each) for each in value):
            raise refused(key, value, self.words)
        if len(set(value)) < len(value):
            raise refused(key, value, "each address once")
        return tuple(value)


@dataclass(frozen=True)
class Url:
    """A URL with TLS that a chat, a mail program and a pager all make a link of, or none; without its last slash.

    Short, so that a page's text of at most 1,024 characters has room for more than the link.
    """

    words: str = "an https URL of at most 200 characters, or nothing"

    def read(self, key: str, value: object) -> str:
        """The URL; empty where there is none."""
        if value == "":
            return ""
        if not isinstance(value, str) or len(value) > _URL_LENGTH or not _URL.fullmatch(value):
            raise refused(key, value, self.words)
        return value.rstrip("/")


def nearest(key: str, known: Collection[str]) -> str:
    """What whoever wrote a key that there is not may have meant."""
    near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known)}"


@dataclass(frozen=True)
class Text:
    """A text of a certain form; an empty one where it may be left away."""

    pattern: str
    words: str
    optional: bool = False

    def read(self, key: str, value: object) -> str:
        """The text itself."""
        if not isinstance(value, str) or not (re.fullmatch(self.pattern, value) or (self.optional and not value)):
            raise refused(key, value, self.words)
        return value


@dataclass(frozen=True)
class Texts:
    """Texts of a certain form, each once."""

    pattern: str
    words: str
    least: int
    most: int

    def read(self, key: str, value: object) -> tuple[str, ...]:
        """The texts in their order."""
        texts = value if isinstance(value, list) else []
        fine = all(isinstance(each, str) and re.fullmatch(self.pattern, each) for each in texts)
        if not isinstance(value, list) or not fine or not self.least <= len(value) <= self.most:
            raise refused(key, value, self.words)
        if len(set(value)) < len(value):
            raise refused(key, value, "each once")
        return tuple(value)


def refused(key: str, value: object, allowed: str) -> ConfigurationError:
    """The error that says what was given and what is allowed."""
    return ConfigurationError(f"headroom.{key} is {json.dumps(value):.200}; allowed: {allowed}")
