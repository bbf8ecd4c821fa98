"""How much the open addresses may vary before `steer` closes or opens blocks."""

from ipaddress import IPv4Network

import pytest

from functions.capacity.analyse import Analysis
from functions.capacity.model import Policy
from functions.capacity.steering.pool import pool
from tests.builders import a_subnet, an_analysis, an_interface


def all_held(cidr: str) -> Analysis:
    """A subnet that has no free block."""
    blocks = [str(each) for each in IPv4Network(cidr).subnets(new_prefix=28)][1:-1]
    return an_analysis(a_subnet(cidr, interfaces=[an_interface(prefixes=blocks)]))


@pytest.mark.parametrize(
    ("cidr", "expected"),
    [
        pytest.param("10.0.0.0/24", 8, id="half a block where each is one of fourteen"),
        pytest.param("10.0.0.0/22", 18, id="more with the subnet's size"),
        pytest.param("10.0.0.0/20", 24, id="a block and a half from a /20 on"),
    ],
)
def test_the_pool_of_a_small_subnet_varies_less_where_blocks_are_scarce(cidr, expected):
    found = pool(all_held(cidr), Policy(), (), calls_over_pace=0)
    assert found.high - found.low == expected


def test_it_varies_by_a_block_more_while_free_blocks_abound():
    scarce, new = all_held("10.0.0.0/24"), an_analysis(a_subnet("10.0.0.0/24"))
    of_scarce, of_new = (pool(each, Policy(), (), calls_over_pace=0) for each in (scarce, new))
    assert (of_new.high - of_new.low) - (of_scarce.high - of_scarce.low) == 16
