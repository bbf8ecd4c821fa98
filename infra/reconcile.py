"""The reconcile function: reads what AWS says now, makes the reservations that are missing, tells people."""

from __future__ import annotations

import json

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra import bundle
from infra.alerts import Alerts
from infra.config import Config
from infra.fast_queue import FastQueue
from infra.function import LOGS, METRICS, function
from infra.layers import KUBERNETES_REQUIREMENTS
from infra.state import State
from infra.work_queue import WorkQueue

# Up to half of it may go by waiting for another run to end (functions/aws/lease.py); a run itself takes seconds.
TIMEOUT = Duration.minutes(2)

# An event source begins with five pollers, each with a batch of its own. All five wait together then, and one look is
# that of them all; with two at a time their windows would drift apart, and each would want its own.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
_MAX_CONCURRENCY = 5
_MAX_CONCURRENCY_FAST = 2  # the fewest that there may be; one group is one run at a time
# Without a batching window Lambda takes at most 10 messages, with one up to 10,000, or 6 MB of them.
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html#lambda-CreateEventSourceMapping-request-BatchSize
_BATCH, _BATCH_WITHOUT_WINDOW = 10_000, 10


class Reconcile(Construct):
    """The function with its dependencies, log group and event source."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Config,
        role: iam.IRole,
        work_queue: WorkQueue,
        fast_queue: FastQueue,
        state: State,
        alerts: Alerts,
    ) -> None:
        super().__init__(scope, id_)
        self.dependencies = self._dependencies()
        self.function = function(
            self,
            "reconcile",
            description="Headroom: keeps /28 blocks free in the subnets of EKS clusters",
            config=config,
            role=role,
            layers=[self.dependencies, *([self._kubernetes()] if config.read_kubernetes else [])],
            timeout=TIMEOUT,
            environment=_environment(config, fast_queue=fast_queue, state=state, alerts=alerts),
            calls_itself=True,  # a run that met its caps sends itself a Continue message
        )
        self.function.add_event_source(_events_of(work_queue, config))
        self.function.add_event_source(_wakes_of(fast_queue))

    def _dependencies(self) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            "Dependencies",
            description="Powertools and boto3, as pinned in functions/requirements.txt",
            code=bundle.dependency_code(),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )

    def _kubernetes(self) -> lambda_.LayerVersion:
        return lambda_.LayerVersion(
            self,
            "Kubernetes",
            description="The Kubernetes client, as pinned in functions/kubernetes-requirements.txt",
            code=bundle.dependency_code(KUBERNETES_REQUIREMENTS),
            compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
            compatible_architectures=[lambda_.Architecture.ARM_64],
        )


def _environment(config: Config, *, fast_queue: FastQueue, state: State, alerts: Alerts) -> dict[str, str]:
    return {
        "HEADROOM_TABLE_NAME": state.table.table_name,
        "HEADROOM_TOPIC_ARN": alerts.topic.topic_arn,
        "HEADROOM_CHAT_TOPIC_ARN": alerts.chat.topic_arn,
        "HEADROOM_PAGING_TOPIC_ARN": alerts.paging.topic_arn,
        "HEADROOM_MUTES_PARAMETER": alerts.mutes.parameter_name,
        "HEADROOM_RUNBOOKS_URL": config.runbooks_url,
        "HEADROOM_FAST_QUEUE_URL": fast_queue.queue.queue_url,
        "HEADROOM_SWITCH_PARAMETER": state.switch.parameter_name,
        "HEADROOM_POLICY": config.policy,
        "HEADROOM_SETTLE_SECONDS": str(config.settle_seconds),
        "HEADROOM_READ_KUBERNETES": json.dumps(config.read_kubernetes),
        **LOGS,
        **METRICS,
    }


def _events_of(work_queue: WorkQueue, config: Config) -> event_sources.SqsEventSource:
    window = config.batching_window_seconds
    return event_sources.SqsEventSource(
        work_queue.queue,
        batch_size=_BATCH if window else _BATCH_WITHOUT_WINDOW,
        max_batching_window=Duration.seconds(window),
        max_concurrency=_MAX_CONCURRENCY,
        report_batch_item_failures=True,
    )


def _wakes_of(fast_queue: FastQueue) -> event_sources.SqsEventSource:
    """FIFO queues have no batching window, and batches of at most 10; no more than a few messages ever wait here."""
    return event_sources.SqsEventSource(
        fast_queue.queue, batch_size=10, max_concurrency=_MAX_CONCURRENCY_FAST, report_batch_item_failures=True
    )
