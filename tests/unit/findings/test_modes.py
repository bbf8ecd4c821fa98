from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.capacity.clusters import Addon, Origin, Os
from functions.capacity.findings.finding import Severity
from functions.capacity.findings.mixed_mode import nodes_in_mixed_mode
from functions.capacity.findings.modes import nodes_without_prefixes
from functions.capacity.model import InstanceType
from tests.builders import NOW, TYPES, a_cluster, a_group
from tests.unit.findings.nodes import a_node, holding, nodes, own_ami, with_max_pods
from tests.unit.findings.views import a_view, commands, only, settings

M5_4XLARGE = InstanceType(name="m5.4xlarge", interfaces=8, addresses_per_interface=30, vcpus=16, nitro=True)
ALL = {**TYPES, M5_4XLARGE.name: M5_4XLARGE}


def mixed(*, singles, prefixes, type_="m5.large", group=None, names=("i-1",), **cni: Any):
    """A group whose nodes hold this, each of them, under these settings."""
    group = replace(group or a_group(), instance_types=(type_,), nodes=nodes(*names, instance_type=type_))
    cluster = a_cluster(cni=settings(**cni))
    return a_view(group, cluster=cluster, subnets=[holding(singles=singles, prefixes=prefixes, names=names)], types=ALL)


@pytest.mark.parametrize(
    ("of", "takes", "advertises", "severity"),
    [
        pytest.param(
            {"singles": 20, "prefixes": 1}, (27 - 20) * 16 + 20 + 2, 29, Severity.WARNING,
            id="EKS told it 29 when it came up, and it holds more",
        ),
        pytest.param(
            {"singles": 25, "prefixes": 1, "group": own_ami(with_max_pods(110))}, 2 * 16 + 25 + 2, 110,
            Severity.CRITICAL, id="its user data says 110, and two slots are left for prefixes",
        ),
        pytest.param(
            {"singles": 9, "prefixes": 1, "group": own_ami(with_max_pods(110)), "custom_networking": True},
            9 * 16 + 9 + 2, 110, Severity.WARNING, id="custom networking has two interfaces of three",
        ),
        pytest.param(
            {"singles": 16, "prefixes": 1, "group": own_ami(with_max_pods(110)), "pod_eni": True},
            2 * 16 + 16 + 2, 110, Severity.CRITICAL, id="a trunk takes the third interface",
        ),
        pytest.param(
            {"singles": 5, "prefixes": 7, "prefix_delegation": False}, 20 + 2, 110, Severity.CRITICAL,
            id="prefix mode is off again: new pods get what the prefixes leave",
        ),
        pytest.param(
            {"singles": 5, "prefixes": 7, "version": (1, 8, 0)}, 20 + 2, 110, Severity.CRITICAL,
            id="a CNI that knows no prefixes is as good as off",
        ),
        pytest.param(
            {"singles": 40, "prefixes": 1, "group": own_ami(with_max_pods(110))}, 40 + 2, 110, Severity.CRITICAL,
            id="more singles than slots, which nobody expects",
        ),
    ],
)  # fmt: skip
def test_what_a_linux_node_in_mixed_mode_really_takes(of, takes, advertises, severity):
    found = only(nodes_in_mixed_mode, mixed(**of))
    assert (found.numbers["takes"], found.numbers["advertises"]) == (takes, advertises)
    assert found.severity is severity


@pytest.mark.parametrize(
    ("singles", "takes", "severity"),
    [
        pytest.param(2, 7 * 16, Severity.WARNING, id="seven of nine slots are enough for 110"),
        pytest.param(3, 6 * 16, Severity.CRITICAL, id="six are not"),
    ],
)
def test_what_a_windows_node_in_mixed_mode_really_takes(singles, takes, severity):
    windows = replace(settings().windows, prefix_delegation=True)
    group = replace(a_group(), os=Os.WINDOWS)
    found = only(nodes_in_mixed_mode, mixed(singles=singles, prefixes=1, group=group, windows=windows))
    assert (found.numbers["takes"], found.numbers["advertises"], found.severity) == (takes, 110, severity)


def test_a_windows_node_without_prefix_mode_has_what_its_prefixes_leave():
    found = only(nodes_in_mixed_mode, mixed(singles=2, prefixes=3, group=replace(a_group(), os=Os.WINDOWS)))
    assert (found.numbers["takes"], found.numbers["advertises"], found.severity) == (6, 9, Severity.CRITICAL)


