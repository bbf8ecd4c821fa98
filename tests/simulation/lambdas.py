"""The product's handlers, given clients of this world instead of boto3's: one process for each invocation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from functions.aws.act import AwsWriter
from functions.aws.notify import Topic
from functions.aws.reader import AwsReader
from functions.aws.switch import Switch
from functions.capacity.findings.own import Denied
from functions.capacity.journal import Entry, Kind
from functions.capacity.plan import CreateReservation
from functions.capacity.release import Settled
from functions.capacity.wording import Form
from functions.handlers import reconcile, release
from functions.pipeline import Outcome
from functions.settings import ReleaseSettings, Settings
from tests.simulation.dynamodb import DynamoDbClient
from tests.simulation.ec2 import Ec2Client
from tests.simulation.eks import AutoScalingClient, EksClient, SsmClient
from tests.simulation.process import Process
from tests.simulation.queues import SnsClient, SqsClient

if TYPE_CHECKING:
    from tests.simulation.world import World

SWITCH = "/headroom/switch"
FAST, RELEASES = "https://sqs/fast.fifo", "https://sqs/releases"
TABLE = "table"
TOPICS = {form: f"arn:aws:sns:us-east-1:123456789012:{form}" for form in Form}

OVERSLEEPS = 4

Records = list[Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What an invocation gave back: the messages that failed, and what it did."""

    failed: frozenset[str]
    outcome: Outcome | Denied | reconcile.Covered | None = None
    settled: tuple[Settled, ...] = ()


Handler = Callable[["World", Process, Records], Answer]


@dataclass(frozen=True)
class Clients:
    """functions.aws.clients.Clients: each client sees the world through the process."""

    world: "World"
    process: Process

    def ec2(self) -> Any:
        return Ec2Client(self.process, self.world.region, self.world.watch)

    def eks(self) -> Any:
        return EksClient(self.process, self.world.cluster)

    def autoscaling(self) -> Any:
        return AutoScalingClient(self.process)

    def dynamodb(self) -> Any:
        return DynamoDbClient(self.process, self.world.table)

    def sns(self) -> Any:
        return SnsClient(self.process, self.world.topic)

    def sqs(self) -> Any:
        return SqsClient(self.process, {FAST: self.world.fast, RELEASES: self.world.releases})

    def s3(self) -> Any:
        """Nothing of what runs here has a bucket."""
        raise NotImplementedError("s3")

    def ssm(self) -> Any:
        return SsmClient(self.process, self.world.parameters)


def settings_of(world: "World") -> Settings:
    """The reconcile function's environment."""
    return Settings(
        table_name=TABLE,
        topic_arn=TOPICS[Form.MAIL],
        chat_topic_arn=TOPICS[Form.CHAT],
        paging_topic_arn=TOPICS[Form.PAGING],
        fast_queue_url=FAST,
        release_queue_url=RELEASES,
        switch_parameter=SWITCH,
        policy=world.policy,
    )


def run_reconcile(world: "World", process: Process, records: Records) -> Answer:
    """What functions.handlers.reconcile.handler does with a batch."""
    batch = reconcile.read_batch(records)
    outcome = None
    if batch.scope:
        invocation = reconcile.Invocation(
            id=process.name,
            clock=world.clock.utc,
            # A run that waits for the lease sleeps longer than it meant to: whoever holds it is dead, so nothing
            # happens meanwhile, and 120 looks at the lease are a tenth of all calls.
            sleep=lambda seconds: world.clock.sleep(OVERSLEEPS * seconds),
            ends=datetime.fromtimestamp(process.ends_at, UTC),
        )
        outcome = reconcile.handle(batch, settings_of(world), Clients(world, process), invocation, world.kept())
    return Answer(failed=frozenset(batch.malformed), outcome=outcome)


def run_release(world: "World", process: Process, records: Records) -> Answer:
    """What functions.handlers.release.handler does with a batch."""
    requests, malformed = release.read_requests(records)
    config = ReleaseSettings(
        table_name=TABLE,
        fast_queue_url=FAST,
        switch_parameter=SWITCH,
        max_releases_per_subnet_per_day=world.policy.max_releases_per_subnet_per_day,
    )
    aws = release.aws_of(config, Clients(world, process), process.name, world.clock.utc)
    return Answer(failed=frozenset(malformed), settled=tuple(release.settle(each, aws) for each in requests))


@dataclass(frozen=True, kw_only=True)
class NaivePorts:
    """The product's adapters for who keeps no journal and no memory."""

    reader: AwsReader
    writer: AwsWriter
    switch: Switch
    topic: Topic
    decision: str

    def intent(self, action: CreateReservation) -> Entry:
        """An entry that nobody writes down."""
        return Entry(
            id=f"{self.decision}/{action.cidr}",
            subnet_id=action.subnet_id,
            kind=Kind.CREATE,
            cidr=action.cidr,
            at=datetime.fromtimestamp(0, UTC),
            reason=action.reason,
            decision=self.decision,
        )


def naive_ports(world: "World", process: Process) -> NaivePorts:
    """They see the world through the process, as the product's do."""
    to = Clients(world, process)
    return NaivePorts(
        reader=AwsReader(ec2=to.ec2(), eks=to.eks(), autoscaling=to.autoscaling()),
        writer=AwsWriter(ec2=to.ec2()),
        switch=Switch(ssm=to.ssm(), parameter=SWITCH),
        topic=Topic(sns=to.sns(), arn=TOPICS[Form.MAIL]),
        decision=process.name,
    )


def record_of(id_: str, body: str, sent: float) -> Mapping[str, Any]:
    """An SQS record as Lambda hands it over."""
    return {"messageId": id_, "body": body, "attributes": {"SentTimestamp": str(int(sent * 1000))}}
