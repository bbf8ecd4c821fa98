"""One invocation of a Lambda function: every call that it makes to AWS goes through here, and can be its last."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any, TypeVar

from functions.aws.deadline import DeadlineError
from tests.simulation.clock import Clock
from tests.simulation.faults import Fault, Faults, Kind, refusal

LATENCY = 0.03  # seconds of a call that meets no fault
BACK_OFF = 1.5  # seconds that botocore's mode 'standard' spends on three attempts, at most

Answer = TypeVar("Answer")
Trace = Callable[[str], None]


class ProcessKilled(BaseException):
    """The process is gone. No call of it has an effect any more, not even from a `finally`."""


def _silent(_: str) -> None:
    pass


@dataclass
class Process:
    """The invocation: until when Lambda lets it live, and what it was shown."""

    name: str
    clock: Clock
    faults: Faults
    ends_at: float
    trace: Trace = _silent
    before_call: Callable[[str], None] = _silent  # told the operation: another process may have its turn
    stops_at: float = inf  # when the product itself sends nothing any more (functions/aws/deadline.py, on boto3)
    dead: bool = False
    timed_out: bool = False
    calls: int = 0
    made: list[str] = field(default_factory=list)  # the calls, as `service.operation`
    seen: dict[tuple[str, str], Any] = field(default_factory=dict)  # (what, subnet) -> the view that was served
    created: dict[str, int] = field(default_factory=dict)  # reservations made, by subnet
    switch: str = ""  # what the kill switch said
    lost_answer: bool = False
    served_old: bool = False  # by EC2, at least once
    seconds_of_a_call: float = LATENCY
    back_off: float = BACK_OFF

    def seconds_left(self) -> float:
        """As Lambda tells it."""
        return self.ends_at - self.clock.now

    def call(self, service: str, operation: str, effect: Callable[[], Answer], *, page: int = 0) -> Answer:
        """The answer of AWS, or what a fault makes of it."""
        self.before_call(operation)
        self._begin(service, operation)
        if not self.faults.active:
            return effect()
        strikes = list(self.faults.on_call(service, operation, page, self.clock.now))
        for fault in strikes:
            self._strike(fault, service, operation)
        answer = self._effect(effect, strikes)
        if any(each.kind is Kind.KILL_AFTER for each in strikes):
            self.die("after", service, operation)
        return answer

    def die(self, when: str, service: str, operation: str) -> None:
        """The end."""
        self.dead = True
        self.trace(f"    {self.name} dies {when} {service}.{operation}")
        raise ProcessKilled

    def _begin(self, service: str, operation: str) -> None:
        if self.dead:
            raise ProcessKilled
        self.clock.now += self.seconds_of_a_call
        if self.clock.now > self.ends_at:
            self.timed_out = True
            self.die("of Lambda's timeout at", service, operation)
        if self.clock.now >= self.stops_at:
            raise DeadlineError("nothing is sent any more")
        self.calls += 1
        self.made.append(f"{service}.{operation}")

    def _strike(self, fault: Fault, service: str, operation: str) -> None:
        self.trace(f"    {self.name}: {fault.kind} at {service}.{operation}")
        match fault.kind:
            case Kind.KILL_BEFORE:
                self.die("before", service, operation)
            case Kind.SLOW:
                self.clock.now += fault.seconds
            case Kind.MEANWHILE if fault.happens:
                fault.happens()
            case Kind.THROTTLE | Kind.BREAK:
                self.clock.now += self.back_off
                raise refusal(fault.kind, service, operation)
            case Kind.DENY:
                raise refusal(fault.kind, service, operation)
            case Kind.PAGE:
                raise refusal(Kind.BREAK, service, operation)

    def _effect(self, effect: Callable[[], Answer], strikes: list[Fault]) -> Answer:
        answer = effect()
        if any(each.kind is Kind.LOSE_ANSWER for each in strikes):
            self.clock.now += self.back_off
            self.lost_answer = True
            return effect()  # botocore's second attempt
        return answer
