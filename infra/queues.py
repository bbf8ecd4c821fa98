"""A queue as all of Headroom's are: encrypted, over TLS only, and with a dead-letter queue beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

# Lambda's documentation asks for six times the function's timeout, and for at least five receives.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
TIMEOUTS_PER_VISIBILITY = 6
_MAX_RECEIVES = 5


@dataclass(frozen=True, kw_only=True)
class Queues:
    """A queue, and where its messages end that nobody could handle."""

    queue: sqs.Queue
    dead_letters: sqs.Queue


def queues(scope: Construct, *, retention: Duration, visibility: Duration) -> Queues:
    """A standard queue and its dead-letter queue in this scope."""
    return _queues(scope, retention=retention, visibility=visibility)


def fifo_queues(scope: Construct, *, retention: Duration, visibility: Duration, delay: Duration) -> Queues:
    """The same as FIFO queues; messages of one content are taken once in five minutes, and seen after `delay`.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-exactly-once-processing.html
    """
    return _queues(
        scope,
        retention=retention,
        visibility=visibility,
        both={"fifo": True},
        own={"content_based_deduplication": True, "delivery_delay": delay},
    )


def dead_letter_queue(scope: Construct, **options: Any) -> sqs.Queue:
    """Where ends what nobody could handle. Kept longer than any work: a message keeps its age when it moves here."""
    return sqs.Queue(
        scope,
        "DeadLetters",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=Duration.days(14),
        **options,
    )


def _queues(
    scope: Construct,
    *,
    retention: Duration,
    visibility: Duration,
    both: dict[str, Any] | None = None,
    own: dict[str, Any] | None = None,
) -> Queues:
    """SSE-SQS and not a key of our own: EventBridge sends to some of them, and a customer-managed key would need a
    statement for it that cannot be narrowed to this account (EventBridge calls KMS without aws:SourceAccount and
    aws:SourceArn; with such a condition events vanish silently).
    """
    dead_letters = dead_letter_queue(scope, **both or {})
    queue = sqs.Queue(
        scope,
        "Queue",
        encryption=sqs.QueueEncryption.SQS_MANAGED,
        enforce_ssl=True,
        retention_period=retention,
        visibility_timeout=visibility,
        dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=_MAX_RECEIVES),
        **both or {},
        **own or {},
    )
    return Queues(queue=queue, dead_letters=dead_letters)
