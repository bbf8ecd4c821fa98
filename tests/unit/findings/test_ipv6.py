from dataclasses import replace
from ipaddress import IPv6Network

import pytest

from functions.capacity.clusters import Origin, Os
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.ipv6 import subnet_without_ipv6_prefixes, windows_in_ipv6_cluster
from tests.builders import SUBNET, a_cluster, a_group, a_subnet
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


def test_a_subnet_that_no_group_uses_does_not_matter():
    assert not list(subnet_without_ipv6_prefixes(a_view(a_group(subnets=[]), cluster=IPV6)))


def test_a_subnet_that_could_not_be_read_is_unknown():
    found = only(subnet_without_ipv6_prefixes, a_view(a_group(), cluster=IPV6, subnets=[]))
    assert found.severity is Severity.UNKNOWN
