"""The world outside the pure core, in memory: what a run reads, changes and says."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.capacity.alerts import Told
from functions.capacity.clusters import NodeGroup
from functions.capacity.incidents import Incidents
from functions.capacity.model import Policy, Reservation, Snapshot, Subnet
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation, Refused, ReleaseReservation
from functions.capacity.scope import EVERYWHERE, Scope
from functions.capacity.vpc_space import VpcSpace
from functions.capacity.wording import Message
from functions.pipeline import Outcome, reconcile
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
    publishing_fails: bool = False
    remembering_fails: bool = False
    now: datetime = NOW
    policy: Policy = field(default=Policy(max_creates_per_run=100))
    reads: int = 0
    published: list[Message] = field(default_factory=list)
    continued: list[list[str]] = field(default_factory=list)
    counted: int = 0
    stored: tuple[Told, int] = (Told(), 0)
    seen: Past = field(default=Past())
    asked_back: list[ReleaseReservation] = field(default_factory=list)
    known_incidents: tuple[Incidents, int] = field(default=({}, 0))

    def run(self, scope: Scope = EVERYWHERE) -> Outcome:
        """One run of the product."""
        aws = Aws(
            reader=self,
            writer=self,
            releases=self,
            switch=self,
            memory=self,
            topic=self,
            queue=self,
            clock=lambda: self.now,
        )
        return reconcile(scope, self.policy, aws)

    @property
    def subjects(self) -> list[str]:
        """The subjects of all that was said, and forget them."""
        said, self.published = [each.subject for each in self.published], []
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

    def create(self, action: CreateReservation) -> Reservation | Refused:
        if self.refuses:
            return Refused(action=action, reason=self.refuses)
        made = a_reservation(action.cidr)
        self.subnet = replace(self.subnet, reservations=(*self.subnet.reservations, made))
        return made

    def keeps_from_acting(self) -> str:
        return self.not_acting

    def told(self, _subnet_id: str) -> tuple[Told, int]:
        return self.stored

    def remember(self, _subnet_id: str, told: Told, *, replaces: int) -> None:
        if self.remembering_fails:
            raise BrokenError
        if replaces != self.stored[1]:
            raise ConflictError
        self.stored = (told, replaces + 1)

    def incidents(self, _cluster: str) -> tuple[Incidents, int]:
        return self.known_incidents

    def remember_incidents(self, _cluster: str, incidents: Incidents, *, replaces: int) -> None:
        if replaces != self.known_incidents[1]:
            raise ConflictError
        self.known_incidents = (incidents, replaces + 1)

    def request(self, action: ReleaseReservation, _now: datetime) -> None:
        """The other role gives it back before anybody looks again."""
        self.asked_back.append(action)
        kept = (each for each in self.subnet.reservations if each.id != action.reservation_id)
        self.subnet = replace(self.subnet, reservations=tuple(kept))

    def past(self, _subnet_id: str) -> Past:
        return self.seen

    def keep_past(self, _subnet_id: str, past: Past, _now: datetime) -> None:
        self.seen = past

    def released_today(self, _subnet_id: str, _now: datetime) -> int:
        return len(self.asked_back)

    def created_today(self, _subnet_id: str, _now: datetime) -> int:
        return self.counted

    def count_create(self, _subnet_id: str, _now: datetime, *, at_most: int) -> bool:
        if self.counted >= at_most:
            return False
        self.counted += 1
        return True

    def publish(self, message: Message) -> None:
        if self.publishing_fails:
            raise BrokenError
        self.published.append(message)

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        self.continued.append(list(subnet_ids))
