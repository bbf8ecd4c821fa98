"""What is to happen, node by node: which nodes come and go, in which subnets, and what each takes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from cli.errors import UserError
from cli.instance_limits import known
from cli.simulating.account import Needs
from functions.capacity.clusters import NodeGroup
from functions.capacity.cni import CniSettings
from functions.capacity.model import InstanceType, Snapshot
from functions.capacity.nodes import group_max_pods, node_demand
from functions.capacity.spread import DEFAULT_ENI_CONFIG
from functions.capacity.wording import count


@dataclass(frozen=True, kw_only=True)
class Launch:
    """A node comes. `places` are where it may stand, by subnet, with what it takes there."""

    group: str
    places: Mapping[str, Needs]


@dataclass(frozen=True, kw_only=True)
class Terminate:
    """A node goes, and with it all that it holds."""

    instance_id: str


Step = Launch | Terminate


@dataclass(frozen=True, kw_only=True)
class Story:
    """The steps, where nodes of each group stand already, and what had to be assumed, in words.

    `unfit` says what is no step and keeps the story from a good end all the same.
    """

    steps: tuple[Step, ...]
    standing: Mapping[str, Counter[str]]  # by group: nodes in each subnet
    assumed: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()

    @property
    def nodes(self) -> int:
        """How many are to come."""
        return sum(isinstance(each, Launch) for each in self.steps)


def parse_add(text: str) -> tuple[int, str]:
    """`20xm5.large` as (20, 'm5.large'). Raises UserError."""
    found = re.fullmatch(r"([1-9][0-9]{0,5})x([a-z0-9-]+\.[a-z0-9-]+)", text.strip())
    if not found:
        raise UserError(f"--add takes a number and an instance type, as 20xm5.large; not {text!r:.60}")
    return int(found[1]), found[2]


def added(view: Snapshot, count: int, of: InstanceType, cluster: str, subnets: Iterable[str]) -> Story:
    """So many more nodes of a type, in these subnets: those of the cluster's groups, or all that are in view."""
    name, cni, assumed = _cluster(view, cluster)
    places = tuple(subnets) or _subnets_of(view, name)
    pods = group_max_pods([of], cni)
    launch = _launch(view, f"{count}x{of.name}", places, [of], pods, cni, name)
    here = ", ".join(places)
    one = f"it stands in {here} and holds {pods} pods"
    where = one if count == 1 else f"they stand in {here} and hold {pods} pods each"
    return Story(steps=(launch,) * count, standing={}, assumed=(*assumed, where))


def grown(view: Snapshot, group: NodeGroup, size: int) -> Story:
    """A group up to this size."""
    return Story(steps=(_of_group(view, group),) * max(0, size - len(group.nodes)), standing=_standing([group]))


def upgraded(view: Snapshot, group: NodeGroup) -> Story:
    """Every node replaced: EKS launches new ones beyond the group's size, then takes as many old ones away."""
    if group.desired_size and not group.nodes:
        raise UserError(
            f"{group.label} wants {group.desired_size} nodes and none is in view, so nothing can be replaced"
        )
    launch, steps = _of_group(view, group), list[Step]()
    surge = max(1, group.surge)
    for start in range(0, len(group.nodes), surge):
        old = group.nodes[start : start + surge]
        steps += [launch] * len(old)
        steps += [Terminate(instance_id=each.instance_id) for each in old]
    assumed = f"{surge} node{'s' if surge > 1 else ''} at a time, as the group's update settings say"
    return Story(steps=tuple(steps), standing=_standing([group]), assumed=(assumed,))


def without_zone(view: Snapshot, zone: str) -> Story:
    """A zone is lost: its nodes come again in the other zones of their groups, and nothing more in this one."""
    zones = {each.id: each.zone for each in view.subnets}
    if zone not in zones.values():
        raise UserError(f"no subnet in view is in {zone}; there are {', '.join(sorted(set(zones.values())))}")
    steps, stranded = list[Step](), list[str]()
    for group in view.node_groups:
        lost = [each for each in group.nodes if zones.get(each.subnet_id) == zone]
        left = tuple(each for each in group.subnet_ids if zones.get(each) not in {zone, None})
        if lost and not left:
            stranded.append(f"{group.label} stands in that zone alone: {count(len(lost), 'node')} will not come again")
        elif lost:
            steps += [_of_group(view, replace(group, subnet_ids=left))] * len(lost)
    return Story(steps=tuple(steps), standing=_standing(view.node_groups), unfit=tuple(stranded))


