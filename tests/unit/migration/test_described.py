"""What EKS says of a node group, as the request that makes one like it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.aws.migrating import Migrating, configuration, described, kubernetes_version
from functions.aws.saved import Saved

GROUP: dict[str, Any] = {
    "clusterName": "demo",
    "nodegroupName": "workers",
    "nodegroupArn": "arn:aws:eks:us-east-1:123456789012:nodegroup/demo/workers/1",
    "version": "1.32",
    "releaseVersion": "1.32.1-20260101",
    "status": "ACTIVE",
    "createdAt": "2026-11-01T00:00:00Z",
    "subnets": ["subnet-1"],
    "instanceTypes": ["m5.large"],
    "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 3},
    "amiType": "AL2023_x86_64_STANDARD",
    "nodeRole": "arn:aws:iam::123456789012:role/node",
    "diskSize": 40,
    "labels": {},
    "taints": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}],
    "health": {"issues": []},
    "tags": {"cost": "1", "aws:cloudformation:stack-name": "x", "headroom:replaces": "old"},
}
TEMPLATE = {"id": "lt-1", "name": "x", "version": "3"}


def request(**changes: Any) -> Any:
    return described(Saved(nodegroups=[{**GROUP, **changes}]), "demo")["workers"].request


def test_a_group_like_it_has_all_that_can_be_asked_for():
    assert request() == {
        "clusterName": "demo",
        "subnets": ["subnet-1"],
        "instanceTypes": ["m5.large"],
        "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 3},
        "amiType": "AL2023_x86_64_STANDARD",
        "nodeRole": "arn:aws:iam::123456789012:role/node",
        "diskSize": 40,
        "taints": [{"key": "a", "value": "b", "effect": "NO_SCHEDULE"}],
        "tags": {"cost": "1", "headroom:replaces": "old"},
    }


@pytest.mark.parametrize(
    ("changes", "key", "value"),
    [
        pytest.param({"amiType": "CUSTOM", "launchTemplate": TEMPLATE}, "amiType", None, id="CUSTOM is an answer only"),
        pytest.param(
            {"launchTemplate": TEMPLATE}, "launchTemplate", {"id": "lt-1", "version": "3"}, id="a template by its id"
        ),
        pytest.param({"launchTemplate": TEMPLATE}, "diskSize", None, id="with a template, the disk stands in it"),
        pytest.param({"instanceTypes": None}, "instanceTypes", None, id="types that the template names"),
        pytest.param({"capacityType": "SPOT"}, "capacityType", "SPOT", id="Spot stays Spot"),
        pytest.param({"updateConfig": {"maxUnavailable": 2}}, "updateConfig", {"maxUnavailable": 2}, id="updates"),
    ],
)
def test_a_request_is_not_an_answer(changes, key, value):
    assert request(**changes).get(key) == value


def test_what_else_is_said_of_it():
    found = described(Saved(nodegroups=[GROUP, {**GROUP, "clusterName": "other"}]), "demo")
    assert (found["workers"].status, found["workers"].replaces) == ("ACTIVE", "old")
    assert found["workers"].created_at == datetime(2026, 11, 1, tzinfo=UTC)
    saved = Saved(
        clusters=[{"name": "demo", "version": "1.33"}],
        addons=[{"clusterName": "demo", "addonName": "vpc-cni", "configurationValues": "{}"}],
    )
    assert (kubernetes_version(saved, "demo"), configuration(saved, "demo")) == ("1.33", "{}")
    assert (kubernetes_version(saved, "other"), configuration(saved, "other")) == ("", "")


class Eks:
    """DescribeAddonVersions of two pages."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def get_paginator(self, name: str) -> "Eks":
        assert name == "describe_addon_versions"
        return self

    def paginate(self, **arguments: str) -> list[dict[str, Any]]:
        self.asked.append(arguments)
        listed = [("v1.21.0-eksbuild.1", False), ("v1.20.4-eksbuild.2", True)]
        versions = [{"addonVersion": name, "compatibilities": [{"defaultVersion": new}]} for name, new in listed]
        return [{"addons": []}, {"addons": [{"addonVersions": versions}]}]


def test_the_version_to_update_to_is_the_default_one_of_the_clusters_kubernetes():
    eks: Any = Eks()
    none: Any = None
    assert Migrating(eks=eks, ec2=none).default_version("1.33") == "v1.20.4-eksbuild.2"
    assert eks.asked == [{"addonName": "vpc-cni", "kubernetesVersion": "1.33"}]
