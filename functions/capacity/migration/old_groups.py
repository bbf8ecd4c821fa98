"""The old groups last: no new pods on them, their pods moved, then scaled to nothing and deleted."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from functions.capacity.clusters import NodeGroup, Origin
from functions.capacity.findings.rollout import DRAIN
from functions.capacity.findings.vpc_cni import kubectl_of
from functions.capacity.migration.groups import new_name, old_groups
from functions.capacity.migration.situation import Situation
from functions.capacity.migration.steps import Call, State, Step
from functions.capacity.wording import count


def leaving(of: Situation) -> Iterator[Step]:
    """Cordon all before the first is drained, or pods move from one old node to the next."""
    managed = [each for each in old_groups(of) if each.origin is Origin.MANAGED]
    with_nodes = [each for each in managed if each.nodes]
    if with_nodes:
        yield _cordon(of, with_nodes)
    yield from (_drain(of, each) for each in with_nodes)
    yield from (_scale(each) for each in managed)
    yield from (_delete(each) for each in managed)


def _cordon(of: Situation, groups: list[NodeGroup]) -> Step:
    ready = (f"kubectl wait --for=condition=Ready node -l {_label(new_name(each.name))}" for each in groups)
    return Step(
        id="cordon",
        title="No new pods on old nodes",
        state=State.OPEN,
        why="all old nodes are cordoned before the first is drained, or its pods move to the next old one",
        by_hand=(
            kubectl_of(of.cluster),
            *(f"{each} --timeout=10m" for each in ready),
            *(f"kubectl cordon -l {_label(each.name)}" for each in groups),
        ),
        check="kubectl get nodes shows them as SchedulingDisabled",
        visible=False,
    )


def _drain(of: Situation, group: NodeGroup) -> Step:
    return Step(
        id=f"drain:{group.name}",
        title=f"Pods of {group.name} moved",
        state=State.OPEN,
        why=f"{count(len(group.nodes), 'node')} to drain; disruption budgets are respected, so it may take long",
        by_hand=(kubectl_of(of.cluster), f"kubectl drain -l {_label(group.name)} {DRAIN}"),
        check="only DaemonSets' pods are left on them",
        visible=False,
    )


def _scale(group: NodeGroup) -> Step:
    empty = not group.desired_size and not group.nodes
    sizes = {"minSize": 0, "desiredSize": 0, "maxSize": max(1, group.max_size)}
    arguments = {"clusterName": group.cluster, "nodegroupName": group.name, "scalingConfig": sizes}
    waiting = not group.desired_size and bool(group.nodes)
    return Step(
        id=f"scale-down:{group.name}",
        title=f"{group.name} without nodes",
        state=State.DONE if empty else State.WAITING if waiting else State.OPEN,
        why=f"{count(len(group.nodes), 'node')} left; until it is deleted, it can be scaled up again",
        calls=() if empty or waiting else (_eks("update_nodegroup_config", arguments),),
        check="its desired size is 0 and no node of it runs",
    )


def _delete(group: NodeGroup) -> Step:
    arguments = {"clusterName": group.cluster, "nodegroupName": group.name}
    return Step(
        id=f"delete:{group.name}",
        title=f"{group.name} deleted",
        state=State.OPEN,
        why="a deleted group cannot be brought back, nor what is only on its nodes: it is the way back that ends here",
        calls=(_eks("delete_nodegroup", arguments),),
        check="EKS does not list it any more",
        destroys=True,
    )


def _eks(operation: str, arguments: Mapping[str, object]) -> Call:
    return Call(service="eks", operation=operation, arguments=arguments)


def _label(name: str) -> str:
    return shlex.quote(f"eks.amazonaws.com/nodegroup={name}")
