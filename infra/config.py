"""What a deployment can choose: cdk.json's context key "headroom", typed and checked.

`cdk deploy -c headroom='{"trail": true}'` replaces the whole object in cdk.json (that is how the CDK command line
treats context), so what it does not name falls back to the defaults below. `-c headroom.trail=true` changes one key
and keeps the others. docs/configuration.md is made of what stands here (`make docs`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from infra import log_retention
from infra.allowed import Allowed, Choice, ConfigurationError, Emails, OneOf, Url, Whole, nearest
from infra.organisation_keys import AnOrganisation, OrganisationConfig

CONTEXT_KEY = "headroom"
_PREFIX = f"{CONTEXT_KEY}."


def _key(allowed: Allowed, meaning: str) -> dict[str, Any]:
    return {"allowed": allowed, "meaning": meaning}


@dataclass(frozen=True, kw_only=True)
class Config:
    """One deployment's choices. The defaults are the ones that cdk.json shows; `sweepMinutes` is `sweep_minutes`."""

    sweep_minutes: int = field(default=5, metadata=_key(Whole(1, 60), "minutes between two looks at everything"))
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: a batching window is 0 to 300 seconds
    batching_window_seconds: int = field(
        default=53, metadata=_key(Whole(0, 300), "how long events are gathered into one run")
    )
    wake_after_seconds: int = field(
        default=5,
        metadata=_key(
            Whole(0, 60),
            "until the look after the first event of a quiet time, and until the next run where one could not do it "
            "all",
        ),
    )
    settle_seconds: int = field(
        default=5,
        metadata=_key(
            Whole(0, 30),
            "from the newest event that was gathered to the look: EC2's answers lag behind its events, and what comes "
            "with it needs no look of its own",
        ),
    )
    # A load balancer needs 8 free addresses in its subnet, a control-plane upgrade up to 5: never below 8.
    single_address_floor: int = field(
        default=16,
        metadata=_key(
            Whole(8, 16384),
            "single addresses left open in a subnet, beside those that coming nodes need; in one that is smaller than "
            "64 times that, a 64th of it, but at least 8; in one of more than 4,096 addresses as many more as it is "
            "larger, up to four times",
        ),
    )
    # https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
    max_creates_per_run: int = field(
        default=5,
        metadata=_key(
            Whole(1, 100),
            "reservations made in a subnet in one run; EC2 lets 5 through at once, then 1 a second, per account and "
            "region",
        ),
    )
    max_creates_per_subnet_per_day: int = field(
        default=200,
        metadata=_key(
            Whole(1, 10_000),
            "reservations made in a subnet of up to 4,096 addresses in one day (UTC), refused ones included; in a "
            "larger one as many more as it is larger, up to four times",
        ),
    )
    max_releases_per_subnet_per_day: int = field(
        default=300,
        metadata=_key(
            Whole(1, 10_000),
            "Headroom's own reservations given back in a subnet of up to 4,096 addresses in a day; in a larger one as "
            "many more as it is larger, up to four times",
        ),
    )
    max_reservations_per_subnet: int = field(
        default=64,
        metadata=_key(
            Whole(1, 255),
            "Headroom's own reservations that stand in a subnet of up to 4,096 addresses; in a larger one as many more "
            "as it is larger, up to 255",
        ),
    )
    alert_emails: tuple[str, ...] = field(
        default=(), metadata=_key(Emails(), "subscribed to the mail topic at deployment; each has to confirm")
    )
    runbooks_url: str = field(
        default="",
        metadata=_key(
            Url(),
            "where readers of alerts find `docs/runbooks`, such as your Git server's view of it: an alert's runbook "
            "is then a link, and else a file's name",
        ),
    )
    log_retention_days: int = field(
        default=30, metadata=_key(OneOf("days", log_retention.PERIODS), "how long the functions' logs are kept")
    )
    trail: bool = field(
        default=False,
        metadata=_key(
            Choice(),
            "whether the stack makes a CloudTrail trail; see [is a trail needed](../README.md#is-a-trail-needed)",
        ),
    )
    read_kubernetes: bool = field(
        default=False,
        metadata=_key(
            Choice(), "whether settings of a [self-managed VPC CNI](self-managed-cni.md) are read from Kubernetes"
        ),
    )
    audit_days: int = field(
        default=0,
        metadata=_key(
            Whole(0, 365), "days between two [audits](audit-report.md) by schedule; 0: only when somebody invokes it"
        ),
    )
    organisation: OrganisationConfig | None = field(
        default=None,
        metadata=_key(AnOrganisation(), "one audit over [many accounts and regions](organisation.md)"),
    )

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


@dataclass(frozen=True, kw_only=True)
class Key:
    """A key of the context: what it sets, what that is when nobody says, what it may be, what it means."""

    name: str
    field: str
    default: Any
    allowed: Allowed
    meaning: str


def _named(field_name: str) -> str:
    """`sweep_minutes` -> `sweepMinutes`."""
    return re.sub(r"_(.)", lambda found: found[1].upper(), field_name)


KEYS: dict[str, Key] = {
    _named(each.name): Key(name=_named(each.name), field=each.name, default=each.default, **each.metadata)
    for each in fields(Config)
}


def config_of(context: Mapping[str, Any]) -> Config:
    """The configuration in an app's context (`app.node.get_all_context()`). Raises ConfigurationError."""
    given = dict(_object_of(context.get(CONTEXT_KEY, {})))
    for key, value in context.items():
        if key.startswith(_PREFIX):
            given[key.removeprefix(_PREFIX)] = _from_command_line(value)
    for key in given:
        _refuse_unknown(key)
    return Config(**{KEYS[key].field: KEYS[key].allowed.read(key, value) for key, value in given.items()})


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
    if key in KEYS:
        return
    raise ConfigurationError(f'unknown key "{_PREFIX}{key}"; {nearest(key, KEYS)}')
