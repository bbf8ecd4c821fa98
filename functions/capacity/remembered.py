"""What a run finds written down of earlier ones, and what it writes down for later ones."""

from __future__ import annotations

from dataclasses import dataclass, field

from functions.capacity.alerts import Told
from functions.capacity.incidents import Incidents
from functions.capacity.journal import Entries
from functions.capacity.past import Past
from functions.capacity.wording import Message


@dataclass(frozen=True, kw_only=True)
class Remembered:
    """What is remembered of a subnet. `version` is the one that news of it must replace (0: nothing stored)."""

    told: Told = field(default=Told())
    version: int = 0
    past: Past = field(default=Past())
    created_today: int = 0  # reservations, on this UTC day
    released_today: int = 0
    journal: Entries = ()


@dataclass(frozen=True, kw_only=True)
class SubnetNews:
    """What people will know of a subnet."""

    subnet_id: str
    told: Told
    replaces: int


@dataclass(frozen=True, kw_only=True)
class ClusterNews:
    """What people will know of a cluster's findings; with no cluster, of Headroom's own."""

    cluster: str
    incidents: Incidents
    replaces: int


@dataclass(frozen=True, kw_only=True)
class Unpublished:
    """A message that is stored and not yet published."""

    id: str
    message: Message
