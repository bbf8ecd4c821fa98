"""The add-on's configurationValues with a few more settings: merged, since UpdateAddon replaces them as a whole.

EKS API reference, UpdateAddon; the settings' names: amazon-vpc-cni-k8s, charts/aws-vpc-cni/values.yaml.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from functions.capacity.cni import CniSettings

WINDOWS = {"enableWindowsIpam": "true", "enableWindowsPrefixDelegation": "true"}


@dataclass(frozen=True, kw_only=True)
class Merged:
    """The new text, in the language of the old one, JSON or YAML. Comments of YAML are lost."""

    text: str
    comments_lost: bool = False


def merged(configuration: str, env: Mapping[str, str], top: Mapping[str, str]) -> Merged:
    """The values with these variables and these top-level settings; all else stays. Raises ValueError for no object."""
    try:
        values = json.loads(configuration or "{}")
    except ValueError:
        return _merged_yaml(configuration, env, top)
    return Merged(text=json.dumps(_with(values, env, top)))


def wanted_env(cni: CniSettings) -> dict[str, str]:
    """Prefix mode, and one warm prefix where nobody chose another target that works: what the guide recommends.

    EKS user guide, 'cni-increase-ip-addresses-procedure'; a WARM_PREFIX_TARGET of 0 ends aws-node at its start.
    """
    chosen = bool(
        cni.warm_ip_target or cni.minimum_ip_target or (cni.warm_prefix_target_set and cni.warm_prefix_target)
    )
    return {"ENABLE_PREFIX_DELEGATION": "true"} | ({} if chosen else {"WARM_PREFIX_TARGET": "1"})


def _merged_yaml(configuration: str, env: Mapping[str, str], top: Mapping[str, str]) -> Merged:
    try:
        values = yaml.safe_load(configuration)
    except yaml.YAMLError as error:
        raise ValueError("the add-on's configuration values are neither JSON nor YAML") from error
    text = yaml.safe_dump(_with(values, env, top), sort_keys=False)
    return Merged(text=text, comments_lost=_has_comments(configuration))


def _with(values: Any, env: Mapping[str, str], top: Mapping[str, str]) -> dict[str, Any]:
    values = {} if values is None else values
    own = values.get("env") if isinstance(values, dict) else None
    if not isinstance(values, dict) or not isinstance(own, dict | None):
        raise ValueError("the add-on's configuration values are no object, or their `env` is none")  # noqa: TRY004 - the text is wrong, no type
    with_env = {"env": {**(own or {}), **env}} if env else {}
    return {**values, **with_env, **top}


def _has_comments(text: str) -> bool:
    """Whether a # outside of any token stands in the text."""
    bare, last = list(text), 0
    for token in yaml.scan(text):
        if isinstance(token, yaml.ScalarToken):
            last = token.end_mark.index
            bare[token.start_mark.index : last] = " " * (last - token.start_mark.index)
    return "#" in "".join(bare)
