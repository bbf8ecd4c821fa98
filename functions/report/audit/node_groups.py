"""What the report says about one node group: how many pods its nodes really take, and how many EKS recommends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from functions.capacity.clusters import NodeGroup, Origin, Os
from functions.capacity.findings.facts import GroupFacts
from functions.capacity.nodes import windows_max_pods
from functions.report.audit.clusters import subnets_of
from functions.report.audit.facts import Fact, Record

NOT_BOUNDED = "no bound known"


def node_group_record(of: GroupFacts) -> Record:
    """All facts of a node group. What its nodes hold is counted over all subnets of the view."""
    return Record(id=of.group.label, facts=(*_identity(of.group), *_capacity(of), *_held(of), *_unknown(of)))


def _identity(group: NodeGroup) -> Iterator[Fact]:
    yield Fact(key="cluster", label="Cluster", value=group.cluster)
    yield Fact(key="name", label="Name", value=group.name)
    yield Fact(key="origin", label="Made by", value=group.origin.value, overview=True)
    yield Fact(key="os", label="Operating system", value=group.os.value)
    yield Fact(key="amiFamily", label="AMI family", value=group.family.value if group.family else None)
    yield Fact(key="instanceTypes", label="Instance types", value=group.instance_types, overview=True)
    yield Fact(key="subnetIds", label="Subnets", value=subnets_of((group,)))
    most = group.max_size if group.bounded else NOT_BOUNDED
    yield Fact(key="nodes", label="Nodes", value=len(group.nodes), overview=True)
    yield Fact(key="desiredSize", label="Wanted", value=group.desired_size)
    yield Fact(key="maxSize", label="At most", value=most, overview=True)


def _capacity(of: GroupFacts) -> Iterator[Fact]:
    said, recommended = of.advertised, recommended_pods(of)
    real = said.per_type or dict.fromkeys(of.group.instance_types, said.pods) if said.pods is not None else {}
    yield Fact(key="maxPods", label="Max pods, really", value=said.pods, overview=True)
    yield Fact(key="maxPodsSetBy", label="Set by", value=said.source or None)
    yield Fact(key="maxPodsPerType", label="Max pods by type", value=_numbers(real))
    smallest = min(recommended.values(), default=None)
    yield Fact(key="recommendedMaxPods", label="Max pods, recommended", value=smallest, overview=True)
    yield Fact(key="recommendedPerType", label="Recommended by type", value=_numbers(recommended))
    yield Fact(key="podsNow", label="Pods its nodes take", value=_pods(of.group, real, said.pods))
    yield Fact(key="podsRecommended", label="Pods as recommended", value=_pods(of.group, recommended, smallest))


def recommended_pods(of: GroupFacts) -> Mapping[str, int]:
    """EKS's recommendation by type; empty where not all that it takes is known.

    Auto Mode sets the number itself, so that is the one that EKS recommends.
    """
    if of.group.origin is Origin.AUTO_MODE:
        pods = of.advertised.pods
        return of.advertised.per_type or (dict.fromkeys(of.group.instance_types, pods) if pods is not None else {})
    if of.cni is None or of.missing_types:
        return {}
    if of.group.os is Os.WINDOWS:
        return {each.name: windows_max_pods(each, of.cni) for each in of.types}
    return of.recommended


def _numbers(by_type: Mapping[str, int | None]) -> Mapping[str, int] | None:
    known = {name: pods for name, pods in sorted(by_type.items()) if pods is not None}
    return known or None


def _pods(group: NodeGroup, by_type: Mapping[str, int | None], otherwise: int | None) -> int | None:
    """Of all its nodes together; a node of a type that the group does not name counts as the smallest."""
    if otherwise is None:
        return None
    return sum(by_type.get(node.instance_type) or otherwise for node in group.nodes)


def _held(of: GroupFacts) -> Iterator[Fact]:
    holds = of.holds
    yield Fact(key="heldPrefixes", label="/28 that its nodes hold", value=sum(each.prefixes for each in holds))
    singles = sum(each.secondaries for each in holds)
    yield Fact(key="heldSecondaryAddresses", label="Secondary addresses that they hold", value=singles)
    yield Fact(key="heldInterfaces", label="Interfaces", value=sum(each.interfaces for each in holds))
    yield Fact(key="heldIpv6Prefixes", label="/80 that they hold", value=sum(each.ipv6_prefixes for each in holds))


def _unknown(of: GroupFacts) -> Iterator[Fact]:
    missing = f"the limits of {', '.join(of.missing_types)} are not known" if of.missing_types else ""
    settings = "" if of.cni else "its cluster's VPC CNI settings are not known"
    reasons = dict.fromkeys(filter(None, (of.group.unknown, of.advertised.unknown, missing, settings)))
    yield Fact(key="unknown", label="Not known", value=tuple(reasons), overview=True)
