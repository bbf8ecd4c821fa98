"""What the deployment tells the Lambdas; the only reader of the environment. docs/configuration.md lists it all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache, partial
from typing import Any, TypeVar

from functions.capacity.model import Policy


class SettingsError(ValueError):
    """An environment that our deployment did not make; the message names the variable."""


Environment = Mapping[str, str]


def _text(environment: Environment, name: str) -> str:
    if not environment.get(name):
        raise SettingsError(f"{name} is not set")
    return environment[name]


def _list(environment: Environment, name: str) -> tuple[str, ...]:
    """Texts with commas between them; none where there is no such variable."""
    return tuple(filter(None, environment.get(name, "").split(",")))


def _if_any(environment: Environment, name: str) -> str:
    return environment.get(name, "")


def _number(environment: Environment, name: str, at_most: int) -> int:
    """The most is what the deployment's own configuration allows (infra/config.py)."""
    text = _text(environment, name)
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= at_most):  # noqa: PLR2004 - digits
        raise SettingsError(f"{name} must be a whole number from 0 to {at_most}, it is {text!r:.60}")
    return int(text)


def _switch(environment: Environment, name: str) -> bool:
    text = _text(environment, name)
    if text not in {"true", "false"}:
        raise SettingsError(f"{name} must be true or false, it is {text!r:.60}")
    return text == "true"


_POLICY_KEYS = {
    "singleAddressFloor": "single_address_floor",
    "maxCreatesPerRun": "max_creates_per_run",
    "maxCreatesPerSubnetPerDay": "max_creates_per_subnet_per_day",
    "maxReservationsPerSubnet": "max_reservations_per_subnet",
    "maxReleasesPerSubnetPerDay": "max_releases_per_subnet_per_day",
}


def policy(text: str, name: str) -> Policy:
    """The floor and the caps as a deployment writes them. Raises SettingsError, which names where the text stands.

    Every key is wanted: a cap that was misspelt must not fall back to a default in silence.
    """
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{name} is no JSON: {error!s:.100}") from error
    if not isinstance(given, dict) or given.keys() != _POLICY_KEYS.keys():
        raise SettingsError(f"{name} must be an object with just {sorted(_POLICY_KEYS)}, it is {text!r:.200}")
    wrong = [key for key, value in given.items() if type(value) is not int or value < 0]
    if wrong:
        raise SettingsError(f"{name}: {', '.join(wrong)} must be whole numbers of at least 0")
    return Policy(**{_POLICY_KEYS[key]: value for key, value in given.items()})


def _policy(environment: Environment, name: str) -> Policy:
    return policy(_text(environment, name), name)


def _variable(name: str, read: Callable[[Environment, str], Any], meaning: str) -> dict[str, Any]:
    return {"variable": name, "read": read, "meaning": meaning}


