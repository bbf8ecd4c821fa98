"""Everything outside the pure core that a run touches: AWS, the table, the people who listen, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.capacity.alerts import Told
from functions.capacity.incidents import Incidents
from functions.capacity.model import Reservation, Snapshot
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation, Refused, ReleaseReservation
from functions.capacity.scope import Scope
from functions.capacity.vpc_space import VpcSpace
from functions.capacity.wording import Message


class Reader(Protocol):
    """AWS as it is now."""

    def read(self, scope: Scope, now: datetime) -> Snapshot: ...  # noqa: D102
    def recount(self, snapshot: Snapshot) -> Snapshot: ...  # noqa: D102
    def space_of(self, vpc_id: str) -> VpcSpace | None: ...  # noqa: D102


class Writer(Protocol):
    """The one change that this role may make."""

    def create(self, action: CreateReservation) -> Reservation | Refused: ...  # noqa: D102


class Releases(Protocol):
    """Where another role is asked to give reservations back; this one may not."""

    def request(self, action: ReleaseReservation, now: datetime) -> None: ...  # noqa: D102


class Switch(Protocol):
    """The kill switch."""

    def keeps_from_acting(self) -> str: ...  # noqa: D102


class Memory(Protocol):
    """What outlives a run."""

    def told(self, subnet_id: str) -> tuple[Told, int]: ...  # noqa: D102
    def remember(self, subnet_id: str, told: Told, *, replaces: int) -> None: ...  # noqa: D102
    def incidents(self, cluster: str) -> tuple[Incidents, int]: ...  # noqa: D102
    def remember_incidents(self, cluster: str, incidents: Incidents, *, replaces: int) -> None: ...  # noqa: D102
    def past(self, subnet_id: str) -> Past: ...  # noqa: D102
    def keep_past(self, subnet_id: str, past: Past, now: datetime) -> None: ...  # noqa: D102
    def created_today(self, subnet_id: str, now: datetime) -> int: ...  # noqa: D102
    def released_today(self, subnet_id: str, now: datetime) -> int: ...  # noqa: D102
    def count_create(self, subnet_id: str, now: datetime, *, at_most: int) -> bool: ...  # noqa: D102


class Topic(Protocol):
    """Where people listen."""

    def publish(self, message: Message) -> None: ...  # noqa: D102


class Queue(Protocol):
    """Where unfinished work waits."""

    def continue_with(self, subnet_ids: Iterable[str]) -> None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Everything outside the pure core that a run touches, the clock included."""

    reader: Reader
    writer: Writer
    releases: Releases
    switch: Switch
    memory: Memory
    topic: Topic
    queue: Queue
    clock: Callable[[], datetime]
