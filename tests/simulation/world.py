"""The whole world of one schedule: AWS in memory, the Lambdas' event sources, time, and who watches."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from random import Random

from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.deadline import DeadlineError
from functions.aws.kept import Kept
from functions.aws.lease import LeaseLostError, LeaseNotHadError
from functions.capacity.model import Policy
from functions.handlers.reconcile import LAST_SECONDS
from tests.simulation.clock import Clock
from tests.simulation.dynamodb import Table
from tests.simulation.eks import Cluster
from tests.simulation.faults import Faults
from tests.simulation.lambdas import SWITCH, Answer, Handler, record_of, run_reconcile, run_release
from tests.simulation.network import Answer as Described
from tests.simulation.network import Network, Region
from tests.simulation.process import LATENCY, Process, ProcessKilled, Trace
from tests.simulation.queues import Queue, SqsMessage, Topic

RECONCILE_TIMEOUT, RELEASE_TIMEOUT = 120.0, 30.0  # seconds, as infra/reconcile.py and infra/release.py have them
WINDOW = 20.0  # seconds that the event source gathers messages for
BATCH, FAST_BATCH = 1000, 10
FAST_DELAY = 5.0
DAY = 86_400.0
SWEEP = json.dumps({"source": "headroom", "detail-type": "Sweep", "detail": {}})

EXPECTED = (
    ClientError,
    BotoCoreError,
    DeadlineError,
    LeaseNotHadError,
    LeaseLostError,
)  # what a handler may let escape; all else is a break


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """What runs on the queues, and how these are set up: Headroom, or one of the controls (policies.py)."""

    name: str = "headroom"
    reconcile: Handler = run_reconcile
    release: Handler = run_release
    most_receives: int | None = 5
    retention: float = 4 * DAY


HEADROOM = Deployment()


@dataclass
class Invocation:
    """One that is over. `error` is what it let escape; empty for a success."""

    process: Process
    answer: Answer | None
    error: str = ""


def _nobody(*_: object) -> None:
    pass


@dataclass
class World:
    """Everything there is. `watch` is told of each change that the product makes in EC2, `judge` of each invocation."""

    rng: Random
    policy: Policy = field(default_factory=Policy)
    deployment: Deployment = HEADROOM
    trace: Trace = _nobody
    watch: Callable[[str, Process, Network, Described], None] = _nobody
    judge: Callable[[Invocation], None] = _nobody

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.faults = Faults(self.rng)
        self.region = Region(self.clock, self.rng)
        self.cluster = Cluster()
        self.table = Table()
        self.topic = Topic()
        self.parameters = {SWITCH: "act"}
        setup = self.deployment
        self.work = Queue("work", self.clock, 6 * RECONCILE_TIMEOUT + WINDOW, setup.retention, setup.most_receives)
        self.fast = Queue(
            "fast",
            self.clock,
            RECONCILE_TIMEOUT + FAST_DELAY,
            setup.retention,
            setup.most_receives,
            fifo=True,
            delay=FAST_DELAY,
        )
        self.containers = [Kept(), Kept()]
        self.releases = Queue("releases", self.clock, 6 * RELEASE_TIMEOUT, 3600.0, setup.most_receives)
        self.deletes_get_lost = False  # of the next batch
        self.invocations = 0
        self.seconds_of_a_call = LATENCY

    def process(self, kind: str, timeout: float) -> Process:
        """A new invocation."""
        self.invocations += 1
        return Process(
            f"{kind}-{self.invocations}",
            self.clock,
            self.faults,
            self.clock.now + timeout,
            self.trace,
            stops_at=self.clock.now + timeout - LAST_SECONDS,
            seconds_of_a_call=self.seconds_of_a_call,
        )

    def kept(self) -> Kept:
        """What the process's container kept of earlier invocations; there are two, as many as may run at once."""
        return self.containers[self.invocations % 2]

    def sweep(self) -> None:
        """The schedule's message."""
        self.work.send(SWEEP)

    def run_for(self, seconds: float) -> None:
        """Let that much time pass, with all that comes due in it."""
        until = self.clock.now + seconds
        while self.due() <= until:
            self.step()
        self.clock.now = max(self.clock.now, until)

    def run_until_idle(self, at_most: int = 10_000) -> bool:
        """Until no message is left that is to be handled; False if there is no end to it."""
        return any(not self.step() for _ in range(at_most))

    def step(self) -> bool:
        """Let time pass until a batch is handed over; False if there is none to come."""
        if (due := self.due()) == inf:
            return False
        self.clock.now = max(self.clock.now, due)
        if self.releases.due() <= self.clock.now:
            self.hand_over(self.releases, self.releases.receive(1))
        elif self.fast.due() <= self.clock.now:
            self.hand_over(self.fast, self.fast.receive(FAST_BATCH))
        elif self.work.due() + WINDOW <= self.clock.now:
            self.hand_over(self.work, self.work.receive(BATCH))
        return True

    def due(self) -> float:
        """When an event source next hands over a batch."""
        return min(self.work.due() + WINDOW, self.fast.due(), self.releases.due())

    def hand_over(self, queue: Queue, batch: list[SqsMessage]) -> None:
        """One invocation for a batch: on success its messages go, but those that it names."""
        if not batch:
            return
        is_work = queue is not self.releases
        process = self.process(queue.name, RECONCILE_TIMEOUT if is_work else RELEASE_TIMEOUT)
        done = self._invoke(process, self.deployment.reconcile if is_work else self.deployment.release, batch)
        self.trace(f"  {process.name}: {len(batch)} messages, {process.calls} calls {done.error}")
        if done.answer and not self.deletes_get_lost:
            for each in batch:
                if each.id not in done.answer.failed:
                    queue.delete(each)
        self.deletes_get_lost = False
        self.judge(done)

    def _invoke(self, process: Process, handler: Handler, batch: list[SqsMessage]) -> Invocation:
        records = [record_of(each.id, each.body, each.sent) for each in batch]
        try:
            return Invocation(process, handler(self, process, records))
        except ProcessKilled:
            self.containers[self.invocations % 2] = Kept()
            return Invocation(process, None, "killed")
        except EXPECTED as error:
            return Invocation(process, None, f"{type(error).__name__}: {error}")
        except Exception as error:  # noqa: BLE001 - any other type that escapes is what we look for
            return Invocation(process, None, f"UNCAUGHT {type(error).__name__}: {error!r}")
