"""What holds for every test: the options, the same examples on each run, and an embedded AWS for who needs one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sandbox.process import EmbeddedAws, embedded_aws

HERE = Path(__file__).parent

# No deadline: the machine is shared. Derandomized: a failure that was seen can be seen again by anybody.
# `make test` tries 60 examples of each law, `make soak` 2,000, but where a test says its own number.
settings.register_profile("headroom", deadline=None, derandomize=True, database=None, max_examples=60)
settings.register_profile("soak", settings.get_profile("headroom"), max_examples=2000)
settings.load_profile("headroom")


def pytest_addoption(parser):
    parser.addoption("--real-aws", action="store_true", help="run the contract suite on a real AWS account as well")
    parser.addoption("--soak", action="store_true", help="many more examples of each law")
    parser.addoption("--rewrite-golden", action="store_true", help="write tests/golden anew from what the code says")


def pytest_configure(config):
    if config.getoption("--soak"):
        settings.load_profile("soak")


# Folders with few tests that take long come first: processes that share the files then end at the same time.
LONG = ("e2e", "simulation", "infra", "cli", "integration", "browser")


def pytest_collection_modifyitems(items):
    def turn(item) -> int:
        folder = item.path.relative_to(HERE).parts[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=turn)


@pytest.fixture
def soak(request) -> bool:
    return bool(request.config.getoption("--soak"))


@pytest.fixture
def rewrite_golden(request) -> bool:
    return bool(request.config.getoption("--rewrite-golden"))


@pytest.fixture(scope="session")
def aws(tmp_path_factory) -> Iterator[EmbeddedAws]:
    """One embedded AWS for all tests that only need its services."""
    with embedded_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running
