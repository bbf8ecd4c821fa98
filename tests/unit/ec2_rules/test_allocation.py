"""The rules of allocation, one by one."""

from random import Random

import pytest

from ec2_rules import allocation
from ec2_rules.allocation import Order
from ec2_rules.errors import Ec2Error
from ec2_rules.subnet import Subnet


def a_subnet(cidr="10.0.0.0/24", ipv6=None, *, order=Order.LOWEST, seed=1):
    return Subnet(cidr, ipv6, order=order, rng=Random(seed))


@pytest.mark.parametrize(
    ("order", "free", "after_last", "expected"),
    [
        pytest.param(Order.LOWEST, 100, 7, {0}, id="lowest: always the first"),
        pytest.param(Order.NEXT, 100, 7, {7}, id="next: the first after the last one"),
        pytest.param(Order.NEXT, 7, 7, {0}, id="next: round and round"),
        pytest.param(Order.LOW_WINDOW, 100, 7, set(range(25)), id="low window: the lowest quarter"),
        pytest.param(Order.LOW_WINDOW, 3, 0, {0}, id="low window: at least one"),
        pytest.param(Order.RANDOM, 10, 7, set(range(10)), id="random: any"),
    ],
)
def test_the_order_decides_which_free_place_is_taken(order, free, after_last, expected):
    rng = Random(5)
    assert {allocation.open_pool_choice(order, free, after_last, rng) for _ in range(500)} == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.LOWEST, ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.4"]),
        (Order.NEXT, ["10.0.0.4", "10.0.0.5", "10.0.0.6", "10.0.0.7"]),
    ],
)
def test_a_freed_address_is_taken_again_at_once_or_only_after_a_round(order, expected):
    subnet = a_subnet(order=order)
    taken = [subnet.ipv4.take_address() for _ in range(3)]
    subnet.ipv4.release_address("10.0.0.4")

    assert [*taken, subnet.ipv4.take_address()] == expected


def test_next_begins_anew_behind_the_last_address():
    subnet = a_subnet("10.0.0.0/28", order=Order.NEXT)
    for _ in range(11):
        subnet.ipv4.take_address()
    subnet.ipv4.release_address("10.0.0.9")

    assert subnet.ipv4.take_address() == "10.0.0.9"


def test_the_low_window_keeps_to_the_lowest_free_quarter():
    subnet = a_subnet(order=Order.LOW_WINDOW)
    first = [int(subnet.ipv4.take_address().rpartition(".")[2]) for _ in range(20)]

    assert max(first) < 4 + 63 + 20


@pytest.mark.parametrize("order", Order)
def test_prefixes_follow_the_order_in_the_pool_but_not_in_reservations(order):
    pooled, reserved = a_subnet(order=order, seed=4), a_subnet(order=order, seed=4)
    reserved.create_reservation("scr-1", "10.0.0.128/25", "prefix")
    in_order = [f"10.0.0.{16 * block}/28" for block in range(1, 4)]
    from_reservation = reserved.ipv4.take_prefixes(3)

    assert (list(pooled.ipv4.take_prefixes(3)) == in_order) == (order in {Order.LOWEST, Order.NEXT})
    assert list(from_reservation) != [f"10.0.0.{128 + 16 * block}/28" for block in range(3)]


@pytest.mark.parametrize(
    ("count", "free", "code"),
    [
        pytest.param(1, 16, "InsufficientCidrBlocks", id="enough addresses: fragmented"),
        pytest.param(1, 15, "InvalidParameterValue", id="one address short: exhausted"),
        pytest.param(3, 47, "InvalidParameterValue", id="one address short of three blocks: exhausted"),
    ],
)
def test_two_errors_mean_no_prefix(count, free, code):
    assert allocation.no_prefix(count, free).code == code


def test_one_request_is_filled_from_reservations_and_the_pool():
    subnet = a_subnet()
    subnet.create_reservation("scr-1", "10.0.0.208/28", "prefix")

    assert subnet.ipv4.take_prefixes(2) == ("10.0.0.208/28", "10.0.0.16/28")


