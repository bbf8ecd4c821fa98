"""Everything outside the pure core that a run touches: AWS, the table, the people who listen, and the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.capacity.arrivals import Arrivals, Kind
from functions.capacity.forms.alert import Place
from functions.capacity.journal import Entry, Outcome
from functions.capacity.model import Ipv6Reservation, Reservation, Snapshot
from functions.capacity.mutes import Mutes as Muted
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation, Refused, ReleaseReservation
from functions.capacity.remembered import Known, News, Remembered, Unpublished
from functions.capacity.scope import Scope
from functions.capacity.switch import SwitchState
from functions.capacity.vpc_space import VpcSpace
from functions.capacity.wording import Message


class Reader(Protocol):
    """AWS as it is now."""

    def read(self, scope: Scope, now: datetime) -> Snapshot: ...  # noqa: D102
    def recount(self, snapshot: Snapshot) -> Snapshot: ...  # noqa: D102
    def reserved_as_seen(self, subnet_id: str, now: datetime) -> bool: ...  # noqa: D102
    def space_of(self, vpc_id: str, now: datetime) -> VpcSpace | None: ...  # noqa: D102


class Writer(Protocol):
    """The one change that this role may make."""

    def create(self, action: CreateReservation, intent: Entry) -> Reservation | Ipv6Reservation | Refused: ...  # noqa: D102


class Releases(Protocol):
    """Where another role is asked to give reservations back; this one may not."""

    def request(self, action: ReleaseReservation, now: datetime) -> None: ...  # noqa: D102


class Switch(Protocol):
    """The kill switch."""

    def read(self) -> SwitchState: ...  # noqa: D102


class Journal(Protocol):
    """Where each change is written down before it is made."""

    def intend_create(self, action: CreateReservation, now: datetime, *, at_most: int) -> Entry | None: ...  # noqa: D102
    def settle(self, entry: Entry, outcome: Outcome, reservation_id: str = "") -> Entry: ...  # noqa: D102


class Memory(Protocol):
    """What outlives a run."""

    def of_subnet(self, subnet_id: str, now: datetime) -> Remembered: ...  # noqa: D102
    def of_cluster(self, name: str) -> tuple[Known, int]: ...  # noqa: D102
    def keep_past(self, subnet_id: str, past: Past, now: datetime) -> None: ...  # noqa: D102
    def keep_news(self, news: Sequence[News], messages: Sequence[Message], now: datetime) -> None: ...  # noqa: D102
    def arrivals(self, now: datetime) -> Arrivals: ...  # noqa: D102
    def keep_arrivals(self, kinds: Iterable[Kind], now: datetime) -> None: ...  # noqa: D102
    def unpublished(self) -> Iterable[Unpublished]: ...  # noqa: D102
    def published(self, id_: str, now: datetime) -> None: ...  # noqa: D102


class Topic(Protocol):
    """Where people listen, each form at its own; the answer says why a message can never be sent, or nothing."""

    def publish(self, message: Message) -> str: ...  # noqa: D102


class Mutes(Protocol):
    """What people asked not to be told of."""

    def read(self) -> Muted: ...  # noqa: D102


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
    journal: Journal
    memory: Memory
    topic: Topic
    queue: Queue
    mutes: Mutes
    place: Place
    clock: Callable[[], datetime]
    act_until: datetime  # the rest of a run's time is for telling, and for what a call may take

    @property
    def late(self) -> bool:
        """Whether nothing new should be begun."""
        return self.clock() >= self.act_until
