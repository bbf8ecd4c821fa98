"""The release function, the only one that may delete reservations, and the queue by which it is asked to."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.config import Config
from infra.fast_queue import FastQueue
from infra.function import LOGS, METRICS, function
from infra.queues import TIMEOUTS_PER_VISIBILITY, queues
from infra.release_role import ReleaseRole
from infra.state import State

# Five calls to AWS, each of which gives up after three attempts within seconds.
TIMEOUT = Duration.seconds(30)
# One request a run: an error costs no other request anything, and is seen in the function's own metric. Five runs at
# once are a decision's releases, and EC2's bucket for the call: 5, refilled 1 a second.
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
_BATCH, _MAX_CONCURRENCY = 1, 5


class Release(Construct):
    """A queue for requests with its dead-letter queue, and the function that carries them out at once.

    `grant_request` lets a role ask; what is asked is checked against EC2 and never trusted.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Config,
        dependencies: lambda_.ILayerVersion,
        fast_queue: FastQueue,
        state: State,
    ) -> None:
        super().__init__(scope, id_)
        made = queues(
            self,
            # The function drops what is older than five minutes; this long, five tries of what it cannot read.
            retention=Duration.hours(1),
            visibility=Duration.seconds(TIMEOUTS_PER_VISIBILITY * TIMEOUT.to_seconds()),
        )
        self.queue, self.dead_letters = made.queue, made.dead_letters
        self.role = ReleaseRole(self, "Role", state=state).role
        fast_queue.grant_continue(self.role)
        self.function = function(
            self,
            "release",
            description="Headroom: gives its own reservations back where single addresses need the room",
            config=config,
            role=self.role,
            layers=[dependencies],
            timeout=TIMEOUT,
            environment=_environment(config, fast_queue=fast_queue, state=state),
            calls_itself=True,  # after a release it asks the reconcile to look, which may ask for the next one
        )
        self.function.add_event_source(
            event_sources.SqsEventSource(  # no batching window: single addresses may be waiting for the room
                self.queue, batch_size=_BATCH, max_concurrency=_MAX_CONCURRENCY, report_batch_item_failures=True
            )
        )

    def grant_request(self, role: iam.IRole) -> None:
        """Lets the role ask for releases."""
        self.queue.grant(role, "sqs:SendMessage")


def _environment(config: Config, *, fast_queue: FastQueue, state: State) -> dict[str, str]:
    return {
        "HEADROOM_TABLE_NAME": state.table.table_name,
        "HEADROOM_FAST_QUEUE_URL": fast_queue.queue.queue_url,
        "HEADROOM_SWITCH_PARAMETER": state.switch.parameter_name,
        "HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY": str(config.max_releases_per_subnet_per_day),
        **LOGS,
        **METRICS,
    }
