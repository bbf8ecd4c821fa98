"""The one way in: every event and every sweep becomes a message here, and what cannot be handled ends beside it."""

from __future__ import annotations

from aws_cdk import Duration
from constructs import Construct

from infra.queues import TIMEOUTS_PER_VISIBILITY, queues


class WorkQueue(Construct):
    """A standard queue and its dead-letter queue."""

    def __init__(self, scope: Construct, id_: str, *, function_timeout: Duration, batching_window: Duration) -> None:
        super().__init__(scope, id_)
        visibility = TIMEOUTS_PER_VISIBILITY * function_timeout.to_seconds() + batching_window.to_seconds()
        made = queues(self, retention=Duration.days(4), visibility=Duration.seconds(visibility))
        self.queue, self.dead_letters = made.queue, made.dead_letters
