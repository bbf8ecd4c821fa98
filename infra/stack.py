"""The stack: wires the constructs together, and nothing else."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.alarms import Alarms
from infra.alerts import Alerts
from infra.audit import Audit
from infra.config import Config
from infra.dashboard import Dashboard
from infra.event_rules import EventRules
from infra.fast_queue import FastQueue
from infra.organisation import Organisation
from infra.reconcile import TIMEOUT, Reconcile
from infra.reconcile_role import ReconcileRole
from infra.release import Release
from infra.state import State
from infra.sweep import Sweep
from infra.trail import ApiCallTrail
from infra.widget import SubnetMapWidget
from infra.work_queue import WorkQueue


class HeadroomStack(Stack):
    """Headroom in one account and region; which ones is decided by whoever deploys it."""

    def __init__(self, scope: Construct, id_: str, *, config: Config) -> None:
        super().__init__(scope, id_, description="Headroom: free address blocks for EKS, ahead of demand")
        batching_window = Duration.seconds(config.batching_window_seconds)
        sweep_every = Duration.minutes(config.sweep_minutes)

        state = State(self, "State")
        alerts = Alerts(self, "Alerts", emails=config.alert_emails)
        work_queue = WorkQueue(self, "Work", function_timeout=TIMEOUT, batching_window=batching_window)
        fast_queue = FastQueue(
            self, "Fast", function_timeout=TIMEOUT, delay=Duration.seconds(config.wake_after_seconds)
        )
        role = ReconcileRole(self, "ReconcileRole").role
        state.grant_use(role)
        alerts.grant_publish(role)
        fast_queue.grant_continue(role)
        reconcile = Reconcile(
            self,
            "Reconcile",
            config=config,
            role=role,
            work_queue=work_queue,
            fast_queue=fast_queue,
            state=state,
            alerts=alerts,
        )

        release = Release(
            self, "Release", config=config, dependencies=reconcile.dependencies, fast_queue=fast_queue, state=state
        )
        release.grant_request(role)
        reconcile.function.add_environment("HEADROOM_RELEASE_QUEUE_URL", release.queue.queue_url)

        EventRules(
            self,
            "Events",
            work_queue=work_queue,
            fast_queue=fast_queue,
            own_role_arns=[role.role_arn, release.role.role_arn],
        )
        Sweep(self, "Sweep", every=sweep_every, work_queue=work_queue)
        audit = Audit(self, "Audit", config=config, dependencies=reconcile.dependencies, state=state)
        organisation = self._organisation(config, reconcile.dependencies, audit)
        Alarms(
            self,
            "Alarms",
            work_queue=work_queue,
            fast_queue=fast_queue,
            reconcile=reconcile,
            release=release,
            sweep_every=sweep_every,
            alerts=alerts,
            runbooks_url=config.runbooks_url,
            audit=audit,
            organisation=organisation.machine if organisation else None,
        )
        subnet_map = SubnetMapWidget(self, "SubnetMap", config=config, dependencies=reconcile.dependencies)
        dashboard = Dashboard(
            self,
            "Dashboard",
            work_queue=work_queue,
            fast_queue=fast_queue,
            reconcile=reconcile,
            release=release,
            audit=audit,
            subnet_map=subnet_map,
            single_address_floor=config.single_address_floor,
        )
        if config.trail:
            ApiCallTrail(self, "Trail")

        for name, value in {
            "TopicArn": alerts.topic.topic_arn,
            "ChatTopicArn": alerts.chat.topic_arn,
            "PagingTopicArn": alerts.paging.topic_arn,
            "MutesParameter": alerts.mutes.parameter_name,
            "WorkQueueUrl": work_queue.queue.queue_url,
            "DeadLetterQueueUrl": work_queue.dead_letters.queue_url,
            "FastQueueUrl": fast_queue.queue.queue_url,
            "FastDeadLetterQueueUrl": fast_queue.dead_letters.queue_url,
            "Policy": config.policy,
            "TableName": state.table.table_name,
            "SwitchParameter": state.switch.parameter_name,
            "ReconcileFunction": reconcile.function.function_name,
            "SubnetMapFunction": subnet_map.function.function_name,
            "AuditFunction": audit.function.function_name,
            "AuditDeadLetterQueueUrl": audit.dead_letters.queue_url,
            "DashboardName": dashboard.name,
            "ReportsBucket": audit.bucket.bucket_name,
            "ReleaseQueueUrl": release.queue.queue_url,
            "ReleaseDeadLetterQueueUrl": release.dead_letters.queue_url,
            "ReleaseFunction": release.function.function_name,
            **({"OrganisationStateMachineArn": organisation.machine.state_machine_arn} if organisation else {}),
        }.items():
            CfnOutput(self, name, value=value)

    def _organisation(self, config: Config, dependencies: lambda_.ILayerVersion, audit: Audit) -> Organisation | None:
        """The audit of many accounts, where there is to be one."""
        if not config.organisation:
            return None
        return Organisation(
            self,
            "Organisation",
            config=config,
            organisation=config.organisation,
            dependencies=dependencies,
            bucket=audit.bucket,
            dead_letters=audit.dead_letters,
        )
