"""A self-managed VPC CNI: Kubernetes' own objects as the settings that they make.

The input is what functions/aws/kubernetes.py reads, and what a saved snapshot keeps: `{"daemonSet": {...},
"eniConfigs": [...], "configMap": {...} or None}`, each object as the Kubernetes API gives it.

Sources: amazon-vpc-cni-k8s, config/master/aws-k8s-cni.yaml (names), pkg/ipamd/ipamd.go and pkg/eniconfig/eniconfig.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from functions.capacity.cni import CniSettings, cni_version
from functions.capacity.cni_env import VARIABLES, UnknownSettingsError, cni_settings_of_env, go_bool
from functions.capacity.windows_config import windows_settings

Object = Mapping[str, Any]

SOURCE = "the aws-node DaemonSet"
_CONTAINER, _INIT_CONTAINER = "aws-node", "aws-vpc-cni-init"
_IPV6, _CUSTOM_NETWORKING, _WARM_PREFIXES = "ENABLE_IPv6", "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "WARM_PREFIX_TARGET"


def cni_settings_of_daemonset(objects: Object, *, ipv6: bool) -> CniSettings:
    """The settings of a CNI that runs as these objects say, in a cluster of that IP family.

    Raises UnknownSettingsError, with the names of what it is about, where a setting's value stands elsewhere (a Secret,
    a ConfigMap), where it is none, or where the family is not the cluster's.
    """
    daemon_set = objects.get("daemonSet")
    env = _env(daemon_set)
    _refuse_another_family(daemon_set, env, ipv6=ipv6)
    settings = cni_settings_of_env(
        env,
        version=_version(daemon_set, env),
        ipv6=ipv6,
        source=SOURCE,
        windows=windows_settings(objects.get("configMap")),
    )
    # The add-on puts a 1 in; where nobody does, the CNI's own default is 0 (ipamd.go, defaultWarmPrefixTarget).
    return settings if _WARM_PREFIXES in env else replace(settings, warm_prefix_target=0)


def uses_custom_networking(daemon_set: object) -> bool:
    """Whether the CNI takes the pods' subnets from ENIConfigs. Raises UnknownSettingsError as the settings do."""
    return go_bool(_env(daemon_set).get(_CUSTOM_NETWORKING)) is True


def pod_subnets(objects: Object) -> Mapping[str, str] | None:
    """Subnet ids by ENIConfig name; None where they were not read, as without custom networking.

    A node takes the ENIConfig that its annotation or label names (`k8s.amazonaws.com/eniConfig`, or the one in
    ENI_CONFIG_LABEL_DEF, usually the zone), else the one named `default`. Raises UnknownSettingsError.
    """
    listed = objects.get("eniConfigs")
    return None if listed is None else dict(_name_and_subnet(each) for each in _objects(listed, "the ENIConfigs"))


def _name_and_subnet(eni_config: Object) -> tuple[str, str]:
    name, subnet = _inside(eni_config, "metadata", "name"), _inside(eni_config, "spec", "subnet")
    if not (isinstance(name, str) and name):
        raise UnknownSettingsError("an ENIConfig has no name")
    if not (isinstance(subnet, str) and subnet):
        raise UnknownSettingsError(f"the ENIConfig {name:.253} names no subnet")
    return name, subnet


def _env(daemon_set: object) -> dict[str, object]:
    """The variables that we read, by name. Raises UnknownSettingsError where one's value is not to be seen here."""
    container = _container(daemon_set, "containers", _CONTAINER)
    if container is None:
        raise UnknownSettingsError(f"{SOURCE} has no container {_CONTAINER}")
    entries = _entries(container)
    hidden = [
        name for name in (*VARIABLES, _IPV6) if _is_elsewhere(entries.get(name), whole_env=container.get("envFrom"))
    ]
    if hidden:
        raise UnknownSettingsError(
            f"the value of {', '.join(hidden)} is not in {SOURCE} itself but in what it refers to"
        )
    return {name: entry.get("value", "") for name, entry in entries.items()}


def _entries(container: Object) -> dict[str, Object]:
    """A container's `env` by name; of two with the same name the kubelet takes the last."""
    return {str(each.get("name")): each for each in _objects(container.get("env") or [], f"the env of {SOURCE}")}


def _is_elsewhere(entry: Object | None, *, whole_env: object) -> bool:
    """By `valueFrom`, by a `$(OTHER)` in the value, or by an `envFrom` that may bring what `env` leaves out."""
    if entry is None:
        return bool(whole_env)
    value = entry.get("value")
    return entry.get("valueFrom") is not None or (isinstance(value, str) and "$(" in value)


def _refuse_another_family(daemon_set: object, env: Object, *, ipv6: bool) -> None:
    init = _container(daemon_set, "initContainers", _INIT_CONTAINER)
    also = _entries(init).get(_IPV6) if init is not None else None
    found = {_CONTAINER: go_bool(env.get(_IPV6)) or False}
    if also is not None:
        found[_INIT_CONTAINER] = go_bool(also.get("value")) or False
    for container, value in found.items():
        if value != ipv6:
            raise UnknownSettingsError(
                f"{_IPV6} is {str(value).lower()} in {container}, and the cluster is {'IPv6' if ipv6 else 'IPv4'}"
            )


def _version(daemon_set: object, env: Object) -> tuple[int, ...] | None:
    """The image's tag; where that is no version (`latest`, a digest alone), what VPC_CNI_VERSION says, or None."""
    image = _inside(_container(daemon_set, "containers", _CONTAINER), "image")
    path = str(image).partition("@")[0].rpartition("/")[2]
    for text in (path.partition(":")[2], str(env.get("VPC_CNI_VERSION"))):
        try:
            return cni_version(text)
        except ValueError:
            continue
    return None


def _container(daemon_set: object, kind: str, name: str) -> Object | None:
    listed = _inside(daemon_set, "spec", "template", "spec", kind)
    found = (each for each in _objects(listed or [], f"the {kind} of {SOURCE}") if each.get("name") == name)
    return next(found, None)


def _inside(value: object, *path: str) -> object:
    """What stands at the end of a path of keys, or None where the path ends earlier."""
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _objects(listed: object, what: str) -> Iterator[Object]:
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise UnknownSettingsError(f"{what} are not a list of objects")
    yield from listed
