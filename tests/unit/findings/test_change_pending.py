from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.clusters import Addon, Node, Origin
from functions.capacity.findings.change_pending import max_pods_change_pending
from functions.capacity.findings.finding import Severity
from tests.builders import a_cluster, a_group
from tests.unit.findings.nodes import LONG_AGO, YESTERDAY, a_node, a_template, days_ago, holding, own_ami, with_max_pods
from tests.unit.findings.views import a_view, commands, only, settings

CHANGED = days_ago(2)
BEFORE, SINCE = LONG_AGO, YESTERDAY


def switched(*nodes: Node, subnet, types=("m5.large",), changed=CHANGED, **cni: Any):
    """A group that EKS sets max pods for, in a cluster whose add-on was changed two days ago."""
    group = replace(a_group(types=types), nodes=nodes)
    cluster = a_cluster(cni=settings(**cni), addon=Addon(modified_at=changed), ipv6=cni.get("ipv6", False))
    return a_view(group, cluster=cluster, subnets=[subnet])


def test_a_node_with_single_addresses_came_up_with_the_number_of_secondary_mode():
    found = only(max_pods_change_pending, switched(a_node(), a_node("i-2"), subnet=holding(singles=9)))
    assert found.title == "1 of 2 nodes of demo/workers came up before prefix mode, with 29 pods instead of 110"
    assert found.severity is Severity.WARNING
    assert found.numbers == {
        "nodesPending": 1,
        "nodes": 2,
        "maxPodsBefore": 29,
        "maxPodsNow": 110,
        "podsLost": 81,
    }
    assert "aws eks create-nodegroup" in commands(found)
    assert "kubectl drain" in commands(found)


def test_nodes_of_the_same_template_version_came_up_with_the_same_user_data():
    nodes = [a_node(template_version="4"), a_node("i-2", template_version="4"), a_node("i-3", template_version="5")]
    found = next(max_pods_change_pending(switched(*nodes, subnet=holding(singles=9))))
    assert found.numbers["nodesPending"] == 2


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(switched(a_node(), subnet=holding(prefixes=2)), id="it holds prefixes alone"),
        pytest.param(switched(a_node(launched_at=SINCE), subnet=holding(singles=9)), id="it came up after the change"),
        pytest.param(
            switched(a_node(), subnet=holding(singles=9), prefix_delegation=False), id="prefix mode is not on"
        ),
        pytest.param(
            switched(a_node(), subnet=holding(singles=9), types=["m5.large", "c4.large"]),
            id="the number is the same before and after",
        ),
        pytest.param(
            switched(a_node(instance_type="c4.large"), subnet=holding(singles=9), types=["c4.large"]),
            id="a type that is not Nitro holds singles for ever",
        ),
        pytest.param(
            switched(a_node(instance_type="c4.large"), subnet=holding(singles=9), types=["t3.small", "c4.large"]),
            id="nor do its singles say anything where the other type's number did change",
        ),
        pytest.param(switched(a_node(), subnet=holding(singles=9), version=(1, 8, 0)), id="the CNI cannot do prefixes"),
    ],
)
def test_nothing_is_pending(view):
    assert not list(max_pods_change_pending(view))


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(switched(a_node(), subnet=holding(singles=9), changed=None), id="when the add-on was changed"),
        pytest.param(switched(a_node(launched_at=None), subnet=holding(singles=9)), id="when the node was launched"),
        pytest.param(
            switched(a_node(), subnet=holding(singles=9), types=["m5.large", "x9.new"]), id="the limits of a type"
        ),
    ],
)
def test_what_was_not_read_is_unknown(view):
    found = only(max_pods_change_pending, view)
    assert (found.id, found.severity) == ("max-pods-change-pending", Severity.UNKNOWN)


def by_template(*versions: str, **facts: Any):
    nodes = tuple(a_node(f"i-{n}", template_version=version) for n, version in enumerate(versions))
    of: dict[str, Any] = {"origin": Origin.SELF_MANAGED, "template": with_max_pods(110)} | facts
    return a_view(own_ami(nodes=nodes, **of))


def test_a_self_managed_group_names_the_version_that_its_nodes_should_have():
    found = only(max_pods_change_pending, by_template("3", "2", "1", "2"))
    assert found.title == "3 of 4 nodes of demo/workers came up from an older launch template version (1, 2) than 3"
    assert found.severity is Severity.INFO
    assert found.numbers == {
        "nodesPending": 3,
        "nodes": 4,
        "version": "3",
        "olderVersions": ["1", "2"],
        "maxPodsNow": 110,
    }
    assert "start-instance-refresh --auto-scaling-group-name workers" in commands(found)


def test_of_a_managed_group_the_newest_node_tells_since_its_template_is_a_copy():
    found = only(max_pods_change_pending, by_template("9", "10", origin=Origin.MANAGED))
    assert (found.numbers["nodesPending"], found.numbers["version"]) == (1, "10")
    assert "aws eks list-updates --name demo --nodegroup-name workers" in commands(found)


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(by_template("3", "3"), id="all from the group's version"),
        pytest.param(by_template("2", "2", origin=Origin.MANAGED), id="a managed group's copy has other versions"),
        pytest.param(by_template("", "3"), id="a node that no template is known of"),
        pytest.param(by_template("2", template=a_template(unknown="was not read")), id="the group's is not known"),
        pytest.param(by_template("2", "1", origin=Origin.KARPENTER), id="Karpenter's nodes, which it replaces itself"),
    ],
)
def test_no_drift_by_template(view):
    assert not list(max_pods_change_pending(view))
