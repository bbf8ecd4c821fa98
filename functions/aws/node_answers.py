"""Nodes of every origin, as EKS, Auto Scaling and EC2 describe them, to node groups of the model. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from functions.aws.answers import tags
from functions.aws.eks_answers import issues, time
from functions.aws.template_answers import (
    TEMPLATE_VERSION_TAG,
    by_version,
    specification,
    specifications,
    template_key,
    template_named,
    type_of,
)
from functions.capacity.clusters import Family, LaunchTemplate, Node, NodeGroup, Origin, Os

if TYPE_CHECKING:
    from functions.aws.saved import Saved

Answer = Mapping[str, Any]

CLUSTER_TAG = "kubernetes.io/cluster/"  # + the name; on self-managed nodes and their groups
KARPENTER_POOL_TAG = "karpenter.sh/nodepool"
EKS_CLUSTER_TAG = "eks:eks-cluster-name"  # Karpenter's and Auto Mode's
AUTO_MODE_POOL_TAG = "eks:kubernetes-node-pool-name"

# DescribeNodegroup's amiType begins with the family, or is CUSTOM (EKS API reference, Nodegroup).
_FAMILIES = (
    ("AL2023_", Family.AL2023),
    ("AL2_", Family.AL2),
    ("BOTTLEROCKET_", Family.BOTTLEROCKET),
    ("WINDOWS_", Family.WINDOWS),
)


def groups(saved: Saved, clusters: frozenset[str]) -> Iterator[NodeGroup]:
    """Every group of these clusters; a node belongs to one."""
    instances = [each for each in saved.get("instances", ()) if _lives(each)]
    templates = by_version(saved.get("launchTemplateVersions", ()))
    by_kind = _by_group(instances, clusters)
    zones = {each["SubnetId"]: each.get("AvailabilityZone", "") for each in saved.get("subnets", ())}
    managed = [each for each in saved.get("nodegroups", ()) if each["clusterName"] in clusters]
    for each in managed:
        key = (Origin.MANAGED, each["clusterName"], each["nodegroupName"])
        yield _managed(each, by_kind.pop(key, ()), templates, zones)
    for each in self_managed_groups(saved.get("autoScalingGroups", ()), clusters):
        key = (Origin.SELF_MANAGED, cluster_of(each, clusters), each["AutoScalingGroupName"])
        yield _self_managed(each, key[1], by_kind.pop(key, ()), templates)
    for (origin, cluster, pool), found in by_kind.items():
        for name, template, nodes in _by_template(pool, found, templates):
            yield _by_nodes(origin, cluster, name, nodes, template)


@dataclass(frozen=True, kw_only=True)
class Alone:
    """One answer read by itself, before it is put together with others: whatever of it is used anywhere."""

    group: NodeGroup | None = None
    node: Node | None = None
    template: LaunchTemplate | None = None
    types: tuple[str, ...] = ()
    templates: tuple[tuple[str, ...], ...] = ()  # id and version


def alone(answer: Answer) -> Alone:
    """DescribeNodegroup's `nodegroup`."""
    return Alone(group=_managed(answer, (), {}, {}), templates=_named_templates(answer))


def self_managed_alone(answer: Answer) -> Alone:
    """DescribeAutoScalingGroups' item."""
    cluster = cluster_of(answer, frozenset())
    return Alone(group=_self_managed(answer, cluster, (), {}), templates=_named_templates(answer))


def node_alone(answer: Answer) -> Alone:
    """DescribeInstances' instance."""
    cluster_of(answer, frozenset())
    _, pool = _origin(answer)
    if not _lives(answer):
        return Alone()
    return Alone(node=_nodes([answer])[0], types=(pool, *_types([answer])), templates=_named_templates(answer))


def template_alone(answer: Answer) -> Alone:
    """DescribeLaunchTemplateVersions' item."""
    range(answer["VersionNumber"])  # versions are put in order
    named = {"id": answer["LaunchTemplateId"], "version": answer["VersionNumber"]}
    template, data = template_named(named, by_version([answer]))
    return Alone(template=template, types=type_of(data))


def _named_templates(answer: Answer) -> tuple[tuple[str, str], ...]:
    return tuple(template_key(each) for each in specifications(answer))


def subnet_ids(group: NodeGroup) -> frozenset[str]:
    """Where the group may have nodes, and where it has them."""
    return frozenset(group.subnet_ids) | {each.subnet_id for each in group.nodes}


