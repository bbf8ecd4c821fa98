"""Requests to give reservations back, and a world in which the release function carries them out."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from ipaddress import IPv4Network
from typing import Any

from functions.capacity.journal import Entry, Kind, Outcome
from functions.capacity.model import Reservation
from functions.capacity.plan import ReleaseReservation
from functions.capacity.release import (
    ReleaseRequest,
    Settled,
    Sight,
    body_of,
    request_of,
)
from functions.capacity.switch import SwitchState
from functions.handlers.release import Aws, settle
from tests.builders import NOW, SUBNET, a_reservation

CIDR = "10.0.0.64/26"
ACTION = ReleaseReservation(
    subnet_id=SUBNET, reservation_id="scr-1", cidr=IPv4Network(CIDR), reason="singles need 12 addresses"
)
BODY = dict(body_of(ACTION, decision="run-1", at=NOW))


def a_request(**facts: Any) -> ReleaseRequest:
    return replace(request_of(BODY), **facts)


def a_sight(reservation: Reservation | None = None, *, mode: str | None = "steer") -> Sight:
    """A subnet with this reservation in it; where none is named, the one that is asked for."""
    return Sight(
        tags={"Name": "pods"} | ({"headroom:mode": mode} if mode is not None else {}),
        reservation=reservation or a_reservation(CIDR, reservation_id="scr-1"),
    )


# --- the request -----------------------------------------------------------------------------------------------------


@dataclass
class World:
    """A subnet in EC2 with everything that a release touches, and the calls in their order."""

    sight: Sight = field(default_factory=a_sight)
    not_acting: str = ""
    counted: int = 0
    most: int = 200
    gone_meanwhile: bool = False
    now: datetime = NOW
    calls: list[str] = field(default_factory=list)

    def settle(self, request: ReleaseRequest | None = None) -> Settled:
        return settle(
            request or a_request(),
            self.aws,
        )

    @property
    def aws(self) -> Aws:
        """The ports, all of them this world."""
        return Aws(
            ec2=self, switch=self, journal=_Journal(self), queue=self, clock=lambda: self.now, most_per_day=self.most
        )

    # --- the ports ---

    def read(self) -> SwitchState:
        self.calls.append("switch")
        return SwitchState(keeps_from_acting=self.not_acting)

    def look(self, request: ReleaseRequest) -> Sight:
        self.calls.append(f"look {request.subnet_id}")
        return self.sight

    def intend(self, request: ReleaseRequest, now: datetime, at_most: int) -> Entry | None:
        self.calls.append(f"intend {request.subnet_id} {now:%d}")
        if self.counted >= at_most:
            return None
        self.counted += 1
        return Entry(
            id="run-1/scr-1",
            subnet_id=request.subnet_id,
            kind=Kind.RELEASE,
            cidr=request.cidr,
            at=now,
            reason=request.reason,
            decision=request.decision,
            reservation_id=request.reservation_id,
        )

    def delete(self, reservation_id: str) -> bool:
        self.calls.append(f"delete {reservation_id}")
        if self.gone_meanwhile or self.sight.reservation is None:
            return False
        self.sight = replace(self.sight, reservation=None)
        return True

    def continue_with(self, subnet_ids: Iterable[str]) -> None:
        self.calls.append(f"continue {','.join(subnet_ids)}")


@dataclass
class _Journal:
    world: World

    def intend_release(self, request: ReleaseRequest, now: datetime, *, at_most: int) -> Entry | None:
        return self.world.intend(request, now, at_most)

    def settle(self, entry: Entry, outcome: Outcome, _reservation_id: str = "") -> Entry:
        self.world.calls.append(f"settle {entry.id} {outcome}")
        return replace(entry, outcome=outcome)
