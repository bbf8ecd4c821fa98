"""No check of max pods, modes and types speaks up on nodes that are as they should be."""

from dataclasses import replace
from ipaddress import IPv6Network
from typing import Any

import pytest

from functions.capacity.clusters import Addon, Family, Origin, Os
from functions.capacity.findings.change_pending import max_pods_change_pending
from functions.capacity.findings.dragged_down import max_pods_dragged_down
from functions.capacity.findings.max_pods import max_pods_not_set, max_pods_too_high, max_pods_too_low
from functions.capacity.findings.mixed_mode import nodes_in_mixed_mode
from functions.capacity.findings.modes import nodes_without_prefixes
from functions.capacity.findings.nitro import no_nitro_type_in_group, not_nitro_in_prefix_group
from functions.capacity.findings.prefix_mode_off import prefix_mode_off
from tests.builders import a_cluster, a_group, a_reservation, a_subnet
from tests.unit.findings.nodes import YESTERDAY, a_node, holding, nodes, of_karpenter, own_ami, with_max_pods
from tests.unit.findings.views import RECENT, a_view, settings

CHECKS = (
    max_pods_dragged_down,
    max_pods_too_low,
    max_pods_too_high,
    max_pods_not_set,
    max_pods_change_pending,
    prefix_mode_off,
    nodes_in_mixed_mode,
    nodes_without_prefixes,
    not_nitro_in_prefix_group,
    no_nitro_type_in_group,
)
ADDON = Addon(version=RECENT, modified_at=YESTERDAY)
NAMES = ("i-1", "i-2")
WITH_PREFIXES = replace(holding(prefixes=3, names=NAMES), reservations=(a_reservation("10.0.8.0/21"),))
WITH_SINGLES = holding(singles=9, names=NAMES)
DUAL = replace(a_subnet(), ipv6_cidr=IPv6Network("2001:db8::/64"))
MANAGED = replace(a_group(most=5), nodes=nodes(*NAMES, template_version="2"), family=Family.AL2023)
TWO_TYPES = replace(MANAGED, instance_types=("m5.large", "t3.small"))
LAUNCHING = replace(MANAGED, nodes=(a_node("i-9", launching=True), a_node("i-8", launched_at=None)))


def findings_of(group, subnet, **cni: Any):
    cluster = a_cluster(cni=settings(**cni), addon=ADDON, ipv6=cni.get("ipv6", False))
    view = a_view(group, cluster=cluster, subnets=[subnet])
    return [(each.id, each.severity) for check in CHECKS for each in check(view)]


@pytest.mark.parametrize(
    ("group", "subnet", "cni"),
    [
        pytest.param(MANAGED, WITH_PREFIXES, {}, id="a managed group with reservations"),
        pytest.param(TWO_TYPES, WITH_PREFIXES, {}, id="two Nitro types of one number"),
        pytest.param(LAUNCHING, a_subnet(), {}, id="nodes that hold nothing yet"),
        pytest.param(replace(MANAGED, nodes=()), a_subnet(), {}, id="a group scaled to nothing"),
        pytest.param(MANAGED, DUAL, {"ipv6": True}, id="an IPv6 cluster"),
        pytest.param(own_ami(with_max_pods(110), nodes=nodes(*NAMES)), WITH_PREFIXES, {}, id="an own AMI, well set"),
        pytest.param(of_karpenter(with_max_pods(110), nodes=nodes(*NAMES)), WITH_PREFIXES, {}, id="Karpenter, set"),
        pytest.param(MANAGED, WITH_PREFIXES, {"custom_networking": True}, id="custom networking"),
        pytest.param(
            replace(MANAGED, origin=Origin.AUTO_MODE, own_ami=True), WITH_PREFIXES, {}, id="EKS Auto Mode"
        ),
        pytest.param(
            replace(MANAGED, os=Os.WINDOWS, family=Family.WINDOWS), WITH_SINGLES, {}, id="Windows without prefixes"
        ),
    ],
)  # fmt: skip
def test_healthy_nodes_give_no_finding(group, subnet, cni):
    assert findings_of(group, subnet, **cni) == []


def test_a_healthy_cluster_without_prefixes_is_told_of_them_and_nothing_else():
    assert findings_of(MANAGED, WITH_SINGLES, prefix_delegation=False) == [("prefix-mode-off", "info")]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_cluster_without_nodes_and_an_account_without_clusters_give_none_either(check):
    assert not list(check(a_view(cluster=a_cluster(cni=None, addon=None))))
    assert not list(check(replace(a_view(), clusters=())))