def cluster_of(tagged: Answer, clusters: frozenset[str]) -> str:
    """The cluster of these that an instance or a group belongs to, by its tags; empty for none of them."""
    found = tags(tagged)
    named = [found.get("eks:cluster-name"), found.get(EKS_CLUSTER_TAG)]
    named += [key.removeprefix(CLUSTER_TAG) for key in found if key.startswith(CLUSTER_TAG)]
    return next((name for name in named if name in clusters), "")


def self_managed_groups(described: Iterable[Answer], clusters: frozenset[str]) -> Iterator[Answer]:
    """The Auto Scaling groups that belong to one of these clusters and not to one of its managed node groups."""
    for each in described:
        if "eks:nodegroup-name" not in tags(each) and cluster_of(each, clusters):
            yield each


def _lives(instance: Answer) -> bool:
    return bool(instance.get("SubnetId")) and instance.get("State", {}).get("Name", "running") in {"pending", "running"}


Key = tuple[Origin, str, str]  # origin, cluster, name


def _by_group(instances: Iterable[Answer], clusters: frozenset[str]) -> dict[Key, Sequence[Answer]]:
    found: dict[Key, list[Answer]] = defaultdict(list)
    for each in instances:
        if cluster := cluster_of(each, clusters):
            origin, name = _origin(each)
            found[origin, cluster, name].append(each)
    return dict(found)


def _origin(instance: Answer) -> tuple[Origin, str]:
    found = tags(instance)
    if name := found.get("eks:nodegroup-name"):
        return Origin.MANAGED, name
    if name := found.get(AUTO_MODE_POOL_TAG):
        return Origin.AUTO_MODE, name
    if name := found.get(KARPENTER_POOL_TAG):
        by_eks = instance.get("Operator", {}).get("Principal") == "eks.amazonaws.com"
        return (Origin.AUTO_MODE if by_eks else Origin.KARPENTER), name
    if name := found.get("aws:autoscaling:groupName"):
        return Origin.SELF_MANAGED, name
    return Origin.ALONE, "-"


def _nodes(instances: Iterable[Answer]) -> tuple[Node, ...]:
    return tuple(
        Node(
            instance_id=each["InstanceId"],
            subnet_id=each["SubnetId"],
            instance_type=each.get("InstanceType", ""),
            launching=each.get("State", {}).get("Name") == "pending",
            launched_at=time(each.get("LaunchTime")),
            template_version=tags(each).get(TEMPLATE_VERSION_TAG, ""),
        )
        for each in instances
    )


# --- managed node groups ---


def _managed(
    answer: Answer, instances: Sequence[Answer], templates: Mapping[str, Answer], zones: Mapping[str, str]
) -> NodeGroup:
    """DescribeNodegroup's `nodegroup`."""
    scaling, ami = answer.get("scalingConfig", {}), answer.get("amiType", "")
    template, data = template_named(answer.get("launchTemplate"), templates)
    family = next((family for start, family in _FAMILIES if ami.startswith(start)), None)
    return NodeGroup(
        cluster=answer["clusterName"],
        name=answer["nodegroupName"],
        subnet_ids=tuple(answer.get("subnets", ())),
        instance_types=tuple(answer.get("instanceTypes") or type_of(data)),
        desired_size=_size(scaling.get("desiredSize")),
        max_size=_size(scaling.get("maxSize")),
        nodes=_nodes(instances),
        os=Os.WINDOWS if family is Family.WINDOWS else _os(instances),
        family=family,
        own_ami=ami == "CUSTOM",
        template=template,
        surge=_surge(answer, zones),
        issues=tuple(issues(answer)),
        auto_scaling_groups=tuple(each["name"] for each in answer.get("resources", {}).get("autoScalingGroups", ())),
        unknown=_unsaid(
            "EKS",
            subnets=answer.get("subnets"),
            desiredSize=scaling.get("desiredSize"),
            maxSize=scaling.get("maxSize"),
        ),
    )


def _size(said: int | None) -> int:
    """A number of nodes, 0 where nobody says it. Raises ValueError for one below 0."""
    if said is not None and said < 0:
        raise ValueError(f"a group of {said} nodes")
    return said or 0


def _unsaid(service: str, **facts: object) -> str:
    """What the service leaves out of its answer although every group has it; an empty text for nothing."""
    missing = [name for name, value in facts.items() if value in (None, [], "")]
    return f"{service} does not say its {', '.join(missing)}" if missing else ""


