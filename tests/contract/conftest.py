"""EC2's behaviour, stated once and run on every EC2 there is.

Targets: `embedded` (the EC2 API of the sandbox, in process), `moto` (but for the tests that say why not), and with
`--real-aws` also `aws`: a real account, in a VPC of its own, with nothing that costs money, cleaned up afterwards.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import boto3
import pytest
from moto import mock_aws

from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client
from tests.contract.network import Network

REGION = "us-east-1"


def pytest_configure(config):
    config.addinivalue_line("markers", "not_on(target, reason): leaves a target out of the contract suite")


def pytest_generate_tests(metafunc):
    if "target" not in metafunc.fixturenames:
        return
    left_out = {mark.args[0] for mark in metafunc.definition.iter_markers("not_on")}
    wanted = ["embedded", "moto", *(["aws"] if metafunc.config.getoption("--real-aws", default=False) else [])]
    marks = {"aws": [pytest.mark.aws]}
    params = [pytest.param(name, marks=marks.get(name, [])) for name in wanted if name not in left_out]
    metafunc.parametrize("target", params, indirect=True)


@pytest.fixture
def target(request):
    return request.param


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


@contextmanager
def _embedded() -> Iterator[Any]:
    yield client(Ec2Api(seed=7), REGION)


@contextmanager
def _moto() -> Iterator[Any]:
    with mock_aws():
        yield _session().client("ec2")


@contextmanager
def _aws() -> Iterator[Any]:
    yield boto3.client("ec2")


TARGETS = {"embedded": _embedded, "moto": _moto, "aws": _aws}


@pytest.fixture
def ec2(target) -> Iterator[Any]:
    with TARGETS[target]() as ec2_client:
        yield ec2_client


@pytest.fixture
def network(ec2) -> Iterator[Network]:
    with Network(ec2) as own:
        yield own
