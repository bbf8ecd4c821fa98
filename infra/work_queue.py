"""The one way in: every event and every sweep becomes a message here, and what cannot be handled ends beside it."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct

# Lambda's documentation asks for six times the function's timeout, plus the batching window, and for at least five
# receives. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_TIMEOUTS_PER_VISIBILITY = 6
_MAX_RECEIVES = 5


class WorkQueue(Construct):
    """A standard queue and its dead-letter queue.

    SSE-SQS and not a key of our own: the messages are events that AWS sent us, and a customer-managed key would need a
    statement for EventBridge that cannot be narrowed to this account (EventBridge calls KMS without aws:SourceAccount
    and aws:SourceArn; with such a condition events vanish silently).
    """

    def __init__(self, scope: Construct, id_: str, *, function_timeout: Duration, batching_window: Duration) -> None:
        super().__init__(scope, id_)
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            # Longer than the work queue's: a message keeps its age when it moves here.
            retention_period=Duration.days(14),
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(4),
            visibility_timeout=Duration.seconds(
                _TIMEOUTS_PER_VISIBILITY * function_timeout.to_seconds() + batching_window.to_seconds()
            ),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=_MAX_RECEIVES),
        )

    def grant_continue(self, role: iam.IRole) -> None:
        """Lets the role ask for another run when a cap left something undone."""
        self.queue.grant(role, "sqs:SendMessage")
