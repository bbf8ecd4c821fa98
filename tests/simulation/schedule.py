"""One schedule: a world made from a seed, 60 things that happen in it, and quiet at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from functions.capacity.model import Policy
from tests.simulation.faults import OLDEST, Fault, Kind
from tests.simulation.invariants import Break, Observer
from tests.simulation.lambdas import SWITCH
from tests.simulation.nature import Nature
from tests.simulation.notices import ALERT_HOLDS
from tests.simulation.process import Trace
from tests.simulation.world import HEADROOM, Deployment, World

STEPS = 60
SWEEP_EVERY = 300.0
UNKNOWN = 721.0  # seconds: longer than a call whose end nobody knows counts as made (functions/capacity/journal.py)
IN_A_BURST = 0.92  # share of the things that follow the one before at once
SERVICES = ("ec2", "eks", "dynamodb", "sqs", "sns", "ssm", "")
WRITES = (
    ("ec2", "create_subnet_cidr_reservation"),
    ("ec2", "delete_subnet_cidr_reservation"),
    ("dynamodb", "transact_write_items"),
    ("dynamodb", "update_item"),
    ("dynamodb", "delete_item"),
    ("sns", "publish"),
    ("sqs", "send_message"),
)
SUBNETS = (("10.0.0.0/24",), ("10.0.0.0/25",), ("10.0.0.0/26", "10.0.1.0/25"), ("10.0.0.0/24",))


def _silent(_: str) -> None:
    pass


@dataclass
class Schedule:
    """The run of one seed."""

    seed: int
    deployment: Deployment = HEADROOM
    trace: Trace = _silent
    steps: int = STEPS
    passes: int = 0
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.world = World(self.rng, policy_of(self.rng), self.deployment, self.trace)
        self.nature = Nature(self.world, self.rng)
        self.observer = Observer(self.world)
        self.swept = self.world.clock.now
        for number, cidr in enumerate(self.rng.choice(SUBNETS)):
            network = self.world.region.add_network(cidr, self.rng.choice(("ahead", "steer")))
            self.world.cluster.add_group(f"workers-{number}", network.id, desired=1, most=self.rng.randrange(3))
        for _ in range(self.rng.randrange(12)):
            self.nature.single_comes()

    def run(self) -> list[Break]:
        """All of it; the breaks found."""
        self.trace(f"seed {self.seed}: {self.world.policy}")
        for number in range(self.steps):
            self._wait()
            name = self.rng.choices(NAMES, WEIGHTS)[0]
            self.trace(f"{self.world.clock.utc():%H:%M:%S} {number}: {name}")
            self._do(name)
            self.observer.check()
        self.settle()
        return self.observer.breaks

    def settle(self) -> None:
        """Nothing goes wrong any more. One sweep brings all to where it should be; another changes nothing."""
        self.trace(f"{self.world.clock.utc():%H:%M:%S} quiet")
        self.world.faults.clear()
        self.world.parameters[SWITCH] = "act"
        self.nature.unhide()
        self.world.run_for(UNKNOWN)
        self._come_to_rest()
        self._sweep()
        self._come_to_rest()
        self.world.run_for(ALERT_HOLDS)
        before = self.observer.writes
        self._sweep()
        self._come_to_rest()
        if self.observer.writes != before:
            self.observer.broken("I7", f"a second sweep changed {self.observer.writes - before} reservations")
        if self.seed % 4 == 0:
            self._sweep_says_nothing()
        self.observer.check_messages()
        self.observer.check_rest()

    def _sweep_says_nothing(self) -> None:
        said = len(self.world.topic.delivered)
        self._sweep()
        self._come_to_rest()
        news = [each for each in self.world.topic.delivered[said:] if each.attributes["state"] != "reminded"]
        if news:
            subjects = [each.subject for each in news]
            self.observer.broken("I7", f"a third sweep had news: {subjects}")

    def _come_to_rest(self) -> None:
        if not self.world.run_until_idle():
            self.observer.broken("I7", "the queues never become quiet")
        self.observer.check()

    def _wait(self) -> None:
        gap = self.rng.uniform(0, 1.5) if self.rng.random() < IN_A_BURST else self.rng.uniform(25, 120)
        self.world.run_for(gap)
        if self.world.clock.now - self.swept > SWEEP_EVERY:
            self._sweep()

    def _sweep(self) -> None:
        self.swept = self.world.clock.now
        self.trace(f"{self.world.clock.utc():%H:%M:%S} sweep")
        self.world.sweep()

    def _do(self, name: str) -> None:
        if hasattr(self.nature, name):
            getattr(self.nature, name)()
        else:
            FAULTS[name](self)

    # --- faults ---

    def add_fault(self, kind: Kind, *, seconds: tuple[float, float] = (10, 200), **more: Any) -> None:
        """From now on, for a random time."""
        until = self.world.clock.now + self.rng.uniform(*seconds)
        fault = Fault(kind=kind, until=until, **more)
        self.trace(f"    {fault}")
        self.world.faults.add(fault)

    def _refuse(self, kind: Kind) -> None:
        self.add_fault(kind, **self._calls(), share=self.rng.choice((0.1, 0.5, 1)))

    def _kill(self) -> None:
        self._once(self.rng.choice((Kind.KILL_BEFORE, Kind.KILL_AFTER)))

    def _once(self, kind: Kind) -> None:
        calls = self._calls()
        skip = self.rng.randrange(3) if "operation" in calls else self.rng.randrange(30)
        self.add_fault(kind, seconds=(60, 400), **calls, skip=skip)

    def _calls(self) -> dict[str, Any]:
        """Which calls a fault strikes: half of them are calls that change something."""
        if self.rng.random() < 0.5:
            service, operation = self.rng.choice(WRITES)
            return {"service": service, "operation": operation}
        return {"service": self.rng.choice(SERVICES)}

    def _stale(self) -> None:
        as_of = self.world.clock.now - self.rng.uniform(0, OLDEST)
        self.add_fault(Kind.STALE, seconds=(10, OLDEST), as_of=as_of, share=self.rng.choice((0.5, 1)))

    def _slow(self) -> None:
        self.add_fault(Kind.SLOW, service=self.rng.choice(SERVICES), seconds=(5, 60), share=0.3)
        self.world.faults.active[-1].seconds = self.rng.uniform(0.2, 3)

    def _meanwhile(self) -> None:
        happens = getattr(
            self.nature, self.rng.choice(("launch", "single_comes", "grow", "reserve", "retag", "scale", "untag"))
        )
        self.add_fault(Kind.MEANWHILE, skip=self.rng.randrange(30), happens=happens)

    def _lose_deletes(self) -> None:
        self.world.deletes_get_lost = True

    def _expire(self) -> None:
        self.world.table.expire(self.world.clock.now)


FAULTS: Mapping[str, Callable[[Schedule], None]] = {
    "throttle": lambda one: one._refuse(Kind.THROTTLE),
    "break": lambda one: one._refuse(Kind.BREAK),
    "deny": lambda one: one._refuse(Kind.DENY),
    "kill": Schedule._kill,
    "lose answer": lambda one: one._once(Kind.LOSE_ANSWER),
    "fail page": lambda one: one._once(Kind.PAGE),
    "stale": Schedule._stale,
    "slow": Schedule._slow,
    "meanwhile": Schedule._meanwhile,
    "lose deletes": Schedule._lose_deletes,
    "expire": Schedule._expire,
}

CHANCES = {
    "launch": 12,
    "grow": 14,
    "terminate": 5,
    "scale": 4,
    "single_comes": 8,
    "single_goes": 5,
    "hide": 1,
    "unhide": 2,
    "retag": 1,
    "reserve": 2,
    "unreserve": 1,
    "untag": 1,
    "ask_release": 2,
    "turn_switch": 2,
    "malformed": 2,
    "foreign": 1,
    "throttle": 3,
    "break": 2,
    "deny": 1,
    "kill": 6,
    "lose answer": 3,
    "fail page": 1,
    "stale": 7,
    "slow": 1,
    "meanwhile": 4,
    "lose deletes": 1,
    "expire": 1,
}
NAMES, WEIGHTS = list(CHANCES), list(CHANCES.values())


def policy_of(rng: Random) -> Policy:
    """Caps so small that they are met."""
    return Policy(
        single_address_floor=rng.choice((4, 16, 32)),
        max_creates_per_run=rng.choice((1, 2, 5)),
        max_creates_per_subnet_per_day=rng.choice((5, 12, 200)),
        max_reservations_per_subnet=rng.choice((2, 4, 64)),
        max_releases_per_subnet_per_day=rng.choice((3, 200)),
    )
