"""Queues between EventBridge and Lambda where ministack differs from AWS.

EventBridge's messages to a FIFO queue are deduplicated by their content, as SQS does with everybody's. Event sources
wait for their batching window and take batches of more than 10 messages.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Container
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sandbox import ledger

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: a batch goes out when the window is over,
# the batch is full, or its payload is 6 MB. An event wraps each body in a record of some 700 bytes.
PAYLOAD_BYTES, RECORD_BYTES = 6 * 1024 * 1024, 700

Queue = dict[str, Any]  # ministack's record of a queue


def install(*, time_factor: float, pollers: int = 1) -> None:
    """Put both in ministack's place. `time_factor`: how many times faster than AWS's its five minutes pass.

    `pollers`: how many gather the batches of a standard queue.
    """
    from ministack.services import eventbridge, sqs  # noqa: PLC0415 - reads the environment when it is imported

    sqs._DEDUP_WINDOW_S /= time_factor  # noqa: SLF001
    eventbridge._dispatch_to_sqs = Deliveries(eventbridge._dispatch_to_sqs).deliver  # noqa: SLF001
    sqs._receive_messages_for_esm = Windows(count=pollers).receive  # noqa: SLF001


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


@dataclass(eq=False)
class Poller:
    """One of an event source's pollers: what it has gathered of a queue, and since when."""

    opened: float = 0
    held: list[dict[str, Any]] = field(default_factory=list)
    size: int = 0  # of what it holds, in bytes

    def gather(self, message: dict[str, Any]) -> None:
        """One message more."""
        self.opened = self.opened if self.held else time.time()
        self.held.append(message)
        self.size += _size(message)

    def let_go(self, visible: Container[str]) -> None:
        """Of what went away meanwhile."""
        self.held = [each for each in self.held if each["id"] in visible]
        self.size = sum(map(_size, self.held))

    def has_room(self, message: dict[str, Any], most: int) -> bool:
        """For this one too: by number and by size. One message, however large, is a batch."""
        return not self.held or (len(self.held) < most and self.size + _size(message) <= PAYLOAD_BYTES)

    def is_over(self, window: float) -> bool:
        """Whether its window is, so that its batch goes out and takes no more."""
        return bool(self.held) and time.time() >= self.opened + window


def _size(message: dict[str, Any]) -> int:
    return len(message["body"]) + RECORD_BYTES


@dataclass(frozen=True)
class Windows:
    """Event sources' batches: what the pollers of each queue have gathered. A FIFO queue of one group has one poller.

    Each poller gathers a batch of its own. AWS begins with five of them
    (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html) and does not say how a window divides.
    """

    count: int = 1
    pollers: dict[str, list[Poller]] = field(default_factory=dict)

    def receive(self, queue_url: str, max_number: int) -> list[dict[str, Any]]:
        """The batch of one poller whose window is over, or none. One event source for each queue."""
        from ministack.services import sqs  # noqa: PLC0415

        with sqs._queues_lock:  # noqa: SLF001
            queue = sqs._get_q(queue_url)  # noqa: SLF001
            sqs._expire_retained(queue)  # noqa: SLF001
            sqs._dlq_sweep(queue)  # noqa: SLF001
            pollers = self.pollers.setdefault(
                queue["url"], [Poller() for _ in range(1 if queue["is_fifo"] else self.count)]
            )
            window = _window(queue)
            full = gather(queue, pollers, max_number, window)
            due = next((each for each in pollers if each.is_over(window)), full)
            if due is None:
                return []
            batch = _taken(queue, due)
        if batch:
            ledger.note("batch", queue=queue["name"], messages=len(batch), oldest=min(one["sent_at"] for one in batch))
        return batch


def gather(queue: Queue, pollers: list[Poller], most: int, window: float) -> Poller | None:
    """Hand what became visible to the pollers in turn; what went away is let go of. Returns a full one, if any."""
    visible = {each["id"]: each for each in queue["messages"] if each["visible_at"] <= time.time()}
    for each in pollers:
        each.let_go(visible)
    held = {one["id"] for each in pollers for one in each.held}
    open_, full = [each for each in pollers if not each.is_over(window)], list[Poller]()
    for message in (each for id_, each in visible.items() if id_ not in held):
        full += [each for each in open_ if not each.has_room(message, most)]
        open_ = [each for each in open_ if each not in full]
        if not open_:
            break
        min(open_, key=lambda each: len(each.held)).gather(message)
    full += [each for each in open_ if len(each.held) >= most]
    return next(iter(full), None)


def _taken(queue: Queue, poller: Poller) -> list[dict[str, Any]]:
    """What the poller gathered, in flight from now on."""
    from ministack.services import sqs  # noqa: PLC0415

    ids, size = {each["id"] for each in poller.held}, len(poller.held)
    poller.let_go(())
    if not queue["is_fifo"]:
        queue["messages"].sort(key=lambda each: each["id"] not in ids)  # they are collected from the front
    hidden = int(queue["attributes"].get("VisibilityTimeout", "30"))
    batch: list[dict[str, Any]] = sqs._collect_msgs(queue, size, hidden)  # noqa: SLF001
    return batch


def _window(queue: Queue) -> float:
    """Of the event source that reads this queue, in seconds."""
    from ministack.services import lambda_svc  # noqa: PLC0415

    arn = queue["attributes"]["QueueArn"]
    sources = [each for _, _, each in lambda_svc._iter_all_esms() if each.get("EventSourceArn") == arn]  # noqa: SLF001
    return max((float(each.get("MaximumBatchingWindowInSeconds") or 0) for each in sources), default=0.0)
