"""Publishing to SNS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.capacity.wording import Message

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


@dataclass(frozen=True, kw_only=True)
class Topic:
    """The topic that people subscribe to."""

    sns: SNSClient
    arn: str

    def publish(self, message: Message) -> None:
        """Send one message. An error escapes: what could not be told is told by the next run."""
        self.sns.publish(
            TopicArn=self.arn,
            Subject=message.subject,
            Message=message.body,
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
            },
        )
