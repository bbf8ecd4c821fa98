"""Who subscribes to a topic: a queue or a URL, with or without a filter policy."""

import json
from typing import Any

from sandbox.process import EmbeddedAws


class Subscriber:
    """A queue of its own, subscribed to a topic."""

    def __init__(self, aws: EmbeddedAws, name: str, topic_arn: str, policy: dict[str, Any] | None = None) -> None:
        self._sqs = aws.client("sqs")
        self._url = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        allow = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": arn}
        statement = allow | {"Principal": {"Service": "sns.amazonaws.com"}}
        self._sqs.set_queue_attributes(
            QueueUrl=self._url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
        )
        attributes = {"FilterPolicy": json.dumps(policy)} if policy else {}
        aws.client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=arn, Attributes=attributes)

    def taken(self) -> list[dict[str, Any]]:
        """The notifications that came since this was last asked, as SNS delivered them."""
        found = list[dict[str, Any]]()
        while messages := self._sqs.receive_message(QueueUrl=self._url, MaxNumberOfMessages=10).get("Messages"):
            for each in messages:
                found.append(json.loads(each["Body"]))
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=each["ReceiptHandle"])
        return found
