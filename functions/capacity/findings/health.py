"""What EKS itself reports as wrong with clusters, managed node groups and the vpc-cni add-on.

Codes: EKS API reference, Issue (node groups), ClusterIssue and AddonIssue.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.capacity.analyse import Analysis
from functions.capacity.clusters import Addon, Cluster, HealthIssue, Origin
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Number, Resource, Severity, unknown
from functions.capacity.findings.health_remedies import ADDON, BY_EKS, remedy_of
from functions.capacity.findings.vpc_cni import resource_of
from functions.capacity.wording import clean

LONGEST_MESSAGE = 500  # characters of EKS's own words

# Nodes do not start, do not join, or the control plane cannot go on; all other codes, new ones too, are warnings.
CRITICAL = frozenset(
    {
        "AccessDenied",
        "AddonPermissionFailure",
        "AmiIdNotFound",
        "AsgInstanceLaunchFailures",
        "AutoScalingGroupInvalidConfiguration",
        "AutoScalingGroupNotFound",
        "ClusterUnreachable",
        "Ec2InstanceTypeDoesNotExist",
        "Ec2LaunchTemplateInvalidConfiguration",
        "Ec2LaunchTemplateNotFound",
        "Ec2SecurityGroupNotFound",
        "Ec2ServiceNotSubscribed",
        "Ec2SubnetInvalidConfiguration",
        "Ec2SubnetMissingIpv6Assignment",
        "Ec2SubnetNotFound",
        "IamInstanceProfileNotFound",
        "IamNodeRoleNotFound",
        "IamRoleNotFound",
        "InstanceLimitExceeded",
        "InsufficientFreeAddresses",
        "InsufficientNumberOfReplicas",
        "K8sResourceNotFound",
        "KmsGrantRevoked",
        "KmsKeyDisabled",
        "KmsKeyMarkedForDeletion",
        "KmsKeyNotFound",
        "NodeCreationFailure",
        "SourceEc2LaunchTemplateNotFound",
        "VpcNotFound",
    }
)


@dataclass(frozen=True, kw_only=True)
class _Thing:
    """What EKS watches over: `what` names it in words, `read` is the command that shows its issues."""

    resource: Resource
    what: str
    read: str
    issues: tuple[HealthIssue, ...]
    subnet_ids: tuple[str, ...] = ()  # an issue that names no subnet may be about any of them


def eks_health(facts: Facts) -> Iterator[Finding]:
    """What EKS reports: one finding for each thing and code."""
    for group in facts.groups:
        if group.group.origin is Origin.MANAGED and group.group.unknown:
            yield _unread(group)
    for thing in _things(facts):
        for code, issues in _by_code(thing.issues):
            yield _finding(thing, code, issues, facts)


def _things(facts: Facts) -> Iterator[_Thing]:
    for cluster in facts.clusters:
        yield _cluster(cluster)
        if cluster.addon is not None:
            yield _addon(cluster, cluster.addon)
    for group in facts.groups:
        yield _group(group)


def _cluster(cluster: Cluster) -> _Thing:
    return _Thing(
        resource=resource_of(cluster),
        what=f"cluster {cluster.name}",
        read=f"aws eks describe-cluster --name {shlex.quote(cluster.name)} --query cluster.health",
        issues=cluster.issues,
    )


def _addon(cluster: Cluster, addon: Addon) -> _Thing:
    name = shlex.quote(cluster.name)
    return _Thing(
        resource=resource_of(cluster),
        what=f"{ADDON} of cluster {cluster.name}",
        read=f"aws eks describe-addon --cluster-name {name} --addon-name vpc-cni --query addon.health",
        issues=addon.issues,
    )


def _group(group: GroupFacts) -> _Thing:
    return _Thing(
        resource=group.resource,
        what=f"node group {group.group.label}",
        read=f"{_describe(group)} --query nodegroup.health",
        issues=group.group.issues,
        subnet_ids=group.group.subnet_ids,
    )


def _by_code(issues: Iterable[HealthIssue]) -> Iterator[tuple[str, list[HealthIssue]]]:
    """In the order of their codes. An issue without one is EKS's own `Unknown`, not nothing."""
    found: dict[str, list[HealthIssue]] = {}
    for each in issues:
        found.setdefault(clean(each.code) or "Unknown", []).append(each)
    yield from sorted(found.items())


def _finding(thing: _Thing, code: str, issues: Iterable[HealthIssue], facts: Facts) -> Finding:
    issues = tuple(issues)
    named = tuple(dict.fromkeys(clean(each) for issue in issues for each in issue.resource_ids))
    ids = tuple(each for each in named if re.fullmatch("subnet-[0-9a-z]+", each)) or thing.subnet_ids
    subnets = tuple(facts.analyses[each] for each in ids if each in facts.analyses)
    special = remedy_of(f"{ADDON} {code}" if thing.what.startswith(ADDON) else code, ids, subnets)
    return Finding(
        id=FindingId.EKS_HEALTH,
        severity=Severity.CRITICAL if code in CRITICAL else Severity.WARNING,
        resource=thing.resource,
        title=f"EKS reports {code} for {thing.what}",
        numbers=_numbers(code, named, subnets),
        means=_means(issues),
        remedy=(f"See what EKS says now:\n{thing.read}", *(special or (BY_EKS,))),
        detail=f"{code} of {thing.what}",
    )


def _numbers(code: str, named: tuple[str, ...], subnets: tuple[Analysis, ...]) -> dict[str, Number]:
    numbers: dict[str, Number] = {"code": code, "resourceIds": named}
    if code == "InsufficientFreeAddresses":
        numbers["availableBySubnet"] = {each.subnet.id: each.subnet.available[-1] for each in subnets}
        numbers["openAddressesBySubnet"] = {each.subnet.id: each.blocks.open_addresses for each in subnets}
    return numbers


def _means(issues: tuple[HealthIssue, ...]) -> str:
    """EKS's own words, each once, on one line."""
    messages = dict.fromkeys(clean(" ".join(each.message.split())) for each in issues)
    text = " ".join(each for each in messages if each) or "EKS says no more than the code."
    return text if len(text) <= LONGEST_MESSAGE else text[: LONGEST_MESSAGE - 3] + "..."


def _unread(group: GroupFacts) -> Finding:
    return unknown(
        FindingId.EKS_HEALTH,
        group.resource,
        f"not all of node group {group.group.label} could be read: {group.group.unknown}",
        f"See what EKS says of it:\n{_describe(group)}",
    )


def _describe(group: GroupFacts) -> str:
    cluster, name = shlex.quote(group.group.cluster), shlex.quote(group.group.name)
    return f"aws eks describe-nodegroup --cluster-name {cluster} --nodegroup-name {name}"
