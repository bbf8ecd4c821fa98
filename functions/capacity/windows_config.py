"""The ConfigMap kube-system/amazon-vpc-cni: what the VPC resource controller does for Windows nodes.

Source: amazon-vpc-resource-controller-k8s, pkg/config/loader.go (ParseWinIPTargetConfigs), pkg/pool/pool.go
(getPDDeviation, calculateSecondaryIPDeviation) and pkg/condition/conditions.go (IsWindowsPrefixDelegationEnabled).
"""

from __future__ import annotations

from collections.abc import Mapping

from functions.capacity.cni import WindowsSettings
from functions.capacity.cni_env import UnknownSettingsError, go_bool, go_int

# pkg/config/loader.go: warm and minimum addresses with prefixes, and without.
_PREFIX_WARM, _PREFIX_MINIMUM = 1, 3
_SECONDARY_WARM, _SECONDARY_MINIMUM = 3, 3


def windows_settings(config_map: object) -> WindowsSettings:
    """The settings in effect; None is a ConfigMap that does not exist. Raises UnknownSettingsError for what is none."""
    data = {} if config_map is None else _data(config_map)
    if all(go_bool(data.get(key)) for key in ("enable-windows-ipam", "enable-windows-prefix-delegation")):
        return _with_prefixes(data)
    return _with_addresses(data)


def _data(config_map: object) -> Mapping[str, object]:
    data = config_map.get("data", {}) if isinstance(config_map, Mapping) else None
    if not isinstance(data, Mapping):
        raise UnknownSettingsError("the ConfigMap amazon-vpc-cni has no object `data`")
    return data


def _with_prefixes(data: Mapping[str, object]) -> WindowsSettings:
    """Targets of zero and less count as not set; a target for addresses outdoes the one for prefixes."""
    prefixes, warm, minimum = (
        max(_number(data, key), 0) for key in ("warm-prefix-target", "warm-ip-target", "minimum-ip-target")
    )
    return WindowsSettings(
        prefix_delegation=True,
        warm_prefix_target=prefixes if prefixes and not (warm or minimum) else None,
        warm_ip_target=warm or _PREFIX_WARM,
        minimum_ip_target=minimum or _PREFIX_MINIMUM,
    )


def _with_addresses(data: Mapping[str, object]) -> WindowsSettings:
    warm, minimum = _number(data, "warm-ip-target", zero=1), _number(data, "minimum-ip-target")
    if warm == minimum == 0:
        warm, minimum = _SECONDARY_WARM, _SECONDARY_MINIMUM
    return WindowsSettings(
        warm_ip_target=warm if warm >= 0 else _SECONDARY_WARM,
        minimum_ip_target=minimum if minimum >= 0 else _SECONDARY_MINIMUM,
    )


def _number(data: Mapping[str, object], key: str, *, zero: int = 0) -> int:
    """A target by its older key, else by the one with `windows-`; 0 for none and for nonsense, `zero` for a 0."""
    value = data.get(key, data.get(f"windows-{key}"))
    found = go_int(value)
    return 0 if found is None else found or zero
