"""The observer: it knows the truth, sees every change that the product makes, and holds both to I1-I12.

The product is judged by what it could know: a view that EC2 served old, or a tag that somebody takes away between the
look and the call, is not its fault. So each change is held against what its process was shown.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from functions.capacity.findings.own import Denied
from functions.pipeline import Outcome
from tests.simulation import journal, notices
from tests.simulation.addresses import BLOCK, Addresses, counted, range_of
from tests.simulation.dynamodb_expressions import Item
from tests.simulation.network import Answer, Network, View, tags_of
from tests.simulation.process import Process
from tests.simulation.queues import End
from tests.simulation.world import Invocation, World

OURS = ("headroom:owner", "headroom")
MODE = "headroom:mode"
SMALL, LEAST_FLOOR = 64, 8  # a subnet smaller than 64 times the floor leaves a 64th open, but no less than 8 addresses


@dataclass(frozen=True, kw_only=True)
class Break:
    """An invariant that did not hold."""

    invariant: str
    at: float
    what: str


@dataclass
class Observer:
    """Of one world. `breaks` is what it found."""

    world: World
    breaks: list[Break] = field(default_factory=list)
    created_on: Counter[tuple[str, str]] = field(default_factory=Counter)  # subnet, day
    deleted_on: Counter[tuple[str, str]] = field(default_factory=Counter)
    writes: int = 0
    checked: dict[str, int] = field(default_factory=dict)  # subnet -> version
    known: dict[int, tuple[View, Addresses]] = field(default_factory=dict)
    log: journal.Log = field(default_factory=journal.Log)
    heard: notices.Heard = field(default_factory=notices.Heard)

    def __post_init__(self) -> None:
        self.world.watch = self.changed
        self.world.judge = self.judged
        self.world.table.watch = self._wrote

    def broken(self, invariant: str, what: str) -> None:
        """Write it down."""
        self.breaks.append(Break(invariant=invariant, at=self.world.clock.now, what=what))
        self.world.trace(f"  BREAK {invariant}: {what}")

    def _wrote(self, key: tuple[str, str], item: Item | None) -> None:
        self.heard.wrote(key, item)
        self.log.wrote(key)

    # --- at each change by the product ---

    def changed(self, how: str, process: Process, network: Network, reservation: Answer) -> None:
        """EC2 has just done what the process asked."""
        self.writes += 1
        self.world.trace(f"    {process.name} {how} {reservation['SubnetCidrReservationId']} {reservation['Cidr']}")
        self.log.changed(how, reservation)
        wrong = self._created if how == "created" else self._deleted
        for invariant, what in (*wrong(process, network, reservation), *self._not_allowed(how, process, network)):
            self.broken(invariant, f"{process.name} {how} {reservation['Cidr']} in {network.id}: {what}")

    def _created(self, process: Process, network: Network, reservation: Answer) -> Iterator[tuple[str, str]]:
        policy, now = self.world.policy, network.log[-1]
        first, count = range_of(reservation)
        base, size = int(network.network.network_address), network.network.num_addresses
        if count % BLOCK or first % count or first < base + BLOCK or first + count > base + size - BLOCK:
            yield "I1", "it is not made of whole blocks that can be prefixes"
        ours = sum(map(is_ours, network.reservations.values()))
        if ours > policy.max_reservations_per_subnet:
            yield "I3", f"{ours} of ours, {policy.max_reservations_per_subnet} may be"
        self.created_on[network.id, self._day()] += 1
        if (today := self.created_on[network.id, self._day()]) > policy.max_creates_per_subnet_per_day:
            yield "I3", f"the {today}th of the day, {policy.max_creates_per_subnet_per_day} may be"
        process.created[network.id] = process.created.get(network.id, 0) + 1
        if (made := process.created[network.id]) > policy.max_creates_per_run:
            yield "I3", f"the {made}th of the run, {policy.max_creates_per_run} may be"
        floor = min(policy.single_address_floor, max(LEAST_FLOOR, size // SMALL))
        if self.count(now).open < floor > self._open_as_known(process, network):
            yield "I4", f"{self.count(now).open} single addresses are left, {floor} is the floor"

    def _open_as_known(self, process: Process, network: Network) -> int:
        """Open addresses of the view that the process planned with, less all that we have reserved by now."""
        seen = process.seen.get(("interfaces", network.id))
        if seen is None:
            return 0
        shown = {_id(each): each for each in _shown(process, network)}
        ours = {id_: each for id_, each in network.reservations.items() if is_ours(each)}
        known = View(0, seen.subnet, seen.interfaces, tuple((shown | ours).values()))
        return self.count(known, keep=False).open

    def _deleted(self, process: Process, network: Network, reservation: Answer) -> Iterator[tuple[str, str]]:
        self.deleted_on[network.id, self._day()] += 1
        today, most = self.deleted_on[network.id, self._day()], self.world.policy.max_releases_per_subnet_per_day
        if today > most:
            yield "I3", f"the {today}th of the day, {most} may be"
        seen = process.seen.get(("reservations", network.id))
        shown = [each for each in seen.reservations if _id(each) == _id(reservation)] if seen else []
        if not is_ours(reservation) and not any(map(is_ours, shown)):
            yield "I6", "it is somebody else's"
        if not shown:
            yield "I6", "the process had not looked at it"

    def _not_allowed(self, how: str, process: Process, network: Network) -> Iterator[tuple[str, str]]:
        if process.switch != "act":
            yield "I5", f"the switch said {process.switch!r}"
        seen = process.seen.get(("subnet", network.id))
        mode = tags_of(seen.subnet).get(MODE) if seen else None
        if mode not in ({"ahead", "steer"} if how == "created" else {"steer"}):
            yield "I5", f"the subnet's mode is {mode}"
        if how == "created" and (why := self._partial(process, network)):
            yield "I5", why

    def _partial(self, process: Process, network: Network) -> str:
        """Whether the counts that the process was given prove that it was not shown everything.

        What EC2 says of a partly used reservation is not documented, so anything between 'all of it is left out of
        the count' and 'none of it is' may be.
        """
        counts, seen = process.seen.get(("counts", network.id), ()), process.seen.get(("interfaces", network.id))
        if not counts or seen is None or ("reservations", network.id) not in process.seen:
            return "it had not looked"
        shown = _shown(process, network)
        reserved = {_id(each): range_of(each)[1] for each in (*shown, *network.reservations.values())}
        unused = self.count(seen).unused
        if min(counts) <= unused and max(counts) >= unused - sum(reserved.values()):
            return ""
        return f"EC2 counted {counts} and showed {unused} unused addresses"

    # --- after each invocation and each step ---

    def judged(self, done: Invocation) -> None:
        """An invocation is over."""
        process = done.process
        if process.timed_out:
            self.broken("I10", f"{process.name} ran into Lambda's timeout")
        if done.error.startswith("UNCAUGHT"):
            self.broken("R5", f"{process.name}: {done.error}")
        denied = done.answer is not None and isinstance(done.answer.outcome, Denied)
        if done.error or denied or process.lost_answer:
            self.heard.mishap(self.world.clock.now)
        if done.answer and isinstance(done.answer.outcome, Outcome):
            self._reported(process, done.answer.outcome)
        self.listen()

    def _reported(self, process: Process, outcome: Outcome) -> None:
        """Only of fresh views: of an old one the journal may know better."""
        if process.served_old:
            return
        for result in outcome.results:
            analysis = result.look.analysis
            seen = process.seen.get(("interfaces", analysis.subnet.id))
            listed = process.seen.get(("reservations", analysis.subnet.id))
            if seen is None or listed is None or listed.at > seen.at:
                continue  # changed between the two reads, or not read: no one truth to compare with
            if {_id(each) for each in listed.reservations} != {each.id for each in analysis.subnet.reservations}:
                continue  # the journal knows of more
            view = View(0, seen.subnet, seen.interfaces, listed.reservations)
            free = self.count(view, keep=False).free_blocks
            if free != analysis.blocks.free:
                said, real = sorted(analysis.blocks.free), sorted(free)
                self.broken("I12", f"{process.name} reports {said} free in {analysis.subnet.id}, there are {real}")

    def listen(self) -> None:
        """What people were told, and what the journal says."""
        for what in self.heard.listen(self.world.topic.delivered):
            self.broken("I8", what)
        for what in self.log.disagreements(self.world.table):
            self.broken("I11", what)

    def check(self) -> None:
        """What must hold of the world itself, whoever changed it."""
        for network in self.world.region.networks.values():
            if self.checked.get(network.id) != network.version:
                self.checked[network.id] = network.version
                self._check_ranges(network)

    def _check_ranges(self, network: Network) -> None:
        """Brute force over all reservations, since ec2_rules could be wrong."""
        base, size, taken = int(network.network.network_address), network.network.num_addresses, 0
        for each in network.reservations.values():
            first, count = range_of(each)
            mask = ((1 << count) - 1) << (first - base)
            if first % count or not base <= first <= base + size - count:
                self.broken("I1", f"{each['Cidr']} is not in {network.cidr}")
            if taken & mask:
                self.broken("I2", f"{each['Cidr']} overlaps another in {network.id}")
            taken |= mask

    def check_messages(self) -> None:
        """Once all queues are quiet: each message has been handled, or lies in a dead-letter queue."""
        for queue in (self.world.work, self.world.fast, self.world.releases):
            for each in queue.ended:
                if each.end is End.EXPIRED:
                    self.broken("I9", f"{each.id} was lost: {each.body:.80}")
                elif each.poison and each.end is not End.DEAD:
                    self.broken("I9", f"{each.id}, which nobody can read, was {each.end}: {each.body:.80}")
            for each in queue.messages:
                self.broken("I9", f"{each.id} is still there: {each.body:.80}")

    def check_rest(self) -> None:
        """Once all is quiet and AWS well again: all has been told, and the journal knows how everything ended."""
        for what in self.heard.undelivered():
            self.broken("I8", what)
        standing = (each for network in self.world.region.networks.values() for each in network.reservations.values())
        for what in self.log.unsettled(self.world.table, standing):
            self.broken("I11", what)

    def count(self, view: View, *, keep: bool = True) -> Addresses:
        """Its addresses, counted once."""
        if (found := self.known.get(id(view))) and found[0] is view:
            return found[1]
        addresses = counted(view)
        if keep:
            if len(self.known) > 500:
                self.known.clear()
            self.known[id(view)] = view, addresses
        return addresses

    def _day(self) -> str:
        return datetime.fromtimestamp(self.world.clock.now, UTC).date().isoformat()


def is_ours(reservation: Answer) -> bool:
    """Whether it carries our tag."""
    return OURS in tags_of(reservation).items()


def _shown(process: Process, network: Network) -> tuple[Answer, ...]:
    """The reservations that the process was shown: it, and not one before it in the same container."""
    seen = process.seen.get(("reservations", network.id))
    return seen.reservations if seen else ()


def _id(reservation: Answer) -> str:
    return str(reservation["SubnetCidrReservationId"])
