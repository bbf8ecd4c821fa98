"""What the deployment tells the Lambdas; the only reader of the environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from functions.capacity.model import Policy


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Names of the deployed resources, and the policy."""

    table_name: str
    topic_arn: str
    queue_url: str
    release_queue_url: str
    switch_parameter: str
    continue_after_seconds: int
    policy: Policy
    read_kubernetes: bool = False


@dataclass(frozen=True, kw_only=True)
class ReleaseSettings:
    """What the release Lambda is told: less than the reconcile, since it plans and tells nothing."""

    table_name: str
    queue_url: str
    switch_parameter: str
    max_releases_per_subnet_per_day: int


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
    """The settings in these variables. Raises KeyError for a missing one, ValueError for an unusable one."""
    return Settings(
        table_name=environment["HEADROOM_TABLE_NAME"],
        topic_arn=environment["HEADROOM_TOPIC_ARN"],
        queue_url=environment["HEADROOM_QUEUE_URL"],
        release_queue_url=environment["HEADROOM_RELEASE_QUEUE_URL"],
        switch_parameter=environment["HEADROOM_SWITCH_PARAMETER"],
        continue_after_seconds=int(environment["HEADROOM_CONTINUE_AFTER_SECONDS"]),
        policy=_policy(environment["HEADROOM_POLICY"]),
        read_kubernetes=_switch(environment, "HEADROOM_READ_KUBERNETES"),
    )


@cache
def release_from_environment() -> ReleaseSettings:
    """The settings of this process, where it is the release Lambda."""
    return release_settings(os.environ)


def release_settings(environment: Mapping[str, str]) -> ReleaseSettings:
    """The settings in these variables. Raises KeyError for a missing one, ValueError for an unusable one."""
    return ReleaseSettings(
        table_name=environment["HEADROOM_TABLE_NAME"],
        queue_url=environment["HEADROOM_QUEUE_URL"],
        switch_parameter=environment["HEADROOM_SWITCH_PARAMETER"],
        max_releases_per_subnet_per_day=int(environment["HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY"]),
    )


def _switch(environment: Mapping[str, str], name: str) -> bool:
    text = environment[name]
    if text not in {"true", "false"}:
        raise ValueError(f"{name} must be true or false, it is {text!r:.60}")
    return text == "true"


def _policy(text: str) -> Policy:
    """Every key is wanted: a cap that was misspelt must not fall back to a default in silence."""
    given = json.loads(text)
    if not isinstance(given, dict) or given.keys() != _POLICY_KEYS.keys():
        raise ValueError(f"HEADROOM_POLICY must be an object with just {sorted(_POLICY_KEYS)}, it is {text!r:.200}")
    wrong = [key for key, value in given.items() if type(value) is not int or value < 0]
    if wrong:
        raise ValueError(f"HEADROOM_POLICY: {', '.join(wrong)} must be whole numbers of at least 0")
    return Policy(**{_POLICY_KEYS[key]: value for key, value in given.items()})