def to_prefix_mode(view: Snapshot) -> Story:
    """The guide's way: new groups in prefix mode beside the old ones, which go when the new nodes stand."""
    steps, unknown = list[Step](), list[str]()
    for group in view.node_groups:
        settings = view.clusters[group.cluster].cni
        if not group.nodes:
            continue
        if settings is None:
            unknown.append(f"{group.label}: the settings of its cluster's CNI are not in view, so it is left out")
            continue
        cni = replace(settings, prefix_delegation=True)
        steps += [_of_group(view, group, cni)] * len(group.nodes)
        steps += [Terminate(instance_id=each.instance_id) for each in group.nodes]
    assumed = "each group's nodes come again in prefix mode before the old ones go, group after group"
    return Story(steps=tuple(steps), standing={}, assumed=(assumed,), unfit=tuple(unknown))


def group_named(view: Snapshot, name: str) -> NodeGroup:
    """The node group of that name, or of `cluster/name`. Raises UserError."""
    found = [each for each in view.node_groups if name in {each.name, each.label}]
    if len(found) != 1:
        known = ", ".join(sorted(each.label for each in view.node_groups)) or "none"
        raise UserError(f"{'no' if not found else 'more than one'} node group {name!r} is in view; there are: {known}")
    return found[0]


def _of_group(view: Snapshot, group: NodeGroup, cni: CniSettings | None = None) -> Launch:
    settings = cni or view.clusters[group.cluster].cni if group.cluster in view.clusters else None
    types = [of for each in group.instance_types if (of := view.instance_types.get(each) or known(each))]
    if settings is None or not types:
        what = "the settings of its cluster's CNI" if settings is None else "the limits of its instance types"
        raise UserError(f"{group.label}: {what} are not in view")
    pods = group_max_pods(types, settings, group.os)
    return _launch(view, group.label, group.subnet_ids, types, pods, settings, group.cluster, group)


def _launch(
    view: Snapshot,
    label: str,
    subnets: Iterable[str],
    types: list[InstanceType],
    pods: int,
    cni: CniSettings,
    cluster: str,
    group: NodeGroup | None = None,
) -> Launch:
    """The most demanding type stands for all of a group."""
    demands = [(node_demand(of, pods, cni, *([group.os] if group else [])), of) for of in types]
    demand, of = max(demands, key=lambda each: (each[0].prefixes, each[0].singles, each[0].ipv6_prefixes))
    in_view = {each.id: each for each in view.subnets}
    missing = [each for each in subnets if each not in in_view]
    if missing:
        raise UserError(f"{label}: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not in view")
    configs = (view.clusters[cluster].pod_subnets or {}) if cluster in view.clusters and cni.custom_networking else {}
    places = dict[str, Needs]()
    for each in subnets:
        pods_in = configs.get(in_view[each].zone) or configs.get(DEFAULT_ENI_CONFIG) or each
        places[each] = Needs(own=each, pods=pods_in, demand=demand, slots=max(1, of.addresses_per_interface - 1))
    return Launch(group=label, places=places)


def _cluster(view: Snapshot, name: str) -> tuple[str, CniSettings, tuple[str, ...]]:
    """The cluster that new nodes join, its settings, and what had to be assumed."""
    if name and name not in view.clusters:
        raise UserError(f"no cluster {name!r} is in view; there are: {', '.join(sorted(view.clusters)) or 'none'}")
    if not name and len(view.clusters) > 1:
        raise UserError(f"several clusters are in view; name one of them: --cluster {'|'.join(sorted(view.clusters))}")
    found = view.clusters.get(name or next(iter(view.clusters), ""))
    if found is None or found.cni is None:
        why = f"of cluster {found.name}" if found else "of any cluster"
        return (
            (found.name if found else ""),
            CniSettings(prefix_delegation=True),
            (f"prefix mode and default warm targets, since the CNI's settings {why} are not in view",),
        )
    return found.name, found.cni, ()


def _subnets_of(view: Snapshot, cluster: str) -> tuple[str, ...]:
    named = (each for group in view.node_groups if group.cluster == cluster for each in group.subnet_ids)
    found = tuple(dict.fromkeys(named)) or tuple(each.id for each in view.subnets)
    if not found:
        raise UserError("no subnet is in view")
    return found


def _standing(groups: Iterable[NodeGroup]) -> Mapping[str, Counter[str]]:
    return {each.label: Counter(node.subnet_id for node in each.nodes) for each in groups}


def launches(story: Story) -> Iterator[Launch]:
    """The nodes that are to come."""
    yield from (each for each in story.steps if isinstance(each, Launch))
