from dataclasses import replace

import pytest

from functions.capacity.findings.dragged_down import max_pods_dragged_down
from functions.capacity.findings.finding import Severity
from functions.capacity.model import InstanceType
from tests.builders import TYPES, a_cluster, a_group
from tests.unit.findings.nodes import a_node, own_ami, with_max_pods
from tests.unit.findings.views import a_view, commands, only, settings, with_settings

M5_XLARGE = InstanceType(name="m5.xlarge", interfaces=4, addresses_per_interface=15, vcpus=4, nitro=True)
M6_LARGE = InstanceType(name="m6.large", interfaces=3, addresses_per_interface=12, vcpus=2, nitro=True)
ALL = {**TYPES, M5_XLARGE.name: M5_XLARGE, M6_LARGE.name: M6_LARGE}


def test_a_type_that_is_not_nitro_drags_a_prefix_group():
    nodes = a_node("i-1"), a_node("i-2"), a_node("i-3", instance_type="c4.large")
    found = only(max_pods_dragged_down, a_view(replace(a_group(types=["m5.large", "c4.large"]), nodes=nodes)))
    assert found.title == "c4.large drags m5.large in demo/workers down from 110 to 29 pods a node"
    assert (found.severity, str(found.resource)) == (Severity.WARNING, "nodegroup/demo/workers")
    assert found.numbers == {
        "perType": {"m5.large": 110, "c4.large": 29},
        "smallest": 29,
        "type": "c4.large",
        "podsLost": 162,
        "nodes": 3,
    }
    assert "not Nitro get no prefixes" in found.means
    assert 'instanceTypes: ["m5.large"]' in commands(found)
    assert "kubectl drain -l eks.amazonaws.com/nodegroup=workers" in commands(found)


@pytest.mark.parametrize(
    ("types", "prefixes", "expected"),
    [
        pytest.param(["m5.large", "m5.8xlarge"], True, Severity.WARNING, id="110 of 250, both with prefixes"),
        pytest.param(["m5.large", "t3.small"], False, Severity.WARNING, id="11 of 29 in secondary mode"),
        pytest.param(["m5.large", "m6.large"], False, Severity.INFO, id="29 of 35 is not much"),
    ],
)
def test_how_bad_it_is_depends_on_what_is_lost(types, prefixes, expected):
    view = a_view(a_group(types=types), cluster=a_cluster(cni=settings(prefix_delegation=prefixes)), types=ALL)
    found = only(max_pods_dragged_down, view)
    assert found.severity is expected
    assert "not Nitro" not in found.means


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(a_group(types=["m5.large", "t3.small"]), id="types with one number, capped"),
        pytest.param(a_group(types=["m5.large"]), id="one type"),
        pytest.param(a_group(types=["x9.new"]), id="one type without known limits"),
        pytest.param(own_ami(with_max_pods(29), types=["m5.large", "c4.large"]), id="a number that EKS does not set"),
    ],
)
def test_nothing_is_dragged(group):
    assert not list(max_pods_dragged_down(a_view(group)))


@pytest.mark.parametrize("other", ["c4.large", "x9.new"])
def test_unknown_settings_are_said_elsewhere(other):
    view = a_view(a_group(types=["m5.large", other]), cluster=a_cluster(cni=None))
    assert not list(max_pods_dragged_down(view))


def test_a_type_without_known_limits_may_be_the_smallest():
    found = only(max_pods_dragged_down, with_settings(a_group(types=["m5.large", "x9.new"])))
    assert found.severity is Severity.UNKNOWN
    assert "x9.new" in found.title
