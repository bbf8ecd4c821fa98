"""New groups beside the old ones: as large, with the same labels, taints and subnets, and their own maximum of pods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from functions.capacity.advertised import Advertised, advertised
from functions.capacity.clusters import LaunchTemplate, NodeGroup, Origin, Os
from functions.capacity.findings.max_pods_setting import put_max_pods
from functions.capacity.findings.rollout import Changes, replace_nodes
from functions.capacity.migration.groups import (
    chosen_limits,
    chosen_types,
    new_group_of,
    new_groups,
    new_name,
    old_groups,
    replaces,
)
from functions.capacity.migration.kubelet import ByHand, encoded, with_max_pods
from functions.capacity.migration.situation import REPLACES_TAG, Situation, in_prefix_mode
from functions.capacity.migration.steps import Call, State, Step
from functions.capacity.nodes import group_max_pods
from functions.capacity.wording import count

PLANNED = "VERSION"  # stands for the number of a launch template's version that is still to be made


def making(of: Situation) -> Iterator[Step]:
    """A new group for each old one, where EKS makes it; else what a person does. Those whose old ones went are done."""
    left = {each.name for each in old_groups(of)}
    yield from (_remaining(of, each) for each in new_groups(of) if replaces(of, each) not in left)
    for group in old_groups(of):
        if group.origin is Origin.MANAGED:
            yield from _template(of, group)
            yield _managed(of, group)
        else:
            yield _by_hand(of, group)


def version_mark(group: str, pods: int) -> str:
    """The description by which a launch template's version is known again as made for this."""
    return f"headroom: {group} with max pods {pods}"


def pods_after(of: Situation, group: NodeGroup) -> int | None:
    """The maximum of pods of the new group: EKS's recommendation; None where no type is known."""
    types = chosen_limits(of, group)
    return group_max_pods(types, in_prefix_mode(of.cni), group.os) if types else None


def sets_it_itself(of: Situation, group: NodeGroup) -> bool:
    """Whether the new group's nodes would come up with another number than they should: EKS does not set it then."""
    pods, said = pods_after(of, group), _said_after(of, group).pods
    if pods is None or said is None:
        return pods is not None
    # Windows pods are scheduled where an address is left, whatever the kubelet says (advertising.py)
    return said < pods if group.os is Os.WINDOWS else said != pods


def _said_after(of: Situation, group: NodeGroup) -> Advertised:
    """What the new group's nodes come up with if nobody tells them anything else than the old ones."""
    types = chosen_limits(of, group)
    coming = replace(group, instance_types=tuple(each.name for each in types))
    return advertised(coming, types, in_prefix_mode(of.cni))


def _template(of: Situation, group: NodeGroup) -> Iterator[Step]:
    """A version of the launch template with the number, where the group's AMI is its own."""
    pods, template = pods_after(of, group), group.template
    if template is None or pods is None or not sets_it_itself(of, group):
        return
    why = f"its nodes must be told to take {pods} pods: EKS adds nothing to a group with an AMI of its own"
    step = Step(
        id=f"max-pods:{group.name}",
        title=f"Max pods for {group.name}",
        state=State.OPEN,
        why=why,
        check=f"a version of {template.id} is described as '{version_mark(group.name, pods)}'",
    )
    if new_group_of(of, group) or group.name in of.template_versions:
        yield replace(step, state=State.DONE)
        return
    try:
        text = with_max_pods(group, pods)
    except ByHand as reason:
        yield replace(
            step,
            why=f"{why}; {reason}. Describe the version that you make as '{version_mark(group.name, pods)}'",
            by_hand=put_max_pods(group, pods),
        )
        return
    yield replace(step, calls=(_new_version(template, version_mark(group.name, pods), text),), shown=text)


def _new_version(template: LaunchTemplate, mark: str, text: str) -> Call:
    return Call(
        service="ec2",
        operation="create_launch_template_version",
        arguments={
            "LaunchTemplateId": template.id,
            "SourceVersion": template.version,
            "VersionDescription": mark,
            "LaunchTemplateData": {"UserData": encoded(text)},
        },
    )


