"""What goes wrong with calls to AWS, and when."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from random import Random

from botocore.exceptions import ClientError


class Kind(StrEnum):
    """One way for a call to go wrong."""

    THROTTLE = "throttle"  # refused, after botocore's three attempts
    DENY = "deny"  # refused by IAM or an organisation's policy
    BREAK = "break"  # AWS answers 500
    LOSE_ANSWER = "lost-answer"  # done, but the answer is lost, so botocore asks once more
    SLOW = "slow"  # `seconds` more
    PAGE = "page"  # the second page of an answer fails
    STALE = "stale"  # EC2 answers as the world was at `as_of`
    KILL_BEFORE = "killed-before"  # the process dies before the call
    KILL_AFTER = "killed-after"  # the process dies after the call took effect
    MEANWHILE = "meanwhile"  # `happens` between two calls


ONCE = frozenset({Kind.LOSE_ANSWER, Kind.PAGE, Kind.KILL_BEFORE, Kind.KILL_AFTER, Kind.MEANWHILE})
OLDEST = 300.0  # seconds that a read of EC2 may lag behind

_THROTTLED = {
    "ec2": "RequestLimitExceeded",
    "sns": "Throttling",
    "sqs": "RequestThrottled",
    "autoscaling": "Throttling",
}
_DENIED = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError", "sqs": "AccessDenied"}
_MESSAGES = {
    "RequestLimitExceeded": "Request limit exceeded.",
    "UnauthorizedOperation": "You are not authorized to perform this operation.",
}


@dataclass(kw_only=True)
class Fault:
    """One fault on calls of `service` (all if empty), of `operation` (all if empty), after `skip` calls that pass."""

    kind: Kind
    service: str = ""
    operation: str = ""
    until: float = inf
    skip: int = 0
    seconds: float = 0
    as_of: float = 0
    share: float = 1  # of the calls that it hits
    happens: Callable[[], object] | None = None

    def __str__(self) -> str:
        """As the replay prints it."""
        what = ".".join(filter(None, (self.service, self.operation))) or "any call"
        after = f", after {self.skip} calls" if self.skip else ""
        return f"{self.kind} {what}{after}"

    def concerns(self, service: str, operation: str, page: int) -> bool:
        """Whether a call is of the kind that it strikes."""
        if self.kind is Kind.STALE or (self.kind is Kind.PAGE and not page):
            return False
        return (not self.service or self.service == service) and (not self.operation or self.operation == operation)


@dataclass
class Faults:
    """Those that are under way."""

    rng: Random
    active: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """From now on."""
        self.active.append(fault)

    def clear(self) -> None:
        """All is well again."""
        self.active.clear()

    def on_call(self, service: str, operation: str, page: int, now: float) -> Iterator[Fault]:
        """The faults that strike this call. One that strikes once is over with it."""
        for fault in tuple(self.active):
            if fault.until <= now:
                self._over(fault)
            elif fault.concerns(service, operation, page) and self._strikes(fault):
                if fault.kind in ONCE:
                    self._over(fault)
                yield fault

    def as_of(self, now: float) -> float:
        """The time that this read of EC2 shows: any replica may answer, one that lags or one that does not."""
        for fault in self.active:
            if fault.kind is Kind.STALE and fault.until > now and self.rng.random() < fault.share:
                return max(fault.as_of, now - OLDEST)
        return now

    def _strikes(self, fault: Fault) -> bool:
        if fault.skip > 0:
            fault.skip -= 1
            return False
        return fault.share >= 1 or self.rng.random() < fault.share

    def _over(self, fault: Fault) -> None:
        self.active[:] = [each for each in self.active if each is not fault]


def refusal(kind: Kind, service: str, operation: str) -> ClientError:
    """The service's answer to a call that a fault strikes."""
    if kind is Kind.THROTTLE:
        return client_error(_THROTTLED.get(service, "ThrottlingException"), operation)
    if kind is Kind.DENY:
        return client_error(_DENIED.get(service, "AccessDeniedException"), operation)
    return client_error("InternalError" if service == "ec2" else "InternalServerError", operation)


def client_error(code: str, operation: str, message: str = "", **more: object) -> ClientError:
    """An error as botocore raises it."""
    error = {"Code": code, "Message": message or _MESSAGES.get(code, code)}
    response: dict[str, object] = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400}, **more}
    return ClientError(response, operation)  # type: ignore[arg-type]  # the stubs know fewer keys
