"""Whether the VPC CNI that runs, and the one that an update brings, can do what its settings ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.capacity.clusters import Cluster
from functions.capacity.cni import IPV6_SINCE, PREFIXES_ON_METAL_SINCE, PREFIXES_SINCE
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Severity, unknown
from functions.capacity.findings.vpc_cni import (
    Version,
    kubectl_of,
    look_at_settings,
    resource_of,
    served,
    text_of,
    update_back,
    update_to_default,
    wait_for,
)
from functions.capacity.wording import count


@dataclass(frozen=True, kw_only=True)
class _InUse:
    """The nodes that hold prefixes now, and how many: /28, in an IPv6 cluster /80."""

    nodes: int
    prefixes: int


def cni_too_old(facts: Facts) -> Iterator[Finding]:
    """The VPC CNI is older than what prefixes need: 1.9.0, in IPv6 clusters 1.10.1, on bare metal 1.11.0."""
    for cluster in facts.clusters:
        if cluster.cni is None or not cluster.cni.prefix_delegation:
            continue
        version, floor = cluster.cni.version, _floor(cluster)
        if version is None:
            yield _unknown_version(cluster)
        elif version < floor:
            yield _too_old(cluster, version, floor, _in_use(served(facts, cluster)))
        elif version < PREFIXES_ON_METAL_SINCE:
            metal = (_metal(group, version) for group in served(facts, cluster))
            yield from (finding for finding in metal if finding)


def cni_downgrade(facts: Facts) -> Iterator[Finding]:
    """An update of the add-on will bring a version that cannot do prefixes, while they are asked for or held."""
    for cluster in facts.clusters:
        groups = served(facts, cluster)
        addon, floor = cluster.addon, max([_floor(cluster), *(_metal_floor(each) for each in groups)])
        if addon is None or addon.updating_to is None or addon.updating_to >= floor:
            continue
        running = addon.version or (cluster.cni.version if cluster.cni else None)
        if running is not None and running < floor:
            continue  # it cannot do prefixes now: that is cni-too-old-for-prefixes
        in_use = _in_use(groups)
        if in_use.nodes or (cluster.cni and cluster.cni.prefix_delegation):
            yield _downgrade(cluster, running, addon.updating_to, floor, in_use)
        elif cluster.cni is None and groups:
            yield _unknown_downgrade(cluster, addon.updating_to)


def _floor(cluster: Cluster) -> Version:
    return IPV6_SINCE if cluster.ipv6 else PREFIXES_SINCE


def _metal_floor(group: GroupFacts) -> Version:
    return PREFIXES_ON_METAL_SINCE if any(each.bare_metal for each in group.types) else (0,)


def _in_use(groups: tuple[GroupFacts, ...]) -> _InUse:
    held = [each.prefixes + each.ipv6_prefixes for group in groups for each in group.holds]
    return _InUse(nodes=sum(1 for each in held if each), prefixes=sum(held))


def _too_old(cluster: Cluster, version: Version, floor: Version, in_use: _InUse) -> Finding:
    fails = cluster.ipv6 or in_use.nodes > 0
    family = "IPv6" if cluster.ipv6 else "IPv4"
    return Finding(
        id=FindingId.CNI_TOO_OLD,
        severity=Severity.CRITICAL if fails else Severity.WARNING,
        resource=resource_of(cluster),
        title=(
            f"cluster {cluster.name} runs VPC CNI {text_of(version)} in prefix mode, "
            f"which {family} clusters have from {text_of(floor)} on"
        ),
        numbers=_numbers(in_use, version=text_of(version), floor=text_of(floor)),
        means=(
            "This version does not know the prefixes that nodes hold: pods get no address from them."
            if fails
            else "Nodes get single addresses: far fewer pods fit than prefix mode promises, and subnets fragment."
        ),
        remedy=(update_to_default(cluster, floor), f"See the version that runs:\n{_look_again(cluster)}"),
    )


def _metal(group: GroupFacts, version: Version) -> Finding | None:
    types = sorted(each.name for each in group.types if each.bare_metal)
    if not types:
        return None
    in_use = _in_use((group,))
    return Finding(
        id=FindingId.CNI_TOO_OLD,
        severity=Severity.CRITICAL if in_use.nodes else Severity.WARNING,
        resource=group.resource,
        title=(
            f"{group.group.label} has {', '.join(types)}, and VPC CNI {text_of(version)} gives bare metal no prefixes; "
            f"{text_of(PREFIXES_ON_METAL_SINCE)} does"
        ),
        numbers=_numbers(in_use, version=text_of(version), floor=text_of(PREFIXES_ON_METAL_SINCE))
        | {"bareMetalTypes": types},
        means="Its bare metal nodes get single addresses: fewer pods fit on them than prefix mode promises.",
        remedy=(
            update_to_default(group.cluster, PREFIXES_ON_METAL_SINCE),
            f"See the version that runs:\n{_look_again(group.cluster)}",
        ),
    )


def _downgrade(cluster: Cluster, running: Version | None, to: Version, floor: Version, in_use: _InUse) -> Finding:
    held = (
        f"{count(in_use.nodes, 'node')} with {count(in_use.prefixes, 'prefix')}" if in_use.nodes else "prefix mode on"
    )
    return Finding(
        id=FindingId.CNI_DOWNGRADE,
        severity=Severity.CRITICAL if in_use.nodes else Severity.WARNING,
        resource=resource_of(cluster),
        title=(
            f"cluster {cluster.name} is being taken from VPC CNI {text_of(running)} down to {text_of(to)}, "
            f"which cannot do prefixes (from {text_of(floor)} on), with {held}"
        ),
        numbers=_numbers(in_use, **{"from": text_of(running), "to": text_of(to), "floor": text_of(floor)}),
        means=(
            "As the update reaches a node, its pods keep their addresses, but new ones get none out of its prefixes."
            if in_use.nodes
            else "Prefix mode is on and will be ignored: new nodes get single addresses."
        ),
        remedy=tuple(_way_back(cluster, running, floor)),
    )


def _way_back(cluster: Cluster, running: Version | None, floor: Version) -> Iterator[str]:
    if running is None:
        yield update_to_default(cluster, floor)
    else:
        yield f"Go back to {text_of(running)}:\n{update_back(cluster, running)}"
    yield f"If EKS answers ResourceInUseException, wait for the update to end and repeat that:\n{wait_for(cluster)}"
    yield "If the older version must be, first remove all nodes of all node groups; then there are no prefixes left."


def _unknown_version(cluster: Cluster) -> Finding:
    return unknown(
        FindingId.CNI_TOO_OLD,
        resource_of(cluster),
        f"the version of the VPC CNI of cluster {cluster.name} is not known",
        f"See what runs:\n{_look_again(cluster)}",
    )


def _unknown_downgrade(cluster: Cluster, to: Version) -> Finding:
    return unknown(
        FindingId.CNI_DOWNGRADE,
        resource_of(cluster),
        f"VPC CNI {text_of(to)} is on its way to cluster {cluster.name}, and whether prefix mode is on is not known",
        f"See what is set:\n{look_at_settings(cluster)}",
    )


def _look_again(cluster: Cluster) -> str:
    return f"{kubectl_of(cluster)}\nkubectl describe daemonset aws-node -n kube-system | grep Image"


def _numbers(in_use: _InUse, **versions: str) -> dict[str, str | int | list[str]]:
    return {**versions, "nodesWithPrefixes": in_use.nodes, "prefixes": in_use.prefixes}
