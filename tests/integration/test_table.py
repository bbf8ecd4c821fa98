"""What is kept in the table: memory, journal, lease and how far the last looks reach, against the embedded AWS."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from hashlib import sha512
from ipaddress import IPv4Network

import pytest
from botocore.exceptions import ClientError

from functions.aws.coverage import SETTLED, STORM, Coverage
from functions.aws.journal import Journal
from functions.aws.lease import Holding, Lease, LeaseLostError, LeaseNotHadError
from functions.aws.memory import Memory
from functions.capacity.arrivals import Arrivals
from functions.capacity.arrivals import Kind as EventKind
from functions.capacity.findings.finding import Severity
from functions.capacity.incidents import MOST, Incident
from functions.capacity.journal import WATCHED, Outcome
from functions.capacity.plan import CreateReservation
from functions.capacity.remembered import Chapter, Known, News, Remembered
from functions.capacity.wording import Form, Message
from tests.builders import NOW

SUBNET = "subnet-0aa1bb2cc3dd4ee5f"


@pytest.fixture(scope="module")
def table_name(aws) -> str:
    keys = ("pk", "HASH"), ("sk", "RANGE")
    aws.client("dynamodb").create_table(
        TableName="state",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    return "state"


def a_journal(aws, table_name: str, holding: Holding | None = None) -> Journal:
    return Journal(dynamodb=aws.client("dynamodb"), table=table_name, decision="run-1", holding=holding)


@pytest.fixture
def journal(aws, table_name) -> Journal:
    return a_journal(aws, table_name)


@pytest.fixture
def memory(aws, table_name, journal) -> Memory:
    return Memory(dynamodb=aws.client("dynamodb"), table=table_name, journal=journal)


KNOWN = Known(
    incidents={"k": Incident(since=NOW, finding="f", resource="r", title="t", told=Severity.WARNING)},
    reservations=frozenset({"scr-1", "scr-2"}),
    storms={"page": frozenset({"k"})},
    open_chapters=frozenset({"cluster/demo"}),
)


MESSAGE = Message(subject="s", body="b", attributes={"finding": "f"}, form=Form.CHAT)


def news_of(subnet: str, known: Known = KNOWN, replaces: int = 0) -> News:
    return News(chapter=Chapter.SUBNET, name=subnet, known=known, replaces=replaces)


def test_of_what_is_not_known_nothing_is_remembered(memory):
    assert memory.of_subnet("subnet-new", NOW) == Remembered()
    assert memory.of_cluster("new") == (Known(), 0)


def test_what_people_know_is_remembered_as_it_was(memory):
    for replaces, known in enumerate((KNOWN, Known())):
        memory.keep_news([news_of("subnet-a", known, replaces)], (), NOW)
        remembered = memory.of_subnet("subnet-a", NOW)
        assert (remembered.known, remembered.version) == (known, replaces + 1)


def test_the_findings_of_a_cluster_are_remembered_as_they_were(memory):
    news = [News(chapter=Chapter.CLUSTER, name="demo", known=KNOWN, replaces=0)]
    memory.keep_news([*news, News(chapter=Chapter.HEADROOM, known=KNOWN, replaces=0)], (), NOW)
    assert memory.of_cluster("demo") == memory.of_cluster("") == (KNOWN, 1)


def test_more_incidents_than_an_item_holds_are_remembered_and_fewer_again(memory):
    names = [f"{sha512(str(n).encode()).hexdigest()}{sha512(f'x{n}'.encode()).hexdigest()}" for n in range(MOST)]
    many = Known(
        incidents={each: Incident(since=NOW, finding="f", resource=each, title=each, where=each) for each in names}
    )
    for replaces, known in enumerate((many, KNOWN, many)):
        memory.keep_news([News(chapter=Chapter.CLUSTER, name="large", known=known, replaces=replaces)], (), NOW)
        assert memory.of_cluster("large") == (known, replaces + 1)


@pytest.mark.parametrize("replaces", [0, 2])
def test_what_another_run_stored_is_not_overwritten_and_its_messages_are_not_sent_twice(memory, replaces):
    subnet = f"subnet-b{replaces}"
    memory.keep_news([news_of(subnet)], (), NOW)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        memory.keep_news([news_of(subnet, Known(), replaces)], [MESSAGE], NOW)
    assert memory.of_subnet(subnet, NOW).known == KNOWN
    assert list(memory.unpublished()) == []


def test_messages_wait_in_order_until_each_is_published(memory):
    for n, when in enumerate((NOW, NOW + timedelta(microseconds=1), NOW + timedelta(seconds=1))):
        memory.keep_news([news_of(f"subnet-m{n}")], [replace(MESSAGE, subject=f"{n}{part}") for part in "ab"], when)
    assert [each.message.subject for each in memory.unpublished()] == ["0a", "0b", "1a", "1b", "2a", "2b"]
    for each in tuple(memory.unpublished())[:5]:
        memory.published(each.id, NOW)
    (left,) = memory.unpublished()
    assert left.message == replace(MESSAGE, subject="2b")
    memory.published(left.id, NOW)


def test_news_of_a_thousand_subnets_are_stored(memory):
    news = [news_of(f"subnet-k{n}") for n in range(1000)]
    memory.keep_news(news, [MESSAGE], NOW)
    assert memory.of_subnet("subnet-k999", NOW).known == KNOWN
    (only,) = memory.unpublished()
    memory.published(only.id, NOW)


def test_it_is_remembered_when_which_kind_of_event_came_last(memory):
    assert memory.arrivals(NOW) == Arrivals(since=NOW)
    memory.keep_arrivals({EventKind.API_CALLS}, NOW + timedelta(hours=1))
    memory.keep_arrivals(EventKind, NOW + timedelta(hours=2))
    memory.keep_arrivals({EventKind.INSTANCES}, NOW + timedelta(hours=3))
    last = {EventKind.API_CALLS: NOW + timedelta(hours=2), EventKind.INSTANCES: NOW + timedelta(hours=3)}
    assert memory.arrivals(NOW + timedelta(days=1)) == Arrivals(since=NOW, last=last)


def test_what_the_version_before_stored_is_understood(aws, table_name, memory):
    """As it was without a journal: a lease that ended in `expiresAt`, what people know with no messages beside it."""
    put = aws.client("dynamodb").put_item
    told = {"reservations": ["scr-1"], "shortage": None, "strays": None, "partial": None}
    put(
        TableName=table_name,
        Item={"pk": {"S": "SUBNET#old"}, "sk": {"S": "TOLD"}, "told": {"S": json.dumps(told)}, "version": {"N": "3"}},
    )
    put(
        TableName=table_name,
        Item={"pk": {"S": "SUBNET#old"}, "sk": {"S": f"DAY#{NOW:%Y-%m-%d}"}, "created": {"N": "7"}},
    )
    remembered = memory.of_subnet("old", NOW)
    assert (remembered.known.reservations, remembered.version, remembered.created_today) == ({"scr-1"}, 3, 7)
    assert (remembered.released_today, remembered.journal) == (0, ())
    lease = {"holder": {"S": "a run of the version before"}, "expiresAt": {"N": str(2**33)}}
    put(TableName=table_name, Item={"pk": {"S": "LEASE"}, "sk": {"S": "RECONCILE"}} | lease)
    with a_lease(aws, table_name, "new", Time()).held(wait_seconds=0) as held:
        assert held.fence == 1


def an_intention(subnet: str, n: int = 0) -> CreateReservation:
    cidr = IPv4Network(f"10.40.{n}.16/28")
    return CreateReservation(subnet_id=subnet, cidr=cidr, free=1, draining=0, reason="because of 7")


def test_an_entry_is_there_before_the_call_and_says_how_it_ended_after_it(journal):
    entry = journal.intend_create(an_intention("subnet-j"), NOW, at_most=5)
    assert journal.entries("subnet-j", NOW) == (entry,)
    assert (entry.outcome, entry.reservation_id) == (Outcome.OPEN, "")
    settled = journal.settle(entry, Outcome.DONE, "scr-1")
    assert journal.entries("subnet-j", NOW) == (settled,)
    assert (settled.outcome, settled.reservation_id, settled.reason) == (Outcome.DONE, "scr-1", "because of 7")
    assert journal.entries("subnet-j", NOW + WATCHED + timedelta(seconds=1)) == ()


def test_a_late_run_whose_lease_was_taken_over_writes_nothing(aws, table_name):
    time = Time()
    with a_lease(aws, table_name, "late", time).held(wait_seconds=0) as late:
        time.now += 32
        with a_lease(aws, table_name, "next", time).held(wait_seconds=0) as now_held:
            assert now_held.fence > late.fence
            with pytest.raises(LeaseLostError):
                a_journal(aws, table_name, late).intend_create(an_intention("subnet-l"), NOW, at_most=5)
    assert a_journal(aws, table_name).entries("subnet-l", NOW) == ()


def test_a_lost_lease_is_found_out_at_the_days_cap_too(aws, table_name):
    """Else the late run would go on, and tell people what it saw before another run acted."""
    time, subnet = Time(), "subnet-lc"
    with a_lease(aws, table_name, "late", time).held(wait_seconds=0) as late:
        assert a_journal(aws, table_name, late).intend_create(an_intention(subnet), NOW, at_most=1)
        assert a_journal(aws, table_name, late).intend_create(an_intention(subnet, 1), NOW, at_most=1) is None
        time.now += 32
        with a_lease(aws, table_name, "next", time).held(wait_seconds=0), pytest.raises(LeaseLostError):
            a_journal(aws, table_name, late).intend_create(an_intention(subnet, 1), NOW, at_most=1)


@pytest.mark.parametrize("other", [{"fence": 0}, {"holder": "another"}], ids=["an earlier taking", "another's"])
def test_only_the_very_taking_that_stands_writes_and_gives_back(aws, table_name, other):
    """Its holder and its number: a taking that was repeated, since its answer got lost, has a number of its own."""
    lease, subnet = a_lease(aws, table_name, "holder", Time()), f"subnet-lt-{next(iter(other))}"
    with lease.held(wait_seconds=0) as stands:
        not_it = replace(stands, **other)
        with pytest.raises(LeaseLostError):
            a_journal(aws, table_name, not_it).intend_create(an_intention(subnet), NOW, at_most=5)
        lease._give_back(not_it)  # as the end of another taking does
        assert a_journal(aws, table_name, stands).intend_create(an_intention(subnet), NOW, at_most=5)


def test_the_holder_of_the_lease_writes(aws, table_name):
    with a_lease(aws, table_name, "holder", Time()).held(wait_seconds=0) as held:
        assert a_journal(aws, table_name, held).intend_create(an_intention("subnet-h"), NOW, at_most=5)


def test_the_days_cap_is_exact_under_two_writers(aws, table_name, memory):
    granted = list[bool]()

    def intend(run: str) -> None:
        journal = replace(a_journal(aws, table_name), decision=run)
        granted.extend(bool(journal.intend_create(an_intention("subnet-c", n), NOW, at_most=25)) for n in range(20))

    writers = [threading.Thread(target=intend, args=(run,)) for run in ("run-1", "run-2")]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    assert granted.count(True) == 25
    remembered = memory.of_subnet("subnet-c", NOW)
    assert (remembered.created_today, remembered.released_today, len(remembered.journal)) == (25, 0, 25)
    assert memory.of_subnet("subnet-c", NOW.replace(day=24)).created_today == 0


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps = 0

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.sleeps += 1


def a_lease(aws, table_name: str, holder: str, time: Time) -> Lease:
    return Lease(
        dynamodb=aws.client("dynamodb"),
        table=table_name,
        holder=holder,
        seconds=30,
        clock=time.clock,
        sleep=time.sleep,
    )


def test_a_lease_has_one_holder_at_a_time(aws, table_name):
    time = Time()
    one, two = (a_lease(aws, table_name, holder, time) for holder in ("one", "two"))
    with one.held(wait_seconds=0), pytest.raises(LeaseNotHadError), two.held(wait_seconds=5):
        pytest.fail("two holders")
    assert time.sleeps == 10
    with two.held(wait_seconds=0):
        pass
    assert time.sleeps == 10


def test_a_lease_lapses_and_its_former_holder_cannot_give_back_the_next_ones(aws, table_name):
    time = Time()
    one, two, three = (a_lease(aws, table_name, holder, time) for holder in ("one", "two", "three"))
    with one.held(wait_seconds=0):
        time.now += 32
        with two.held(wait_seconds=0):
            pass
        entered = two.held(wait_seconds=0)
        entered.__enter__()
    with pytest.raises(LeaseNotHadError), three.held(wait_seconds=0):
        pytest.fail("the lease of two was given back by one")
    entered.__exit__(None, None, None)


def test_a_lease_is_given_back_when_the_run_fails(aws, table_name):
    time = Time()
    with pytest.raises(ZeroDivisionError), a_lease(aws, table_name, "one", time).held(wait_seconds=0):
        _ = 1 / 0
    with a_lease(aws, table_name, "two", time).held(wait_seconds=0):
        pass


def test_a_look_everywhere_covers_what_was_sent_before_it_and_had_settled(aws, table_name):
    coverage = Coverage(dynamodb=aws.client("dynamodb"), table=table_name)
    assert not coverage.covers(NOW, NOW)
    coverage.looked(NOW, everywhere=True, for_events=False)
    assert coverage.covers(NOW - SETTLED, NOW)
    assert not coverage.covers(NOW - SETTLED + timedelta(milliseconds=1), NOW)
    assert not coverage.covers(None, NOW), "where SQS does not say when, every batch has its run"


def test_a_look_at_a_part_covers_nothing_and_takes_nothing_from_the_one_before_it(aws, table_name):
    now = NOW + timedelta(days=1)
    coverage = Coverage(dynamodb=aws.client("dynamodb"), table=table_name)
    coverage.looked(now, everywhere=False, for_events=True)
    assert not coverage.covers(now - SETTLED, now)
    coverage.looked(now, everywhere=True, for_events=False)
    coverage.looked(now + timedelta(minutes=1), everywhere=False, for_events=False)
    assert coverage.covers(now - SETTLED, now + timedelta(minutes=1))


def test_a_wake_up_needs_no_look_of_its_own_while_events_keep_coming_but_one_after_a_sweep_does(aws, table_name):
    now = NOW + timedelta(days=2)
    coverage = Coverage(dynamodb=aws.client("dynamodb"), table=table_name)
    coverage.looked(now, everywhere=True, for_events=False)
    assert not coverage.covers(now, now, woken=True), "a sweep is no event"
    coverage.looked(now, everywhere=False, for_events=True)
    just_before, after = now + STORM - timedelta(seconds=1), now + STORM
    assert coverage.covers(just_before, just_before, woken=True)
    assert not coverage.covers(just_before, just_before), "of an event with its content nothing is known"
    assert not coverage.covers(after, after, woken=True)
    assert not coverage.covers(now, now - timedelta(seconds=1), woken=True), "a clock that went back"
