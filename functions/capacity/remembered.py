"""What a run finds written down of earlier ones, and what it writes down for later ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from functions.capacity.incidents import Incidents
from functions.capacity.journal import Entries
from functions.capacity.past import Past
from functions.capacity.wording import Message

Storms = Mapping[str, frozenset[str]]  # a page that stands for many incidents -> the keys of those that are still open


class Chapter(StrEnum):
    """What is known is kept by chapters: one for each subnet and cluster, and one for Headroom itself."""

    SUBNET = "subnet"
    CLUSTER = "cluster"
    HEADROOM = "headroom"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What people know of one: the incidents; of a subnet also the ids of our reservations.

    Of Headroom itself also the storms, and the chapters in which something is open: what vanishes is looked at no more.
    """

    incidents: Incidents = field(default_factory=dict)
    reservations: frozenset[str] = frozenset()
    storms: Storms = field(default_factory=dict)
    open_chapters: frozenset[str] = frozenset()  # `subnet/...`, `cluster/...`

    @property
    def open(self) -> bool:
        """Whether people were told of something that is not over."""
        return any(each.told for each in self.incidents.values())


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What is remembered of a subnet. `version` is the one that news of it must replace (0: nothing stored)."""

    known: Known = field(default=Known())
    version: int = 0
    past: Past = field(default=Past())
    created_today: int = 0  # reservations, on this UTC day
    released_today: int = 0
    journal: Entries = ()


@dataclass(frozen=True, kw_only=True)
class News:
    """What people will know of a subnet, a cluster or Headroom itself (then without a name)."""

    chapter: Chapter
    name: str = ""
    known: Known
    replaces: int

    @property
    def title(self) -> str:
        """As it stands among the open chapters."""
        return f"{self.chapter}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Unpublished:
    """A message that is stored and not yet published."""

    id: str
    message: Message
