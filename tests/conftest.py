"""What pytest must know before it looks into any folder, and the embedded AWS for the tests that need one."""

from collections.abc import Iterator

import pytest

from sandbox.process import EmbeddedAws, embedded_aws


def pytest_addoption(parser):
    parser.addoption("--real-aws", action="store_true", help="run the contract suite on a real AWS account as well")


@pytest.fixture(scope="session")
def aws(tmp_path_factory) -> Iterator[EmbeddedAws]:
    """One embedded AWS for all tests that only need its services."""
    with embedded_aws(tmp_path_factory.mktemp("aws")) as running:
        yield running
