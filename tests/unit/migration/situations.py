"""Situations with defaults: a cluster in secondary mode with one managed group of one node."""

import base64
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from functions.capacity.clusters import Addon, Cluster, LaunchTemplate, NodeGroup
from functions.capacity.migration.migration import migration
from functions.capacity.migration.situation import Choices, Described, Room, Situation
from functions.capacity.migration.steps import Migration, Step
from functions.capacity.model import InstanceType, Snapshot, Subnet
from tests.builders import NOW, SUBNET, TYPES, a_cluster, a_group, a_subnet, an_interface
from tests.unit.findings.views import settings

REQUEST: dict[str, Any] = {
    "clusterName": "demo",
    "nodeRole": "arn:aws:iam::123456789012:role/node",
    "subnets": [SUBNET],
    "instanceTypes": ["m5.large"],
    "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 1},
    "labels": {"team": "a"},
    "tags": {"cost": "1"},
}
FITS = Room(asked=1, fit=1, fit_with_reservations=1)
SECONDARY = settings(prefix_delegation=False)
SWITCHED = Addon(version=(1, 19, 2), modified_at=NOW - timedelta(hours=1))
METAL = InstanceType(name="m5.metal", interfaces=15, addresses_per_interface=50, vcpus=96, nitro=True, bare_metal=True)
WORKERS = a_group(nodes=["i-1"])
SINGLES = an_interface("10.0.0.10", "10.0.0.11", instance_id="i-1")
BLOCKS = an_interface("10.0.0.12", prefixes=["10.0.0.64/28"], instance_id="i-2", interface_id="eni-2")


def a_situation(
    *groups: NodeGroup,
    cluster: Cluster | None = None,
    subnets: Iterable[Subnet] | None = None,
    described: Mapping[str, Described] | None = None,
    **facts: Any,
) -> Situation:
    """Each managed group is described as one that is active, unless something else is said."""
    groups = groups or (WORKERS,)
    cluster = cluster or a_cluster(cni=SECONDARY, addon=Addon(version=(1, 19, 2)))
    snapshot = Snapshot(
        taken_at=NOW,
        subnets=(a_subnet(mode="", interfaces=[SINGLES]),) if subnets is None else tuple(subnets),
        node_groups=groups,
        instance_types={**TYPES, METAL.name: METAL},
        clusters={cluster.name: cluster},
        whole=frozenset({cluster.name}),
    )
    facts.setdefault("room", FITS)
    return Situation(
        snapshot=snapshot,
        cluster=cluster,
        described={each.name: of_group(each) for each in groups} | dict(described or {}),
        **facts,
    )


def of_group(group: NodeGroup, **facts: Any) -> Described:
    request = REQUEST | {"instanceTypes": list(group.instance_types), "subnets": list(group.subnet_ids)}
    return Described(request=request, **facts)


def chosen(**choices: Any) -> Choices:
    return Choices(**choices)


def switched(**of: Any) -> Cluster:
    """The cluster after the add-on was changed, an hour ago."""
    return a_cluster(cni=settings(**of), addon=SWITCHED)


def group_with(group: NodeGroup = WORKERS, **facts: Any) -> NodeGroup:
    return replace(group, **facts)


def template(text: str, version: str = "3") -> LaunchTemplate:
    user_data = base64.b64encode(text.encode()).decode()
    return LaunchTemplate(id="lt-0123456789abcdef0", version=version, image_id="ami-1", user_data=user_data)


def steps(of: Situation) -> dict[str, Step]:
    return {each.id: each for each in migration(of).steps}


def states(of: Situation) -> dict[str, str]:
    return {each.id: str(each.state) for each in migration(of).steps}


def plan(of: Situation) -> Migration:
    return migration(of)
