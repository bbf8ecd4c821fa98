from dataclasses import replace
from ipaddress import IPv6Network

import pytest

from functions.capacity.clusters import Origin, Os
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.ipv6 import subnet_without_ipv6_prefixes, windows_in_ipv6_cluster
from tests.builders import SUBNET, a_cluster, a_group, a_subnet, an_ipv6_reservation
from tests.unit.findings.views import a_view, commands, group_with, only, settings

IPV6 = a_cluster(cni=settings(ipv6=True), ipv6=True)
WINDOWS = group_with(a_group(name="win", most=4, nodes=["i-1"]), os=Os.WINDOWS)


def test_windows_nodes_in_an_ipv6_cluster_are_critical():
    found = only(windows_in_ipv6_cluster, a_view(WINDOWS, cluster=IPV6))
    assert (found.id, found.severity) == (FindingId.WINDOWS_IN_IPV6, Severity.CRITICAL)
    assert str(found.resource) == "nodegroup/demo/win"
    assert found.numbers == {"nodes": 1, "maxSize": 4}
    assert "aws eks delete-nodegroup --cluster-name demo --nodegroup-name win" in commands(found)


@pytest.mark.parametrize(
    ("facts", "command"),
    [
        pytest.param({"origin": Origin.KARPENTER}, "kubectl delete nodepool win", id="a Karpenter pool"),
        pytest.param(
            {"origin": Origin.SELF_MANAGED, "auto_scaling_groups": ("win nodes; x",)},
            "--auto-scaling-group-name 'win nodes; x' --min-size 0",
            id="an Auto Scaling group, its name quoted",
        ),
        pytest.param({"origin": Origin.ALONE}, "aws ec2 terminate-instances --instance-ids i-1", id="single instances"),
    ],
)
def test_the_way_to_remove_them_is_that_of_their_origin(facts, command):
    found = only(windows_in_ipv6_cluster, a_view(group_with(WINDOWS, **facts), cluster=IPV6))
    assert command in commands(found)


@pytest.mark.parametrize(
    ("group", "cluster"),
    [
        pytest.param(WINDOWS, None, id="Windows in an IPv4 cluster"),
        pytest.param(group_with(WINDOWS, os=Os.LINUX), IPV6, id="Linux in an IPv6 cluster"),
    ],
)
def test_either_alone_is_fine(group, cluster):
    assert not list(windows_in_ipv6_cluster(a_view(group, cluster=cluster)))


def test_a_node_subnet_of_an_ipv6_cluster_without_an_ipv6_block_is_critical():
    group = a_group(nodes=["i-1", "i-2"])
    subnet = replace(a_subnet(), vpc_id="vpc-0aa1bb2cc3dd4ee5f")
    found = only(subnet_without_ipv6_prefixes, a_view(group, cluster=IPV6, subnets=[subnet]))
    assert (found.id, found.severity) == (FindingId.NO_IPV6_BLOCK, Severity.CRITICAL)
    assert (str(found.resource), found.cluster) == (f"subnet/{SUBNET}", "demo")
    assert found.numbers == {"nodes": 2, "nodeGroups": ["workers"]}
    assert f"aws ec2 associate-subnet-cidr-block --subnet-id {SUBNET}" in commands(found)
    assert "\nVPC=vpc-0aa1bb2cc3dd4ee5f\n" in commands(found)


def test_the_vpc_is_looked_up_where_it_is_not_known():
    found = only(subnet_without_ipv6_prefixes, a_view(a_group(), cluster=IPV6))
    assert f"\nVPC=$(aws ec2 describe-subnets --subnet-ids {SUBNET} " in commands(found)


@pytest.mark.parametrize(
    ("subnet", "cluster"),
    [
        pytest.param(replace(a_subnet(), ipv6_cidr=IPv6Network("2001:db8::/64")), IPV6, id="it has one"),
        pytest.param(a_subnet(), None, id="the cluster is IPv4"),
    ],
)
def test_one_fact_apart_the_subnet_is_fine(subnet, cluster):
    assert not list(subnet_without_ipv6_prefixes(a_view(a_group(), cluster=cluster, subnets=[subnet])))


UPPER = an_ipv6_reservation("2001:db8::8000:0:0:0/65", ours=False, kind="explicit")
# Of the lower half eight blocks are left, the first of them AWS's: seven prefixes.
ALMOST_ALL = tuple(
    an_ipv6_reservation(f"2001:db8::{1 << n:x}:0:0:0/{80 - n}", ours=False, kind="explicit") for n in range(3, 15)
)
SMALL = a_subnet(ipv6_cidr="2001:db8::/64", ipv6_reservations=(UPPER, *ALMOST_ALL))


@pytest.mark.parametrize(
    ("most", "desired", "severity", "missing"),
    [
        pytest.param(7, 7, None, 0, id="just enough"),
        pytest.param(9, 7, Severity.WARNING, 2, id="too few for the maximum size"),
        pytest.param(9, 8, Severity.CRITICAL, 2, id="too few for the nodes that are asked for already"),
    ],
)
def test_a_subnet_with_too_few_free_prefixes(most, desired, severity, missing):
    group = a_group(most=most, desired=desired)
    found = list(subnet_without_ipv6_prefixes(a_view(group, cluster=IPV6, subnets=[SMALL])))
    assert [each.severity for each in found] == ([severity] if severity else [])
    for each in found:
        assert f"lacks {missing} of the {most} /80 prefixes" in each.title
        assert each.numbers["freePrefixes"] == 7
        assert "aws ec2 get-subnet-cidr-reservations" in commands(each)


def test_a_view_that_is_not_whole_says_nothing_of_free_prefixes():
    partial = a_subnet(ipv6_cidr="2001:db8::/64", available=100)
    found = only(subnet_without_ipv6_prefixes, a_view(a_group(), cluster=IPV6, subnets=[partial]))
    assert found.severity is Severity.UNKNOWN
    assert "EC2 counts 100 available addresses" in found.title


def test_what_is_missing_for_certain_is_said_of_such_a_view_too():
    partial = replace(SMALL, available=(100,))
    found = only(subnet_without_ipv6_prefixes, a_view(a_group(most=9), cluster=IPV6, subnets=[partial]))
    assert found.severity is Severity.WARNING


def test_a_subnet_that_no_group_uses_does_not_matter():
    assert not list(subnet_without_ipv6_prefixes(a_view(a_group(subnets=[]), cluster=IPV6)))


def test_a_subnet_that_could_not_be_read_is_unknown():
    found = only(subnet_without_ipv6_prefixes, a_view(a_group(), cluster=IPV6, subnets=[]))
    assert found.severity is Severity.UNKNOWN
