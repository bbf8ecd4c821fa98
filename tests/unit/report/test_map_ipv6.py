"""IPv6 as cells of density: every block counted once, whatever the size of the subnet."""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

import pytest

from functions.capacity.ipv6_blocks import Ipv6Blocks, ipv6_block_map
from functions.report.map_ipv6 import density
from functions.report.map_states import State
from functions.report.subnet_map import subnet_map
from tests.builders import a_demand, a_subnet, an_interface, an_ipv6_reservation, under_demand
from tests.unit.report import scenes
from tests.unit.report.svg import texts, titles

CIDR = "2001:db8:0:1::/64"
CELL = "2001:db8:0:1:300::"  # the first of the fourth cell of 256 blocks


def blocks_of(cidr: str = CIDR, **facts: object) -> Ipv6Blocks:
    found = ipv6_block_map(a_subnet(ipv6_cidr=cidr, **facts))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("facts", "expected", "level"),
    [
        pytest.param({}, State.FREE, 0, id="nothing"),
        pytest.param({"interfaces": [an_interface(ipv6_prefixes=[f"{CELL}/80"])]}, State.PREFIX, 2, id="a prefix"),
        pytest.param({"interfaces": [an_interface(ipv6_addresses=[CELL])]}, State.PARTLY_USED, 2, id="an address"),
        pytest.param(
            {"ipv6_reservations": [an_ipv6_reservation("2001:db8:0:1::/70")]}, State.RESERVED_FREE, 0, id="reserved"
        ),
        pytest.param(
            {
                "ipv6_reservations": [an_ipv6_reservation("2001:db8:0:1::/70")],
                "interfaces": [an_interface(ipv6_addresses=[CELL])],
            },
            State.RESERVED_DRAINING,
            2,
            id="reserved with an address",
        ),
        pytest.param(
            {"ipv6_reservations": [an_ipv6_reservation(f"{CELL}/72", kind="explicit")]},
            State.EXPLICIT,
            0,
            id="explicit",
        ),
        pytest.param(
            {"ipv6_reservations": [an_ipv6_reservation(f"{CELL}/73")]}, State.FREE, 0, id="reserved only in half"
        ),
    ],
)
def test_a_cell_is(facts, expected, level):
    found = density(blocks_of(**facts)).cells
    assert (found.states[3], found.levels[3]) == (expected, level)


@pytest.mark.parametrize(("used", "level"), [(0, 0), (1, 2), (2, 3), (4, 5), (64, 12), (255, 14), (256, 16)])
def test_how_full_a_cell_is_goes_by_the_logarithm(used, level):
    first = int(IPv6Address(CELL))
    addresses = [str(IPv6Address(first + (n << 48))) for n in range(used)]
    assert density(blocks_of(interfaces=[an_interface(ipv6_addresses=addresses)])).cells.levels[3] == level


@pytest.mark.parametrize(
    ("length", "cells", "each"),
    [(44, 256, 2**28), (56, 256, 2**16), (64, 256, 256), (72, 256, 1), (76, 16, 1), (80, 1, 1)],
)
def test_the_cells_cover_a_subnet_of_any_size(length, cells, each):
    cidr = f"2001:db8::/{length}"
    found = density(blocks_of(cidr))
    assert (len(found.cells.states), found.blocks_a_cell) == (cells, each)
    spans = [IPv6Network(words.split(": ")[0]) for words in found.tooltips]
    assert sum(span.num_addresses for span in spans) == IPv6Network(cidr).num_addresses
    assert spans[0][0] == IPv6Network(cidr)[0]
    assert len(set(found.labels)) == len(found.labels) == -(-cells // 16)


def test_rows_are_labelled_by_what_tells_them_apart():
    assert density(blocks_of()).labels[:3] == ["…0000::", "…1000::", "…2000::"]
    assert density(blocks_of("2001:db8:0:100::/56")).labels[1:3] == ["…0110::", "…0120::"]


def test_pointing_at_a_cell_says_what_is_in_it():
    found = titles(subnet_map(scenes.dual_stack()))
    assert "2001:db8:12:3400:7000::/72: 256 blocks of /80, 0 free, 256 reserved by others" in found
    assert any(": 256 blocks of /80, 255 free, 1 in use as prefixes, 256 reserved" in each for each in found)


def test_a_subnet_without_ipv6_shows_none():
    assert not any("IPv6" in each for each in texts(subnet_map(under_demand(a_subnet(), a_demand(0)))))
