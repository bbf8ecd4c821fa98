"""The embedded AWS's ways of delivering."""

import random
import time
from functools import partial
from typing import Any

import pytest

from sandbox import queues
from sandbox.delivery import Delivery
from sandbox.queues import Poller, gather

WINDOW = 50.0  # seconds


@pytest.mark.parametrize(("twice", "expected"), [(0.0, 5), (1.0, 10)])
@pytest.mark.timeout(120)  # only ends what hangs
def test_events_come_once_or_as_chosen_twice(twice, expected):
    put = list[int]()
    delivery = Delivery(twice=twice, late=0.01, rng=random.Random(1))
    for n in range(5):
        delivery.deliver(partial(put.append, n))
    while len(put) < expected:
        time.sleep(0.01)
    assert sorted(put) == sorted([*range(5)] * (expected // 5))


def a_queue(*bodies: int, hidden: int = 0) -> dict[str, Any]:
    """Messages of these sizes, and others that are not visible yet."""
    now = time.time()
    visible = [{"id": n, "body": "x" * size, "visible_at": now - 1} for n, size in enumerate(bodies)]
    return {"messages": visible + [{"id": -1, "body": "x", "visible_at": now + 3600}] * hidden}


@pytest.mark.parametrize(
    ("queue", "at_most", "expected"),
    [
        pytest.param(a_queue(1, 1, 1, hidden=2), 10, 3, id="all that are visible"),
        pytest.param(a_queue(1, 1, 1), 2, 2, id="no more than the event source takes"),
        pytest.param(a_queue(*[queues.PAYLOAD_BYTES // 2] * 3), 10, 1, id="no more than 6 MB with their records"),
        pytest.param(a_queue(2 * queues.PAYLOAD_BYTES), 10, 1, id="one, however large"),
        pytest.param(a_queue(hidden=1), 10, 0, id="none while all are delayed"),
    ],
)
def test_a_batch_holds(queue, at_most, expected):
    poller = Poller()
    full = gather(queue, [poller], at_most, WINDOW)
    assert len(poller.held) == expected
    visible = sum(1 for each in queue["messages"] if each["visible_at"] < time.time())
    assert (full is poller) is (expected < visible), "a full one waits for no window"


def test_each_of_several_pollers_gathers_a_batch_of_its_own():
    pollers = [Poller(), Poller()]
    queue = a_queue(*[1] * 5)
    assert gather(queue, pollers, 10, WINDOW) is None
    assert sorted(len(each.held) for each in pollers) == [2, 3]
    assert gather(queue, pollers, 10, WINDOW) is None, "what one of them holds, no other takes"
    assert sum(len(each.held) for each in pollers) == 5


def test_a_poller_whose_window_is_over_takes_no_more():
    over, another = Poller(opened=time.time() - WINDOW, held=[]), Poller()
    queue = a_queue(1, 1, 1)
    over.held = queue["messages"][:1]
    gather(queue, [over, another], 10, WINDOW)
    assert [len(each.held) for each in (over, another)] == [1, 2]
    assert [each.is_over(WINDOW) for each in (over, another)] == [True, False]


def test_what_is_gone_is_let_go_of():
    poller = Poller()
    queue = a_queue(1, 1)
    gather(queue, [poller], 10, WINDOW)
    del queue["messages"][0]
    gather(queue, [poller], 10, WINDOW)
    assert [each["id"] for each in poller.held] == [1]