_TABLE = _variable("HEADROOM_TABLE_NAME", _text, "the table: samples, journal, leases, what people were told")
_FAST_QUEUE = _variable("HEADROOM_FAST_QUEUE_URL", _text, "where a run asks for the next one")
_SWITCH = _variable("HEADROOM_SWITCH_PARAMETER", _text, "the name of the switch's parameter")
_BUCKET = _variable("HEADROOM_REPORTS_BUCKET", _text, "the bucket that reports go to")
_ORGANISATION = _variable("HEADROOM_ORGANISATION_ID", _if_any, "`organisation.organisationId`; may be missing")
_POLICY = _variable("HEADROOM_POLICY", _policy, "the floor and the caps of the configuration, as a JSON object")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the reconcile Lambda is told: names of the deployed resources, and the policy."""

    table_name: str = field(metadata=_TABLE)
    topic_arn: str = field(metadata=_variable("HEADROOM_TOPIC_ARN", _text, "the mail topic"))
    fast_queue_url: str = field(metadata=_FAST_QUEUE)
    release_queue_url: str = field(
        metadata=_variable("HEADROOM_RELEASE_QUEUE_URL", _text, "where it asks for reservations to be given back")
    )
    switch_parameter: str = field(metadata=_SWITCH)
    policy: Policy = field(metadata=_POLICY)
    settle_seconds: int = field(
        default=0,
        metadata=_variable(
            "HEADROOM_SETTLE_SECONDS",
            partial(_number, at_most=60),
            "`settleSeconds` of the configuration: from the newest gathered event to the look",
        ),
    )
    read_kubernetes: bool = field(
        default=False,
        metadata=_variable("HEADROOM_READ_KUBERNETES", _switch, "`readKubernetes` of the configuration"),
    )
    # without one there is no such message
    chat_topic_arn: str = field(
        default="", metadata=_variable("HEADROOM_CHAT_TOPIC_ARN", _if_any, "the chat topic; may be missing")
    )
    paging_topic_arn: str = field(
        default="", metadata=_variable("HEADROOM_PAGING_TOPIC_ARN", _if_any, "the paging topic; may be missing")
    )
    mutes_parameter: str = field(
        default="",
        metadata=_variable("HEADROOM_MUTES_PARAMETER", _if_any, "the name of the mutes' parameter; may be missing"),
    )
    runbooks_url: str = field(
        default="", metadata=_variable("HEADROOM_RUNBOOKS_URL", _if_any, "`runbooksUrl` of the configuration")
    )


@dataclass(frozen=True, kw_only=True)
class ReleaseSettings:
    """What the release Lambda is told: less than the reconcile, since it plans and tells nothing."""

    table_name: str = field(metadata=_TABLE)
    fast_queue_url: str = field(metadata=_FAST_QUEUE)
    switch_parameter: str = field(metadata=_SWITCH)
    max_releases_per_subnet_per_day: int = field(
        metadata=_variable(
            "HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY",
            partial(_number, at_most=10_000),
            "the cap of that name of the configuration",
        )
    )


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """What the audit Lambda is told: where history is, where reports go, and the policy that its plans keep to."""

    table_name: str = field(metadata=_TABLE)
    bucket: str = field(metadata=_BUCKET)
    policy: Policy = field(metadata=_POLICY)


@dataclass(frozen=True, kw_only=True)
class PlacesSettings:
    """What is told to the Lambda that begins an audit of an organisation, and what to the one that ends it."""

    bucket: str = field(metadata=_BUCKET)
    organisation_id: str = field(default="", metadata=_ORGANISATION)
    accounts: tuple[str, ...] = field(
        default=(), metadata=_variable("HEADROOM_ACCOUNTS", _list, "`organisation.accounts`; missing: all active ones")
    )
    regions: tuple[str, ...] = field(
        default=(), metadata=_variable("HEADROOM_REGIONS", _list, "`organisation.regions`")
    )


@dataclass(frozen=True, kw_only=True)
class PlaceSettings:
    """What is told to the Lambda that audits one account and region: whose role it is to assume there."""

    bucket: str = field(metadata=_BUCKET)
    role: str = field(
        metadata=_variable("HEADROOM_MEMBER_ROLE", _text, "the ARN of the role in each account, `{account}` in it")
    )
    policy: Policy = field(metadata=_POLICY)
    external_id: str = field(
        default="",
        metadata=_variable("HEADROOM_EXTERNAL_ID", _if_any, "`organisation.externalId`; may be missing"),
    )


@cache
def from_environment() -> Settings:
    """The settings of this process."""
    return settings(os.environ)


def settings(environment: Environment) -> Settings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return _read(Settings, environment)


@cache
def release_from_environment() -> ReleaseSettings:
    """The settings of this process, where it is the release Lambda."""
    return release_settings(os.environ)


def release_settings(environment: Environment) -> ReleaseSettings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return _read(ReleaseSettings, environment)


@cache
def audit_from_environment() -> AuditSettings:
    """The settings of this process, where it is the audit Lambda."""
    return audit_settings(os.environ)


def audit_settings(environment: Environment) -> AuditSettings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return _read(AuditSettings, environment)


@cache
def places_from_environment() -> PlacesSettings:
    """The settings of this process, where it is the Lambda that begins or ends an audit of an organisation."""
    return _read(PlacesSettings, os.environ)


@cache
def place_from_environment() -> PlaceSettings:
    """The settings of this process, where it is the Lambda that audits one account and region."""
    return place_settings(os.environ)


def place_settings(environment: Environment) -> PlaceSettings:
    """The settings in these variables. Raises SettingsError, which names the one that is missing or unusable."""
    return _read(PlaceSettings, environment)


T = TypeVar("T", Settings, ReleaseSettings, AuditSettings, PlacesSettings, PlaceSettings)


def _read(kind: type[T], environment: Environment) -> T:
    return kind(**{each.name: each.metadata["read"](environment, each.metadata["variable"]) for each in fields(kind)})
