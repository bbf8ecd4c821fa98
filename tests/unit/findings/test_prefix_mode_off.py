from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.clusters import NodeGroup, Origin, Os
from functions.capacity.findings.finding import Severity
from functions.capacity.findings.prefix_mode_off import prefix_mode_off
from functions.capacity.warm import calls_saved
from tests.builders import M5_LARGE, SUBNET, a_cluster, a_group
from tests.unit.findings.nodes import of_karpenter, own_ami, with_max_pods
from tests.unit.findings.views import a_view, commands, only, settings, with_settings

OFF = settings(prefix_delegation=False)


def secondary(*groups: NodeGroup, **of: Any):
    return with_settings(*groups, prefix_delegation=False, **of)


def test_what_prefixes_would_give_and_what_they_would_take():
    group = a_group(most=20)
    found = only(prefix_mode_off, secondary(group))
    calls = calls_saved(group, [M5_LARGE], OFF)
    assert found.title == (
        "demo gives pods single addresses: with prefixes, a node of workers could take 110 pods instead of 29"
    )
    assert (found.severity, str(found.resource)) == (Severity.INFO, "cluster/demo")
    assert found.numbers == {
        "maxPodsNow": {"workers": 29},
        "maxPodsWithPrefixes": {"workers": 110},
        "ec2CallsNow": calls.secondary.total,
        "ec2CallsWithPrefixes": calls.prefixes.total,
        "prefixesNeeded": 140,
        "freePrefixes": {SUBNET: 14},
    }
    assert calls.secondary.total > calls.prefixes.total > 0


def test_the_way_is_reservations_then_the_setting_then_new_nodes():
    text = commands(only(prefix_mode_off, secondary(a_group())))
    order = [
        f"create-tags --resources {SUBNET} --tags Key=headroom:mode,Value=ahead",
        "ENABLE_PREFIX_DELEGATION",
        "create-nodegroup",
        "kubectl cordon",
        "kubectl drain",
        "delete-nodegroup",
    ]
    assert sorted(order, key=text.index) == order
    assert "update-nodegroup-version" not in text
    assert "--addon-version" not in text


def test_a_cni_that_is_too_old_is_updated_before_the_setting():
    text = commands(only(prefix_mode_off, secondary(a_group(), version=(1, 8, 0))))
    assert text.index("--addon-version") < text.index("ENABLE_PREFIX_DELEGATION")


def test_a_group_that_sets_max_pods_itself_is_told_the_number_and_starts_from_the_new_template():
    text = commands(only(prefix_mode_off, secondary(own_ami(with_max_pods(29)))))
    assert text.index("maxPods: 110") < text.index("create-nodegroup")
    assert 'version: "$Latest"' in text


def test_karpenter_is_told_the_number_in_its_node_class():
    text = commands(only(prefix_mode_off, secondary(of_karpenter(with_max_pods(29)))))
    assert "maxPods: 110  # of the EC2NodeClass" in text
    assert "kubectl delete nodeclaims -l karpenter.sh/nodepool=default" in text


def test_a_subnet_that_is_not_in_the_view_is_not_counted():
    found = only(prefix_mode_off, secondary(a_group(subnets=[SUBNET, "subnet-elsewhere"])))
    assert found.numbers["freePrefixes"] == {SUBNET: 14}


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(with_settings(a_group()), id="prefix mode is on"),
        pytest.param(secondary(a_group(), ipv6=True), id="an IPv6 cluster"),
        pytest.param(secondary(a_group(types=["c4.large"])), id="no type that could have prefixes"),
        pytest.param(
            secondary(replace(a_group(), os=Os.WINDOWS)), id="Windows nodes, which have a switch of their own"
        ),
        pytest.param(secondary(replace(a_group(), origin=Origin.AUTO_MODE)), id="EKS Auto Mode"),
        pytest.param(a_view(a_group(), cluster=a_cluster(cni=None)), id="settings unknown, which is another finding"),
        pytest.param(a_view(cluster=a_cluster(cni=OFF)), id="no nodes and no groups"),
    ],
)
def test_nothing_to_tell(view):
    assert not list(prefix_mode_off(view))


def test_a_group_with_a_type_without_known_limits_is_left_out():
    groups = a_group(types=["m5.large", "x9.new"]), a_group(name="others")
    found = only(prefix_mode_off, secondary(*groups))
    assert found.numbers["maxPodsNow"] == {"others": 29}


def test_limits_that_are_not_known_leave_nothing_to_compare():
    found = only(prefix_mode_off, secondary(a_group(types=["x9.new"])))
    assert found.severity is Severity.UNKNOWN
    assert "x9.new" in found.title
