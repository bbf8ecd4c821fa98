from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.clusters import Origin, Os
from functions.capacity.findings.finding import Severity
from functions.capacity.findings.nitro import no_nitro_type_in_group, not_nitro_in_prefix_group
from tests.builders import a_group
from tests.unit.findings.nodes import a_node
from tests.unit.findings.views import commands, only, with_settings

SOME, NONE, NEW = ["m5.large", "c4.large"], ["c4.large"], "x9.new"


def found_in(types, group=None, **of: Any):
    view = with_settings(replace(group or a_group(), instance_types=tuple(types)), **of)
    checks = not_nitro_in_prefix_group, no_nitro_type_in_group
    return [(each.id, each.severity) for check in checks for each in check(view)]


SOME_NOT, NO_NITRO = "not-nitro-in-prefix-group", "no-nitro-type-in-group"


@pytest.mark.parametrize(
    ("types", "of", "expected"),
    [
        pytest.param(SOME, {}, [(SOME_NOT, Severity.WARNING)], id="one of two types"),
        pytest.param(NONE, {}, [(NO_NITRO, Severity.WARNING)], id="the only type"),
        pytest.param(["m5.large", "t3.small"], {}, [], id="all are Nitro"),
        pytest.param(SOME, {"prefix_delegation": False}, [], id="without prefix mode it does not matter"),
        pytest.param(NONE, {"prefix_delegation": False}, [], id="nor with one type"),
        pytest.param(SOME, {"ipv6": True}, [(SOME_NOT, Severity.CRITICAL)], id="IPv6 has no way to fall back"),
        pytest.param(NONE, {"ipv6": True}, [(NO_NITRO, Severity.CRITICAL)], id="nor for a whole group"),
        pytest.param(["m5.large", NEW], {}, [(SOME_NOT, Severity.UNKNOWN)], id="one Nitro, one without known limits"),
        pytest.param(
            ["c4.large", NEW], {}, [(SOME_NOT, Severity.WARNING), (NO_NITRO, Severity.UNKNOWN)],
            id="one not Nitro, one without known limits",
        ),
        pytest.param(
            [NEW], {}, [(SOME_NOT, Severity.UNKNOWN), (NO_NITRO, Severity.UNKNOWN)], id="nothing known of the only type"
        ),
        pytest.param([], {}, [], id="a group that names no types"),
        pytest.param(NONE, {"group": replace(a_group(), origin=Origin.AUTO_MODE)}, [], id="EKS Auto Mode"),
        pytest.param(NONE, {"group": replace(a_group(), os=Os.WINDOWS)}, [], id="Windows without prefixes"),
    ],
)  # fmt: skip
def test_types_that_get_no_prefixes(types, of, expected):
    assert found_in(types, **of) == expected


def test_some_types_are_named_with_their_nodes_and_a_group_without_them():
    nodes = a_node("i-1"), a_node("i-2", instance_type="c4.large")
    found = only(not_nitro_in_prefix_group, with_settings(replace(a_group(types=SOME), nodes=nodes)))
    assert found.title == "c4.large in demo/workers gets no prefixes: not Nitro"
    assert found.numbers == {"notNitro": ("c4.large",), "nitro": ("m5.large",), "nodesNotNitro": 1, "nodes": 2}
    assert "smallest type" in found.means
    assert 'instanceTypes: ["m5.large"]' in commands(found)


def test_a_group_without_any_nitro_type_gets_the_list_to_choose_from():
    found = only(no_nitro_type_in_group, with_settings(a_group(types=NONE)))
    assert found.title == "no type of demo/workers is Nitro, so none of its nodes gets prefixes: c4.large"
    assert found.numbers["notNitro"] == ("c4.large",)
    order = ["Name=hypervisor,Values=nitro", "> new-group.json", "into new-group.json", "create-nodegroup"]
    assert sorted(order, key=commands(found).index) == order


def test_karpenter_is_kept_to_nitro_by_a_requirement():
    group = replace(a_group(name="default", types=SOME), origin=Origin.KARPENTER)
    found = only(not_nitro_in_prefix_group, with_settings(group))
    assert "karpenter.k8s.aws/instance-hypervisor" in commands(found)
    assert "kubectl edit nodepool default" in commands(found)
    assert "smallest type" not in found.means
