"""What the report says, as facts about named things: every form of it is made of these and of nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNKNOWN, NOTHING = "unknown", "—"

Value = str | int | bool | tuple[str, ...] | Mapping[str, int] | None
"""None is 'not known', never 'none': that is an empty text, an empty tuple or 0."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One thing known, or known to be unknown: its name for scripts (camelCase), its name for people, its value.

    `overview` facts stand in the table that compares all things of a kind. `at_length`: too long for people, of whom
    only a script has use (JSON); there is another fact beside it that sums it up.
    """

    key: str
    label: str
    value: Value
    overview: bool = False
    at_length: bool = False


@dataclass(frozen=True, kw_only=True)
class Record:
    """One thing, such as a subnet, by its id, with its facts. All records of a kind have the same keys in order."""

    id: str
    facts: tuple[Fact, ...]

    def __getitem__(self, key: str) -> Value:
        """The value of one fact."""
        return next(each.value for each in self.facts if each.key == key)

    @property
    def readable(self) -> tuple[Fact, ...]:
        """The facts that people read."""
        return tuple(each for each in self.facts if not each.at_length)

    @property
    def overview(self) -> tuple[Fact, ...]:
        """The facts of the comparing table."""
        return tuple(each for each in self.facts if each.overview)


def shown(value: object, *, nothing: str = NOTHING) -> str:
    """A value as people read it; the same in every form."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = [f"{key}: {shown(each)}" for key, each in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        texts = [str(each) for each in value]
        value = ("; " if any(", " in each for each in texts) else ", ").join(texts)
    return str(value) or nothing


def words(key: str) -> str:
    """`maxPodsNow` as `max pods now`."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in key)
