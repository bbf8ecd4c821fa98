"""Which batches look, when they begin, and which of AWS's answers they use again."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from functions.aws.kept import Kept
from functions.capacity.arrivals import Kind
from functions.capacity.journal import LIVES, RECKONED, STALE, USED_AGAIN
from functions.handlers import reconcile
from functions.handlers.reconcile import Covered, handle, read_batch
from functions.pipeline import Outcome
from tests.events import sample
from tests.simulation.clock import Clock
from tests.simulation.lambdas import Clients, record_of, settings_of
from tests.simulation.network import Network
from tests.simulation.process import Process, ProcessKilled
from tests.simulation.world import World

LAUNCH = "ec2/InstanceStateChange.running.json"
WAKE, SWEEP, URGENT = (f"headroom/{kind}.json" for kind in ("Wake", "Sweep", "Urgent"))
SETTLES = 10


@dataclass
class Deployed:
    """The reconcile function in a simulated account with one steered subnet and a group in it."""

    world: World = field(default_factory=lambda: World(Random(1)))
    kept: Kept = field(default_factory=Kept)  # one process

    def __post_init__(self) -> None:
        self.subnet: Network = self.world.region.add_network("10.0.0.0/24", "steer")
        self.world.cluster.add_group("workers", self.subnet.id, desired=1, most=1)

    @property
    def clock(self) -> Clock:
        return self.world.clock

    def invoke(self, *events: str, age: float = 0, before: Callable[[Process], None] = lambda _: None) -> Any:
        """A batch of sample events, the newest of which SQS got `age` seconds ago."""
        process = self.world.process("reconcile", 120)
        before(process)
        records = [record_of(event, json.dumps(sample(event)), self.clock.now - age) for event in events]
        invocation = reconcile.Invocation(
            id=process.name,
            clock=self.clock.utc,
            sleep=self.clock.sleep,
            ends=datetime.fromtimestamp(process.ends_at, UTC),
        )
        config = replace(settings_of(self.world), settle_seconds=SETTLES)
        self.process = process
        return handle(read_batch(records), config, Clients(self.world, process), invocation, self.kept)

    @property
    def reads(self) -> list[str]:
        """What the last invocation asked EC2."""
        return [call.removeprefix("ec2.") for call in self.process.made if call.startswith("ec2.")]


@pytest.fixture
def deployed() -> Deployed:
    return Deployed()


@pytest.mark.parametrize(
    ("age", "waits"),
    [(0, SETTLES), (2, SETTLES - 2), (SETTLES, 0), (300, 0), (-40, SETTLES)],
    ids=["just now", "two seconds ago", "settled", "long ago", "by a clock that is ahead of ours"],
)
def test_a_look_waits_until_its_newest_event_has_settled_and_never_longer(deployed, age, waits):
    assert waited(deployed, LAUNCH, age=age) == pytest.approx(waits, abs=0.01)


@pytest.mark.parametrize("events", [(WAKE,), (URGENT,), (WAKE, URGENT)])
def test_what_comes_by_the_fast_way_has_waited_in_its_queue(deployed, events):
    assert waited(deployed, *events, age=0) == pytest.approx(0, abs=0.01)


def waited(deployed: Deployed, *events: str, age: float) -> float:
    """How long until the first call."""
    began = deployed.clock.now
    calls: list[float] = []

    def watch(process: Process) -> None:
        process.before_call = lambda _: calls.append(deployed.clock.now)

    deployed.invoke(*events, age=age, before=watch)
    return calls[0] - began


def test_batches_that_close_together_have_one_look_whatever_events_they_hold(deployed):
    assert isinstance(deployed.invoke(LAUNCH), Outcome)
    assert isinstance(deployed.invoke(LAUNCH, age=SETTLES + 2), Covered), "of a batch that closed while it waited"
    assert deployed.reads == []
    assert isinstance(deployed.invoke(LAUNCH), Outcome), "one that came after the look"


def test_a_wake_up_in_the_middle_of_a_storm_looks_at_nothing_and_one_after_a_quiet_time_does(deployed):
    deployed.invoke(LAUNCH)
    deployed.clock.now += 50
    assert isinstance(deployed.invoke(WAKE, age=0), Covered)
    assert isinstance(deployed.invoke(WAKE, URGENT, age=0), Outcome), "what is urgent does not wait for the storm"
    deployed.clock.now += 300
    deployed.invoke(SWEEP)
    deployed.clock.now += 30
    assert isinstance(deployed.invoke(WAKE, age=0), Outcome)


def test_events_of_a_batch_that_needs_no_look_have_arrived_all_the_same(deployed):
    """Else people would be told that events of this kind do not come."""
    deployed.invoke(SWEEP)
    assert isinstance(deployed.invoke(LAUNCH, age=SETTLES + 2), Covered)
    assert Kind.INSTANCES in deployed.world.table.under("ARRIVALS")["EVENTS"]


def test_a_run_that_fails_midway_leaves_nothing_to_be_used_again(deployed):
    while not deployed.kept.reservations.known:  # until there is nothing to change any more
        deployed.invoke(SWEEP)

    def fail(operation: str) -> None:
        if operation == "put_item":
            raise TimeoutError

    with pytest.raises(TimeoutError):
        deployed.invoke(SWEEP, before=lambda process: setattr(process, "before_call", fail))
    assert not deployed.kept.reservations.known


def test_the_lease_of_a_run_that_dies_lasts_as_long_as_lambda_could_have_let_it_live_and_no_longer(deployed):
    def die(operation: str) -> None:
        if operation == "put_item":
            deployed.process.die("before", "dynamodb", operation)

    with pytest.raises(ProcessKilled):
        deployed.invoke(SWEEP, before=lambda process: setattr(process, "before_call", die))
    dead = deployed.process
    deployed.clock.now = dead.ends_at - 20
    assert first_read(deployed, SWEEP, age=SETTLES) == pytest.approx(dead.ends_at, abs=3)


def first_read(deployed: Deployed, *events: str, age: float) -> float:
    """When a run that waits for its turn begins to look."""
    reads: list[float] = []

    def watch(process: Process) -> None:
        process.before_call = lambda name: reads.append(deployed.clock.now) if name == "describe_subnets" else None

    deployed.invoke(*events, age=age, before=watch)
    return reads[0]


def test_answers_are_used_again_for_less_than_the_journal_speaks_for():
    """A change that a stale answer does not show is still in the journal when that answer is used for the last time."""
    assert LIVES + STALE + USED_AGAIN <= RECKONED


def test_dead_letters_that_are_sent_again_change_nothing_and_tell_nothing(deployed):
    """What the runbook lets people do. Each is a look like any other, whatever the event was, and however old."""
    while not deployed.kept.reservations.known:  # until there is nothing to change any more
        deployed.invoke(SWEEP)
    standing = set(deployed.subnet.reservations)
    told = len(deployed.world.topic.delivered)
    redriven = (
        LAUNCH,
        SWEEP,
        WAKE,
        "cloudtrail-ec2/DeleteSubnetCidrReservation.json",
        "cloudtrail-eks/UpdateAddon.json",
    )
    for _ in range(2):
        again = deployed.invoke(*redriven)
        assert [(each.created, each.refused, each.releases) for each in again.results] == [((), (), ())]
    assert standing == set(deployed.subnet.reservations)
    assert told == len(deployed.world.topic.delivered)
