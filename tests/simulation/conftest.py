"""What the product logs of thousands of malformed messages is not seen here, and is seen again by the tests after."""

import gc
import logging
from collections.abc import Iterator

import pytest

from tests.simulation import goals


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    silenced, thresholds = logging.root.manager.disable, gc.get_threshold()
    goals.quiet()
    yield
    logging.disable(silenced)
    gc.set_threshold(*thresholds)
