"""No check of the CNI, the subnets or EKS's health speaks up on a cluster that is as it should be."""

from dataclasses import replace
from ipaddress import IPv6Network

import pytest

from functions.capacity.clusters import Addon
from functions.capacity.findings.cni_settings import cni_settings_unreadable
from functions.capacity.findings.cni_version import cni_downgrade, cni_too_old
from functions.capacity.findings.health import eks_health
from functions.capacity.findings.ipv6 import subnet_without_ipv6_prefixes, windows_in_ipv6_cluster
from functions.capacity.findings.pod_security_groups import pod_security_groups
from functions.capacity.findings.subnets import subnet_unprepared
from functions.capacity.findings.warm_targets import (
    warm_ip_target_stops_growth,
    warm_targets_of_zero,
    warm_targets_without_effect,
)
from functions.capacity.findings.warm_waste import warm_addresses_wasted
from functions.capacity.owners import Owner
from tests.builders import a_cluster, a_group, a_reservation, a_subnet, an_interface
from tests.unit.findings.views import RECENT, a_view, settings

CHECKS = (
    cni_too_old,
    cni_downgrade,
    cni_settings_unreadable,
    warm_targets_of_zero,
    warm_ip_target_stops_growth,
    warm_targets_without_effect,
    warm_addresses_wasted,
    pod_security_groups,
    windows_in_ipv6_cluster,
    subnet_without_ipv6_prefixes,
    subnet_unprepared,
    eks_health,
)

NODE = replace(
    an_interface("10.0.0.4", prefixes=["10.0.0.128/28", "10.0.0.144/28"], instance_id="i-1"), owner=Owner.NODE
)
BALANCERS = [replace(an_interface(f"10.0.0.{n}"), id=f"eni-{n}", owner=Owner.LOAD_BALANCER) for n in range(20, 90, 8)]
RESERVED = a_subnet(interfaces=[NODE, *BALANCERS], reservations=[a_reservation("10.0.0.128/25")])
SINGLES = a_subnet(interfaces=[replace(an_interface("10.0.0.4", "10.0.0.9", instance_id="i-1"), owner=Owner.NODE)])
DUAL = replace(a_subnet(), ipv6_cidr=IPv6Network("2001:db8::/64"))
ADDON = Addon(version=RECENT)


@pytest.mark.parametrize(
    ("cni", "subnet"),
    [
        pytest.param(settings(), RESERVED, id="prefix mode with reservations"),
        pytest.param(settings(prefix_delegation=False), SINGLES, id="secondary mode"),
        pytest.param(settings(ipv6=True), DUAL, id="IPv6"),
    ],
)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_healthy_cluster_gives_no_finding(check, cni, subnet):
    cluster = a_cluster(cni=cni, ipv6=cni.ipv6, addon=ADDON)
    view = a_view(a_group(nodes=["i-1"], most=1), cluster=cluster, subnets=[subnet])
    assert not list(check(view))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_cluster_without_nodes_and_an_account_without_clusters_give_none_either(check):
    assert not list(check(a_view(cluster=a_cluster(cni=None, addon=None))))
    assert not list(check(replace(a_view(), clusters=())))
