"""What a warm process need not ask AWS again, and when it must."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from functions.aws.lasting import Answer, Lasting
from functions.aws.lately import NEVER, Lately
from functions.capacity.journal import USED_AGAIN

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Asked:
    """EC2, which knows every name but those that begin with `x`."""

    def __init__(self) -> None:
        self.names: list[list[str]] = []

    def __call__(self, names: list[str]) -> Iterable[tuple[str, Answer]]:
        self.names.append(names)
        return [(name, {"is": name}) for name in names if not name.startswith("x")]


def test_only_what_is_new_is_asked_for():
    lasting, ec2 = Lasting(), Asked()
    assert lasting.get(["a", "b"], ec2) == {"a": {"is": "a"}, "b": {"is": "b"}}
    assert lasting.get(["c", "b"], ec2) == {"c": {"is": "c"}, "b": {"is": "b"}}
    assert lasting.get(["a", "c"], ec2)
    assert ec2.names == [["a", "b"], ["c"]]


def test_what_ec2_does_not_know_is_missing_and_asked_for_again():
    lasting, ec2 = Lasting(), Asked()
    assert lasting.get(["x"], ec2) == lasting.get(["x"], ec2) == {}
    assert ec2.names == [["x"], ["x"]]


@given(st.lists(st.lists(st.sampled_from("abcdefx"), max_size=7), max_size=9), st.integers(1, 4))
def test_the_answers_are_as_if_nothing_were_kept_and_no_more_than_so_many_are(calls, at_most):
    lasting = Lasting(at_most=at_most)
    for names in calls:
        assert lasting.get(names, Asked()) == {name: {"is": name} for name in names if name != "x"}
        assert len(lasting.kept) <= at_most


class Ec2:
    """EC2, whose answers count."""

    def __init__(self) -> None:
        self.reads: list[str] = []

    def __call__(self, subnet_ids: list[str]) -> Iterable[Answer]:
        for each in subnet_ids:
            self.reads.append(each)
            yield {"read": len(self.reads)}


def test_reservations_are_read_again_only_after_five_minutes():
    known, ec2 = Lately[Answer](), Ec2()
    times = [NOON, NOON + timedelta(seconds=55), NOON + USED_AGAIN - timedelta(seconds=1), NOON + USED_AGAIN]
    assert [known.of(["s"], each, ec2)["s"]["read"] for each in times] == [1, 1, 1, 2]


def test_what_may_have_changed_is_read_again_and_nothing_else_is():
    known, ec2 = Lately[Answer](), Ec2()
    first = known.of(["a", "b"], NOON, ec2)
    known.forget(["a", "never read"])
    again = known.of(["b", "c", "a"], NOON, ec2)
    assert ec2.reads == ["a", "b", "c", "a"]
    assert [list(first), list(again)] == [["a", "b"], ["b", "c", "a"]]
    assert again == {"b": {"read": 2}, "c": {"read": 3}, "a": {"read": 4}}


def test_where_nothing_is_to_be_used_again_each_read_is_a_read():
    known, ec2 = Lately[Answer](used_again=NEVER), Ec2()
    assert [known.of(["s"], NOON, ec2)["s"]["read"] for _ in range(2)] == [1, 2]


def test_a_clock_that_goes_back_makes_nothing_last():
    known, ec2 = Lately[Answer](), Ec2()
    known.of(["s"], NOON, ec2)
    assert known.of(["s"], NOON - timedelta(minutes=9), ec2) == {"s": {"read": 2}}


def test_subnets_that_nobody_asks_for_any_more_are_forgotten():
    known, ec2 = Lately[Answer](), Ec2()
    known.of(["gone"], NOON, ec2)
    known.of(["s"], NOON + USED_AGAIN, ec2)
    assert set(known.known) == {"s"}


def test_what_this_look_read_itself_is_not_read_again_before_a_change():
    known, ec2 = Lately[Answer](), Ec2()
    known.of(["s"], NOON, ec2)
    assert known.then_and_now("s", NOON, ec2) == ({"read": 1}, {"read": 1})
    assert ec2.reads == ["s"]


def test_what_an_earlier_look_read_is_read_again_before_a_change_and_known_from_then_on():
    ec2, later = Ec2(), NOON + timedelta(minutes=1)
    known = Lately[Answer]()
    known.of(["s"], NOON, ec2)
    known.of(["s"], later, ec2)
    assert known.then_and_now("s", later, ec2) == ({"read": 1}, {"read": 2})
    assert known.then_and_now("s", later, ec2) == ({"read": 2}, {"read": 2})
    assert known.of(["s"], later, ec2) == {"s": {"read": 2}}


def test_of_what_was_forgotten_only_what_is_so_now_is_known():
    known, ec2 = Lately[Answer](), Ec2()
    known.of(["s"], NOON, ec2)
    known.forget(["s"])
    assert known.then_and_now("s", NOON, ec2) == (None, {"read": 2})
