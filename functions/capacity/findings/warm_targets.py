"""The WARM_* and MINIMUM_IP_TARGET traps: settings that stop the CNI, stop its growth, or do nothing.

Sources: amazon-vpc-cni-k8s, docs/prefix-and-ip-target.md; cmd/aws-vpc-cni/main.go (validateEnvVars), which ends the
container, as scripts/entrypoint.sh did since v1.9.0; pkg/ipamd/ipamd.go (warmIPTargetsDefined, datastoreTargetState):
a target of 0 counts as not set.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from functions.capacity.clusters import Cluster
from functions.capacity.cni import CniSettings
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Number, Severity, unknown
from functions.capacity.findings.vpc_cni import because, change_env, kubectl_of, look_at_settings, resource_of, served
from functions.capacity.model import BLOCK
from functions.capacity.nodes import HOST_NETWORK_PODS

DEFAULT_WARM_PREFIXES = 1  # charts/aws-vpc-cni/values.yaml, and what the add-on sets where nobody does
_STARTED = "kubectl rollout status daemonset/aws-node -n kube-system"


def warm_targets_of_zero(facts: Facts) -> Iterator[Finding]:
    """Prefix mode with every target at zero: aws-node ends at its start. Zero beside WARM_PREFIX_TARGET is ignored."""
    for cluster in facts.clusters:
        cni = cluster.cni
        if cni is None or not cni.prefix_delegation:
            continue
        if cni.warm_prefix_target == 0 and not _targets(cni):
            yield _refused(cluster, cni)
        elif not cni.ipv6 and not _targets(cni) and 0 in (cni.warm_ip_target, cni.minimum_ip_target):
            yield _zero_ignored(cluster, cni)


def warm_ip_target_stops_growth(facts: Facts) -> Iterator[Finding]:
    """MINIMUM_IP_TARGET without WARM_IP_TARGET: a node never gets more addresses than the minimum.

    Where no node takes more pods than the minimum holds, it is a deliberate bound (amazon-vpc-cni-k8s#2659).
    """
    for cluster in facts.clusters:
        cni = cluster.cni
        if cni is None or cni.ipv6 or cni.warm_ip_target or not cni.minimum_ip_target:
            continue
        groups = served(facts, cluster)
        stopped = {each.group.name: pods for each in groups if (pods := _pods(each)) > _most(each)}
        unread = next((each for each in groups if each.advertised.pods is None), None)
        if stopped:
            yield _stops(cluster, cni, stopped, min(_most(each) for each in groups if each.group.name in stopped))
        elif unread:
            yield _unknown_stop(cluster, cni, unread)


def warm_targets_without_effect(facts: Facts) -> Iterator[Finding]:
    """A target that somebody set, and that another setting, or the IP family, makes the CNI ignore."""
    for cluster in facts.clusters:
        cni = cluster.cni
        if cni is None or not cni.prefix_delegation:
            continue
        wanted = cni.warm_prefix_target if cni.warm_prefix_target_set else DEFAULT_WARM_PREFIXES
        if cni.ipv6 and (_targets(cni) or wanted > DEFAULT_WARM_PREFIXES):
            yield _ignored_in_ipv6(cluster, cni)
        elif not cni.ipv6 and _targets(cni) and wanted > DEFAULT_WARM_PREFIXES:
            yield _overridden(cluster, cni)


def _targets(cni: CniSettings) -> bool:
    """Whether WARM_IP_TARGET or MINIMUM_IP_TARGET rule, instead of WARM_PREFIX_TARGET."""
    return bool(cni.warm_ip_target or cni.minimum_ip_target)


def _numbers(cni: CniSettings) -> dict[str, Number]:
    return {
        "warmPrefixTarget": cni.warm_prefix_target,
        "warmIpTarget": "not set" if cni.warm_ip_target is None else cni.warm_ip_target,
        "minimumIpTarget": "not set" if cni.minimum_ip_target is None else cni.minimum_ip_target,
    }


def _refused(cluster: Cluster, cni: CniSettings) -> Finding:
    return Finding(
        id=FindingId.WARM_PREFIX_ZERO,
        severity=Severity.CRITICAL,
        resource=resource_of(cluster),
        title=(
            f"every warm target of cluster {cluster.name} is 0 or not set: WARM_PREFIX_TARGET, WARM_IP_TARGET and "
            "MINIMUM_IP_TARGET"
        ),
        numbers=_numbers(cni),
        means=(
            "aws-node refuses to start so: new nodes stay NotReady, and no new pod gets an address on those whose "
            "aws-node starts again."
        ),
        remedy=(
            change_env(cluster, {"WARM_PREFIX_TARGET": str(DEFAULT_WARM_PREFIXES)}),
            f"See aws-node start again:\n{kubectl_of(cluster)}\n{_STARTED}",
        ),
    )


def _zero_ignored(cluster: Cluster, cni: CniSettings) -> Finding:
    zeros = {"WARM_IP_TARGET": cni.warm_ip_target, "MINIMUM_IP_TARGET": cni.minimum_ip_target}
    names = [name for name, value in zeros.items() if value == 0]
    verb = "is" if len(names) == 1 else "are"
    return Finding(
        id=FindingId.WARM_PREFIX_ZERO,
        severity=Severity.INFO,
        resource=resource_of(cluster),
        title=f"{' and '.join(names)} {verb} 0 in cluster {cluster.name}, which AWS does not support in prefix mode",
        numbers=_numbers(cni),
        means=(
            "The CNI takes 0 as 'not set': nodes keep WARM_PREFIX_TARGET free prefixes, "
            f"{cni.warm_prefix_target} of {BLOCK} addresses, not none."
        ),
        remedy=(change_env(cluster, dict.fromkeys(names)),),
    )


def _pods(group: GroupFacts) -> int:
    """The most pods that any of the group's nodes lets in; 0 where that is not known."""
    return max([group.advertised.pods or 0, *group.advertised.per_type.values()])


def _most(group: GroupFacts) -> int:
    """The pods that a node takes at the most when the pool stops growing at MINIMUM_IP_TARGET."""
    minimum = group.cni.minimum_ip_target or 0 if group.cni else 0
    prefixes = len(group.gets_prefixes) == len(group.types) > 0
    return (ceil(minimum / BLOCK) * BLOCK if prefixes else minimum) + HOST_NETWORK_PODS


def _stops(cluster: Cluster, cni: CniSettings, stopped: dict[str, int], most: int) -> Finding:
    largest = max(stopped, key=lambda name: stopped[name])
    return Finding(
        id=FindingId.WARM_IP_ZERO,
        severity=Severity.CRITICAL,
        resource=resource_of(cluster),
        title=(
            f"nodes of cluster {cluster.name} stop at {most} pods, and {largest} lets {stopped[largest]} onto each: "
            f"MINIMUM_IP_TARGET is {cni.minimum_ip_target} and WARM_IP_TARGET is 0 or not set"
        ),
        numbers=_numbers(cni) | {"mostPods": most, "maxPodsByGroup": stopped},
        means=(
            f"The CNI never asks for more addresses than the minimum: from pod {most + 1} of a node on, pods stay in "
            "ContainerCreating, however many addresses are free."
        ),
        remedy=(change_env(cluster, {"WARM_IP_TARGET": "1"}),),
    )


def _unknown_stop(cluster: Cluster, cni: CniSettings, group: GroupFacts) -> Finding:
    return unknown(
        FindingId.WARM_IP_ZERO,
        resource_of(cluster),
        f"nodes of cluster {cluster.name} stop growing at MINIMUM_IP_TARGET={cni.minimum_ip_target}, and how many pods "
        f"those of {group.group.name} take is not known: {group.advertised.unknown}",
        "See what nodes allow, at the most 2 more than the minimum is fine:\n"
        f"{kubectl_of(cluster)}\nkubectl get nodes -o custom-columns=NAME:.metadata.name,PODS:.status.allocatable.pods",
    )


def _overridden(cluster: Cluster, cni: CniSettings) -> Finding:
    rules = " and ".join(
        f"{name}={value}"
        for name, value in (("WARM_IP_TARGET", cni.warm_ip_target), ("MINIMUM_IP_TARGET", cni.minimum_ip_target))
        if value
    )
    instead = ceil((cni.warm_ip_target or 0) / BLOCK)
    fewer = instead < cni.warm_prefix_target
    return Finding(
        id=FindingId.WARM_OVERRIDDEN,
        severity=Severity.WARNING if fewer else Severity.INFO,
        resource=resource_of(cluster),
        title=(
            f"WARM_PREFIX_TARGET={cni.warm_prefix_target} of cluster {cluster.name} has no effect: {rules} overrides it"
        ),
        numbers=_numbers(cni)
        | {"warmAddressesWanted": BLOCK * cni.warm_prefix_target}
        | {"warmAddressesKept": cni.warm_ip_target or 0},
        means=(
            f"Nodes do not keep the {cni.warm_prefix_target} free prefixes that were asked for, only "
            f"{cni.warm_ip_target or 0} free addresses: pods that come many at a time wait for EC2."
            if fewer
            else "Nodes keep at least as much free; the setting only misleads."
        ),
        remedy=(
            because(
                "Decide for one of the two. For free prefixes",
                change_env(cluster, {"WARM_IP_TARGET": None, "MINIMUM_IP_TARGET": None}),
            ),
            because("Or for free addresses", change_env(cluster, {"WARM_PREFIX_TARGET": str(DEFAULT_WARM_PREFIXES)})),
        ),
    )


def _ignored_in_ipv6(cluster: Cluster, cni: CniSettings) -> Finding:
    return Finding(
        id=FindingId.WARM_OVERRIDDEN,
        severity=Severity.INFO,
        resource=resource_of(cluster),
        title=f"warm targets are set in cluster {cluster.name}, which is IPv6: the CNI ignores them there",
        numbers=_numbers(cni),
        means="A node has one /80 prefix for all its pods and needs no warm pool. Nothing is lost.",
        remedy=(f"Nothing needs to be done. To see what is set:\n{look_at_settings(cluster)}",),
    )
