"""A view of one cluster, and the findings of one check in it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from functions.capacity.analyse import analyse
from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.cni import CniSettings
from functions.capacity.findings import Check
from functions.capacity.findings.facts import Facts, facts_of
from functions.capacity.findings.finding import Finding
from functions.capacity.model import InstanceType, Snapshot, Subnet
from tests.builders import NOW, TYPES, a_cluster, a_group, a_subnet

RECENT = (1, 19, 2)


def settings(**of: Any) -> CniSettings:
    """Prefix mode under a recent version, where nothing else is said."""
    of.setdefault("prefix_delegation", True)
    of.setdefault("version", RECENT)
    return CniSettings(**of)


def a_view(
    *groups: NodeGroup,
    cluster: Cluster | None = None,
    subnets: Iterable[Subnet] | None = None,
    types: Mapping[str, InstanceType] = TYPES,
) -> Facts:
    cluster = cluster or a_cluster(cni=settings())
    snapshot = Snapshot(
        taken_at=NOW,
        subnets=(a_subnet(),) if subnets is None else tuple(subnets),
        node_groups=groups,
        instance_types=types,
        clusters={cluster.name: cluster},
        whole=frozenset({cluster.name}),
    )
    return facts_of(snapshot, analyse(snapshot))


def with_settings(*groups: NodeGroup, cluster: Mapping[str, Any] | None = None, **of: Any) -> Facts:
    """A view of a cluster with these settings; `ipv6` is the cluster's too."""
    facts = dict(cluster or {}) | {"ipv6": of.get("ipv6", False)}
    return a_view(*(groups or (a_group(),)), cluster=a_cluster(cni=settings(**of), **facts))


def group_with(group: NodeGroup | None = None, **facts: Any) -> NodeGroup:
    return replace(group or a_group(), **facts)


def only(check: Check, facts: Facts) -> Finding:
    """The one finding; a test that expects one fails on none and on two."""
    (found,) = check(facts)
    return found


def commands(finding: Finding) -> str:
    return "\n".join(finding.remedy)
