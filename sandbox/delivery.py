"""The event bus at its worst: events that come twice, late and out of order, as EventBridge's users must expect.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-delivering-events-best-effort.html
"""

from __future__ import annotations

import contextvars
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Timer


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """`twice` is the share of events that come a second time; a second one is up to `late` seconds late."""

    twice: float = 0.0
    late: float = 5.0
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def deliver(self, put: Callable[[], None]) -> None:
        """Put an event on the bus now, and perhaps once more."""
        put()
        if self.rng.random() < self.twice:
            again = Timer(self.rng.random() * self.late, contextvars.copy_context().run, args=(put,))
            again.daemon = True
            again.start()


_chosen = [Delivery()]


def choose(delivery: Delivery) -> None:
    """How events are delivered from now on."""
    _chosen[0] = delivery


def deliver(put: Callable[[], None]) -> None:
    """Deliver one event as chosen."""
    _chosen[0].deliver(put)
