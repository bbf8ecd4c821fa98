"""The text of the vpc-cni add-on's configurationValues: JSON or YAML, as a person wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import yaml

from functions.capacity.cni_env import UnknownSettingsError


class _NoAliases(yaml.SafeLoader):
    """YAML without aliases, with which a few lines can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise UnknownSettingsError("vpc-cni's configurationValues use YAML aliases, which are not read")
        return super().compose_node(parent, index)


@lru_cache(maxsize=64)  # clusters of a region whose add-on is looked at several times a pass
def parsed(text: str) -> Mapping[str, Any]:
    """The object that it is; JSON is YAML too. Raises UnknownSettingsError."""
    try:
        values = yaml.load(text, Loader=_NoAliases)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise UnknownSettingsError(f"vpc-cni's configurationValues cannot be read: {reason:.200}") from error
    if not isinstance(values, dict):
        raise UnknownSettingsError("vpc-cni's configurationValues are no object")
    return values
