"""No call to AWS after the end of a run's time: what Lambda cuts off in the middle is the hardest to make good.

Checked where botocore is about to send, retries included, so that no adapter has to think of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol


class DeadlineError(RuntimeError):
    """The run's time is over; its messages come back to the queue."""


class Events(Protocol):
    """A session's: botocore's event emitter."""

    def register(self, event_name: str, handler: Callable[..., None]) -> Any: ...  # noqa: D102


class Deadline:
    """When this process may send no more. Set for each invocation, since clients outlive them."""

    def __init__(self) -> None:
        self._ends: datetime | None = None
        self._clock: Callable[[], datetime] | None = None

    def set(self, ends: datetime, clock: Callable[[], datetime]) -> None:
        """From `ends` on, by this clock, nothing is sent."""
        self._ends, self._clock = ends, clock

    def watch(self, events: Events) -> None:
        """Every client of these events' session that is made from now on asks before it sends."""
        events.register("before-send", self._in_time)

    def _in_time(self, **_: object) -> None:
        if self._ends and self._clock and self._clock() >= self._ends:
            raise DeadlineError(f"nothing is sent after {self._ends:%H:%M:%S}: Lambda is about to end this run")
