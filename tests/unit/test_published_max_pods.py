"""Every published instance type against AWS's own table."""

from pathlib import Path

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from functions.aws.answers import instance_type
from functions.capacity.cni import CniSettings
from functions.capacity.model import InstanceType
from functions.capacity.nodes import allowed_pods, max_pods

TABLE = Path(__file__).parent.parent / "published" / "eni-max-pods.txt"
PUBLISHED = {
    name: int(pods)
    for name, pods in (line.split() for line in TABLE.read_text().splitlines() if not line.startswith("#"))
}
# DescribeInstanceTypes gives them two network cards; AWS's table counts both, as from when they had one.
ANSWER_DIFFERS = {"i7ie.48xlarge", "i7ie.metal-48xl", "i8ge.48xlarge", "i8ge.metal-48xl"}
COMPARED = sorted((PUBLISHED.keys() & INSTANCE_TYPES.keys()) - ANSWER_DIFFERS)
SECONDARY, PREFIXES = CniSettings(), CniSettings(prefix_delegation=True)


@pytest.fixture(scope="module")
def types() -> dict[str, InstanceType]:
    return {name: instance_type(INSTANCE_TYPES[name]) for name in COMPARED}


def test_in_secondary_mode_it_is_the_number_that_aws_publishes(types):
    assert len(types) > 1300
    assert {name: allowed_pods(each, SECONDARY) for name, each in types.items()} == {n: PUBLISHED[n] for n in types}


def test_in_prefix_mode_it_is_sixteen_for_each_slot_where_there_are_prefixes(types):
    for name, each in types.items():
        slots = PUBLISHED[name] - 2
        assert allowed_pods(each, PREFIXES) == slots * (16 if each.nitro else 1) + 2, name


def test_the_recommendation_is_capped_by_the_size_in_both_modes(types):
    for name, each in types.items():
        cap = 250 if each.vcpus > 30 else 110
        assert max_pods(each, SECONDARY) == min(cap, PUBLISHED[name]), name
        assert max_pods(each, PREFIXES) == min(cap, allowed_pods(each, PREFIXES)), name
