from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from functions.capacity.blocks import block_map
from functions.capacity.model import Interface
from functions.capacity.owners import Owner
from functions.capacity.pins import holders, newcomers, pinned, singles_in_our_reservations
from tests.builders import a_reservation, a_subnet, an_interface


def owned(owner: Owner, *addresses: str, interface_id: str = "eni-1") -> Interface:
    return replace(an_interface(*addresses, interface_id=interface_id), owner=owner)


RESERVED = a_reservation("10.0.0.64/26", reservation_id="scr-ours")  # blocks 4 to 7
NODE = owned(Owner.NODE, "10.0.0.70", "10.0.0.85", interface_id="eni-node")  # blocks 4 and 5
BALANCER = owned(Owner.LOAD_BALANCER, "10.0.0.65", interface_id="eni-balancer")  # block 4
OPEN = owned(Owner.ENDPOINT, "10.0.0.200", interface_id="eni-endpoint")  # block 12
MAP = block_map(a_subnet(interfaces=[NODE, BALANCER, OPEN], reservations=[RESERVED]))


def test_draining_blocks_have_their_holders_by_address():
    held = holders(MAP)
    assert {n: [(str(IPv4Address(h.address)), h.owner, h.primary) for h in each] for n, each in held.items()} == {
        4: [("10.0.0.65", Owner.LOAD_BALANCER, True), ("10.0.0.70", Owner.NODE, True)],
        5: [("10.0.0.85", Owner.NODE, False)],
    }


def test_a_block_is_pinned_by_who_rarely_leaves():
    assert pinned(MAP) == {4: {Owner.LOAD_BALANCER}}


def test_other_blocks_than_the_draining_can_be_asked_for():
    assert pinned(MAP, MAP.drainable) == {12: {Owner.ENDPOINT}}
    assert holders(MAP, of=()) == {}


def test_an_address_outside_the_subnets_cidr_holds_nothing():
    blocks = block_map(a_subnet(interfaces=[owned(Owner.NODE, "10.0.1.70", "10.0.0.70")], reservations=[RESERVED]))
    assert [each.primary for each in holders(blocks)[4]] == [False]


def came(before: dict[str, frozenset[int]], *interfaces: Interface, reservations=(RESERVED,)) -> list[tuple[str, str]]:
    subnet = a_subnet(interfaces=interfaces, reservations=reservations)
    return [(each.reservation_id, str(IPv4Address(each.holder.address))) for each in newcomers(before, subnet)]


BEFORE = {"scr-ours": frozenset({int(IPv4Address("10.0.0.65"))})}


@pytest.mark.parametrize(
    ("before", "interfaces", "reservations", "expected"),
    [
        pytest.param(BEFORE, [BALANCER], [RESERVED], [], id="who was there before did not come"),
        pytest.param(
            BEFORE,
            [NODE, BALANCER],
            [RESERVED],
            [("scr-ours", "10.0.0.70"), ("scr-ours", "10.0.0.85")],
            id="two came",
        ),
        pytest.param({}, [NODE], [RESERVED], [], id="what a reservation holds when first seen is its start"),
        pytest.param(BEFORE, [OPEN], [RESERVED], [], id="outside the reservation anybody may come"),
        pytest.param(
            BEFORE,
            [NODE],
            [a_reservation("10.0.0.64/26", reservation_id="scr-ours", ours=False)],
            [],
            id="another's reservation is not ours to judge",
        ),
        pytest.param(
            BEFORE,
            [NODE],
            [a_reservation("10.0.0.64/26", reservation_id="scr-ours", kind="explicit")],
            [],
            id="from an `explicit` one people assign singly on purpose",
        ),
        pytest.param(
            BEFORE,
            [an_interface(prefixes=["10.0.0.64/28"])],
            [RESERVED],
            [],
            id="a prefix is what the reservation is for",
        ),
    ],
)
def test_newcomers(before, interfaces, reservations, expected):
    assert came(before, *interfaces, reservations=reservations) == expected


def test_what_is_remembered_names_each_reservation_even_an_empty_one():
    subnet = a_subnet(
        interfaces=[NODE, OPEN], reservations=[RESERVED, a_reservation("10.0.0.128/28", reservation_id="scr-empty")]
    )
    remembered = singles_in_our_reservations(subnet)
    assert {id_: {str(IPv4Address(each)) for each in found} for id_, found in remembered.items()} == {
        "scr-ours": {"10.0.0.70", "10.0.0.85"},
        "scr-empty": set(),
    }
    assert newcomers(remembered, subnet) == ()


def test_an_address_that_left_and_came_back_is_a_newcomer():
    without = a_subnet(interfaces=[BALANCER], reservations=[RESERVED])
    assert came(dict(singles_in_our_reservations(without)), NODE, BALANCER) == [
        ("scr-ours", "10.0.0.70"),
        ("scr-ours", "10.0.0.85"),
    ]
