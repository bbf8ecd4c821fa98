"""Which groups are to be replaced, and by which: told from what their nodes hold, so that planning again resumes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from functions.capacity.clusters import Node, NodeGroup, Origin
from functions.capacity.demand import held_by_instance
from functions.capacity.findings.rollout import NAME_LIMIT
from functions.capacity.migration.situation import Situation, in_prefix_mode
from functions.capacity.model import InstanceType, Snapshot
from functions.capacity.nodes import NOTHING, NodeDemand

_SUFFIX, _DIGEST = "-prefix", 6


def new_name(name: str) -> str:
    """`workers-prefix`. A name that gets too long keeps a digest of the whole, so that no two become one."""
    if len(name) + len(_SUFFIX) <= NAME_LIMIT:
        return name + _SUFFIX
    digest = sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: NAME_LIMIT - len(_SUFFIX) - _DIGEST - 1]}-{digest}{_SUFFIX}"


def old_groups(of: Situation) -> tuple[NodeGroup, ...]:
    """The groups that are still to be replaced, or whose nodes are still to go, in the order of their names."""
    found = [each for each in of.groups if _takes_part(of, each) and _is_old(of, each)]
    return tuple(sorted(found, key=lambda each: (each.origin is not Origin.MANAGED, each.name)))


def new_groups(of: Situation) -> tuple[NodeGroup, ...]:
    """The groups that this migration made."""
    return tuple(each for each in of.groups if replaces(of, each))


def new_group_of(of: Situation, group: NodeGroup) -> NodeGroup | None:
    """The group that was made in this one's place."""
    return next((each for each in new_groups(of) if replaces(of, each) == group.name), None)


def waiting_groups(of: Situation) -> tuple[NodeGroup, ...]:
    """The old groups that have no new one yet."""
    return tuple(each for each in old_groups(of) if new_group_of(of, each) is None)


def replaces(of: Situation, group: NodeGroup) -> str:
    """The group that this one was made for; empty for one of another origin."""
    described = of.described.get(group.name) if group.origin is Origin.MANAGED else None
    return described.replaces if described else ""


def chosen_types(of: Situation, group: NodeGroup) -> tuple[str, ...]:
    """The types of the new group: those that were named, else the Nitro ones that it has; none where there are none."""
    if group.name in of.choices.types:
        return of.choices.types[group.name]
    return tuple(each.name for each in of.types_of(group) if each.nitro)


def chosen_limits(of: Situation, group: NodeGroup) -> tuple[InstanceType, ...]:
    """Their limits, as far as they are known."""
    known = of.snapshot.instance_types
    return tuple(known[name] for name in chosen_types(of, group) if name in known)


def as_after(of: Situation) -> Snapshot:
    """The view with prefix mode on and, of each old group without a new one, a new one that has no node yet."""
    clusters = {**of.snapshot.clusters, of.cluster.name: replace(of.cluster, cni=in_prefix_mode(of.cni))}
    coming = tuple(replace(each, instance_types=chosen_types(of, each), nodes=()) for each in waiting_groups(of))
    leaving = {each.label for each in old_groups(of)}
    staying = tuple(each for each in of.snapshot.node_groups if each.label not in leaving)
    return replace(of.snapshot, clusters=clusters, node_groups=(*staying, *coming))


def held(of: Situation) -> Mapping[str, NodeDemand]:
    """What each instance holds, over all subnets of the view."""
    return held_by_instance(each for subnet in of.snapshot.subnets for each in subnet.interfaces)


def _takes_part(of: Situation, group: NodeGroup) -> bool:
    return group.origin is not Origin.AUTO_MODE and group.name not in of.choices.keep and not replaces(of, group)


def _is_old(of: Situation, group: NodeGroup) -> bool:
    if not of.wants_prefixes(group.os) or new_group_of(of, group):
        return True
    if not group.nodes:
        return bool(new_groups(of)) and _was_made_before(of, group)
    has = held(of)
    return any(_came_before(of, group, each, has.get(each.instance_id, NOTHING)) for each in group.nodes)


def _came_before(of: Situation, group: NodeGroup, node: Node, has: NodeDemand) -> bool:
    """Whether the node could hold prefixes alone and does not; one without any address for a pod goes by its age."""
    if not any(each.nitro for each in of.types_of(group) if each.name == (node.instance_type or each.name)):
        return False
    changed = of.cluster.addon.modified_at if of.cluster.addon else None
    older = bool(changed and node.launched_at and node.launched_at < changed)
    return has.addresses > 0 or (not has.prefixes and older)


def _was_made_before(of: Situation, group: NodeGroup) -> bool:
    """A group without nodes keeps the maximum of pods that EKS gave it when it was made."""
    described, addon = of.described.get(group.name), of.cluster.addon
    made, changed = described and described.created_at, addon and addon.modified_at
    return bool(made and changed and made < changed)
