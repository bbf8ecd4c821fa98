"""The world outside the pure core, in memory: what a run reads, changes and says."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network

from functions.capacity.arrivals import Arrivals
from functions.capacity.arrivals import Kind as EventKind
from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.forms.alert import Place
from functions.capacity.journal import Entry, Outcome
from functions.capacity.model import Policy, Reservation, Snapshot, Subnet
from functions.capacity.mutes import NOTHING, Mutes
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation, Refused, ReleaseReservation
from functions.capacity.remembered import Chapter, Known, News, Remembered, Unpublished
from functions.capacity.scope import EVERYWHERE, Scope
from functions.capacity.switch import SwitchState
from functions.capacity.vpc_space import VpcSpace
from functions.capacity.wording import Form, Message
from functions.pipeline import Outcome as RunOutcome
from functions.pipeline import reconcile
from functions.ports import Aws
from tests.builders import NOW, a_reservation, a_snapshot, an_intent


class ConflictError(Exception):
    """Another run has stored something since."""


class BrokenError(Exception):
    """What a test broke."""


@dataclass
class World:
    """One subnet and its node groups, with everything that Headroom touches. Break it by its flags."""

    subnet: Subnet
    groups: tuple[NodeGroup, ...] = ()
    clusters: Mapping[str, Cluster] = field(default_factory=dict)  # others than the builder's
    not_acting: str = ""
    refuses: str = ""  # EC2's words
    refused_as: Outcome = Outcome.OVERLAPS
    dies_after_creating: bool = False
    publishing_fails: bool = False
    remembering_fails: bool = False
    now: datetime = NOW
    as_seen: bool = True  # whether the reservations are still those that the look went by
    policy: Policy = field(default=Policy(max_creates_per_run=100))
    reads: int = 0
    said: list[Message] = field(default_factory=list)
    refuses_to_publish: str = ""  # messages whose body holds it, for good
    unheard: frozenset[Form] = frozenset()  # forms whose topic fails
    muted: Mutes = NOTHING
    continued: list[list[str]] = field(default_factory=list)
    counted: int = 0
    at_most: int | None = None  # the cap that another run leaves
    stored: tuple[Known, int] = (Known(), 0)
    seen: Past = field(default=Past())
    asked_back: list[ReleaseReservation] = field(default_factory=list)
    known_elsewhere: dict[str, tuple[Known, int]] = field(default_factory=dict)  # by cluster; "" is Headroom itself
    entries: dict[str, Entry] = field(default_factory=dict)
    outbox: list[Unpublished] = field(default_factory=list)
    kept: int = 0  # messages, so far
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
            mutes=_Mutes(self),
            place=Place(account="123456789012", region="us-east-1"),
            clock=lambda: self.now,
            act_until=self.now + self.act_for,
        )

    @property
    def subjects(self) -> list[str]:
        """The subjects of all mails, and forget all that was said."""
        said, self.said = [each.subject for each in self.said if each.form is Form.MAIL], []
        return said

    # --- the ports ---

    def read(self, _scope: Scope, _now: datetime) -> Snapshot:
        self.reads += 1
        snapshot = a_snapshot(self.subnet, groups=self.groups)
        return replace(snapshot, clusters={**snapshot.clusters, **self.clusters})

    def recount(self, snapshot: Snapshot) -> Snapshot:
        (subnet,) = snapshot.subnets
        recounted = replace(subnet, available=subnet.available + self.subnet.available)
        return replace(snapshot, subnets=(recounted,))

    def reserved_as_seen(self, _subnet_id: str, _now: datetime) -> bool:
        return self.as_seen

    def space_of(self, _vpc_id: str, _now: datetime) -> VpcSpace | None:
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
        entry = an_intent(action, decision=f"run-{self.counted}", at=now)
        self.entries[entry.id] = entry
        return entry

    def settle(self, entry: Entry, outcome: Outcome, reservation_id: str = "") -> Entry:
        self.entries[entry.id] = replace(entry, outcome=outcome, reservation_id=reservation_id)
        return self.entries[entry.id]

    def of_subnet(self, _subnet_id: str, _now: datetime) -> Remembered:
        known, version = self.stored
        return Remembered(
            known=known,
            version=version,
            past=self.seen,
            created_today=self.counted,
            released_today=len(self.asked_back),
            journal=tuple(self.entries.values()),
        )

    def of_cluster(self, name: str) -> tuple[Known, int]:
        return self.known_elsewhere.get(name, (Known(), 0))

    def keep_past(self, _subnet_id: str, past: Past, _now: datetime) -> None:
        self.seen = past

    def keep_news(self, news: Sequence[News], messages: Sequence[Message], _now: datetime) -> None:
        if self.remembering_fails:
            raise BrokenError
        for each in news:
            if each.chapter is Chapter.SUBNET:
                self.stored = (each.known, _next(self.stored[1], each.replaces))
            else:
                self.known_elsewhere[each.name] = (each.known, _next(self.of_cluster(each.name)[1], each.replaces))
        for message in messages:
            self.kept += 1
            self.outbox.append(Unpublished(id=f"{self.kept:06}", message=message))

    def arrivals(self, _now: datetime) -> Arrivals:
        return self.arrived

    def keep_arrivals(self, kinds: Iterable[EventKind], now: datetime) -> None:
        self.arrived = replace(self.arrived, last={**self.arrived.last, **dict.fromkeys(kinds, now)})

    def unpublished(self) -> Iterable[Unpublished]:
        return tuple(self.outbox)

    def published(self, id_: str, _now: datetime) -> None:
        self.outbox = [each for each in self.outbox if each.id != id_]

    def request(self, action: ReleaseReservation, _now: datetime) -> None:
        """The other role gives it back before anybody looks again."""
        self.asked_back.append(action)
        kept = (each for each in self.subnet.reservations if each.id != action.reservation_id)
        self.subnet = replace(self.subnet, reservations=tuple(kept))

    def publish(self, message: Message) -> str:
        if self.publishing_fails or message.form in self.unheard:
            raise BrokenError
        if self.refuses_to_publish and self.refuses_to_publish in message.body:
            return "InvalidParameter: no"
        self.said.append(message)
        return ""

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        self.continued.append(list(subnet_ids))


@dataclass(frozen=True)
class _Switch:
    world: World

    def read(self) -> SwitchState:
        return SwitchState(keeps_from_acting=self.world.not_acting)


@dataclass(frozen=True)
class _Mutes:
    world: World

    def read(self) -> Mutes:
        return self.world.muted


def _next(version: int, replaces: int) -> int:
    if replaces != version:
        raise ConflictError
    return version + 1
