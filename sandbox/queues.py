"""Queues between EventBridge and Lambda where ministack differs from AWS.

EventBridge's messages to a FIFO queue are deduplicated by their content, as SQS does with everybody's. Event sources
wait for their batching window and take batches of more than 10 messages.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sandbox import ledger

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: a batch goes out when the window is over,
# the batch is full, or its payload is 6 MB. An event wraps each body in a record of some 700 bytes.
PAYLOAD_BYTES, RECORD_BYTES = 6 * 1024 * 1024, 700

Queue = dict[str, Any]  # ministack's record of a queue


def install(*, time_factor: float) -> None:
    """Put both in ministack's place. `time_factor`: how many times faster than AWS's its five minutes pass."""
    from ministack.services import eventbridge, sqs  # noqa: PLC0415 - reads the environment when it is imported

    sqs._DEDUP_WINDOW_S /= time_factor  # noqa: SLF001
    eventbridge._dispatch_to_sqs = Deliveries(eventbridge._dispatch_to_sqs).deliver  # noqa: SLF001
    sqs._receive_messages_for_esm = Windows().receive  # noqa: SLF001


@dataclass(frozen=True)
class Deliveries:
    """EventBridge's way to a queue."""

    original: Any
    lock: Lock = field(default_factory=Lock)

    def deliver(self, arn: Any, body: str, parameters: dict[str, Any] | None = None) -> None:
        """Send, unless a FIFO queue has had the same content within its interval.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
        """
        from ministack.services import sqs  # noqa: PLC0415

        queue = sqs._queue_by_arn(str(arn))  # noqa: SLF001
        with self.lock:
            if queue and queue["is_fifo"] and not _is_new(queue, body, sqs._DEDUP_WINDOW_S):  # noqa: SLF001
                ledger.note("duplicate", queue=queue["name"])
                return
            self.original(arn, body, parameters)
        if queue:
            ledger.note("delivered", queue=queue["name"])


def _is_new(queue: Queue, body: str, seconds: float) -> bool:
    """Whether nobody sent this content lately; from now on somebody has."""
    now, key = time.time(), hashlib.sha256(body.encode()).hexdigest()
    known = queue["dedup_cache"].get(key)
    if known and known["expire"] > now:
        return False
    queue["dedup_cache"][key] = {"expire": now + seconds, "id": key, "md5": "", "md5a": "", "seq": None}
    return True


@dataclass(frozen=True)
class Windows:
    """Event sources' batches: when each queue's window opened."""

    opened: dict[str, float] = field(default_factory=dict)

    def receive(self, queue_url: str, max_number: int) -> list[dict[str, Any]]:
        """A batch, or none while its window is open. One event source for each queue."""
        from ministack.services import sqs  # noqa: PLC0415

        with sqs._queues_lock:  # noqa: SLF001
            queue = sqs._get_q(queue_url)  # noqa: SLF001
            sqs._expire_retained(queue)  # noqa: SLF001
            sqs._dlq_sweep(queue)  # noqa: SLF001
            size = _fitting(queue, max_number)
            if not self._is_due(queue, size, max_number):
                return []
            self.opened.pop(queue["url"], None)
            hidden = int(queue["attributes"].get("VisibilityTimeout", "30"))
            batch: list[dict[str, Any]] = sqs._collect_msgs(queue, size, hidden)  # noqa: SLF001
        if batch:
            ledger.note("batch", queue=queue["name"], messages=len(batch), oldest=min(one["sent_at"] for one in batch))
        return batch

    def _is_due(self, queue: Queue, size: int, max_number: int) -> bool:
        if size == 0:
            return False
        opened = self.opened.setdefault(queue["url"], time.time())
        full = size >= max_number or size < _visible(queue)
        return full or time.time() >= opened + _window(queue)


def _visible(queue: Queue) -> int:
    now = time.time()
    return sum(1 for each in queue["messages"] if each["visible_at"] <= now)


def _fitting(queue: Queue, max_number: int) -> int:
    """How many of the visible messages one batch takes."""
    now, room, count = time.time(), PAYLOAD_BYTES, 0
    for each in queue["messages"]:
        if each["visible_at"] > now:
            continue
        room -= len(each["body"]) + RECORD_BYTES
        if count == max_number or (room < 0 and count):
            break
        count += 1
    return count


def _window(queue: Queue) -> float:
    """Of the event source that reads this queue, in seconds."""
    from ministack.services import lambda_svc  # noqa: PLC0415

    arn = queue["attributes"]["QueueArn"]
    sources = [each for _, _, each in lambda_svc._iter_all_esms() if each.get("EventSourceArn") == arn]  # noqa: SLF001
    return max((float(each.get("MaximumBatchingWindowInSeconds") or 0) for each in sources), default=0.0)
