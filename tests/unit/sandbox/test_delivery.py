"""The embedded AWS's ways of delivering."""

import random
import time
from functools import partial
from typing import Any

import pytest

from sandbox import queues
from sandbox.delivery import Delivery


@pytest.mark.parametrize(("twice", "expected"), [(0.0, 5), (1.0, 10)])
def test_events_come_once_or_as_chosen_twice(twice, expected):
    put = list[int]()
    delivery = Delivery(twice=twice, late=0.01, rng=random.Random(1))
    for n in range(5):
        delivery.deliver(partial(put.append, n))
    until = time.monotonic() + 2
    while len(put) < expected and time.monotonic() < until:
        time.sleep(0.01)
    assert sorted(put) == sorted([*range(5)] * (expected // 5))


def a_queue(*bodies: int, hidden: int = 0) -> dict[str, Any]:
    """Messages of these sizes, and others that are not visible yet."""
    now = time.time()
    visible = [{"body": "x" * size, "visible_at": now - 1} for size in bodies]
    return {"messages": visible + [{"body": "x", "visible_at": now + 3600}] * hidden}


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
    assert queues._fitting(queue, at_most) == expected
