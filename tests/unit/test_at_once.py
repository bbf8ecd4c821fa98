"""Calls that are made several at once: the answers are as of one after the other, and the bucket is never empty."""

from itertools import count
from threading import Barrier
from time import sleep

import pytest

from functions.aws.at_once import AT_ONCE, BURST, PER_SECOND, at_once


class Clock:
    """A clock that stands still, and what was waited for."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def time(self) -> float:
        return 100.0


def test_the_answers_come_in_the_order_of_the_values():
    assert at_once(str.upper, ["b", "a", "c"]) == ["B", "A", "C"]
    assert at_once(str.upper, []) == []


def test_twenty_calls_are_under_way_at_once():
    together = Barrier(AT_ONCE)
    assert at_once(lambda each: [each, together.wait(timeout=10)][0], map(str, range(AT_ONCE)))


def test_each_call_after_the_burst_waits_for_its_token():
    clock = Clock()
    more = 2 * PER_SECOND
    at_once(str.upper, map(str, range(BURST + more)), clock=clock.time, sleep=clock.waits.append)
    assert sorted(clock.waits) == pytest.approx([n / PER_SECOND for n in range(1, more + 1)])


def test_the_first_error_escapes_and_what_waits_is_not_asked():
    asked = count()

    def fails(_: str) -> None:
        next(asked)
        sleep(0.005)
        raise PermissionError("denied")

    with pytest.raises(PermissionError, match="denied"):
        at_once(fails, map(str, range(1000)), sleep=lambda _: None)
    assert next(asked) < 1000
