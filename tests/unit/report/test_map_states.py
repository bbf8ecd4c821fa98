"""What each cell of the map is."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.blocks import block_map
from functions.capacity.model import Interface, Subnet
from functions.capacity.owners import Owner
from functions.capacity.pins import pinned
from functions.report import text_map
from functions.report.map_states import MEANINGS, State, cells, counts, pins
from tests.builders import a_reservation, a_subnet, an_interface
from tests.unit.report import scenes
from tests.unit.report.scenes import an_eni

FOURTH = 10 * 2**24 + 3 * 16  # 10.0.0.48, the first address of block 3


@pytest.mark.parametrize(
    ("subnet", "expected"),
    [
        pytest.param(a_subnet(), State.FREE, id="nothing in it"),
        pytest.param(a_subnet(interfaces=[an_interface("10.0.0.50")]), State.PARTLY_USED, id="a single address"),
        pytest.param(a_subnet(interfaces=[an_interface(prefixes=["10.0.0.48/28"])]), State.PREFIX, id="a prefix"),
        pytest.param(a_subnet(reservations=[a_reservation("10.0.0.48/28")]), State.RESERVED_FREE, id="reserved"),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.48/28", ours=False)]),
            State.RESERVED_FREE,
            id="reserved for prefixes by somebody else",
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.48/28")], interfaces=[an_interface("10.0.0.50")]),
            State.RESERVED_DRAINING,
            id="reserved with an address in use",
        ),
        pytest.param(
            a_subnet(interfaces=[an_eni("eni-lb", FOURTH, owner=Owner.LOAD_BALANCER)]),
            State.PINNED,
            id="an address that stays",
        ),
        pytest.param(
            a_subnet(
                reservations=[a_reservation("10.0.0.48/28")],
                interfaces=[an_eni("eni-nat", FOURTH, owner=Owner.NAT_GATEWAY)],
            ),
            State.PINNED,
            id="reserved with an address that stays",
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.48/28", kind="explicit")]), State.EXPLICIT, id="explicit"
        ),
        pytest.param(
            a_subnet(reservations=[a_reservation("10.0.0.56/29", ours=False)]),
            State.EXPLICIT,
            id="a reservation too small for a prefix",
        ),
        pytest.param(
            a_subnet(
                reservations=[a_reservation("10.0.0.48/28", kind="explicit")],
                interfaces=[an_eni("eni-lb", FOURTH, owner=Owner.LOAD_BALANCER)],
            ),
            State.EXPLICIT,
            id="explicit with an address that stays: nothing that could become a prefix",
        ),
    ],
)
def test_a_block_is(subnet: Subnet, expected: State):
    found = cells(block_map(subnet)).states
    assert found[3] is expected
    assert {found[0], found[15]} == {State.AWS}


@pytest.mark.parametrize("analysis", [scenes.busy(), scenes.large("10.0.0.0/19"), scenes.tiny(), scenes.hostile()])
def test_the_text_map_says_the_same_where_it_tells_apart(analysis):
    """Both go by one classification; the picture only says more."""
    coarse = {
        State.PINNED: {text_map.Kind.PARTLY_USED, text_map.Kind.RESERVED_DRAINING},
        State.AWS: {text_map.Kind.UNUSABLE},
        State.EXPLICIT: {text_map.Kind.UNUSABLE},
    }
    for state, kind in zip(cells(analysis.blocks).states, text_map.kinds(analysis.blocks), strict=True):
        assert kind in coarse.get(state, {kind}) if state in coarse else state.value == kind.value


def test_every_block_is_counted_once():
    shown = cells(scenes.busy().blocks)
    assert sum(counts(shown).values()) == 64
    assert all(counts(shown).values()), "the picture in the docs shows every state"


def test_every_state_has_a_meaning():
    assert MEANINGS.keys() == set(State)
    assert len(set(MEANINGS.values())) == len(State)


def test_how_full_a_block_is():
    subnet = a_subnet(interfaces=[an_interface("10.0.0.50", "10.0.0.51", prefixes=["10.0.0.64/28"])])
    assert cells(block_map(subnet)).levels[3:6] == (2, 16, 0)


@given(st.lists(st.tuples(st.sampled_from(Owner), st.sets(st.integers(-40, 300), max_size=20)), max_size=12))
def test_pins_are_what_pinned_says(held):
    base = int(IPv4Address("10.0.0.0"))
    interfaces = [
        Interface(
            id=f"eni-{n}",
            subnet_id="subnet-1",
            instance_id=None,
            addresses=tuple(base + each for each in sorted(addresses)),
            prefixes=(),
            owner=owner,
        )
        for n, (owner, addresses) in enumerate(held)
    ]
    blocks = block_map(a_subnet(interfaces=interfaces))
    of = frozenset(range(0, len(blocks.singles), 2))
    assert pins(blocks, of) == pinned(blocks, of)
