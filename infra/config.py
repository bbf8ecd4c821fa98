"""What a deployment can choose: cdk.json's context key "headroom", typed and checked.

`cdk deploy -c headroom='{"trail": true}'` replaces the whole object in cdk.json (that is how the CDK command line
treats context), so what it does not name falls back to the defaults below. `-c headroom.trail=true` changes one key
and keeps the others.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra import log_retention

CONTEXT_KEY = "headroom"
_PREFIX = f"{CONTEXT_KEY}."


class ConfigurationError(ValueError):
    """A value in the context that cannot be deployed; the message names the key, the value and what is allowed."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """One deployment's choices. The defaults are the ones that cdk.json shows."""

    sweep_minutes: int = 5
    batching_window_seconds: int = 55
    wake_after_seconds: int = 5
    single_address_floor: int = 16
    max_creates_per_run: int = 5
    max_creates_per_subnet_per_day: int = 200
    max_releases_per_subnet_per_day: int = 300
    max_reservations_per_subnet: int = 64
    alert_emails: tuple[str, ...] = ()
    log_retention_days: int = 30
    trail: bool = False
    read_kubernetes: bool = False
    audit_days: int = 0

    @property
    def policy(self) -> str:
        """The caps that the reconcile function keeps to, as the JSON text of its HEADROOM_POLICY variable."""
        return json.dumps(
            {
                "singleAddressFloor": self.single_address_floor,
                "maxCreatesPerRun": self.max_creates_per_run,
                "maxCreatesPerSubnetPerDay": self.max_creates_per_subnet_per_day,
                "maxReservationsPerSubnet": self.max_reservations_per_subnet,
                "maxReleasesPerSubnetPerDay": self.max_releases_per_subnet_per_day,
            }
        )


def config_of(context: Mapping[str, Any]) -> Config:
    """The configuration in an app's context (`app.node.get_all_context()`). Raises ConfigurationError."""
    given = dict(_object_of(context.get(CONTEXT_KEY, {})))
    for key, value in context.items():
        if key.startswith(_PREFIX):
            given[key.removeprefix(_PREFIX)] = _from_command_line(value)
    for key in given:
        _refuse_unknown(key)
    return Config(**{_field_of(key): _KEYS[key](key, value) for key, value in given.items()})


def _object_of(value: object) -> Mapping[str, Any]:
    parsed = _from_command_line(value)
    if not isinstance(parsed, Mapping):
        raise ConfigurationError(f'context key "{CONTEXT_KEY}" is {parsed!r:.200}; allowed: a JSON object')
    return parsed


def _from_command_line(value: object) -> object:
    """`-c key=text` always arrives as text: JSON where it reads as JSON, else the text itself."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):  # the second where it is nested too deep
        return value


def _refuse_unknown(key: str) -> None:
    if key in _KEYS:
        return
    near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=0.5)
    hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(_KEYS)}"
    raise ConfigurationError(f'unknown key "{_PREFIX}{key}"; {hint}')


# --- what each key may be --------------------------------------------------------------------------------------------


def _refused(key: str, value: object, allowed: str) -> ConfigurationError:
    return ConfigurationError(f"{_PREFIX}{key} is {json.dumps(value):.200}; allowed: {allowed}")


def _between(low: int, high: int) -> Callable[[str, object], int]:
    def whole_number(key: str, value: object) -> int:
        # bool is an int to Python, and `true` minutes are a mistake
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise _refused(key, value, f"a whole number from {low} to {high}")
        return value

    return whole_number


def _log_retention(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in log_retention.PERIODS:
        raise _refused(key, value, f"days, one of {', '.join(map(str, log_retention.PERIODS))}")
    return value


def _switch(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refused(key, value, "true or false")
    return value


# Only what catches a mistake, such as a forgotten domain: SNS itself asks the address to confirm.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _emails(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) and _EMAIL.fullmatch(each) for each in value):
        raise _refused(key, value, "a list of e-mail addresses")
    if len(set(value)) < len(value):
        raise _refused(key, value, "each address once")
    return tuple(value)


_KEYS: dict[str, Callable[[str, object], Any]] = {
    "sweepMinutes": _between(1, 60),
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: a batching window is 0 to 300 seconds
    "batchingWindowSeconds": _between(0, 300),
    # The first event after a quiet time waits this long for those that come with it.
    "wakeAfterSeconds": _between(0, 60),
    # A load balancer needs 8 free addresses in its subnet, a control-plane upgrade up to 5: never below 8.
    "singleAddressFloor": _between(8, 16384),
    # EC2 lets 5 CreateSubnetCidrReservation calls through at once, then 1 a second, per account and region.
    # https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
    "maxCreatesPerRun": _between(1, 100),
    "maxCreatesPerSubnetPerDay": _between(1, 10_000),
    "maxReleasesPerSubnetPerDay": _between(1, 10_000),
    "maxReservationsPerSubnet": _between(1, 255),
    "alertEmails": _emails,
    "logRetentionDays": _log_retention,
    "trail": _switch,
    "readKubernetes": _switch,
    # How often the audit reports by itself; 0: only when somebody invokes it.
    "auditDays": _between(0, 365),
}


def _field_of(key: str) -> str:
    """`sweepMinutes` -> `sweep_minutes`."""
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", key)
