"""What the report says about one cluster."""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.clusters import Cluster, NodeGroup
from functions.capacity.cni import CniSettings
from functions.report.audit.facts import Fact, Record, Value

NOT_SET = "not set"


def cluster_record(cluster: Cluster, groups: tuple[NodeGroup, ...], *, whole: bool) -> Record:
    """All facts of a cluster. `groups` are its own; `whole` tells whether all of its subnets are in the view."""
    return Record(
        id=cluster.name,
        facts=(*_identity(cluster, whole=whole), *_settings(cluster.cni), *_nodes(groups), *_health(cluster)),
    )


def _identity(cluster: Cluster, *, whole: bool) -> Iterator[Fact]:
    yield Fact(key="vpcId", label="VPC", value=cluster.vpc_id)
    yield Fact(key="ipFamily", label="IP family", value="ipv6" if cluster.ipv6 else "ipv4", overview=True)
    yield Fact(key="autoMode", label="Auto Mode", value=cluster.auto_mode)
    yield Fact(key="whole", label="All its subnets were read", value=whole, overview=True)


def _settings(cni: CniSettings | None) -> Iterator[Fact]:
    """Of a CNI that could not be read, each is unknown."""

    def of(value: Value) -> Value:
        return None if cni is None else NOT_SET if value is None else value

    known = cni or CniSettings()
    version = ".".join(map(str, known.version)) if known.version else None
    yield Fact(key="cniVersion", label="VPC CNI", value=version if cni else None, overview=True)
    yield Fact(key="cniSource", label="Settings according to", value=of(known.source))
    yield Fact(key="prefixDelegation", label="Prefix mode", value=of(known.prefix_delegation), overview=True)
    yield Fact(key="warmPrefixTarget", label="WARM_PREFIX_TARGET", value=of(known.warm_prefix_target))
    yield Fact(key="warmIpTarget", label="WARM_IP_TARGET", value=of(known.warm_ip_target))
    yield Fact(key="minimumIpTarget", label="MINIMUM_IP_TARGET", value=of(known.minimum_ip_target))
    yield Fact(key="maxEni", label="MAX_ENI", value=of(known.max_eni))
    yield Fact(key="customNetworking", label="Custom networking", value=of(known.custom_networking))
    windows = of(known.windows.prefix_delegation)
    yield Fact(key="windowsPrefixDelegation", label="Prefix mode for Windows", value=windows)


def _nodes(groups: tuple[NodeGroup, ...]) -> Iterator[Fact]:
    yield Fact(key="nodeGroups", label="Node groups", value=len(groups), overview=True)
    yield Fact(key="nodes", label="Nodes", value=sum(len(each.nodes) for each in groups), overview=True)
    yield Fact(key="subnetIds", label="Subnets of its nodes", value=subnets_of(groups))


def _health(cluster: Cluster) -> Iterator[Fact]:
    codes = {each.code for each in (*cluster.issues, *(cluster.addon.issues if cluster.addon else ()))}
    yield Fact(key="addonStatus", label="vpc-cni add-on", value=cluster.addon.status if cluster.addon else NOT_SET)
    yield Fact(key="healthIssues", label="EKS reports", value=tuple(sorted(codes)))
    yield Fact(key="unknown", label="Not known", value="" if cluster.cni else cluster.cni_unknown or "its VPC CNI")


def subnets_of(groups: tuple[NodeGroup, ...]) -> tuple[str, ...]:
    """Where these groups have nodes, or may start some."""
    named = {each for group in groups for each in group.subnet_ids}
    return tuple(sorted(named | {node.subnet_id for group in groups for node in group.nodes}))
