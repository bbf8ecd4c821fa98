from typing import Any

import pytest

from functions.capacity.clusters import Family, LaunchTemplate, Origin, Os
from functions.capacity.cni import WindowsSettings
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.warm_targets import (
    warm_ip_target_stops_growth,
    warm_targets_of_zero,
    warm_targets_without_effect,
)
from functions.capacity.findings.warm_waste import warm_addresses_wasted
from tests.builders import a_cluster, a_group, a_subnet
from tests.unit.findings.views import a_view, commands, group_with, only, settings, with_settings


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"warm_prefix_target_set": True}, id="set to 0"),
        pytest.param({}, id="not set in a DaemonSet of one's own, where the CNI's own default is 0"),
        pytest.param({"warm_ip_target": 0, "minimum_ip_target": 0}, id="all three 0"),
        pytest.param({"ipv6": True}, id="an IPv6 cluster, whose aws-node looks at it all the same"),
    ],
)
def test_every_target_at_zero_in_prefix_mode_keeps_aws_node_from_starting(of):
    found = only(warm_targets_of_zero, with_settings(warm_prefix_target=0, **of))
    assert (found.id, found.severity) == (FindingId.WARM_PREFIX_ZERO, Severity.CRITICAL)
    assert found.numbers["warmPrefixTarget"] == 0
    assert '.env += {"WARM_PREFIX_TARGET": "1"}' in commands(found)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"warm_prefix_target": 1}, id="one warm prefix"),
        pytest.param({"warm_prefix_target": 0, "warm_ip_target": 5}, id="warm addresses in its place"),
        pytest.param({"warm_prefix_target": 0, "minimum_ip_target": 16}, id="a minimum in its place"),
        pytest.param({"warm_prefix_target": 0, "prefix_delegation": False}, id="secondary mode"),
    ],
)
def test_one_target_is_enough(of):
    assert not list(warm_targets_of_zero(with_settings(**of)))


@pytest.mark.parametrize(
    ("of", "names"),
    [
        pytest.param({"warm_ip_target": 0}, ["WARM_IP_TARGET"], id="warm addresses"),
        pytest.param({"minimum_ip_target": 0}, ["MINIMUM_IP_TARGET"], id="the minimum"),
    ],
)
def test_a_zero_beside_a_warm_prefix_counts_as_not_set(of, names):
    found = only(warm_targets_of_zero, with_settings(**of))
    assert (found.severity, found.numbers["warmPrefixTarget"]) == (Severity.INFO, 1)
    assert all(f"del(.env.{name})" in commands(found) and name in found.title for name in names)


def test_a_zero_that_another_target_goes_with_is_no_finding():
    assert not list(warm_targets_of_zero(with_settings(warm_ip_target=5, minimum_ip_target=0)))


@pytest.mark.parametrize(
    ("of", "most"),
    [
        pytest.param({"warm_ip_target": 0, "minimum_ip_target": 20}, 34, id="20 are two prefixes, 32 pods and 2"),
        pytest.param({"minimum_ip_target": 16}, 18, id="WARM_IP_TARGET not set is as good as 0"),
        pytest.param({"minimum_ip_target": 20, "prefix_delegation": False}, 22, id="secondary mode counts addresses"),
    ],
)
def test_a_minimum_without_warm_addresses_stops_growth_below_max_pods(of, most):
    found = only(warm_ip_target_stops_growth, with_settings(**of))
    assert (found.id, found.severity) == (FindingId.WARM_IP_ZERO, Severity.CRITICAL)
    assert found.numbers["mostPods"] == most
    assert found.numbers["maxPodsByGroup"] == {"workers": 110 if of.get("prefix_delegation", True) else 29}
    assert '"WARM_IP_TARGET": "1"' in commands(found)


def test_a_group_of_types_that_fall_back_to_single_addresses_stops_at_the_minimum_itself():
    found = only(warm_ip_target_stops_growth, with_settings(a_group(types=["c4.large"]), minimum_ip_target=20))
    assert found.numbers["mostPods"] == 22


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"warm_ip_target": 1, "minimum_ip_target": 20}, id="one warm address"),
        pytest.param({"warm_ip_target": 0}, id="no minimum"),
        pytest.param({"minimum_ip_target": 108}, id="a minimum that holds all the pods that the kubelet takes"),
        pytest.param({"minimum_ip_target": 20, "ipv6": True}, id="an IPv6 cluster, which ignores it"),
    ],
)
def test_growth_that_does_not_stop_short_is_no_finding(of):
    assert not list(warm_ip_target_stops_growth(with_settings(**of)))


def test_whether_it_stops_short_is_unknown_where_max_pods_are():
    group = group_with(own_ami=True)
    assert only(warm_ip_target_stops_growth, with_settings(group, minimum_ip_target=20)).severity is Severity.UNKNOWN


def test_the_type_that_takes_the_most_pods_is_the_one_that_is_stopped():
    template = LaunchTemplate(id="lt-1", version="1")
    group = group_with(
        a_group(types=["m5.large", "m5.8xlarge"]), own_ami=True, family=Family.AL2023, template=template
    )  # 29 and 234 pods
    found = only(warm_ip_target_stops_growth, with_settings(group, minimum_ip_target=40))
    assert (found.numbers["mostPods"], found.numbers["maxPodsByGroup"]) == (50, {"workers": 234})


def test_windows_nodes_have_targets_of_their_own():
    assert not list(warm_ip_target_stops_growth(with_settings(group_with(os=Os.WINDOWS), minimum_ip_target=20)))


