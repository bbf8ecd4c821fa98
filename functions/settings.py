"""What the deployment tells the Lambdas; the only reader of the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from functions.capacity.model import Policy


class SettingsError(ValueError):
    """An environment that our deployment did not make; the message names the variable."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Names of the deployed resources, and the policy."""

    table_name: str
    topic_arn: str
    fast_queue_url: str
    release_queue_url: str
    switch_parameter: str
    policy: Policy
    read_kubernetes: bool = False
    chat_topic_arn: str = ""  # without one there is no such message
    paging_topic_arn: str = ""
    mutes_parameter: str = ""


@dataclass(frozen=True, kw_only=True)
class ReleaseSettings:
    """What the release Lambda is told: less than the reconcile, since it plans and tells nothing."""

    table_name: str
    fast_queue_url: str
    switch_parameter: str
    max_releases_per_subnet_per_day: int


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """What the audit Lambda is told: where history is, where reports go, and the policy that its plans keep to."""

    table_name: str
    bucket: str
    policy: Policy


_POLICY_KEYS = {
    "singleAddressFloor": "single_address_floor",
    "maxCreatesPerRun": "max_creates_per_run",
    "maxCreatesPerSubnetPerDay": "max_creates_per_subnet_per_day",
    "maxReservationsPerSubnet": "max_reservations_per_subnet",
    "maxReleasesPerSubnetPerDay": "max_releases_per_subnet_per_day",
}


@cache
def from_environment() -> Settings:
    """The settings of this process."""
    return settings(os.environ)


def settings(environment: Mapping[str, str]) -> Settings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return Settings(
        table_name=_text(environment, "HEADROOM_TABLE_NAME"),
        topic_arn=_text(environment, "HEADROOM_TOPIC_ARN"),
        fast_queue_url=_text(environment, "HEADROOM_FAST_QUEUE_URL"),
        release_queue_url=_text(environment, "HEADROOM_RELEASE_QUEUE_URL"),
        switch_parameter=_text(environment, "HEADROOM_SWITCH_PARAMETER"),
        policy=_policy(_text(environment, "HEADROOM_POLICY")),
        read_kubernetes=_switch(environment, "HEADROOM_READ_KUBERNETES"),
        chat_topic_arn=environment.get("HEADROOM_CHAT_TOPIC_ARN", ""),
        paging_topic_arn=environment.get("HEADROOM_PAGING_TOPIC_ARN", ""),
        mutes_parameter=environment.get("HEADROOM_MUTES_PARAMETER", ""),
    )


@cache
def release_from_environment() -> ReleaseSettings:
    """The settings of this process, where it is the release Lambda."""
    return release_settings(os.environ)


def release_settings(environment: Mapping[str, str]) -> ReleaseSettings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return ReleaseSettings(
        table_name=_text(environment, "HEADROOM_TABLE_NAME"),
        fast_queue_url=_text(environment, "HEADROOM_FAST_QUEUE_URL"),
        switch_parameter=_text(environment, "HEADROOM_SWITCH_PARAMETER"),
        max_releases_per_subnet_per_day=_number(
            environment, "HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY", at_most=10_000
        ),
    )


@cache
def audit_from_environment() -> AuditSettings:
    """The settings of this process, where it is the audit Lambda."""
    return audit_settings(os.environ)


def audit_settings(environment: Mapping[str, str]) -> AuditSettings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return AuditSettings(
        table_name=_text(environment, "HEADROOM_TABLE_NAME"),
        bucket=_text(environment, "HEADROOM_REPORTS_BUCKET"),
        policy=_policy(_text(environment, "HEADROOM_POLICY")),
    )


def _text(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise SettingsError(f"{name} is not set")
    return environment[name]


def _number(environment: Mapping[str, str], name: str, *, at_most: int) -> int:
    """The most is what the deployment's own configuration allows (infra/config.py)."""
    text = _text(environment, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= at_most):  # noqa: PLR2004 - digits
        raise SettingsError(f"{name} must be a whole number from 0 to {at_most}, it is {text!r:.60}")
    return int(text)


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = _text(environment, name)
    if text not in {"true", "false"}:
        raise SettingsError(f"{name} must be true or false, it is {text!r:.60}")
    return text == "true"


def _policy(text: str) -> Policy:
    """Every key is wanted: a cap that was misspelt must not fall back to a default in silence."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"HEADROOM_POLICY is no JSON: {error!s:.100}") from error
    if not isinstance(given, dict) or given.keys() != _POLICY_KEYS.keys():
        raise SettingsError(f"HEADROOM_POLICY must be an object with just {sorted(_POLICY_KEYS)}, it is {text!r:.200}")
    wrong = [key for key, value in given.items() if type(value) is not int or value < 0]
    if wrong:
        raise SettingsError(f"HEADROOM_POLICY: {', '.join(wrong)} must be whole numbers of at least 0")
    return Policy(**{_POLICY_KEYS[key]: value for key, value in given.items()})
