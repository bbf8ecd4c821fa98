"""Clusters whose VPC CNI settings could not be read: most else cannot be judged there."""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.clusters import Cluster, Origin
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.findings.vpc_cni import kubectl_of, look_at_settings, resource_of

_ENI_CONFIGS = "kubectl get eniconfigs -o custom-columns=NAME:.metadata.name,SUBNET:.spec.subnet"


def cni_settings_unreadable(facts: Facts) -> Iterator[Finding]:
    """What the VPC CNI is set to could not be read, or, with custom networking, where its pods are."""
    for cluster in facts.clusters:
        groups = [each for each in facts.groups_of(cluster.name) if each.group.origin is not Origin.AUTO_MODE]
        if not groups:
            continue
        if cluster.cni is None:
            yield _unreadable(cluster, groups, cluster.cni_unknown or "they were not read")
        elif cluster.cni.custom_networking and cluster.pod_subnets is None:
            yield _unreadable_subnets(cluster, groups)


def _unreadable(cluster: Cluster, groups: list[GroupFacts], why: str) -> Finding:
    return Finding(
        id=FindingId.CNI_SETTINGS,
        severity=Severity.UNKNOWN,
        resource=resource_of(cluster),
        title=f"the VPC CNI's settings of cluster {cluster.name} are not known: {why}",
        numbers=_sizes(groups),
        means=(
            "Whether its nodes take prefixes, how many, and how many pods fit cannot be told; nor can warm pools and "
            "security groups for pods be judged. Nothing is reserved for its node groups."
        ),
        remedy=(
            f"See what is set:\n{look_at_settings(cluster)}",
            _make_readable(cluster),
        ),
    )


def _unreadable_subnets(cluster: Cluster, groups: list[GroupFacts]) -> Finding:
    return Finding(
        id=FindingId.CNI_SETTINGS,
        severity=Severity.UNKNOWN,
        resource=resource_of(cluster),
        title=f"cluster {cluster.name} uses custom networking, and its ENIConfigs were not read",
        numbers=_sizes(groups),
        means="Which subnets its pods take prefixes from is not known, so nothing is reserved for them there.",
        remedy=(
            f"See which subnets they are:\n{kubectl_of(cluster)}\n{_ENI_CONFIGS}",
            "Let Headroom read them: docs/self-managed-cni.md",
        ),
    )


def _make_readable(cluster: Cluster) -> str:
    if cluster.addon is not None:
        return "Correct the add-on's configuration values, or, if they are right, report what is said above."
    return "Run the VPC CNI as an EKS add-on, or let Headroom read the DaemonSet: docs/self-managed-cni.md"


def _sizes(groups: list[GroupFacts]) -> dict[str, int]:
    return {"nodeGroups": len(groups), "nodes": sum(len(each.group.nodes) for each in groups)}
