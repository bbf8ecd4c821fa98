"""Security groups of single pods: whose groups count for traffic that leaves the VPC.

Sources: amazon-vpc-cni-k8s, README.md (POD_SECURITY_GROUP_ENFORCING_MODE); EKS user guide, 'cni-increase-ip-addresses'
and 'security-groups-for-pods'.
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.clusters import Cluster
from functions.capacity.cni import CniSettings, Enforcing
from functions.capacity.findings.facts import Facts
from functions.capacity.findings.finding import Finding, FindingId, Number, Severity
from functions.capacity.findings.vpc_cni import because, change_env, resource_of

ENFORCING_MODE_SINCE = (1, 11, 0)  # before it, all was as `strict` is now
_RECYCLE = (
    "Pods that run keep the old behaviour until they are made again. List those with groups of their own, to restart:\n"
    "kubectl get securitygrouppolicies --all-namespaces"
)


def pod_security_groups(facts: Facts) -> Iterator[Finding]:
    """Whose security groups count outside the VPC: the node's (`standard`, SNAT on it) or the pod's (`strict`)."""
    for cluster in facts.clusters:
        cni = cluster.cni
        if cni is None or not cni.pod_eni:
            continue
        if _strict(cni):
            yield _by_pods_groups(cluster, cni)
        elif not cni.external_snat and not cni.ipv6:  # IPv6 traffic is not translated
            yield _by_nodes_groups(cluster, cni)


def _strict(cni: CniSettings) -> bool:
    knows_modes = cni.version is None or cni.version >= ENFORCING_MODE_SINCE
    return cni.enforcing is Enforcing.STRICT or not knows_modes


def _by_nodes_groups(cluster: Cluster, cni: CniSettings) -> Finding:
    return Finding(
        id=FindingId.POD_GROUPS_STANDARD,
        severity=Severity.WARNING,
        resource=resource_of(cluster),
        title=(
            f"pods' own security groups do not count for traffic out of the VPC in cluster {cluster.name}: "
            "enforcing mode standard, external SNAT off"
        ),
        numbers=_numbers(cni),
        means=(
            "Traffic of such pods to addresses outside the VPC leaves with the node's address and under the node's "
            "security groups: what the pod's groups forbid there is allowed if the node's groups allow it."
        ),
        remedy=(
            because(
                "If the nodes are in private subnets with a NAT gateway, leave the translation to it",
                change_env(cluster, {"AWS_VPC_K8S_CNI_EXTERNALSNAT": "true"}),
            ),
            because(
                "Or have the pods' groups count for everything; read what strict mode asks for first, in the runbook "
                f"{FindingId.POD_GROUPS_STRICT}",
                change_env(cluster, {"POD_SECURITY_GROUP_ENFORCING_MODE": Enforcing.STRICT.value}),
            ),
            _RECYCLE,
        ),
    )


def _by_pods_groups(cluster: Cluster, cni: CniSettings) -> Finding:
    return Finding(
        id=FindingId.POD_GROUPS_STRICT,
        severity=Severity.INFO,
        resource=resource_of(cluster),
        title=f"pods' own security groups count for all their traffic in cluster {cluster.name}: enforcing mode strict",
        numbers=_numbers(cni),
        means=(
            "The node does not translate such pods' traffic out of the VPC: they reach the internet only from nodes in "
            "private subnets with a NAT gateway. Node port and load balancer services with instance targets and "
            "externalTrafficPolicy Local do not reach them."
        ),
        remedy=(
            because(
                "Nothing, if that is what is meant. For pods that cannot live with it",
                change_env(cluster, {"POD_SECURITY_GROUP_ENFORCING_MODE": Enforcing.STANDARD.value}),
            ),
        ),
    )


def _numbers(cni: CniSettings) -> dict[str, Number]:
    return {
        "enforcingMode": (Enforcing.STRICT if _strict(cni) else Enforcing.STANDARD).value,
        "externalSnat": cni.external_snat,
    }
