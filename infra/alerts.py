"""The topics that people subscribe to, one for each form, who may publish to them, and what people muted."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.parameters import MUTES

# What a publisher to an encrypted topic needs on its key.
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#sns-what-permissions-for-sse
_KEY_USE = ("kms:Decrypt", "kms:GenerateDataKey")


class Alerts(Construct):
    """SNS topics under a key of their own: AWS's `alias/aws/sns` key does not let CloudWatch alarms publish.

    `topic` takes mail, and the alarms about Headroom itself; `chat` what Amazon Q Developer in chat applications reads;
    `paging` what pagers read of CloudWatch alarms.
    """

    def __init__(self, scope: Construct, id_: str, *, emails: Sequence[str]) -> None:
        super().__init__(scope, id_)
        self._key = kms.Key(self, "Key", description="Headroom's alerts in SNS", enable_key_rotation=True)
        self.topic, self.chat, self.paging = map(self._topic, ("Topic", "ChatTopic", "PagingTopic"))
        self.mutes = MUTES.made(self, "Mutes")
        self._let_alarms_publish()
        for email in emails:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))

    def grant_publish(self, role: iam.IRole) -> None:
        """Lets the role publish to the topics and use their key for that, and read what is muted."""
        topics = [each.topic_arn for each in (self.topic, self.chat, self.paging)]
        iam.Grant.add_to_principal(grantee=role, actions=["sns:Publish"], resource_arns=topics)
        # Not `grant_read`: that one adds the parameter's history and DescribeParameters.
        iam.Grant.add_to_principal(grantee=role, actions=["ssm:GetParameter"], resource_arns=[self.mutes.parameter_arn])
        # On the role alone: the key's policy already hands the decision to IAM.
        iam.Grant.add_to_principal(grantee=role, actions=[*_KEY_USE], resource_arns=[self._key.key_arn])

    def _topic(self, id_: str) -> sns.Topic:
        return sns.Topic(self, id_, display_name="Headroom", master_key=self._key, enforce_ssl=True)

    def _let_alarms_publish(self) -> None:
        """A topic with a policy of its own (here: TLS only) has lost SNS's default one, which lets alarms in."""
        stack = Stack.of(self)
        alarms = stack.format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        conditions = {"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}}
        cloudwatch = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[cloudwatch],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions=conditions,
            )
        )
        self._key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsOfThisAccount",
                principals=[cloudwatch],
                actions=[*_KEY_USE],
                resources=["*"],  # in a key's policy: this key
                conditions=conditions,
            )
        )
