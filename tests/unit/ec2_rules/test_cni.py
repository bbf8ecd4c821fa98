"""The model of the VPC CNI: the tables of its documentation, and stories over fake time."""

from random import Random

import pytest

from ec2_rules.cni import CniSettings, InstanceLimits, Node, prefix_slots, prefixes_wanted
from ec2_rules.interfaces import SubnetInterfaces
from ec2_rules.subnet import Subnet

M5_LARGE = InstanceLimits(interfaces=3, addresses_per_interface=10)
T3_SMALL = InstanceLimits(interfaces=3, addresses_per_interface=4)


def a_subnet(cidr="10.0.0.0/20"):
    return Subnet(cidr, rng=Random(3))


def a_node(subnet, *, limits=M5_LARGE, **settings: int):
    network = SubnetInterfaces({"subnet-1": subnet})
    primary = network.launch("subnet-1")
    return Node("i-1", "subnet-1", primary, network, limits, CniSettings(**settings))


def fragment(subnet):
    """One address in use in every block: not one is free."""
    for block in range(1, subnet.ipv4.network.num_addresses // 16 - 1):
        subnet.ipv4.take_address(str(subnet.ipv4.network[16 * block + 5]))


@pytest.mark.parametrize(
    ("pods", "expected"), [(0, 1), (1, 2), (5, 2), (16, 2), (17, 3), (58, 5), (80, 6), (96, 7), (97, 7), (110, 7)]
)
def test_by_default_one_prefix_is_kept_warm_beyond_those_in_use(pods, expected):
    assert prefixes_wanted(pods, CniSettings()) == expected


@pytest.mark.parametrize(
    ("settings", "pods", "expected"),
    [
        pytest.param({"warm_ip_target": 1, "minimum_ip_target": 1}, 0, 1, id="w=1 m=1, no pod"),
        pytest.param({"warm_ip_target": 1, "minimum_ip_target": 1}, 5, 1, id="w=1 m=1, 5 pods"),
        pytest.param({"warm_ip_target": 1, "minimum_ip_target": 1}, 16, 2, id="w=1 m=1, a full block and one warm"),
        pytest.param({"warm_ip_target": 1, "minimum_ip_target": 1}, 17, 2, id="w=1 m=1, 17 pods"),
        pytest.param({"warm_ip_target": 1, "minimum_ip_target": 1}, 58, 4, id="w=1 m=1, 58 pods"),
        pytest.param({"warm_ip_target": 5, "minimum_ip_target": 40}, 0, 3, id="the minimum is held with no pod"),
        pytest.param({"warm_ip_target": 5, "warm_prefix_target": 4}, 0, 1, id="an address target overrides prefixes"),
        pytest.param({"minimum_ip_target": 30}, 110, 2, id="the trap: w=0 stops growing at the minimum"),
        pytest.param({"warm_ip_target": 0}, 5, 2, id="a target of 0 is not set"),
        pytest.param({"warm_prefix_target": 3}, 1, 4, id="three prefixes kept warm"),
        pytest.param({"warm_prefix_target": 3, "max_pods": 30}, 20, 2, id="no growth once 16 K reach maxPods"),
        pytest.param({"max_pods": 250}, 250, 16, id="a large node"),
    ],
)
def test_targets_decide_how_many_prefixes_a_node_wants(settings, pods, expected):
    assert prefixes_wanted(pods, CniSettings(**settings)) == expected


def test_no_warm_prefix_at_all_is_not_supported():
    with pytest.raises(ValueError, match="not supported"):
        CniSettings(warm_prefix_target=0)


@pytest.mark.parametrize(("max_eni", "expected"), [(None, 27), (2, 18), (9, 27)])
def test_interfaces_and_their_slots_cap_the_prefixes(max_eni, expected):
    assert prefix_slots(M5_LARGE, CniSettings(max_eni=max_eni)) == expected


def test_twenty_full_nodes_hold_140_prefixes_and_20_singles():
    subnet = a_subnet()
    before = subnet.available_ip_address_count
    nodes = [a_node(subnet) for _ in range(20)]

    outcomes = [node.tick(0.0, 110) for node in nodes]

    assert sum(outcome.held for outcome in outcomes) == 140
    assert subnet.available_ip_address_count == before - 140 * 16 - 20


def test_a_node_adds_interfaces_when_slots_run_out_each_with_a_single_of_its_own():
    subnet = a_subnet()
    before = subnet.available_ip_address_count
    node = a_node(subnet, limits=T3_SMALL)

    outcome = node.tick(0.0, 110)

    assert (outcome.held, outcome.wanted, len(node.interfaces)) == (7, 7, 3)
    assert subnet.available_ip_address_count == before - 7 * 16 - 3


def test_a_node_gives_back_what_it_no_longer_wants():
    subnet = a_subnet()
    node = a_node(subnet, limits=T3_SMALL)
    before = subnet.available_ip_address_count
    node.tick(0.0, 110)

    assert node.tick(5.0, 5).held == 2
    assert (len(node.interfaces), subnet.available_ip_address_count) == (1, before - 2 * 16)

    node.leave()
    assert (node.held, subnet.available_ip_address_count) == (0, before)


def test_after_a_refusal_a_node_waits_two_minutes():
    subnet = a_subnet("10.0.0.0/24")
    fragment(subnet)
    node = a_node(subnet)

    refused = node.tick(10.0, 5)
    waiting = node.tick(129.9, 5)
    again = node.tick(130.0, 5)

    assert [(failure.code, failure.at) for failure in refused.failures] == [
        ("InsufficientCidrBlocks", 10.0),  # both prefixes
        ("InsufficientCidrBlocks", 10.0),  # then one of them
    ]
    assert (waiting.failures, waiting.held, waiting.wanted) == ((), 0, 2)
    assert [failure.at for failure in again.failures] == [130.0, 130.0]


def test_a_node_takes_the_one_block_that_is_left():
    subnet = a_subnet("10.0.0.0/24")
    fragment(subnet)
    subnet.ipv4.release_address("10.0.0.21")
    subnet.create_reservation("scr-1", "10.0.0.16/28", "prefix")  # keeps the primary address out of that block
    node = a_node(subnet)

    outcome = node.tick(0.0, 1)

    assert (outcome.held, outcome.wanted) == (1, 2)
    assert [failure.code for failure in outcome.failures] == ["InsufficientCidrBlocks"] * 3


def test_a_node_does_not_wait_when_the_subnet_is_exhausted():
    subnet = a_subnet("10.0.0.0/27")
    node = a_node(subnet)
    for _ in range(14):
        subnet.ipv4.take_address()

    first, second = node.tick(0.0, 1), node.tick(5.0, 1)

    assert {failure.code for failure in first.failures + second.failures} == {"InvalidParameterValue"}
    assert second.failures


def test_an_interface_that_cannot_be_had_leaves_nothing_behind():
    subnet = a_subnet("10.0.0.0/26")  # two blocks that can be prefixes
    node = a_node(subnet, limits=InstanceLimits(interfaces=2, addresses_per_interface=3))
    for offset in (4, 5, 6, 7):
        if node.held < 2:
            node.tick(float(offset), 1)
    before = subnet.available_ip_address_count

    outcome = node.tick(500.0, 17)

    assert (outcome.wanted, outcome.failures != ()) == (3, True)
    assert (len(node.interfaces), subnet.available_ip_address_count) == (1, before)
