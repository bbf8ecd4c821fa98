"""The fast way: what must not wait for the work queue's batching window, once in five minutes of each kind.

Each rule also sends one constant message here. SQS takes a message of the same content only once in five minutes, so
the first event after a quiet time gets through at once and the storm behind it does not. Nothing is lost by that: every
event goes to the work queue as well, with its content.
"""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from functions.capacity.routes import OWN_SOURCE
from infra.queues import fifo_queues

# One group: what comes together is handled by one run.
_GROUP = "headroom"
# Beyond this, the work queue has been quicker.
_RETRY_FOR = Duration.minutes(5)
_RETRIES = 10


class FastQueue(Construct):
    """A FIFO queue without a batching window, and its dead-letter queue. `delay` lets a burst's first events gather."""

    def __init__(self, scope: Construct, id_: str, *, function_timeout: Duration, delay: Duration) -> None:
        super().__init__(scope, id_)
        made = fifo_queues(
            self,
            retention=Duration.hours(1),
            # Not six times the timeout as with the other queues: a message that failed keeps all of its group waiting,
            # and what six times is there for, a throttled function, costs one of the five receives here.
            visibility=Duration.seconds(function_timeout.to_seconds() + delay.to_seconds()),
            delay=delay,
        )
        self.queue, self.dead_letters = made.queue, made.dead_letters

    def constant(self, kind: str, *, undelivered: sqs.IQueue) -> targets.SqsQueue:
        """A rule's target that sends a message of ours. EventBridge's own dead letters go to a standard queue only.

        https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        """
        return targets.SqsQueue(
            self.queue,
            message=events.RuleTargetInput.from_object({"source": OWN_SOURCE, "detail-type": kind, "detail": {}}),
            message_group_id=_GROUP,
            dead_letter_queue=undelivered,
            max_event_age=_RETRY_FOR,
            retry_attempts=_RETRIES,
        )

    def grant_continue(self, role: iam.IRole) -> None:
        """Lets the role ask for another run, soon."""
        self.queue.grant(role, "sqs:SendMessage")
