"""May this reservation be given back? The last questions before the only call of Headroom that takes something away.

IAM cannot ask them: `ec2:DeleteSubnetCidrReservation` has no resource level and knows no tags
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

from functions.capacity.model import MODE_TAG, OWNER_TAG, Mode, Reservation
from functions.capacity.plan import ReleaseReservation

Body = Mapping[str, str]

LATEST = timedelta(minutes=5)  # a plan is as old as its request; the sweep makes a newer one in this time
AHEAD = timedelta(minutes=1)  # how far the clocks of two Lambdas may be apart


class MalformedRequestError(ValueError):
    """A message that cannot be read as a request; it belongs in the dead-letter queue."""


@dataclass(frozen=True, kw_only=True)
class ReleaseRequest:
    """One planned release on its way: what to give back and why, which run decided it, and when."""

    subnet_id: str
    reservation_id: str
    cidr: IPv4Network | IPv6Network
    reason: str
    decision: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What EC2 says right before: the subnet's tags (None: it is gone) and size, and the reservation by its id."""

    tags: Mapping[str, str] | None
    reservation: Reservation | None
    addresses: int = 0  # of the subnet's IPv4 CIDR


class Fate(StrEnum):
    """How a request ended. All but an error end it for good: the next pass asks again where it still wants to."""

    RELEASED = "released"
    GONE = "already gone"
    REFUSED = "refused"
    TOO_LATE = "too late"
    CAPPED = "over the day's cap"
    NOT_ACTING = "not acting"


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The end of one request, in words."""

    fate: Fate
    reason: str


def body_of(action: ReleaseReservation, *, decision: str, at: datetime) -> Body:
    """The request as a JSON object."""
    return {
        "subnetId": action.subnet_id,
        "reservationId": action.reservation_id,
        "cidr": str(action.cidr),
        "reason": action.reason,
        "decision": decision,
        "at": at.isoformat(),
    }


def request_of(body: object) -> ReleaseRequest:
    """The request in a JSON object. Raises MalformedRequestError."""
    if not isinstance(body, Mapping):
        raise MalformedRequestError(f"a request is a JSON object, this is {type(body).__name__}")
    return ReleaseRequest(
        subnet_id=_subnet_id(_text(body, "subnetId")),
        reservation_id=_text(body, "reservationId"),
        cidr=_cidr(_text(body, "cidr")),
        reason=_text(body, "reason"),
        decision=_text(body, "decision"),
        at=_time(_text(body, "at")),
    )


def outdated(request: ReleaseRequest, now: datetime) -> Settled | None:
    """The end of a request that the world has moved on from; None for a fresh one."""
    age = now - request.at
    if -AHEAD <= age <= LATEST:
        return None
    reason = f"asked {age.total_seconds():.0f} s ago, {LATEST.total_seconds():.0f} s are the most"
    return Settled(fate=Fate.TOO_LATE, reason=reason)


def judge(request: ReleaseRequest, found: Sight) -> Settled | None:
    """The end of a request that must not, or need not, be carried out; None where it may be."""
    if found.tags is None:
        return Settled(fate=Fate.GONE, reason="the subnet is gone, and its reservations with it")
    if found.reservation is None:
        return Settled(fate=Fate.GONE, reason="the subnet has no reservation with this id")
    refusal = _no_consent(found.tags) or _another(request, found.reservation)
    return Settled(fate=Fate.REFUSED, reason=refusal) if refusal else None


def _no_consent(tags: Mapping[str, str]) -> str:
    """Only this mode gives back; the subnet's owner can have withdrawn it since the plan was made."""
    mode = tags.get(MODE_TAG)
    return "" if mode == Mode.STEER else f"the subnet's tag {MODE_TAG} is {mode!r:.40}, not '{Mode.STEER}'"


def _another(request: ReleaseRequest, found: Reservation) -> str:
    """Why this is not the reservation that the plan was about, or not one of ours; an empty text if it is both."""
    if found.id != request.reservation_id or found.subnet_id != request.subnet_id:
        return f"EC2 answered with {found.id} in {found.subnet_id}"
    if not found.ours:
        return f"it does not carry the tag {OWNER_TAG}: it is somebody else's"
    if not found.reserves_prefixes:
        return "it is of the type explicit, which Headroom never makes"
    if found.cidr != request.cidr:
        return f"it holds {found.cidr}, not {request.cidr}"
    return ""


def _text(body: Mapping[str, object], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise MalformedRequestError(f"a request has a text `{key}`, this has {value!r:.60}")
    return value


def _subnet_id(text: str) -> str:
    """EC2 is asked for it; what is no id would be an error there, again and again."""
    if not re.fullmatch(r"subnet-[0-9a-f]{8,17}", text):
        raise MalformedRequestError(f"`subnetId` is no subnet's id: {text!r:.60}")
    return text


def _cidr(text: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise MalformedRequestError(f"`cidr` is no IPv4 network: {error}") from error


def _time(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise MalformedRequestError(f"`at` is no time: {error}") from error
    if at.tzinfo is None:
        raise MalformedRequestError(f"`at` names no time zone: {text!r:.60}")
    return at
