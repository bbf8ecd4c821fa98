from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.clusters import NodeGroup
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.subnet_outlook import smallest_subnet
from functions.capacity.findings.subnets import subnet_unprepared
from functions.capacity.nodes import NodeDemand
from functions.capacity.owners import Owner
from tests.builders import SUBNET, a_cluster, a_group, a_reservation, a_subnet, an_interface
from tests.unit.findings.views import a_view, commands, only, settings

ONE_NODE = a_group(most=1)  # an m5.large: 7 prefixes and 1 single address


def balancers(*addresses: str):
    """Load balancers, each with one single address."""
    return [replace(an_interface(each), id=f"eni-{each}", owner=Owner.LOAD_BALANCER) for each in addresses]


def addresses_in_blocks(*blocks: int):
    return [f"10.0.0.{16 * n + 1}" for n in blocks]


def looked_at(*groups: NodeGroup, cluster=None, **subnet: Any):
    return a_view(*groups, cluster=cluster, subnets=[a_subnet(**{"mode": ""} | subnet)])


# 14 blocks, of which 6 have an address of others: 8 are free, and 7 single addresses can come to them
SPOILT = balancers(*addresses_in_blocks(1, 2, 3, 4, 5, 6))


def test_open_blocks_that_others_singles_can_spoil_are_a_warning_and_reservations_the_way_out():
    found = only(subnet_unprepared, looked_at(ONE_NODE, interfaces=SPOILT))
    assert (found.id, found.severity) == (FindingId.SUBNET_UNPREPARED, Severity.WARNING)
    assert (str(found.resource), found.cluster) == (f"subnet/{SUBNET}", "demo")
    assert found.numbers == {
        "prefixesToCome": 7,
        "singleAddressesToCome": 1,
        "freeBlocks": 8,
        "freeBlocksReserved": 0,
        "freeBlocksSpoilable": 7,
        "largestFreeRun": 8,
        "drainingBlocks": 0,
        "drainableBlocks": 6,
        "singleAddressesByOwner": {"load balancer": 6},
        "percentUsedByOthersSingles": 2.3,
        "recommended": "reservations",
    }
    assert f"aws ec2 create-tags --resources {SUBNET} --tags Key=headroom:mode,Value=ahead" in commands(found)
    assert f"create-subnet-cidr-reservation --subnet-id {SUBNET} --cidr 10.0.0.128/26" in commands(found)


def test_the_reservations_that_are_proposed_hold_the_demand():
    found = only(subnet_unprepared, looked_at(ONE_NODE, interfaces=SPOILT))
    lines = [each for each in commands(found).splitlines() if "--reservation-type" in each]
    kept = [a_reservation(each.split("--cidr ")[1].split()[0]) for each in lines]
    assert not list(subnet_unprepared(looked_at(ONE_NODE, interfaces=SPOILT, reservations=kept)))


@pytest.mark.parametrize(
    "subnet",
    [
        pytest.param({}, id="nothing else in the subnet, and room for the node's own address"),
        pytest.param({"interfaces": SPOILT[:3]}, id="fewer singles than blocks to spare"),
        pytest.param({"interfaces": SPOILT, "mode": "ahead"}, id="Headroom may reserve, and can"),
        pytest.param(
            {"interfaces": SPOILT, "reservations": [a_reservation("10.0.0.128/25")]}, id="all that is asked is reserved"
        ),
    ],
)
def test_a_subnet_that_is_prepared_is_no_finding(subnet):
    assert not list(subnet_unprepared(looked_at(ONE_NODE, **subnet)))


def test_a_demand_that_fits_once_what_is_reserved_has_drained_is_prepared_too():
    """That it does not fit before is what subnet-cannot-hold-demand says."""
    all_blocks = ("10.0.0.16/28", "10.0.0.32/27", "10.0.0.64/26", "10.0.0.128/26", "10.0.0.192/27", "10.0.0.224/28")
    kept = [a_reservation(each) for each in all_blocks]  # eight free, six draining
    two_nodes = a_group(most=2)  # 14 prefixes
    assert not list(subnet_unprepared(looked_at(two_nodes, interfaces=SPOILT, reservations=kept)))
    assert list(subnet_unprepared(looked_at(two_nodes, interfaces=SPOILT, reservations=kept[:-1])))


