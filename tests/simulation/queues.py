"""SQS and SNS as they are, and boto3's clients for them: the calls that the product makes, and no others.

A message that is received is hidden for the visibility timeout and comes back unless it is deleted; after so many
receives it moves to the dead-letter queue; past its retention it is gone.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""
# ruff: noqa: N803, ARG002 - arguments are named as AWS names them, and some say nothing here

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from math import inf
from typing import Any

from tests.simulation.clock import Clock
from tests.simulation.process import Process

Answer = dict[str, Any]
DEDUPLICATED = 300.0  # seconds


class End(StrEnum):
    """How a message ended."""

    HANDLED = "handled"
    DEAD = "in the dead-letter queue"
    EXPIRED = "expired"


@dataclass(eq=False)
class SqsMessage:
    """One message; `poison` is one that nobody can read, as only the world knows."""

    id: str
    body: str
    sent: float
    visible: float
    poison: bool = False
    receives: int = 0
    end: End | None = None


@dataclass
class Queue:
    """A standard queue with its dead-letter queue; `most_receives` None stands for no such queue."""

    name: str
    clock: Clock
    visibility: float
    retention: float
    most_receives: int | None
    messages: list[SqsMessage] = field(default_factory=list)  # those that have not ended
    ended: list[SqsMessage] = field(default_factory=list)
    ids: "count[int]" = field(default_factory=lambda: count(1))
    fifo: bool = False  # of one group: nothing is handed over while something is in flight
    delay: float = 0
    known: dict[str, float] = field(default_factory=dict)  # deduplication ids, and when they came

    def send_once(self, body: str, deduplication_id: str) -> None:
        """To a FIFO queue: the same id within five minutes is the same message."""
        if self.clock.now - self.known.get(deduplication_id, -inf) > DEDUPLICATED:
            self.known[deduplication_id] = self.clock.now
            self.send(body)

    def send(self, body: str, delay: float = 0, *, poison: bool = False) -> SqsMessage:
        """A new message."""
        now, delay = self.clock.now, delay or self.delay
        message = SqsMessage(f"{self.name}-{next(self.ids)}", body, now, now + delay, poison)
        self.messages.append(message)
        return message

    def receive(self, most: int) -> list[SqsMessage]:
        """What is visible, hidden from now on."""
        self._settle()
        if self.in_flight:
            return []
        found = [each for each in self.messages if each.visible <= self.clock.now][:most]
        for each in found:
            each.receives += 1
            each.visible = self.clock.now + self.visibility
        return found

    def delete(self, message: SqsMessage) -> None:
        """It was handled."""
        if message.end is None:
            self._end(message, End.HANDLED)

    def due(self) -> float:
        """When the next message can be received; infinity for never."""
        if not self.messages:
            return inf
        if in_flight := self.in_flight:
            return min(each.visible for each in in_flight)
        return min(each.visible for each in self.messages)

    @property
    def in_flight(self) -> list[SqsMessage]:
        """What keeps a FIFO queue from handing over more."""
        if not self.fifo:
            return []
        now = self.clock.now
        return [each for each in self.messages if each.receives and each.visible > now]

    @property
    def dead(self) -> list[SqsMessage]:
        """The dead-letter queue."""
        return [each for each in self.ended if each.end is End.DEAD]

    def _settle(self) -> None:
        """Those that were received too often, or are too old, go before anybody can have them."""
        now = self.clock.now
        for each in tuple(self.messages):
            if now - each.sent > self.retention:
                self._end(each, End.EXPIRED)
            elif self.most_receives is not None and each.receives >= self.most_receives and each.visible <= now:
                self._end(each, End.DEAD)

    def _end(self, message: SqsMessage, how: End) -> None:
        message.end = how
        self.messages.remove(message)
        self.ended.append(message)


@dataclass
class SqsClient:
    """The client of one process."""

    process: Process
    queues: Mapping[str, Queue]  # by URL

    def send_message(
        self, *, QueueUrl: str, MessageBody: str, MessageGroupId: str = "", MessageDeduplicationId: str = ""
    ) -> Answer:
        """SendMessage."""

        def send() -> Answer:
            queue = self.queues[QueueUrl]
            if queue.fifo:
                queue.send_once(MessageBody, MessageDeduplicationId)
            else:
                queue.send(MessageBody)
            return {"MessageId": "m-1"}

        return self.process.call("sqs", "send_message", send)


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """What a subscriber of the topic received."""

    at: float
    form: str  # the topic: mail, chat, paging
    subject: str
    body: str
    attributes: Mapping[str, str]


@dataclass
class Topic:
    """All topics, one for each form of message, with one subscriber each."""

    delivered: list[Delivered] = field(default_factory=list)


@dataclass
class SnsClient:
    """The client of one process."""

    process: Process
    topic: Topic

    def publish(self, *, TopicArn: str, Subject: str, Message: str, MessageAttributes: Mapping[str, Any]) -> Answer:
        """Publish."""
        attributes = {name: each["StringValue"] for name, each in MessageAttributes.items()}
        form = TopicArn.rpartition(":")[2]

        def publish() -> Answer:
            now = self.process.clock.now
            message = Delivered(at=now, form=form, subject=Subject, body=Message, attributes=attributes)
            self.topic.delivered.append(message)
            return {"MessageId": f"sns-{len(self.topic.delivered)}"}

        return self.process.call("sns", "publish", publish)
