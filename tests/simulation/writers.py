"""R3: two to four writers at the same time, any of which may be held up until its lease has lapsed.

Each writer is a thread that runs only while it has the baton, and hands it back before every call: so the schedule of
calls is the seed's alone. A writer that is held up wakes with a view and a plan from before, and does not know.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from functions.capacity.model import Policy
from functions.handlers import reconcile
from tests.simulation import world
from tests.simulation.faults import OLDEST, Fault, Kind
from tests.simulation.invariants import Break, Observer
from tests.simulation.lambdas import Clients, record_of, settings_of
from tests.simulation.nature import Nature
from tests.simulation.process import Process, ProcessKilled, Trace
from tests.simulation.world import EXPECTED, World

RUN = 90.0  # seconds that each writer believes it has; its lease lasts a second longer
HELD_UP, HELD_UP_AT_CHANGES = 0.02, 0.3  # chances that a writer is held up at a call
CHANGES = {"transact_write_items", "create_subnet_cidr_reservation", "publish"}
SOMETHING_HAPPENS = 0.1  # chance, at a call
PAUSES = (1.0, 30.0, 100.0, 250.0)  # seconds
LATEST_START = 240.0  # seconds after the first
CALLS = 3000  # at most, of all writers
SWEEP = reconcile.read_batch([record_of("sweep", world.SWEEP, 4e9)])


@dataclass
class Writer:
    """One run of the reconcile, in a thread of its own."""

    process: Process
    work: Callable[[], object]
    wakes_at: float = 0.0
    ends: float = float("inf")  # when it should: its lease lapses a second later
    next: str = ""  # the call that it is about to make
    error: BaseException | None = None
    over: bool = False
    mine: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    yours: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        """The thread waits for its first turn."""
        threading.Thread(target=self._run, daemon=True).start()

    def turn(self) -> None:
        """Let it run up to its next call."""
        self.mine.release()
        self.yours.acquire()

    def yield_(self, operation: str = "") -> None:
        """Called by the thread before this call: somebody else's turn."""
        self.next = operation
        self.yours.release()
        self.mine.acquire()

    def _run(self) -> None:
        self.mine.acquire()
        try:
            self.work()
        except (*EXPECTED, ProcessKilled) as error:
            self.error = error
        except Exception as error:  # noqa: BLE001 - no other may escape: reported by who waits
            self.error = error
        self.over = True
        self.yours.release()


@dataclass
class Contest:
    """The schedule of one seed."""

    seed: int
    trace: Trace = lambda _: None

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.world = World(self.rng, tight_policy(self.rng), trace=self.trace)
        self.observer = Observer(self.world)
        self.nature = Nature(self.world, self.rng)
        network = self.world.region.add_network("10.0.0.0/25", self.rng.choice(("ahead", "steer")))
        self.world.cluster.add_group("workers", network.id, desired=1, most=2)
        if self.rng.random() < 0.5:
            until = self.world.clock.now + self.rng.uniform(10, OLDEST)
            self.world.faults.add(Fault(kind=Kind.STALE, as_of=self.world.clock.now, until=until, share=0.5))

    def run(self) -> list[Break]:
        """All writers to their end, then quiet."""
        writers = [self._writer() for _ in range(self.rng.randrange(2, 5))]
        for _ in range(CALLS):
            if not (left := [each for each in writers if not each.over]):
                break
            self._one_turn(left)
        for each in writers:
            self._judge(each)
        self._settle()
        return self.observer.breaks

    def _one_turn(self, left: list[Writer]) -> None:
        now = self.world.clock.now
        awake = [each for each in left if each.wakes_at <= now]
        if not awake:
            self.world.clock.now = min(each.wakes_at for each in left)
            return
        writer = self.rng.choice(awake)
        if self.rng.random() < (HELD_UP_AT_CHANGES if writer.next in CHANGES else HELD_UP):
            writer.next = ""
            pause = self.rng.choice(PAUSES)
            self.trace(f"    {writer.process.name} is held up for {pause} s")
            writer.wakes_at = now + pause
            self.observer.heard.mishap(writer.wakes_at)  # it may say what another has said meanwhile
            return
        if self.rng.random() < SOMETHING_HAPPENS:
            self.rng.choice(
                (self.nature.single_comes, self.nature.single_goes, self.nature.launch, self.nature.scale)
            )()
        if now > writer.ends:
            self.observer.heard.mishap(now)  # another has had the lease since, and may have said the same
        writer.turn()
        self.observer.check()

    def _writer(self) -> Writer:
        process = self.world.process("writer", float("inf"))

        def work() -> object:
            writer.ends = self.world.clock.now + RUN
            invocation = reconcile.Invocation(
                id=process.name,
                clock=self.world.clock.utc,
                sleep=lambda seconds: self._sleep(writer, seconds),
                ends=self.world.clock.utc_in(RUN),
            )
            clients: Any = Clients(self.world, process)
            return reconcile.handle(SWEEP, settings_of(self.world), clients, invocation)

        writer = Writer(process, work, wakes_at=self.world.clock.now + self.rng.uniform(0, LATEST_START))
        process.before_call = writer.yield_
        writer.start()
        return writer

    def _sleep(self, writer: Writer, seconds: float) -> None:
        writer.wakes_at = self.world.clock.now + seconds
        writer.yield_()

    def _judge(self, writer: Writer) -> None:
        if not writer.over:
            self.observer.broken("I7", f"{writer.process.name} never ended")
        elif writer.error is not None and not isinstance(writer.error, EXPECTED):
            self.observer.broken("R5", f"{writer.process.name}: {writer.error!r}")
        if writer.error is not None:
            self.observer.heard.mishap(self.world.clock.now)
        self.observer.listen()

    def _settle(self) -> None:
        self.world.faults.clear()
        self.world.run_for(OLDEST + RUN)
        for _ in range(3):
            writes = self.observer.writes
            self.world.sweep()
            self.world.run_until_idle()
            self.world.run_for(OLDEST + 1)
        if self.observer.writes != writes:
            self.observer.broken("I7", "a third sweep changed reservations")
        self.observer.check()
        self.observer.check_rest()


def tight_policy(rng: Random) -> Policy:
    """Caps that two writers together would pass."""
    return Policy(
        single_address_floor=rng.choice((8, 24)),
        max_creates_per_run=rng.choice((1, 2)),
        max_creates_per_subnet_per_day=rng.choice((2, 3, 200)),
        max_reservations_per_subnet=rng.choice((1, 2, 3)),
    )


def run_one(seed: int, trace: Trace = lambda _: None) -> list[Break]:
    """The breaks of one seed."""
    return Contest(seed, trace).run()
