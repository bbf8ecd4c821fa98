import shlex
from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.clusters import Origin
from functions.capacity.findings.max_pods_setting import set_max_pods
from functions.capacity.findings.rollout import Changes, pool_of, replace_nodes
from tests.builders import a_group
from tests.unit.findings.nodes import a_node, nodes, own_ami, with_max_pods

ORIGINS = (Origin.MANAGED, Origin.SELF_MANAGED, Origin.KARPENTER, Origin.ALONE)
PROGRAMS = {"aws", "kubectl"}


def a_group_of(origin, **of: Any):
    return replace(a_group(), origin=origin, nodes=nodes("i-1", "i-2"), **of)


def lines(steps):
    return [line for step in steps for line in step.splitlines() if line.split(" ")[0] in PROGRAMS]


@pytest.mark.parametrize("origin", ORIGINS)
def test_names_are_quoted_whatever_they_hold(origin):
    group = a_group_of(origin, name="it's; rm -rf $HOME", cluster="a b")
    for line in lines(replace_nodes(group)):
        words = shlex.split(line)
        assert "rm" not in words
        assert "b" not in words


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        pytest.param(
            Origin.MANAGED,
            ["describe-nodegroup", "create-nodegroup", "wait", "cordon", "drain", "delete-nodegroup"],
            id="a new managed group",
        ),
        pytest.param(
            Origin.SELF_MANAGED,
            ["create-auto-scaling-group", "kubectl cordon", "kubectl drain", "--desired-capacity 0"],
            id="a new Auto Scaling group",
        ),
        pytest.param(Origin.KARPENTER, ["delete nodeclaims -l karpenter.sh/nodepool=workers"], id="Karpenter itself"),
        pytest.param(
            Origin.ALONE, ["cordon", "drain", "terminate-instances --instance-ids i-1 i-2"], id="instances by hand"
        ),
    ],
)
def test_old_nodes_go_after_their_pods(origin, expected):
    text = "\n".join(replace_nodes(a_group_of(origin)))
    assert sorted(expected, key=text.index) == expected


@pytest.mark.parametrize(
    ("origin", "program"),
    [
        pytest.param(Origin.MANAGED, "describe-nodegroup", id="managed"),
        pytest.param(Origin.SELF_MANAGED, "describe-auto-scaling-groups", id="self-managed"),
    ],
)
def test_the_new_group_differs_only_in_what_is_asked_for(origin, program):
    def said(changes: Changes) -> str:
        return "\n".join(each for each in lines(replace_nodes(a_group_of(origin), changes)) if program in each)

    assert "$Latest" not in said(Changes())
    assert "$Latest" in said(Changes(newest_template=True))
    assert '"m5.large"' not in said(Changes())
    assert '"m5.large"' in said(Changes(types=["m5.large"]))


def test_the_new_group_can_be_changed_before_it_is_made():
    describe, make, *_ = replace_nodes(a_group_of(Origin.MANAGED))
    assert "> new-group.json" in describe
    assert "create-nodegroup --cli-input-json file://new-group.json" in make


def test_the_new_name_fits_where_the_old_one_is_as_long_as_may_be():
    text = "\n".join(replace_nodes(a_group_of(Origin.MANAGED, name="n" * 63)))
    assert f'nodegroupName: "{"n" * 58}-next"' in text


def test_nodes_of_one_karpenter_pool_that_came_up_differently_are_one_pool():
    assert pool_of(a_group_of(Origin.KARPENTER, name="default/m5.large")) == "default"


def test_a_group_without_a_template_of_its_own_gets_the_line_alone():
    (step,) = set_max_pods(own_ami(None), 110)
    assert "maxPods: 110" in step
    assert not lines([step])


def test_instances_by_hand_get_a_template_version_and_no_update():
    steps = set_max_pods(replace(own_ami(with_max_pods(29)), origin=Origin.ALONE, nodes=(a_node(),)), 110)
    assert "create-launch-template-version" in steps[-1]
    assert "maxPods: 110" in steps[-2]
