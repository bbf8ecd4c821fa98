"""How a change reaches a group's nodes: the exact steps to put new nodes in place of old ones.

What a node was told when it came up stays with it, so nodes are replaced, by a new group beside the old one (EKS user
guide, 'cni-increase-ip-addresses'; EKS best practices, 'prefix-mode', Replace all nodes during migration).
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from functions.capacity.clusters import NodeGroup, Origin

NAME_LIMIT = 63  # characters of a managed node group's name (EKS API reference, CreateNodegroup)
DRAIN = "--ignore-daemonsets --delete-emptydir-data"

_NOT_AWS = 'startswith("aws:") | not'  # tags that begin so are AWS's own and cannot be set
_WITHOUT_NULLS = "with_entries(select(.value != null))"
_BESIDE = "(needs jq; where a stack makes the group, change it there)"


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a new group has otherwise than the old one: its instance types, and the newest version of its template."""

    types: Sequence[str] = ()
    newest_template: bool = False


NONE = Changes()


def replace_nodes(group: NodeGroup, changes: Changes = NONE) -> tuple[str, ...]:
    """The steps that move the group's pods to new nodes and take the old ones away. Never in place."""
    match group.origin:
        case Origin.MANAGED:
            return _managed(group, changes)
        case Origin.SELF_MANAGED:
            return _self_managed(group, changes)
        case Origin.KARPENTER:
            return (_by_karpenter(group),)
        case _:
            return _by_hand(group)


def step(what: str, *commands: str) -> str:
    """One step of a remedy: what it does, and its commands, each on a line of its own."""
    return "\n".join((f"{what}:", *commands))


def named(group: NodeGroup) -> str:
    """The two options by which the AWS command line knows a managed node group."""
    return f"{_cluster(group)} --nodegroup-name {shlex.quote(group.name)}"


def pool_of(group: NodeGroup) -> str:
    """The Karpenter node pool: nodes of one pool that came up differently are groups called pool/types."""
    return group.name.partition("/")[0]


def _managed(group: NodeGroup, changes: Changes) -> tuple[str, ...]:
    new, label = _next_name(group), shlex.quote(f"eks.amazonaws.com/nodegroup={group.name}")
    like = f"aws eks describe-nodegroup {named(group)} --query nodegroup --output json"
    return (
        step(
            f"Describe a node group like it, {new} {_BESIDE}",
            f"{like} | jq {shlex.quote(_like_managed(new, changes))} > new-group.json",
        ),
        step(
            "Make it, beside the old one",
            "aws eks create-nodegroup --cli-input-json file://new-group.json",
            f"aws eks wait nodegroup-active {_cluster(group)} --nodegroup-name {shlex.quote(new)}",
        ),
        step("Move the pods", f"kubectl cordon -l {label}", f"kubectl drain -l {label} {DRAIN}"),
        step("Delete the old group", f"aws eks delete-nodegroup {named(group)}"),
    )


def _like_managed(name: str, changes: Changes) -> str:
    """DescribeNodegroup's answer as CreateNodegroup's request: CUSTOM is an answer only, a template goes by its id."""
    of_types = f": {json.dumps(list(changes.types))}" if changes.types else ""
    version = 'version: "$Latest"' if changes.newest_template else "version"
    return (
        f"{{clusterName, nodegroupName: {json.dumps(name)}, subnets, instanceTypes{of_types}, scalingConfig, "
        "updateConfig, nodeRole, amiType, capacityType, diskSize, launchTemplate, labels, taints, tags}"
        ' | if .amiType == "CUSTOM" then del(.amiType) else . end'
        f" | if .launchTemplate then .launchTemplate |= {{id, {version}}} else . end"
        f" | if .tags then .tags |= with_entries(select(.key | {_NOT_AWS})) else . end | {_WITHOUT_NULLS}"
    )


def _self_managed(group: NodeGroup, changes: Changes) -> tuple[str, ...]:
    new, old = _next_name(group), shlex.quote(group.name)
    like = f"aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names {old} --output json"
    nodes = _names_of(f"--filters {shlex.quote(f'Name=tag:aws:autoscaling:groupName,Values={group.name}')}")
    return (
        step(
            f"Describe an Auto Scaling group like it, {new} {_BESIDE}",
            f"{like} | jq {shlex.quote(_like_self_managed(new, changes))} > new-group.json",
        ),
        step(
            "Make it, beside the old one",
            "aws autoscaling create-auto-scaling-group --cli-input-json file://new-group.json",
        ),
        step("When its nodes are ready (kubectl get nodes), move the pods", *_moved(nodes)),
        step(
            "End the old nodes",
            f"aws autoscaling update-auto-scaling-group --auto-scaling-group-name {old} "
            "--min-size 0 --max-size 0 --desired-capacity 0",
        ),
    )


def _like_self_managed(name: str, changes: Changes) -> str:
    """DescribeAutoScalingGroups' answer as CreateAutoScalingGroup's request: a template goes by its id."""
    newest = ' | .Version = "$Latest"' if changes.newest_template else ""
    kept = f"select(.InstanceType | IN({json.dumps(list(changes.types))[1:-1]}))"
    overrides = ".MixedInstancesPolicy.LaunchTemplate.Overrides"
    of_types = f" | if {overrides} then {overrides} |= map({kept}) else . end" if changes.types else ""
    return (
        f".AutoScalingGroups[0] | {{AutoScalingGroupName: {json.dumps(name)}, LaunchTemplate, MixedInstancesPolicy, "
        "MinSize, MaxSize, DesiredCapacity, VPCZoneIdentifier, HealthCheckGracePeriod, "
        f"Tags: [.Tags[] | select(.Key | {_NOT_AWS}) | {{Key, Value, PropagateAtLaunch}}]}}"
        f' | walk(if type == "object" and has("LaunchTemplateId") then del(.LaunchTemplateName){newest} else . end)'
        f"{of_types} | {_WITHOUT_NULLS}"
    )


def _by_karpenter(group: NodeGroup) -> str:
    label = shlex.quote(f"karpenter.sh/nodepool={pool_of(group)}")
    return step(
        "Let Karpenter drain these nodes and make new ones for their pods", f"kubectl delete nodeclaims -l {label}"
    )


def _by_hand(group: NodeGroup) -> tuple[str, ...]:
    ids = " ".join(shlex.quote(each.instance_id) for each in group.nodes)
    return (
        step(
            "Start new nodes as these were started, and when they are ready (kubectl get nodes), move the pods",
            *_moved(_names_of(f"--instance-ids {ids}")),
        ),
        step("End the old nodes", f"aws ec2 terminate-instances --instance-ids {ids}"),
    )


def _names_of(choice: str) -> str:
    """The command that prints the running nodes' names in Kubernetes, which are EC2's private DNS names."""
    running = "Reservations[].Instances[?State.Name=='running'][].PrivateDnsName"
    return f'aws ec2 describe-instances {choice} --query "{running}" --output text'


def _moved(nodes: str) -> tuple[str, str]:
    return f"{nodes} | xargs kubectl cordon", f"{nodes} | xargs kubectl drain {DRAIN}"


def _cluster(group: NodeGroup) -> str:
    return f"--cluster-name {shlex.quote(group.cluster)}"


def _next_name(group: NodeGroup) -> str:
    return f"{group.name[: NAME_LIMIT - len('-next')]}-next"
