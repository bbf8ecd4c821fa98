"""When the view of a subnet is whole: EC2's own count of available addresses agrees with what could be read."""

from dataclasses import replace

import pytest

from functions.capacity.analyse import analyse
from tests.builders import a_group, a_reservation, a_snapshot, a_subnet, an_analysis, an_interface

TWO = an_interface("10.0.0.9", "10.0.0.10")  # 249 of a /24's 251 addresses are left
HALF = a_reservation("10.0.0.128/25", ours=False)


@pytest.mark.parametrize(
    ("available", "whole"),
    [
        pytest.param((249,), True, id="EC2 counts what could be read"),
        pytest.param((250,), False, id="EC2 counts one more: an interface that we saw is not there any more"),
        pytest.param((248,), False, id="EC2 counts one less: an interface that we do not see"),
        pytest.param((251, 249), True, id="two were taken before the interfaces were listed"),
        pytest.param((249, 251), True, id="two were given back after the interfaces were listed"),
        pytest.param((251, 247), True, id="what was read lies between the two counts"),
        pytest.param((251, 250), False, id="both counts are above"),
        pytest.param((248, 240), False, id="both counts are below"),
    ],
)
def test_counts(available, whole):
    assert (an_analysis(a_subnet(interfaces=[TWO], available=available)).partial == "") == whole


@pytest.mark.parametrize(
    ("available", "whole"),
    [
        pytest.param(249, True, id="EC2 counts reserved addresses as available"),
        pytest.param(121, True, id="EC2 counts none of them"),
        pytest.param(200, True, id="EC2 counts some of them"),
        pytest.param(120, False, id="less than any way of counting explains"),
        pytest.param(250, False, id="more than any way of counting explains"),
    ],
)
def test_however_ec2_counts_what_is_reserved(available, whole):
    subnet = a_subnet(interfaces=[TWO], reservations=[HALF], available=available)
    assert (an_analysis(subnet).partial == "") == whole


def test_a_partial_view_says_what_disagrees_in_numbers():
    subnet = a_subnet(interfaces=[TWO], reservations=[HALF], available=(90, 100))
    assert an_analysis(subnet).partial == (
        "EC2 counts 90 to 100 available addresses, "
        "the interfaces and reservations that could be read explain 121 to 249"
    )


@pytest.mark.parametrize(
    ("most", "desired", "missing", "urgent"),
    [
        pytest.param(2, 0, 0, 0, id="all of it fits"),
        pytest.param(3, 0, 7, 0, id="what is not wanted yet does not"),
        pytest.param(4, 3, 14, 7, id="nor does a part of what is wanted now"),
    ],
)
def test_what_is_missing_is_the_demand_beyond_what_ec2_could_assign_now(most, desired, missing, urgent):
    analysis = an_analysis(a_subnet(), a_group(most=most, desired=desired))  # fourteen free blocks, seven a node
    assert (analysis.obtainable, analysis.missing, analysis.missing_urgent) == (14, missing, urgent)


def test_draining_blocks_cannot_be_had_now():
    subnet = a_subnet(interfaces=[an_interface("10.0.0.20", "10.0.0.36")], reservations=[a_reservation("10.0.0.32/27")])
    assert an_analysis(subnet).obtainable == 12


def test_subnets_come_in_the_order_of_their_ids():
    subnets = [replace(a_subnet(), id=f"subnet-{letter}") for letter in "bca"]
    assert [each.subnet.id for each in analyse(a_snapshot(*subnets))] == ["subnet-a", "subnet-b", "subnet-c"]
