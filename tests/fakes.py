"""The world outside the pure core, in memory: what a run reads, changes and says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network

from functions.capacity.alerts import Told
from functions.capacity.arrivals import Arrivals
from functions.capacity.arrivals import Kind as EventKind
from functions.capacity.clusters import NodeGroup
from functions.capacity.incidents import Incidents
from functions.capacity.journal import Entry, Kind, Outcome
from functions.capacity.model import Policy, Reservation, Snapshot, Subnet
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation, Refused, ReleaseReservation
from functions.capacity.remembered import ClusterNews, Remembered, SubnetNews, Unpublished
from functions.capacity.scope import EVERYWHERE, Scope
from functions.capacity.switch import SwitchState
from functions.capacity.vpc_space import VpcSpace
from functions.capacity.wording import Message
from functions.pipeline import Outcome as RunOutcome
from functions.pipeline import reconcile
from functions.ports import Aws
from tests.builders import NOW, a_reservation, a_snapshot


class ConflictError(Exception):
    """Another run has stored something since."""


class BrokenError(Exception):
    """What a test broke."""


@dataclass
class World:
    """One subnet and its node groups, with everything that Headroom touches. Break it by its flags."""

    subnet: Subnet
    groups: tuple[NodeGroup, ...] = ()
    not_acting: str = ""
    refuses: str = ""  # EC2's words
    refused_as: Outcome = Outcome.OVERLAPS
    dies_after_creating: bool = False
    publishing_fails: bool = False
    remembering_fails: bool = False
    now: datetime = NOW
    policy: Policy = field(default=Policy(max_creates_per_run=100))
    reads: int = 0
    said: list[Message] = field(default_factory=list)
    continued: list[list[str]] = field(default_factory=list)
    counted: int = 0
    at_most: int | None = None  # the cap that another run leaves
    stored: tuple[Told, int] = (Told(), 0)
    seen: Past = field(default=Past())
    asked_back: list[ReleaseReservation] = field(default_factory=list)
    known_incidents: dict[str, tuple[Incidents, int]] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    outbox: list[Unpublished] = field(default_factory=list)
    arrived: Arrivals = field(default=Arrivals(since=NOW))
    act_for: timedelta = timedelta(minutes=1)

    def run(self, scope: Scope = EVERYWHERE, arrived: Iterable[EventKind] = ()) -> RunOutcome:
        """One run of the product, asked for by these kinds of event."""
        return reconcile(scope, self.policy, self.aws, frozenset(arrived))

    @property
    def aws(self) -> Aws:
        """The ports, all of them this world."""
        return Aws(
            reader=self,
            writer=self,
            releases=self,
            switch=_Switch(self),
            journal=self,
            memory=self,
            topic=self,
            queue=self,
            clock=lambda: self.now,
            act_until=self.now + self.act_for,
        )

    @property
    def subjects(self) -> list[str]:
        """The subjects of all that was said, and forget them."""
        said, self.said = [each.subject for each in self.said], []
        return said

    # --- the ports ---

    def read(self, _scope: Scope, _now: datetime) -> Snapshot:
        self.reads += 1
        return a_snapshot(self.subnet, groups=self.groups)

    def recount(self, snapshot: Snapshot) -> Snapshot:
        (subnet,) = snapshot.subnets
        recounted = replace(subnet, available=subnet.available + self.subnet.available)
        return replace(snapshot, subnets=(recounted,))

    def space_of(self, _vpc_id: str) -> VpcSpace | None:
        return None

    def create(self, action: CreateReservation, intent: Entry) -> Reservation | Refused:
        assert self.entries[intent.id].outcome is Outcome.OPEN
        if self.refuses:
            return Refused(action=action, outcome=self.refused_as, reason=self.refuses)
        assert isinstance(action.cidr, IPv4Network)
        made = a_reservation(action.cidr)
        self.subnet = replace(self.subnet, reservations=(*self.subnet.reservations, made))
        if self.dies_after_creating:
            raise BrokenError
        return made

    def intend_create(self, action: CreateReservation, now: datetime, *, at_most: int) -> Entry | None:
        if self.counted >= (at_most if self.at_most is None else self.at_most):
            return None
        self.counted += 1
        entry = Entry(
            id=f"{self.counted}",
            subnet_id=action.subnet_id,
            kind=Kind.CREATE,
            cidr=action.cidr,
            at=now,
            reason=action.reason,
            decision="d",
        )
        self.entries[entry.id] = entry
        return entry

    def settle(self, entry: Entry, outcome: Outcome, reservation_id: str = "") -> Entry:
        self.entries[entry.id] = replace(entry, outcome=outcome, reservation_id=reservation_id)
        return self.entries[entry.id]

    def of_subnet(self, _subnet_id: str, _now: datetime) -> Remembered:
        told, version = self.stored
        return Remembered(
            told=told,
            version=version,
            past=self.seen,
            created_today=self.counted,
            released_today=len(self.asked_back),
            journal=tuple(self.entries.values()),
        )

    def of_cluster(self, name: str) -> tuple[Incidents, int]:
        return self.known_incidents.get(name, ({}, 0))

    def keep_past(self, _subnet_id: str, past: Past, _now: datetime) -> None:
        self.seen = past

    def keep_news(self, news: Sequence[SubnetNews | ClusterNews], messages: Sequence[Message], _now: datetime) -> None:
        if self.remembering_fails:
            raise BrokenError
        for each in news:
            if isinstance(each, SubnetNews):
                self.stored = (each.told, _next(self.stored[1], each.replaces))
            else:
                version = self.known_incidents.get(each.cluster, ({}, 0))[1]
                self.known_incidents[each.cluster] = (each.incidents, _next(version, each.replaces))
        self.outbox += [Unpublished(id=str(n), message=each) for n, each in enumerate(messages)]

    def arrivals(self, _now: datetime) -> Arrivals:
        return self.arrived

    def keep_arrivals(self, kinds: Iterable[EventKind], now: datetime) -> None:
        self.arrived = replace(self.arrived, last={**self.arrived.last, **dict.fromkeys(kinds, now)})

    def unpublished(self) -> Iterable[Unpublished]:
        return tuple(self.outbox)

    def published(self, id_: str) -> None:
        self.outbox = [each for each in self.outbox if each.id != id_]

    def request(self, action: ReleaseReservation, _now: datetime) -> None:
        """The other role gives it back before anybody looks again."""
        self.asked_back.append(action)
        kept = (each for each in self.subnet.reservations if each.id != action.reservation_id)
        self.subnet = replace(self.subnet, reservations=tuple(kept))

    def publish(self, message: Message) -> None:
        if self.publishing_fails:
            raise BrokenError
        self.said.append(message)

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        self.continued.append(list(subnet_ids))


@dataclass(frozen=True)
class _Switch:
    world: World

    def read(self) -> SwitchState:
        return SwitchState(keeps_from_acting=self.world.not_acting)


def _next(version: int, replaces: int) -> int:
    if replaces != version:
        raise ConflictError
    return version + 1