def _surge(answer: Answer, zones: Mapping[str, str]) -> int:
    """Nodes that EKS adds while it updates the group: twice its zones, or maxUnavailable if that is more.

    With the update strategy MINIMAL it ends old nodes before it makes new ones, so none.
    https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
    """
    config = answer.get("updateConfig", {})
    if config.get("updateStrategy") == "MINIMAL":
        return 0
    percentage = config.get("maxUnavailablePercentage", 0) / 100
    desired: int = answer.get("scalingConfig", {}).get("desiredSize", 0)
    unavailable: int = config.get("maxUnavailable", 0) or ceil(percentage * desired)
    return max(2 * len({zones.get(each, each) for each in answer.get("subnets", ())}), unavailable)


# --- self-managed ---


def _self_managed(
    answer: Answer, cluster: str, instances: Sequence[Answer], templates: Mapping[str, Answer]
) -> NodeGroup:
    """DescribeAutoScalingGroups' item."""
    mixed = answer.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    template, data = template_named(answer.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification"), templates)
    overrides = mixed.get("Overrides", ())
    named = tuple(each["InstanceType"] for each in overrides if each.get("InstanceType"))
    chosen = any("InstanceRequirements" in each for each in overrides)
    by_attributes = "its instance types are chosen by attributes; only those that run now are counted" if chosen else ""
    sizes = {name: answer.get(name) for name in ("DesiredCapacity", "MaxSize")}
    return NodeGroup(
        cluster=cluster,
        name=answer["AutoScalingGroupName"],
        subnet_ids=tuple(filter(None, answer.get("VPCZoneIdentifier", "").split(","))),
        instance_types=named or tuple(type_of(data)) or _types(instances),
        desired_size=_size(sizes["DesiredCapacity"]),
        max_size=_size(sizes["MaxSize"]),
        nodes=_nodes(instances),
        origin=Origin.SELF_MANAGED,
        os=_os(instances),
        own_ami=True,
        template=template or _no_template(answer),
        auto_scaling_groups=(answer["AutoScalingGroupName"],),
        unknown=_unsaid("Auto Scaling", **sizes) or by_attributes,
    )


def _no_template(answer: Answer) -> LaunchTemplate:
    what = "a launch configuration" if answer.get("LaunchConfigurationName") else "no launch template that is named"
    return LaunchTemplate(id="", version="", unknown=f"the group launches from {what}")


# --- groups that AWS knows only by their nodes ---


def _by_nodes(
    origin: Origin, cluster: str, name: str, instances: Sequence[Answer], template: LaunchTemplate | None
) -> NodeGroup:
    """A Karpenter or Auto Mode pool, nodes of a deleted group, or nodes that somebody started by hand."""
    return NodeGroup(
        cluster=cluster,
        name=name,
        subnet_ids=tuple(sorted({each["SubnetId"] for each in instances})),
        instance_types=_types(instances),
        desired_size=len(instances),
        max_size=len(instances),
        nodes=_nodes(instances),
        origin=origin,
        os=_os(instances),
        own_ami=True,
        template=template,
        bounded=False,
    )


def _types(instances: Iterable[Answer]) -> tuple[str, ...]:
    return tuple(sorted({each["InstanceType"] for each in instances if each.get("InstanceType")}))


def _os(instances: Iterable[Answer]) -> Os:
    windows = any(str(each.get("Platform", "")).lower() == "windows" for each in instances)
    return Os.WINDOWS if windows else Os.LINUX


def _by_template(
    name: str, instances: Sequence[Answer], templates: Mapping[str, Answer]
) -> Iterator[tuple[str, LaunchTemplate | None, Sequence[Answer]]]:
    """A pool's nodes, apart where they came up with different user data: a name, their template, and the nodes.

    Karpenter makes a launch template for each set of settings, and the maximum of pods is one of them.
    """
    apart: dict[str, list[Answer]] = defaultdict(list)
    found: dict[str, LaunchTemplate | None] = {}
    for each in instances:
        template, _ = template_named(specification(each), templates)
        text = template.user_data or template.unknown if template else ""
        apart[text].append(each)
        found.setdefault(text, template)
    for text, nodes in apart.items():
        suffix = f"/{'+'.join(_types(nodes))}" if len(apart) > 1 else ""
        yield name + suffix, found[text], nodes