def test_nodes_own_addresses_are_not_others():
    nodes = [replace(each, owner=Owner.NODE) for each in SPOILT]
    assert not list(subnet_unprepared(looked_at(ONE_NODE, interfaces=nodes)))


def test_a_subnet_that_nobody_asks_prefixes_of_is_no_finding():
    secondary = a_cluster(cni=settings(prefix_delegation=False))
    assert not list(subnet_unprepared(looked_at(ONE_NODE, interfaces=SPOILT, cluster=secondary)))
    assert not list(subnet_unprepared(looked_at(interfaces=SPOILT)))


@pytest.mark.parametrize("mode", ["", "ahead"])
def test_a_demand_that_reservations_cannot_hold_asks_for_a_new_subnet_of_the_right_size_in_any_mode(mode):
    found = only(subnet_unprepared, looked_at(a_group(most=3), interfaces=SPOILT, mode=mode))
    assert found.numbers["recommended"] == "a new subnet"
    # 21 prefixes, 3 nodes' addresses: 22 blocks, and the first and the last of a /23 are none
    assert (found.numbers["newSubnetPrefixLength"], found.numbers["newSubnets"]) == (23, 1)
    assert "aws ec2 create-subnet --vpc-id" in commands(found)
    assert "--availability-zone us-east-1a" in commands(found)
    assert "create-subnet-cidr-reservation" not in commands(found)


@pytest.mark.parametrize(
    ("prefixes", "singles", "size"),
    [
        pytest.param(1, 1, (26, 1), id="a /26 has two blocks"),
        pytest.param(2, 1, (25, 1), id="the addresses need a block too"),
        pytest.param(14, 0, (24, 1), id="a /24 has fourteen"),
        pytest.param(14, 1, (23, 1), id="and not one more"),
        pytest.param(253, 16, (20, 1), id="sixteen addresses are one block"),
        pytest.param(4094, 0, (16, 1), id="all of a /16"),
        pytest.param(4094, 1, (16, 2), id="more than the largest subnet has"),
    ],
)
def test_the_smallest_subnet_holds_the_prefixes_and_the_nodes_addresses(prefixes, singles, size):
    assert smallest_subnet(NodeDemand(prefixes=prefixes, interfaces=singles)) == size


def test_a_view_with_holes_is_unknown_where_prefixes_are_asked_for_and_does_not_matter_elsewhere():
    found = only(subnet_unprepared, looked_at(ONE_NODE, available=100))
    assert (found.severity, "EC2 counts 100" in found.title) == (Severity.UNKNOWN, True)
    assert not list(subnet_unprepared(looked_at(available=100)))


def test_a_group_of_a_type_that_is_not_known_asks_for_an_unknown_amount():
    found = only(subnet_unprepared, looked_at(a_group(types=["x9.huge"])))
    assert (found.severity, "x9.huge" in found.title) == (Severity.UNKNOWN, True)


@pytest.mark.parametrize(
    "cni",
    [
        pytest.param(settings(prefix_delegation=False), id="secondary mode asks for no prefixes"),
        pytest.param(settings(ipv6=True), id="IPv6 asks for none of IPv4's"),
    ],
)
def test_an_unknown_type_does_not_matter_where_no_blocks_are_asked_for(cni):
    cluster = a_cluster(cni=cni, ipv6=cni.ipv6)
    assert not list(subnet_unprepared(looked_at(a_group(types=["x9.huge"]), cluster=cluster)))


def test_a_long_list_of_reservations_is_cut_and_says_so():
    every_other = balancers(*(f"10.0.{n // 8}.{(n % 8) * 32 + 1}" for n in range(1, 120)))
    found = only(subnet_unprepared, looked_at(a_group(most=15), cidr="10.0.0.0/20", interfaces=every_other))
    lines = commands(found).splitlines()
    assert sum("--reservation-type" in each for each in lines) == 8
    assert lines[-1].startswith("# and ")
