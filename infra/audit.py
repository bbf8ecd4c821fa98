"""The audit function: reads everything, changes nothing, keeps its reports in a bucket of its own."""

from __future__ import annotations

from typing import Any

from aws_cdk import Aws, Duration, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from infra.config import Config
from infra.findings import acknowledge
from infra.function import LOGS, METRICS, function
from infra.queues import dead_letter_queue
from infra.read_access import WILDCARDS, reads
from infra.state import State

# A region of 200 subnets: a call for each, and a page for each 1,000 interfaces.
TIMEOUT = Duration.minutes(5)
KEPT = Duration.days(365)  # reports; a version that was replaced goes after thirty days
REPLACED_KEPT = Duration.days(30)


class Audit(Construct):
    """The function with its role, log group and bucket, and a schedule where one is wanted."""

    def __init__(
        self, scope: Construct, id_: str, *, config: Config, dependencies: lambda_.ILayerVersion, state: State
    ) -> None:
        super().__init__(scope, id_)
        self.bucket = self._bucket()
        role = self._role(state)
        # Not `grant_put`: that one adds the rights to tag and to lock what was put.
        iam.Grant.add_to_principal(
            grantee=role,
            actions=["s3:PutObject", "s3:GetObject"],  # to read: whoever follows a link does it with this role's right
            resource_arns=[self.bucket.arn_for_objects("audits/*")],
        )
        bucket: Any = self.bucket.node.default_child
        acknowledge(
            role,
            f"IAM5[Resource::<{Stack.of(self).get_logical_id(bucket)}.Arn>/audits/*]",
            reason="Each report is an object of its own below this folder.",
        )
        self.function = function(
            self,
            "audit",
            description="Headroom: reports on clusters and subnets, by hand or on a schedule; read-only",
            config=config,
            role=role,
            layers=[dependencies],
            timeout=TIMEOUT,
            memory=1024,
            environment={
                "HEADROOM_TABLE_NAME": state.table.table_name,
                "HEADROOM_REPORTS_BUCKET": self.bucket.bucket_name,
                "HEADROOM_POLICY": config.policy,
                **LOGS,
                **METRICS,
            },
        )
        # With what was asked and why it failed. What a schedule could not deliver comes here too.
        self.dead_letters = dead_letter_queue(self)
        acknowledge(self.dead_letters, "SQS3", reason="It is a dead-letter queue itself, of a function and schedules.")
        self.function.configure_async_invoke(on_failure=destinations.SqsDestination(self.dead_letters))
        if config.audit_days:
            self._schedule(Duration.days(config.audit_days))

    def _bucket(self) -> s3.Bucket:
        """It stays when the stack goes: reports are records."""
        bucket = s3.Bucket(
            self,
            "Reports",
            encryption=s3.BucketEncryption.S3_MANAGED,
            versioned=True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=KEPT,
                    noncurrent_version_expiration=REPLACED_KEPT,
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            removal_policy=RemovalPolicy.RETAIN,
        )
        acknowledge(
            bucket,
            "S1",
            reason="Reports are written by one function and read by people through links that end within the hour; "
            "CloudTrail's data events tell who read what, where somebody wants to know.",
        )
        return bucket

    def _role(self, state: State) -> iam.Role:
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description="Headroom's audit: reads, and keeps reports",
        )
        for statement in reads(Stack.of(self)):
            role.add_to_policy(statement)
        for resource, reason in WILDCARDS.items():
            acknowledge(role, f"IAM5[Resource::{resource}]", reason=reason)
        state.grant_read_of_subnets(role)
        return role

    def _schedule(self, every: Duration) -> None:
        role = iam.Role(
            self,
            "ScheduleRole",
            description="Headroom's schedule of the audit",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        role.add_to_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self.function.function_arn])
        )
        self.dead_letters.grant_send_messages(role)
        scheduler.Schedule(
            self,
            "Schedule",
            description="Headroom's audit report",
            schedule=scheduler.ScheduleExpression.rate(every),
            time_window=scheduler.TimeWindow.flexible(Duration.hours(1)),
            target=targets.LambdaInvoke(
                self.function,
                input=scheduler.ScheduleTargetInput.from_object({"plan": True}),
                retry_attempts=2,
                dead_letter_queue=self.dead_letters,
                role=role.without_policy_updates(),  # CDK would add every version of the function
            ),
        )
