from dataclasses import replace

from functions.capacity.blocks import block_map, expected_available
from tests.builders import a_reservation, a_subnet, an_interface


def test_the_first_and_the_last_block_can_never_be_a_prefix():
    blocks = block_map(a_subnet("10.0.0.0/24"))
    assert blocks.free == frozenset(range(1, 15))


def test_a_subnet_of_one_or_two_blocks_has_none():
    assert block_map(a_subnet("10.0.0.0/28")).free == frozenset()
    assert block_map(a_subnet("10.0.0.0/27")).free == frozenset()
    assert len(block_map(a_subnet("10.0.0.0/26")).free) == 2


def test_one_address_spoils_its_block_and_no_other():
    blocks = block_map(a_subnet(interfaces=[an_interface("10.0.0.37")]))
    assert blocks.free == frozenset(range(1, 15)) - {2}
    assert blocks.drainable == {2}
    assert blocks.singles[2] == 1


def test_a_prefix_takes_its_block_and_is_not_a_single_address():
    blocks = block_map(a_subnet(interfaces=[an_interface("10.0.0.5", prefixes=["10.0.0.64/28"])]))
    assert blocks.held == {4}
    assert 4 not in blocks.free
    assert blocks.singles[4] == 0


def test_reserved_blocks_are_free_or_drain():
    blocks = block_map(
        a_subnet(interfaces=[an_interface("10.0.0.33")], reservations=[a_reservation("10.0.0.32/27", ours=False)])
    )
    assert blocks.free_reserved == {3}
    assert blocks.draining == {2}
    assert blocks.drainable == frozenset()


def test_an_explicit_reservation_is_nobody_elses():
    blocks = block_map(a_subnet(reservations=[a_reservation("10.0.0.64/26", kind="explicit")]))
    assert blocks.free.isdisjoint({4, 5, 6, 7})


def test_a_reservation_smaller_than_a_block_takes_the_block_from_us():
    blocks = block_map(a_subnet(reservations=[a_reservation("10.0.0.64/30")]))
    assert 4 not in blocks.free
    assert blocks.reserved == frozenset()


def test_open_addresses_are_those_outside_prefixes_and_reservations():
    empty = block_map(a_subnet())
    assert empty.open_addresses == 256 - 5
    used = block_map(
        a_subnet(
            interfaces=[an_interface("10.0.0.5", "10.0.0.40", prefixes=["10.0.0.64/28"])],
            reservations=[a_reservation("10.0.0.128/26")],
        )
    )
    assert used.open_addresses == 256 - 5 - 2 - 16 - 64


def test_an_address_outside_the_subnets_cidr_is_not_its_own():
    assert block_map(a_subnet(interfaces=[an_interface("10.9.9.9")])).free == frozenset(range(1, 15))


def test_ec2s_count_agrees_whether_or_not_it_counts_reserved_addresses():
    blocks = block_map(a_subnet(interfaces=[an_interface("10.0.0.5")], reservations=[a_reservation("10.0.0.128/26")]))
    agrees = expected_available(blocks)
    assert 250 in agrees
    assert 250 - 64 in agrees
    assert 251 not in agrees
    assert 250 - 65 not in agrees


def test_a_subnet_of_one_block_keeps_awss_five_addresses():
    assert block_map(a_subnet("10.0.0.0/28")).open_addresses == 16 - 5


def test_what_may_not_stand_explains_nothing():
    perhaps = replace(a_reservation("10.0.0.64/26"), id="")
    seen = block_map(a_subnet(reservations=[perhaps]))
    assert expected_available(seen) == range(251, 252)
    made = block_map(a_subnet(reservations=[a_reservation("10.0.0.64/26")]))
    assert expected_available(made) == range(251 - 64, 252)
