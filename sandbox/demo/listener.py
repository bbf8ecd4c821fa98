"""Who listens: a subscriber of the alerts and a witness of the events, outside of Headroom."""

from __future__ import annotations

import json
import time
from typing import Any

from sandbox.deployment import Deployment
from sandbox.process import ROOT, EmbeddedAws

SWEEP_EVENT = ROOT / "events" / "headroom" / "Sweep.json"
QUIET_SECONDS = 60.0
WITNESSED = {
    "$or": [
        {"source": ["aws.eks", "aws.autoscaling"]},
        {"detail-type": ["EC2 Instance State-change Notification"]},
    ]
}


class NotSeenError(RuntimeError):
    """Something that the product should have done was not seen at the EC2 API or at the subscriber."""


class Listener:
    """A subscriber of the alerts and a witness of the events, each with a queue of its own."""

    def __init__(self, aws: EmbeddedAws, deployment: Deployment) -> None:
        self._sqs = aws.client("sqs")
        self._work = deployment.outputs["WorkQueueUrl"]
        self._fast = deployment.outputs["FastQueueUrl"]
        self._releases = deployment.outputs["ReleaseQueueUrl"]
        self._dead = deployment.outputs["DeadLetterQueueUrl"]
        self._alerts, alerts_arn = self._queue("demo-subscriber", "sns.amazonaws.com")
        self._chat, chat_arn = self._queue("demo-chat", "sns.amazonaws.com")
        self._events, events_arn = self._queue("demo-witness", "events.amazonaws.com")
        for topic, queue_arn in (("TopicArn", alerts_arn), ("ChatTopicArn", chat_arn)):
            aws.client("sns").subscribe(
                TopicArn=deployment.outputs[topic], Protocol="sqs", Endpoint=queue_arn, ReturnSubscriptionArn=True
            )
        events = aws.client("events")
        events.put_rule(Name="demo-witness", EventPattern=json.dumps(WITNESSED))
        events.put_targets(Rule="demo-witness", Targets=[{"Id": "witness", "Arn": events_arn}])

    def sweep(self) -> None:
        """What the schedule sends: in the story's time it is due."""
        self._sqs.send_message(QueueUrl=self._work, MessageBody=SWEEP_EVENT.read_text())

    def wait_until_quiet(self) -> None:
        """Until no work waits or is under way: nodes take minutes to come up, a reconcile takes a second.

        Raises NotSeenError when it does not come to that.
        """
        until = time.monotonic() + QUIET_SECONDS
        # Either hands over to the other before it is done, so work is looked at before and after the releases.
        while any(map(self._pending, (self._work, self._fast, self._releases, self._work, self._fast))):
            if time.monotonic() > until:
                raise NotSeenError(f"the queues were not empty after {QUIET_SECONDS:.0f} s: a reconcile failed")
            time.sleep(0.02)

    def alerts(self) -> list[str]:
        """The bodies of all mails, as they came."""
        return [each["Message"] for each in self.mails()]

    def mails(self) -> list[dict[str, Any]]:
        """All mails as SNS delivered them, with their subjects and attributes."""
        return [json.loads(each) for each in self._drain(self._alerts)]

    def chat(self) -> list[dict[str, Any]]:
        """All messages for the chat, as SNS delivered them."""
        return [json.loads(each) for each in self._drain(self._chat)]

    def events(self) -> list[dict[str, str]]:
        """What was on the bus."""
        return [
            {
                "source": each["source"],
                "detailType": each["detail-type"],
                "at": each["time"],
                "what": each["detail"].get("eventName", each["detail-type"]),
            }
            for each in map(json.loads, self._drain(self._events))
        ]

    def dead_letters(self) -> int:
        """Messages that were given up."""
        return self._pending(self._dead)

    def _queue(self, name: str, sender: str) -> tuple[str, str]:
        """URL and ARN of a new queue that this AWS service may send to."""
        url: str = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn: str = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Principal": {"Service": sender}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        self._sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return url, arn

    def _pending(self, url: str) -> int:
        kinds = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=kinds)["Attributes"]
        return sum(int(found[kind]) for kind in kinds)

    def _drain(self, url: str) -> list[str]:
        bodies = list[str]()
        while messages := self._sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for each in messages:
                bodies.append(each["Body"])
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
        return bodies
