"""The exact steps that make a group's new nodes advertise another maximum of pods."""

from __future__ import annotations

import shlex

from functions.capacity.advertised import setting_for
from functions.capacity.clusters import LaunchTemplate, NodeGroup, Origin
from functions.capacity.findings.rollout import named, pool_of, step


def set_max_pods(group: NodeGroup, pods: int) -> tuple[str, ...]:
    """The steps in order, with the line for the kubelet in the form that the group's nodes read."""
    template = group.template if group.origin is not Origin.KARPENTER else None
    return (*put_max_pods(group, pods), *(_launch_from_it(group, template) if template and template.id else ()))


def put_max_pods(group: NodeGroup, pods: int) -> tuple[str, ...]:
    """The steps that put the number where new nodes read it, and replace none."""
    setting = setting_for(group, pods)
    if group.origin is Origin.KARPENTER:
        return _in_node_class(group, setting)
    if group.template is None or not group.template.id:
        return (step("Put this into the user data that the group's nodes launch with", setting),)
    return _in_template(group.template, setting)


def _in_node_class(group: NodeGroup, setting: str) -> tuple[str, ...]:
    """Karpenter's own rule ignores prefixes; a number in the EC2NodeClass outdoes it."""
    name = "-o jsonpath='{.spec.template.spec.nodeClassRef.name}'"
    return (
        step(
            "Open the node pool's EC2NodeClass",
            f'kubectl edit ec2nodeclass "$(kubectl get nodepool {shlex.quote(pool_of(group))} {name})"',
        ),
        step("Put this into it; Karpenter then replaces the nodes by itself (drift)", setting),
    )


def _in_template(template: LaunchTemplate, setting: str) -> tuple[str, ...]:
    id_, version = shlex.quote(template.id), shlex.quote(template.version)
    return (
        step(
            "Read the launch template's user data into a file",
            f"aws ec2 describe-launch-template-versions --launch-template-id {id_} --versions {version} "
            "--query 'LaunchTemplateVersions[0].LaunchTemplateData.UserData' --output text | base64 -d > user-data",
        ),
        step("Put this into the file user-data, in place of what it says about it", setting),
        step(
            "Make a version of the launch template with it",
            f"aws ec2 create-launch-template-version --launch-template-id {id_} --source-version {version} "
            '--launch-template-data "{\\"UserData\\": \\"$(base64 -w0 user-data)\\"}"',
        ),
    )


def _launch_from_it(group: NodeGroup, template: LaunchTemplate) -> tuple[str, ...]:
    """Nodes come up with the new number from then on; those that exist keep theirs until they are replaced."""
    id_, name = shlex.quote(template.id), shlex.quote(group.name)
    newest = (
        f"$(aws ec2 describe-launch-templates --launch-template-ids {id_} "
        "--query 'LaunchTemplates[0].LatestVersionNumber' --output text)"
    )
    if group.origin is Origin.MANAGED:
        by_eks = f'aws eks update-nodegroup-version {named(group)} --launch-template "id={id_},version={newest}"'
        return (step("Let EKS replace the group's nodes by ones of that version", by_eks),)
    if group.origin is Origin.SELF_MANAGED:
        return (
            step(
                "Let the group launch from that version (a mixed instances policy has it inside); replace its nodes",
                f"aws autoscaling update-auto-scaling-group --auto-scaling-group-name {name} "
                f'--launch-template "LaunchTemplateId={id_},Version={newest}"',
                f"aws autoscaling start-instance-refresh --auto-scaling-group-name {name}",
            ),
        )
    return ()
