"""An audit over many accounts and regions: its functions, its state machine, and when it runs by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.config import Config
from infra.findings import acknowledge
from infra.function import LOGS, METRICS, function
from infra.organisation_keys import AUDIT_ROLE, OrganisationConfig
from infra.organisation_machine import OrganisationMachine
from infra.organisation_role import FOLDER

# A region of 200 subnets, as the audit of one account; Lambda's longest for the merging of 500.
READING, MERGING = Duration.minutes(5), Duration.minutes(15)


class Organisation(Construct):
    """Reads through a role in each account (infra/member.py), and reports into the audit's bucket."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Config,
        organisation: OrganisationConfig,
        dependencies: lambda_.ILayerVersion,
        bucket: s3.Bucket,
        dead_letters: sqs.IQueue,
    ) -> None:
        super().__init__(scope, id_)
        self._config, self._organisation = config, organisation
        self._dependencies, self._bucket = dependencies, bucket
        self.machine = OrganisationMachine(
            self,
            "Machine",
            config=config,
            organisation=organisation,
            bucket=bucket,
            places=self._places(),
            place=self._place(),
            report=self._report(),
        ).machine
        if config.audit_days:
            self._schedule(Duration.days(config.audit_days), dead_letters)

    def _places(self) -> lambda_.Function:
        scope = Construct(self, "Places")
        role = _role(scope, "Headroom's audit of an organisation: which accounts and regions")
        self._grant_objects(role, "s3:PutObject")
        if not self._organisation.accounts:
            role.add_to_policy(
                iam.PolicyStatement(
                    sid="ListAccounts",
                    actions=["organizations:ListAccounts"],
                    # It has no resource level.
                    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
                    resources=["*"],
                )
            )
            acknowledge(role, "IAM5[Resource::*]", reason="organizations:ListAccounts has no resource level.")
        return self._function(
            scope,
            "organisation_places",
            role=role,
            description="Headroom: which accounts and regions an organisation's audit reads",
            timeout=Duration.minutes(1),
            environment={
                "HEADROOM_ACCOUNTS": ",".join(self._organisation.accounts),
                "HEADROOM_REGIONS": ",".join(self._organisation.regions),
            },
        )

    def _place(self) -> lambda_.Function:
        scope, member = Construct(self, "Place"), self._organisation.role_name
        role = _role(scope, "Headroom's audit of an organisation: reads through a role in each account", AUDIT_ROLE)
        self._grant_objects(role, "s3:PutObject")
        role.add_to_policy(self._assumes(member))
        if not self._organisation.accounts:
            acknowledge(
                role,
                f"IAM5[Resource::arn:<AWS::Partition>:iam::*:role/{member}]",
                reason="The one role of that name in each account of the organisation, which the condition demands.",
            )
        return self._function(
            scope,
            "organisation_place",
            role=role,
            description="Headroom: audits one account and region of an organisation; read-only",
            timeout=READING,
            environment={
                "HEADROOM_MEMBER_ROLE": f"arn:{Aws.PARTITION}:iam::{{account}}:role/{member}",
                "HEADROOM_EXTERNAL_ID": self._organisation.external_id,
                "HEADROOM_POLICY": self._config.policy,
                "AWS_STS_REGIONAL_ENDPOINTS": "regional",  # also where the SDK's own default is another
            },
            memory=1024,
        )

    def _assumes(self, member: str) -> iam.PolicyStatement:
        """The members' role, in the accounts that are named, or in those of the organisation; never another role."""
        accounts, organisation = self._organisation.accounts, self._organisation.organisation_id
        return iam.PolicyStatement(
            sid="AssumeMembersRole",
            actions=["sts:AssumeRole"],
            resources=[f"arn:{Aws.PARTITION}:iam::{account}:role/{member}" for account in accounts or ("*",)],
            conditions={"StringEquals": {"aws:ResourceOrgID": organisation}} if organisation else None,
        )

    def _report(self) -> lambda_.Function:
        scope = Construct(self, "Report")
        role = _role(scope, "Headroom's audit of an organisation: merges the reports")
        self._grant_objects(role, "s3:GetObject", "s3:PutObject")
        role.add_to_policy(
            iam.PolicyStatement(
                sid="SeeWhatIsThere",
                actions=["s3:ListBucket"],
                resources=[self._bucket.bucket_arn],
                conditions={"StringLike": {"s3:prefix": f"{FOLDER}/*"}},
            )
        )
        return self._function(
            scope,
            "organisation_report",
            role=role,
            description="Headroom: one report out of those of an organisation's accounts and regions",
            timeout=MERGING,
            environment={"HEADROOM_ORGANISATION_ID": self._organisation.organisation_id, **METRICS},
            memory=1024,
        )

    def _function(
        self,
        scope: Construct,
        handler: str,
        *,
        role: iam.Role,
        description: str,
        timeout: Duration,
        environment: Mapping[str, str],
        memory: int = 512,
    ) -> lambda_.Function:
        return function(
            scope,
            handler,
            description=description,
            config=self._config,
            role=role,
            layers=[self._dependencies],
            timeout=timeout,
            memory=memory,
            environment={
                "HEADROOM_REPORTS_BUCKET": self._bucket.bucket_name,
                **{name: value for name, value in environment.items() if value},
                **LOGS,
            },
        )

    def _grant_objects(self, role: iam.Role, *actions: str) -> None:
        """Of this audit's folder. Not `grant_put`: that one adds the rights to tag and to lock what was put."""
        iam.Grant.add_to_principal(
            grantee=role, actions=[*actions], resource_arns=[self._bucket.arn_for_objects(f"{FOLDER}/*")]
        )
        bucket: Any = self._bucket.node.default_child
        acknowledge(
            role,
            f"IAM5[Resource::<{Stack.of(self).get_logical_id(bucket)}.Arn>/{FOLDER}/*]",
            reason="Each report and each part of one is an object of its own below this folder.",
        )

    def _schedule(self, every: Duration, dead_letters: sqs.IQueue) -> None:
        scheduler.Schedule(
            self,
            "Schedule",
            description="Headroom's audit of an organisation",
            schedule=scheduler.ScheduleExpression.rate(every),
            time_window=scheduler.TimeWindow.flexible(Duration.hours(1)),
            target=targets.StepFunctionsStartExecution(
                self.machine,
                input=scheduler.ScheduleTargetInput.from_object({}),
                retry_attempts=2,
                dead_letter_queue=dead_letters,
            ),
        )


def _role(scope: Construct, description: str, name: str | None = None) -> iam.Role:
    return iam.Role(
        scope,
        "Role",
        role_name=name,
        description=description,
        assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
    )
