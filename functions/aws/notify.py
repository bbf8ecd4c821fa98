"""Publishing to SNS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from functions.capacity.forms.alert import Place
from functions.capacity.wording import Form, Message

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

# What no retry changes: the message itself is not as SNS wants it (SNS API reference, Publish, Errors).
_REFUSED = {"InvalidParameter", "InvalidParameterException", "InvalidParameterValue", "ParameterValueInvalid"}


@dataclass(frozen=True, kw_only=True)
class Topic:
    """The topics that people subscribe to, one for each form; `arn` is the mail's. Without an ARN nobody listens."""

    sns: SNSClient
    arn: str
    chat_arn: str = ""
    paging_arn: str = ""

    def publish(self, message: Message) -> str:
        """Send one message. Returns why SNS will never take it, or an empty text; any other error escapes."""
        arn = {Form.MAIL: self.arn, Form.CHAT: self.chat_arn, Form.PAGING: self.paging_arn}[message.form]
        if not arn:
            return ""
        try:
            self.sns.publish(
                TopicArn=arn,
                Subject=message.subject,
                Message=message.body,
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in message.attributes.items()
                },
            )
        except ClientError as error:
            if error.response["Error"]["Code"] not in _REFUSED:
                raise
            return str(error)
        return ""


def place_of(topic_arn: str, runbooks: str = "") -> Place:
    """The account and the region of a topic: arn:aws:sns:REGION:ACCOUNT:NAME."""
    _, _, _, region, account, *_ = [*topic_arn.split(":"), *[""] * 5]
    return Place(region=region, account=account, runbooks=runbooks)
