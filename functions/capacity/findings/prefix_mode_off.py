"""What prefix mode would give an IPv4 cluster that does without it, what it would take, and the way there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from functions.capacity.clusters import Cluster, Origin
from functions.capacity.cni import PREFIXES_SINCE, CniSettings
from functions.capacity.findings.advertising import set_by_eks
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Severity, unknown
from functions.capacity.findings.max_pods_setting import put_max_pods
from functions.capacity.findings.rollout import Changes, replace_nodes, step
from functions.capacity.findings.vpc_cni import change_env, resource_of, served, update_to_default
from functions.capacity.nodes import group_max_pods, holds_prefixes, node_demand
from functions.capacity.warm import calls_saved


def prefix_mode_off(facts: Facts) -> Iterator[Finding]:
    """An IPv4 cluster gives its pods single addresses, though some of its nodes could have prefixes."""
    for cluster in facts.clusters:
        if cluster.cni is None or cluster.ipv6 or cluster.cni.prefix_delegation:
            continue
        using = replace(cluster.cni, prefix_delegation=True, version=None)
        groups = served(facts, cluster)
        gaining = [of for of in groups if not of.missing_types and any(holds_prefixes(t, using) for t in of.types)]
        if gaining:
            yield _prefix_mode_off(facts, gaining, cluster.cni, using)
        elif any(of.missing_types for of in groups):
            yield _unknown(cluster, groups)


def _prefix_mode_off(facts: Facts, groups: Sequence[GroupFacts], cni: CniSettings, using: CniSettings) -> Finding:
    now = {of.group.name: group_max_pods(of.types, cni) for of in groups}
    then = {of.group.name: group_max_pods(of.types, using) for of in groups}
    most = max(now, key=lambda name: then[name] - now[name])
    saved = [calls_saved(of.group, of.types, cni) for of in groups]
    calls_now, calls_then = sum(each.secondary.total for each in saved), sum(each.prefixes.total for each in saved)
    cluster = groups[0].cluster
    return Finding(
        id=FindingId.PREFIX_MODE_OFF,
        severity=Severity.INFO,
        resource=resource_of(cluster),
        title=f"{cluster.name} gives pods single addresses: with prefixes, a node of {most} could take {then[most]} "
        f"pods instead of {now[most]}",
        means="A node takes only as many pods as its interfaces have addresses. Until the groups at their maximum "
        f"size have addresses for as many pods as now, EC2 is called {calls_now} times, with prefixes {calls_then} "
        "times. It is a choice, not a fault.",
        numbers={
            "maxPodsNow": now,
            "maxPodsWithPrefixes": then,
            "ec2CallsNow": calls_now,
            "ec2CallsWithPrefixes": calls_then,
            "prefixesNeeded": sum(_prefixes_needed(of, using) for of in groups),
            "freePrefixes": {each: facts.analyses[each].obtainable for each in _subnet_ids(facts, groups)},
        },
        remedy=_way(facts, groups, then),
    )


def _prefixes_needed(of: GroupFacts, using: CniSettings) -> int:
    """/28 for the group's full nodes at its maximum size."""
    pods = group_max_pods(of.types, using)
    nodes = max(of.group.max_size, len(of.group.nodes))
    return nodes * max(node_demand(each, pods, using).prefixes for each in of.types)


def _subnet_ids(facts: Facts, groups: Sequence[GroupFacts]) -> tuple[str, ...]:
    """The groups' subnets that are in the view."""
    return tuple(sorted({each for of in groups for each in of.group.subnet_ids} & facts.analyses.keys()))


def _way(facts: Facts, groups: Sequence[GroupFacts], pods: dict[str, int]) -> tuple[str, ...]:
    """Reservations first, so that there are prefixes to be had; then the settings; then new nodes, never in place."""
    cluster, subnets = groups[0].cluster, " ".join(map(shlex.quote, _subnet_ids(facts, groups)))
    version = cluster.cni.version if cluster.cni else None
    reserve = step(
        "Have Headroom reserve /28 blocks, and go on when subnet-cannot-hold-demand does not speak of these subnets",
        f"aws ec2 create-tags --resources {subnets} --tags Key=headroom:mode,Value=ahead",
    )
    return (
        *([reserve] if subnets else []),
        *([update_to_default(cluster, PREFIXES_SINCE)] if version and version < PREFIXES_SINCE else []),
        change_env(cluster, {"ENABLE_PREFIX_DELEGATION": "true"}),
        *(each for of in groups for each in _new_nodes(of, pods[of.group.name])),
    )


def _new_nodes(of: GroupFacts, pods: int) -> tuple[str, ...]:
    """EKS tells a new group of its own the number; others have to be told."""
    if set_by_eks(of.group):
        return replace_nodes(of.group)
    told = put_max_pods(of.group, pods)
    return (*told, *(() if of.group.origin is Origin.ALONE else replace_nodes(of.group, Changes(newest_template=True))))


def _unknown(cluster: Cluster, groups: Sequence[GroupFacts]) -> Finding:
    types = sorted({name for of in groups for name in of.missing_types})
    return unknown(
        FindingId.PREFIX_MODE_OFF,
        resource_of(cluster),
        f"prefix mode is off in {cluster.name}, and what it would give is not known, since the limits of "
        f"{', '.join(types)} are not",
        "See whether EC2 knows the types in this region:\n"
        f"aws ec2 describe-instance-types --instance-types {' '.join(map(shlex.quote, types))} "
        "--query 'InstanceTypes[].[InstanceType,Hypervisor]' --output text",
    )
