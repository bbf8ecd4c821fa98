"""EKS's answers about a cluster and its VPC CNI to values of the model. Pure; the shapes are boto3's."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from functions.capacity.clusters import Addon, Cluster, HealthIssue
from functions.capacity.cni import CniSettings, WindowsSettings, cni_version
from functions.capacity.cni_env import UnknownSettingsError, cni_settings_of_env
from functions.capacity.daemonset import cni_settings_of_daemonset, pod_subnets
from functions.capacity.mutes import MUTE_TAG

Answer = Mapping[str, Any]

NOT_AN_ADDON = "vpc-cni is not an EKS add-on here"


def cluster(answer: Answer, addon: Answer | None, update: Answer | None, kubernetes: Answer | None) -> Cluster:
    """DescribeCluster's `cluster`, with its vpc-cni add-on, that one's update in progress, and what Kubernetes says."""
    found = Cluster(
        name=answer["name"],
        vpc_id=answer.get("resourcesVpcConfig", {}).get("vpcId", ""),
        ipv6=answer.get("kubernetesNetworkConfig", {}).get("ipFamily") == "ipv6",
        addon=addon_of(addon, update) if addon else None,
        auto_mode=bool(answer.get("computeConfig", {}).get("enabled")),
        issues=tuple(issues(answer)),
        mutes=str((answer.get("tags") or {}).get(MUTE_TAG, "")),
    )
    try:
        if addon is not None:
            found = replace(found, cni=cni_settings(addon, ipv6=found.ipv6))
        if kubernetes is not None:
            found = _with_kubernetes(found, kubernetes)
    except UnknownSettingsError as error:
        return replace(found, cni=None, cni_unknown=str(error))
    return found if found.cni or found.cni_unknown else replace(found, cni_unknown=NOT_AN_ADDON)


def _with_kubernetes(found: Cluster, kubernetes: Answer) -> Cluster:
    """The cluster with what only its Kubernetes API knows; for an add-on, the DaemonSet changes nothing."""
    if "unknown" in kubernetes:
        return found if found.cni else replace(found, cni_unknown=str(kubernetes["unknown"]))
    cni = found.cni or cni_settings_of_daemonset(kubernetes, ipv6=found.ipv6)
    return replace(found, cni=cni, pod_subnets=pod_subnets(kubernetes))


def addon_of(answer: Answer, update: Answer | None) -> Addon:
    """DescribeAddon's `addon`; of DescribeUpdate's `update` the version that it will bring."""
    return Addon(
        version=_version(answer.get("addonVersion")),
        status=answer.get("status", "ACTIVE"),
        updating_to=_version(_parameter(update, "AddonVersion")) if update else None,
        modified_at=time(answer.get("modifiedAt")),
        issues=tuple(issues(answer)),
    )


def _parameter(update: Answer, name: str) -> str | None:
    return next((each.get("value") for each in update.get("params", ()) if each.get("type") == name), None)


def cni_settings(addon: Answer, *, ipv6: bool) -> CniSettings:
    """The add-on's configurationValues, JSON or YAML text with an `env` of texts. Raises UnknownSettingsError."""
    values = _configuration(addon.get("configurationValues") or "{}")
    env = {} if values.get("env") is None else values["env"]
    if not isinstance(env, dict):
        raise UnknownSettingsError("vpc-cni's configurationValues have no object `env`")
    return cni_settings_of_env(
        env,
        version=_version(addon.get("addonVersion")),
        ipv6=ipv6,
        source="the vpc-cni add-on",
        windows=WindowsSettings(prefix_delegation=str(values.get("enableWindowsPrefixDelegation")).lower() == "true"),
    )


def has_custom_networking(addon: Answer) -> bool:
    """Whether pods' subnets stand in ENIConfigs, which only the Kubernetes API knows; so too where it is unknown."""
    try:
        return cni_settings(addon, ipv6=False).custom_networking
    except UnknownSettingsError:
        return True


def _configuration(text: object) -> Mapping[str, Any]:
    if not isinstance(text, str):
        raise UnknownSettingsError("vpc-cni's configurationValues are no text")
    with suppress(ValueError, RecursionError):
        if isinstance(found := json.loads(text), dict):
            return found
    from functions.aws.configuration_values import parsed  # noqa: PLC0415 - YAML takes long to load, and few write it

    return parsed(text)


def issues(answer: Answer) -> Iterator[HealthIssue]:
    """`health.issues` of a cluster, a node group or an add-on."""
    for each in (answer.get("health") or {}).get("issues") or ():
        yield HealthIssue(
            code=str(each.get("code", "Unknown")),
            message=str(each.get("message", "")),
            resource_ids=tuple(map(str, each.get("resourceIds") or ())),
        )


def time(value: object) -> datetime | None:
    """A boto3 time, or the ISO 8601 text that it is in a file."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) else None


def _version(text: object) -> tuple[int, ...] | None:
    try:
        return cni_version(str(text or ""))
    except ValueError:
        return None