@pytest.mark.parametrize(
    ("of", "severity"),
    [
        pytest.param({"warm_ip_target": 5}, "warning", id="5 addresses in place of 48"),
        pytest.param({"minimum_ip_target": 16}, "warning", id="none beyond the minimum"),
        pytest.param({"warm_ip_target": 48}, "info", id="as many addresses as the prefixes have"),
    ],
)
def test_a_warm_prefix_target_that_another_target_overrides(of, severity):
    facts = with_settings(warm_prefix_target=3, warm_prefix_target_set=True, **of)
    found = only(warm_targets_without_effect, facts)
    assert (found.id, found.severity) == (FindingId.WARM_OVERRIDDEN, severity)
    assert found.numbers["warmAddressesWanted"] == 48
    assert found.numbers["warmAddressesKept"] == of.get("warm_ip_target", 0)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"warm_prefix_target": 3, "warm_prefix_target_set": True}, id="nothing overrides it"),
        pytest.param({"warm_ip_target": 5}, id="nobody set it"),
        pytest.param(
            {"warm_prefix_target": 1, "warm_prefix_target_set": True, "warm_ip_target": 5},
            id="it is the default, as the CNI's manifest sets it",
        ),
        pytest.param(
            {"warm_prefix_target": 0, "warm_prefix_target_set": True, "warm_ip_target": 5},
            id="it was put to 0 to make room for the other",
        ),
        pytest.param(
            {"warm_prefix_target": 3, "warm_prefix_target_set": True, "warm_ip_target": 0},
            id="the other is 0, which counts as not set",
        ),
    ],
)
def test_a_warm_prefix_target_that_rules_or_was_not_meant_is_no_finding(of):
    assert not list(warm_targets_without_effect(with_settings(**of)))


def test_warm_targets_in_an_ipv6_cluster_are_worth_knowing_only_where_somebody_set_them():
    found = only(warm_targets_without_effect, with_settings(ipv6=True, warm_ip_target=5))
    assert (found.id, found.severity) == (FindingId.WARM_OVERRIDDEN, Severity.INFO)
    assert not list(warm_targets_without_effect(with_settings(ipv6=True)))


LARGE = a_subnet("10.0.0.0/20")


def wasting(group=None, subnet=LARGE, **of: Any):
    ipv6 = of.get("ipv6", False)
    cluster = a_cluster(cni=settings(**of), ipv6=ipv6)
    return a_view(group or a_group(nodes=["i-1", "i-2"], most=20), cluster=cluster, subnets=[subnet])


def test_warm_prefixes_that_take_a_tenth_of_the_subnets_are_a_warning_with_what_would_come_back():
    found = only(warm_addresses_wasted, wasting(warm_prefix_target=4))
    assert (found.id, found.severity) == (FindingId.WARM_WASTE, Severity.WARNING)
    assert str(found.resource) == "nodegroup/demo/workers"
    assert found.numbers == {
        "prefixesOfIdleNode": 4,
        "prefixesOfIdleNodeByDefault": 1,
        "sparePrefixesOfFullNode": 3,
        "blocksReturnedNow": 6,
        "blocksReturnedAtMaximum": 60,
        "blocksOfSubnets": 254,
        "percentOfSubnets": 23.6,
        "nodes": 2,
        "maxNodes": 20,
    }
    assert "6 blocks come back from the 2 nodes" in commands(found)


@pytest.mark.parametrize(
    ("of", "prefixes"),
    [
        pytest.param({"warm_prefix_target": 2}, 2, id="two prefixes"),
        pytest.param({"minimum_ip_target": 20, "warm_ip_target": 1}, 2, id="a minimum of two prefixes"),
        pytest.param({"warm_ip_target": 30}, 2, id="warm addresses of two prefixes"),
    ],
)
def test_a_little_more_than_the_defaults_is_only_worth_knowing(of, prefixes):
    found = only(warm_addresses_wasted, wasting(**of))
    assert (found.severity, found.numbers["prefixesOfIdleNode"]) == (Severity.INFO, prefixes)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({}, id="the defaults"),
        pytest.param({"warm_ip_target": 5, "minimum_ip_target": 16}, id="less than a prefix"),
        pytest.param({"warm_prefix_target": 4, "ipv6": True}, id="an IPv6 cluster"),
        pytest.param({"warm_prefix_target": 4, "prefix_delegation": False}, id="secondary mode"),
        pytest.param({"warm_prefix_target": 4, "group": a_group(types=["x9.huge"])}, id="a type that is not known"),
        pytest.param({"warm_prefix_target": 4, "group": a_group(most=0, desired=0)}, id="a group of no nodes"),
    ],
)
def test_what_wastes_nothing_is_no_finding(of):
    assert not list(warm_addresses_wasted(wasting(**of)))


def test_windows_nodes_waste_by_their_own_settings():
    windows = WindowsSettings(prefix_delegation=True, warm_prefix_target=5)
    group = group_with(a_group(most=20), os=Os.WINDOWS)
    found = only(warm_addresses_wasted, wasting(group, windows=windows, warm_prefix_target=1))
    assert (found.severity, found.numbers["blocksReturnedAtMaximum"]) == (Severity.WARNING, 80)
    assert "kubectl patch configmap amazon-vpc-cni" in commands(found)


def test_auto_modes_nodes_keep_a_pool_of_their_own():
    group = group_with(a_group(most=20), origin=Origin.AUTO_MODE)
    assert not list(warm_addresses_wasted(wasting(group, warm_prefix_target=4)))