def test_a_mixed_finding_counts_the_nodes_and_names_the_worst():
    view = mixed(singles=25, prefixes=2, names=("i-1", "i-2"), group=own_ami(with_max_pods(110)))
    found = only(nodes_in_mixed_mode, view)
    assert found.title == (
        "2 of 2 nodes of demo/workers with single addresses and prefixes both: one takes 59 pods and advertises 110"
    )
    assert found.numbers == {
        "mixedNodes": 2,
        "nodes": 2,
        "singleAddresses": 50,
        "prefixes": 4,
        "nodesByPodsTheyTake": {"59": 2},
        "nodesShort": 2,
        "worstNode": "i-1",
        "takes": 59,
        "advertises": 110,
    }
    text = commands(found)
    assert text.index("create-nodegroup") < text.index("cordon") < text.index("drain") < text.index("delete-nodegroup")


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"singles": 0, "prefixes": 2}, id="prefixes alone"),
        pytest.param({"singles": 9, "prefixes": 0}, id="single addresses alone"),
        pytest.param(
            {"singles": 9, "prefixes": 1, "group": replace(a_group(), origin=Origin.AUTO_MODE)}, id="EKS Auto Mode"
        ),
    ],
)
def test_no_node_is_in_mixed_mode(of):
    assert not list(nodes_in_mixed_mode(mixed(**of)))


def test_a_node_of_a_type_without_known_limits_is_mixed_all_the_same():
    found = only(nodes_in_mixed_mode, mixed(singles=9, prefixes=1, type_="x9.new"))
    assert found.severity is Severity.WARNING
    assert found.numbers["nodesByPodsTheyTake"] == {}
    assert "takes" not in found.numbers


def test_a_number_that_is_not_known_is_not_compared():
    found = only(nodes_in_mixed_mode, mixed(singles=25, prefixes=1, group=own_ami(None)))
    assert (found.severity, found.numbers["takes"]) == (Severity.WARNING, 59)
    assert "advertises" not in found.numbers


# --- single addresses alone ---

JUST_NOW = NOW - timedelta(minutes=9)


def single(*, subnet=None, group=None, node=None, changed=None, **cni: Any):
    group = replace(group or a_group(), nodes=(node or a_node(), a_node("i-2")))
    cluster = a_cluster(cni=settings(**cni), addon=Addon(modified_at=changed), ipv6=cni.get("ipv6", False))
    return a_view(group, cluster=cluster, subnets=[subnet or holding(singles=9)])


def test_nodes_that_still_hold_single_addresses_came_before_prefix_mode():
    found = only(nodes_without_prefixes, single())
    assert found.title == ("1 of 2 nodes of demo/workers with single addresses alone, though prefix mode is on")
    assert (found.severity, found.numbers) == (
        Severity.WARNING,
        {"nodesWithoutPrefixes": 1, "nodes": 2, "singleAddresses": 9},
    )
    assert "kubectl drain -l eks.amazonaws.com/nodegroup=workers" in commands(found)


def test_windows_nodes_too_where_prefixes_are_on_for_them():
    group, windows = replace(a_group(), os=Os.WINDOWS), replace(settings().windows, prefix_delegation=True)
    assert only(nodes_without_prefixes, single(group=group, windows=windows)).numbers["nodesWithoutPrefixes"] == 1
    assert not list(nodes_without_prefixes(single(group=group)))


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(single(subnet=holding(prefixes=2)), id="it holds prefixes"),
        pytest.param(single(subnet=holding(singles=9, prefixes=1)), id="it holds both, which is another finding"),
        pytest.param(single(subnet=holding()), id="it holds nothing for pods yet"),
        pytest.param(single(prefix_delegation=False), id="prefix mode is off"),
        pytest.param(single(version=(1, 8, 9)), id="the CNI cannot do prefixes, which is another finding"),
        pytest.param(single(ipv6=True), id="an IPv6 node has no IPv4 addresses for pods"),
        pytest.param(single(group=replace(a_group(), origin=Origin.AUTO_MODE)), id="EKS Auto Mode"),
        pytest.param(single(node=a_node(launching=True)), id="it is launching"),
        pytest.param(single(node=a_node(launched_at=JUST_NOW)), id="it is nine minutes old"),
        pytest.param(single(changed=JUST_NOW), id="the add-on was changed nine minutes ago"),
        pytest.param(
            single(group=a_group(types=["c4.large"]), node=a_node(instance_type="c4.large")), id="it is not Nitro"
        ),
    ],
)
def test_no_node_is_without_prefixes(view):
    assert not list(nodes_without_prefixes(view))


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(single(node=a_node(launched_at=NOW - timedelta(minutes=10))), id="a node of ten minutes"),
        pytest.param(single(changed=NOW - timedelta(minutes=10)), id="an add-on changed ten minutes ago"),
    ],
)
def test_after_ten_minutes_it_counts(view):
    assert only(nodes_without_prefixes, view).severity is Severity.WARNING


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(a_node(launched_at=None), id="when it was launched"),
        pytest.param(a_node(instance_type="x9.new"), id="what its type is like"),
    ],
)
def test_what_was_not_read_of_a_node_makes_it_unknown(node):
    found = only(nodes_without_prefixes, single(node=node))
    assert found.severity is Severity.UNKNOWN
    assert "describe-instances --instance-ids i-1" in commands(found)