def test_a_block_with_an_address_in_use_drains_and_then_serves_prefixes():
    subnet = a_subnet("10.0.0.0/26")
    subnet.ipv4.take_address("10.0.0.20")
    subnet.create_reservation("scr-1", "10.0.0.16/28", "prefix")
    while_in_use = subnet.ipv4.free_blocks
    subnet.ipv4.release_address("10.0.0.20")

    assert (while_in_use, subnet.ipv4.take_prefixes(1)) == (1, ("10.0.0.16/28",))


def test_narrow_ipv6_reservations_in_one_block_come_and_go_alone():
    subnet = a_subnet(ipv6="2600:1f18::/64")
    free = subnet.ipv6.free_blocks
    subnet.create_reservation("scr-1", "2600:1f18:0:0:5::/96", "explicit")
    subnet.create_reservation("scr-2", "2600:1f18:0:0:5:1::/96", "prefix")
    both = subnet.ipv6.free_blocks
    subnet.delete_reservation("scr-2")
    one = subnet.ipv6.free_blocks
    subnet.delete_reservation("scr-1")

    assert (both, one, subnet.ipv6.free_blocks) == (free - 1, free - 1, free)


def test_an_ipv6_block_is_kept_in_its_canonical_spelling():
    subnet = a_subnet(ipv6="2600:1f18::/64")
    reservation = subnet.create_reservation("scr-1", "2600:1f18:0000:0000:0005:0001::/96", "explicit")

    assert reservation.cidr == "2600:1f18::5:1:0:0/96"
    assert subnet.ipv6.take_prefix("2600:1f18:0000:0:7::/80") == "2600:1f18:0:0:7::/80"


def test_a_very_wide_ipv6_subnet_costs_nothing_to_open():
    subnet = Subnet(None, "2600:1f00::/44", rng=Random(1))

    assert subnet.ipv6.free_blocks == 2**36 - 2
    assert len(set(subnet.ipv6.take_prefixes(50))) == 50


def test_an_ipv6_block_is_no_prefix_while_one_of_its_addresses_is_in_use():
    subnet = a_subnet(ipv6="2600:1f18::/64")
    for _ in range(2):
        subnet.ipv6.take_address()
    singles = [subnet.ipv6.take_address(f"2600:1f18:0:0:7::{host:x}") for host in (1, 2)]
    with pytest.raises(Ec2Error, match="not available"):
        subnet.ipv6.take_prefix("2600:1f18:0:0:7::/80")
    subnet.ipv6.release_address(singles[0])
    with pytest.raises(Ec2Error, match="not available"):
        subnet.ipv6.take_prefix("2600:1f18:0:0:7::/80")
    subnet.ipv6.release_address(singles[1])

    assert subnet.ipv6.take_prefix("2600:1f18:0:0:7::/80") == "2600:1f18:0:0:7::/80"
    with pytest.raises(Ec2Error, match="already in use"):
        subnet.ipv6.take_address("2600:1f18:0:0:7::1")


def test_an_ipv6_subnet_whose_pool_is_all_prefixes_has_no_single_left():
    subnet = a_subnet(ipv6="2600:1f18::/64")
    subnet.create_reservation("scr-1", "2600:1f18:0:0:8000::/65", "explicit")
    subnet.create_reservation("scr-2", "2600:1f18:0:0:4000::/66", "explicit")
    subnet.create_reservation("scr-3", "2600:1f18:0:0:2000::/67", "explicit")
    subnet.create_reservation("scr-4", "2600:1f18::/67", "explicit")

    with pytest.raises(Ec2Error, match="InsufficientFreeAddressesInSubnet"):
        subnet.ipv6.take_address()
    with pytest.raises(Ec2Error, match="InsufficientCidrBlocks"):
        subnet.ipv6.take_prefixes(1)
