"""Calls that take one subnet each, several of them under way at once, and no more than EC2 has tokens for.

boto3's clients may be called from several threads (boto3 guide, 'Clients', 'Multithreading or multiprocessing').
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

AT_ONCE = 20  # the client wants as many connections (Config, max_pool_connections), where botocore keeps ten
# EC2's bucket for calls that only read holds 100 tokens and gets 20 a second, for all callers of an account and region
# together (EC2 API developer guide, 'Request throttling'); a fifth is left to the others.
BURST, PER_SECOND = 80, 20


def at_once(
    call: Callable[[str], Any],
    values: Iterable[str],
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Any]:
    """The answers in the order of the values, as `map` has them. The first error escapes, and what waits is not asked.

    After the first 80 calls, each waits until the bucket has been given a token for it.
    """
    began = clock()

    def in_turn(turn: tuple[int, str]) -> Any:
        number, value = turn
        wait = began + (number - BURST) / PER_SECOND - clock()
        if wait > 0:
            sleep(wait)
        return call(value)

    with threads(AT_ONCE) as pool:
        return list(pool.map(in_turn, enumerate(values, 1)))


@contextmanager
def threads(most: int | None = None) -> Iterator[ThreadPoolExecutor]:
    """A pool whose calls under way nobody waits for when an error, or Ctrl-C, ends the block: AWS may be silent."""
    pool = ThreadPoolExecutor(most)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
