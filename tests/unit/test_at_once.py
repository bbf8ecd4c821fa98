"""Calls that are made several at once: the answers are as of one after the other, and the bucket is never empty."""

from threading import Barrier, Event, Thread, current_thread

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
    assert at_once(lambda each: [each, together.wait(timeout=240)][0], map(str, range(AT_ONCE)))


def test_each_call_after_the_burst_waits_for_its_token():
    clock = Clock()
    more = 2 * PER_SECOND
    at_once(str.upper, map(str, range(BURST + more)), clock=clock.time, sleep=clock.waits.append)
    assert sorted(clock.waits) == pytest.approx([n / PER_SECOND for n in range(1, more + 1)])


def test_the_first_error_escapes_and_what_waits_is_not_asked():
    asked, threads, escaped = list[str](), set[Thread](), Event()

    def call(each: str) -> None:
        asked.append(each)
        threads.add(current_thread())
        if each == "0":
            raise PermissionError("denied")
        escaped.wait(timeout=240)

    try:
        with pytest.raises(PermissionError, match="denied"):
            at_once(call, map(str, range(1000)), sleep=lambda _: None)
    finally:
        escaped.set()
    for each in threads:
        each.join()
    assert len(asked) <= AT_ONCE + 1  # those under way, and one that the thread of the first may have begun
