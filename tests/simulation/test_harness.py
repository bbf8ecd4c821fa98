"""The harness can fail: a product with one safeguard taken out is found out."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network

from functions.aws import answers, chapters
from functions.aws.journal import Journal
from functions.aws.lease import Holding, Lease
from functions.aws.reader import AwsReader
from functions.aws.release import Releaser
from functions.aws.subnets import SubnetReader
from functions.aws.switch import Switch
from functions.capacity import analyse, release
from functions.capacity.blocks import BlockMap
from functions.capacity.findings.finding import Finding
from functions.capacity.findings.subnet_state import Situation, reserved
from functions.capacity.model import BLOCK, Reservation
from functions.capacity.release import ReleaseRequest, Sight
from functions.capacity.switch import SwitchState
from functions.handlers import release as release_handler
from functions.ports import Aws
from functions.stages import look, tell
from tests.simulation import kills, writers
from tests.simulation.invariants import Break
from tests.simulation.schedule import Schedule


def scheduled(first: int = 0, limit: int = 150) -> set[str]:
    """The invariants that the first broken schedule breaks. `first` is the seed to begin with: it once broke one."""
    return first_broken(Schedule(seed).run() for seed in (first, *range(limit)))


def contested(first: int, limit: int = 300) -> set[str]:
    return first_broken(writers.run_one(seed) for seed in (first, *range(limit)))


def killed(situation: str) -> set[str]:
    return first_broken(kills.run(each) for each in kills.cases() if each.situation == situation)


def first_broken(runs: Iterable[list[Break]]) -> set[str]:
    found: list[Break] = next((breaks for breaks in runs if breaks), [])
    return {each.invariant for each in found}


def test_without_the_lease_and_its_number_writers_pass_a_cap_or_say_things_twice(monkeypatch):
    @contextmanager
    def held(self: Lease, *, wait_seconds: float) -> Iterator[Holding]:
        del wait_seconds
        yield Holding(holder=self.holder, fence=0)

    transaction = Journal._transaction
    monkeypatch.setattr(Lease, "held", held)
    monkeypatch.setattr(Journal, "_transaction", lambda self, entry, most: transaction(self, entry, most)[:2])
    assert contested(68) & {"I3", "I8"}


def test_without_the_version_of_what_was_told_writers_say_things_twice(monkeypatch):
    monkeypatch.setattr(chapters, "_in_place_of", lambda _version: {})
    assert "I8" in contested(16)


def test_without_the_journals_reckoning_a_cap_is_passed_on_an_old_view(monkeypatch):
    monkeypatch.setattr(look, "reckoned", lambda subnet, _journal, _now: subnet)
    assert "I3" in contested(182)


def test_without_settling_what_a_killed_run_left_open_the_journal_is_not_the_truth(monkeypatch):
    monkeypatch.setattr(look, "resolved", lambda *_: ())
    assert "I11" in killed("adopt")


def test_without_the_comparison_of_counts_it_writes_on_a_partial_view(monkeypatch):
    monkeypatch.setattr(analyse, "_disagreement", lambda _: "")
    assert "I5" in scheduled(39)


def test_who_counts_more_open_addresses_than_there_are_reserves_what_single_ones_need(monkeypatch):
    counted = vars(BlockMap)["open_addresses"].func
    monkeypatch.setattr(BlockMap, "open_addresses", property(lambda self: counted(self) + 2 * BLOCK))
    assert "I4" in scheduled(11)


def test_reservations_that_a_process_remembers_are_no_look(monkeypatch):
    monkeypatch.setattr(AwsReader, "reserved_as_seen", lambda *_: True)
    assert "I5" in scheduled(25)


def test_a_release_that_nobody_looked_at_again_is_found_out(monkeypatch):
    def believed(self: Releaser, request: ReleaseRequest) -> Sight:
        subnet = next(iter(SubnetReader(ec2=self.ec2).subnets([request.subnet_id])))
        said = Reservation(
            id=request.reservation_id,
            subnet_id=request.subnet_id,
            cidr=IPv4Network(str(request.cidr)),
            reserves_prefixes=True,
            ours=True,
        )
        return Sight(tags=answers.tags(subnet), reservation=said)

    monkeypatch.setattr(Releaser, "look", believed)
    assert "I6" in scheduled(9)


def test_what_is_told_again_at_each_look_is_news_of_a_third_sweep(monkeypatch):
    def forgetful(now: Situation, known: frozenset[str]) -> tuple[Finding | None, frozenset[str]]:
        news, ids = reserved(now, frozenset())
        return news, frozenset() if known else ids

    monkeypatch.setattr(tell, "reserved", forgetful)
    assert "I7" in scheduled()


def test_a_switch_that_cannot_be_read_must_not_mean_act(monkeypatch):
    read = Switch.read

    def careless(self: Switch) -> SwitchState:
        found = read(self)
        return SwitchState() if found.unreadable else found

    monkeypatch.setattr(Switch, "read", careless)
    assert "I5" in scheduled(19)


def test_without_the_question_whose_it_is_others_lose_their_reservations(monkeypatch):
    monkeypatch.setattr(release, "_another", lambda *_: "")
    assert "I6" in scheduled(12)


def test_without_the_last_look_releases_go_against_the_subnets_tag_or_its_owner(monkeypatch):
    monkeypatch.setattr(release_handler, "judge", lambda *_: None)
    assert scheduled(5) & {"I5", "I6"}


def test_a_message_that_is_forgotten_before_it_is_published_is_missed(monkeypatch):
    def publish(aws: Aws) -> None:
        for each in list(aws.memory.unpublished()):
            aws.memory.published(each.id, aws.clock())
            aws.topic.publish(each.message)

    monkeypatch.setattr(tell, "publish", publish)
    assert "I8" in killed("alert")