def _managed(of: Situation, group: NodeGroup) -> Step:
    name, made = new_name(group.name), new_group_of(of, group)
    step = _step(name, group.name, group.desired_size, _why(of, group))
    if made:
        return _made(of, made, step)
    if name in of.described:
        return replace(step, state=State.BLOCKED, why=f"there is a {name} already, and it was not made for this")
    if group.name not in of.described:
        return replace(step, state=State.BLOCKED, why="what EKS says of the group was not read")
    if not chosen_types(of, group) and "instanceTypes" in of.described[group.name].request:
        return replace(step, state=State.BLOCKED, why=f"its instance types are to be chosen first: nitro:{group.name}")
    call = Call(service="eks", operation="create_nodegroup", arguments=_request(of, group))
    return replace(step, calls=(call,))


def _remaining(of: Situation, made: NodeGroup) -> Step:
    """The new group of an old one that is gone."""
    return _made(of, made, _step(made.name, replaces(of, made), made.desired_size, ""))


def _step(name: str, old: str, size: int, why: str) -> Step:
    return Step(
        id=f"new-group:{old}",
        title=f"{name} beside {old}",
        state=State.OPEN,
        why=why,
        check=f"{name} is ACTIVE, without health issues, with {count(size, 'node')}",
    )


def _why(of: Situation, group: NodeGroup) -> str:
    pods, nodes = pods_after(of, group), count(group.desired_size, "node")
    who = _source(of, group)
    told = f"{pods} pods each, by {who}" if pods is not None else "a maximum of pods that is not known here"
    return f"{nodes} with {told}; old nodes keep what they came up with, so they are replaced and not changed in place"


def _source(of: Situation, group: NodeGroup) -> str:
    """Who tells the new nodes their number, in words that follow 'by'."""
    if not sets_it_itself(of, group):
        return _said_after(of, group).source
    if group.template and group.template.id and group.origin is Origin.MANAGED:
        return f"version {of.template_versions.get(group.name, f'{PLANNED}, made above,')} of {group.template.id}"
    return "what its nodes are told"


def _made(of: Situation, made: NodeGroup, step: Step) -> Step:
    status = of.described[made.name].status
    if made.issues or status.endswith("FAILED"):
        said = "; ".join(f"{each.code}: {each.message}" for each in made.issues) or status
        return replace(step, state=State.BLOCKED, why=f"{made.name}: {said}")
    running = sum(not each.launching for each in made.nodes)
    ready = status == "ACTIVE" and running >= made.desired_size
    why = f"{made.name} is {status} with {running} of {count(made.desired_size, 'node')} running"
    return replace(step, state=State.DONE if ready else State.WAITING, why=why)


def _request(of: Situation, group: NodeGroup) -> dict[str, Any]:
    """CreateNodegroup's parameters: the old group's own, but for its name, types and template version."""
    found: dict[str, Any] = {
        **of.described[group.name].request,
        "nodegroupName": new_name(group.name),
        "tags": {**of.described[group.name].request.get("tags", {}), REPLACES_TAG: group.name},
    }
    if "instanceTypes" in found:
        found["instanceTypes"] = list(chosen_types(of, group))
    if group.template and sets_it_itself(of, group):
        found["launchTemplate"] = {
            "id": group.template.id,
            "version": of.template_versions.get(group.name, PLANNED),
        }
    return found


def _by_hand(of: Situation, group: NodeGroup) -> Step:
    """A self-managed group, a Karpenter pool or single instances: the same, by whoever made them."""
    pods = pods_after(of, group)
    put = put_max_pods(group, pods) if pods is not None and sets_it_itself(of, group) else ()
    changes = Changes(types=chosen_types(of, group), newest_template=bool(put))
    return Step(
        id=f"new-nodes:{group.name}",
        title=f"New nodes for {group.name} ({group.origin})",
        state=State.OPEN,
        why=_why(of, group),
        by_hand=(*put, *replace_nodes(group, changes)),
        check="no node of it holds single addresses for pods any more",
    )
