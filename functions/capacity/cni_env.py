"""The VPC CNI's environment variables as settings: one reader for the add-on's `env` and for the aws-node DaemonSet.

Sources: amazon-vpc-cni-k8s, pkg/ipamd/ipamd.go (names and defaults), utils/utils.go (flags), pkg/sgpp/constants.go
(enforcing mode), pkg/networkutils/network.go (external SNAT).
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping

from functions.capacity.cni import CniSettings, Enforcing, WindowsSettings

Env = Mapping[str, object]

SUBNET_DISCOVERY_SINCE = (1, 18, 0)  # README.md, 'ENABLE_SUBNET_DISCOVERY (v1.18.0+)'

# What cni_settings_of_env reads.
VARIABLES = (
    "ENABLE_PREFIX_DELEGATION",
    "WARM_PREFIX_TARGET",
    "WARM_IP_TARGET",
    "MINIMUM_IP_TARGET",
    "MAX_ENI",
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG",
    "ENABLE_POD_ENI",
    "POD_SECURITY_GROUP_ENFORCING_MODE",
    "AWS_VPC_K8S_CNI_EXTERNALSNAT",
    "ENABLE_SUBNET_DISCOVERY",
)

# Go's strconv.ParseBool takes these words and no others.
_BOOLS = dict.fromkeys(("1", "t", "T", "true", "TRUE", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "false", "FALSE", "False"), False
)
_INT64 = range(-(2**63), 2**63)


class UnknownSettingsError(ValueError):
    """Settings that cannot be read as the VPC CNI's."""


def cni_settings_of_env(
    env: Env, *, version: tuple[int, ...] | None, ipv6: bool, source: str, windows: WindowsSettings
) -> CniSettings:
    """The settings that these variables make, with what the add-on puts in for those that are not there.

    A value is a text, or the number or boolean that somebody wrote in its place. A flag that is no boolean counts as
    the CNI's default, as the CNI reads it. Raises UnknownSettingsError for a number that is none: the CNI would go on
    with its default, which is hardly what was meant.
    """
    warm_prefixes = _number(env, "WARM_PREFIX_TARGET", source)  # below zero the CNI goes on with 0, not with 1
    return CniSettings(
        version=version,
        ipv6=ipv6,
        source=source,
        windows=windows,
        prefix_delegation=_flag(env, "ENABLE_PREFIX_DELEGATION") if "ENABLE_PREFIX_DELEGATION" in env else ipv6,
        warm_prefix_target=CniSettings.warm_prefix_target if warm_prefixes is None else max(warm_prefixes, 0),
        warm_prefix_target_set=warm_prefixes is not None,
        warm_ip_target=_target(env, "WARM_IP_TARGET", source),
        minimum_ip_target=_target(env, "MINIMUM_IP_TARGET", source),
        max_eni=_target(env, "MAX_ENI", source) or None,
        custom_networking=_flag(env, "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG"),
        pod_eni=_flag(env, "ENABLE_POD_ENI"),
        enforcing=_enforcing(env),
        external_snat=_flag(env, "AWS_VPC_K8S_CNI_EXTERNALSNAT"),
        subnet_discovery=_discovers(env, version),
    )


def go_bool(value: object) -> bool | None:
    """A text as Go's strconv.ParseBool reads it, spaces and all; None for what that refuses."""
    return _BOOLS.get(_text(value))


def go_int(value: object) -> int | None:
    """A text as Go's strconv.Atoi reads it on 64 bits; None for what that refuses."""
    text = _text(value)
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        return None
    return int(text) if int(text) in _INT64 else None


def _text(value: object) -> str:
    """A scalar as it stands in the DaemonSet. What is none of them is no word that the CNI knows."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if value in _INT64 else hex(value)  # Python refuses to print a very long one otherwise
    return value if isinstance(value, str) else ""


def _flag(env: Env, name: str, *, default: bool = False) -> bool:
    found = go_bool(env.get(name))
    return default if found is None else found


def _number(env: Env, name: str, source: str) -> int | None:
    if name not in env:
        return None
    found = go_int(env[name])
    if found is None:
        raise UnknownSettingsError(
            f"{name} in {source} is {reprlib.repr(_text(env[name]) or env[name])}, not a whole number"
        )
    return found


def _target(env: Env, name: str, source: str) -> int | None:
    """A whole number of at least 0. The CNI reads -1 and less as 'not set', and so None."""
    found = _number(env, name, source)
    return None if found is None or found < 0 else found


def _enforcing(env: Env) -> Enforcing:
    """`standard` in just these letters; all else is strict (pkg/sgpp/utils.go, LoadEnforcingModeFromEnv)."""
    standard = env.get("POD_SECURITY_GROUP_ENFORCING_MODE") == Enforcing.STANDARD.value
    return Enforcing.STANDARD if standard else Enforcing.STRICT


def _discovers(env: Env, version: tuple[int, ...] | None) -> bool:
    return (version is None or version >= SUBNET_DISCOVERY_SINCE) and _flag(
        env, "ENABLE_SUBNET_DISCOVERY", default=True
    )
