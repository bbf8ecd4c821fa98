"""docs/configuration.md: all that anybody can set, out of the types that read it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import MISSING, fields

from functions.capacity.migration.situation import REPLACES_TAG
from functions.capacity.model import DECISION_TAG, INTENT_TAG, MODE_TAG, OWNER, OWNER_TAG, Mode
from functions.capacity.mutes import ALL, MUTE_TAG
from functions.capacity.subnet_policy import TAGS
from functions.settings import AuditSettings, PlaceSettings, PlacesSettings, ReleaseSettings, Settings
from infra.config import KEYS, Key
from infra.organisation_keys import KEYS as ORGANISATION_KEYS
from infra.organisation_keys import OrganisationConfig
from infra.parameters import MUTES, SWITCH, Parameter
from reference.markdown import table

ABOUT = """
# Configuration

<!-- written by `make docs` from infra/config.py, infra/parameters.py, functions/settings.py and the tags' modules -->

What is chosen at a deployment, what can be said at any time, and what subnets say for themselves. Nothing that cannot
be understood is guessed at: a deployment stops, a subnet is left alone, a switch counts as off.

## At deployment

The context key `headroom` in `cdk.json`. For one deployment `cdk deploy -c headroom.sweepMinutes=10` changes that key
and keeps the others, while `-c headroom='{...}'` replaces the whole object. An unknown key is an error that names the
nearest one.
"""


def page() -> str:
    """The page as it has to stand in docs/."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from ABOUT.strip().splitlines()
    yield ""
    yield from table(("key", "default", "allowed", "meaning"), map(_key, KEYS.values()))
    yield from ("", "### An organisation", "")
    yield from _organisation()
    yield from ("", "## While it runs", "")
    yield from _parameters()
    yield from ("", "## On a subnet, on a cluster", "")
    yield from _tags()
    yield from ("", "## What Headroom marks", "")
    yield from _marks()
    yield from ("", "## What the stack tells its functions", "")
    yield from _environment()


def _key(key: Key) -> tuple[str, str, str, str]:
    default = json.dumps(key.default)
    return f"`{key.name}`", f"`{default}`", key.allowed.words, key.meaning


def _organisation() -> Iterator[str]:
    yield from (
        "The keys of the object `organisation`, for [an audit of many accounts](organisation.md). Without it nothing",
        "is deployed for one.",
        "",
    )
    defaults = {each.name: each.default for each in fields(OrganisationConfig)}
    yield from table(
        ("key", "default", "allowed", "meaning"),
        (
            (f"`{name}`", _default(defaults[key.field]), key.allowed.words, key.meaning)
            for name, key in ORGANISATION_KEYS.items()
        ),
    )


def _default(value: object) -> str:
    return "has to be given" if value is MISSING else f"`{json.dumps(value)}`"


def _parameters() -> Iterator[str]:
    yield from (
        "Two parameters in SSM, read on every run, so no deployment is needed; a later `cdk deploy` leaves them as",
        "they are. Their names begin with the stack's.",
        "",
    )
    yield from table(
        ("parameter", "begins as", "allowed", "meaning"),
        (
            (
                f"`/Headroom/{each.name}`",
                f"`{each.initial}`",
                _choices(each),
                each.description,
            )
            for each in (SWITCH, MUTES)
        ),
    )


def _choices(parameter: Parameter) -> str:
    return " or ".join(f"`{each}`" for each in parameter.choices) or "any text"


_MODES = {
    Mode.STEER: "for subnets given to EKS: holds all but a small pool for single addresses, gives back when that gets "
    "small",
    Mode.AHEAD: "for subnets shared with other workloads: reserves what node groups can still ask for",
    Mode.OBSERVE: "looks and tells; so does a subnet without the tag, or with another word in it",
}
_SETTINGS = {
    "single_address_floor": "another `singleAddressFloor` here, higher or lower",
    "max_reservations_per_subnet": "a lower `maxReservationsPerSubnet` here; a higher one changes nothing",
    "max_creates_per_subnet_per_day": "a lower `maxCreatesPerSubnetPerDay` here; a higher one changes nothing",
}


def _tags() -> Iterator[str]:
    yield from (
        "Tags that people set, read on every run. A number that is none, or out of bounds, keeps Headroom from",
        "changing anything in that subnet until somebody mends it.",
        "",
    )
    yield from table(
        ("tag", "on", "value", "meaning"),
        (
            *(
                (f"`{MODE_TAG}`", "a subnet", f"`{mode}`", _MODES[mode])
                for mode in (Mode.STEER, Mode.AHEAD, Mode.OBSERVE)
            ),
            *(
                (f"`{tag}`", "a subnet", f"a whole number from {allowed[0]} to {allowed[-1]}", _SETTINGS[setting])
                for tag, (setting, allowed) in TAGS.items()
            ),
            (
                f"`{MUTE_TAG}`",
                "a subnet or a cluster",
                f"ids of [findings](runbooks/README.md) with blanks between them, or `{ALL}`",
                "nobody is told of these here; they are followed in silence",
            ),
        ),
    )


def _marks() -> Iterator[str]:
    yield from (
        "Tags that Headroom sets. Do not set them yourself: what carries the first is taken for Headroom's own.",
        "",
    )
    yield from table(
        ("tag", "on", "value"),
        (
            (f"`{OWNER_TAG}`", "each reservation that it made", f"`{OWNER}`; nothing without it is ever deleted"),
            (f"`{DECISION_TAG}`", "the same", "the run that decided it: `function_request_id` in the log"),
            (f"`{INTENT_TAG}`", "the same", "its entry in the journal, which `headroom explain` shows"),
            (
                f"`{REPLACES_TAG}`",
                "a node group that [`headroom migrate`](migration.md) made",
                "the group that it replaces; set it yourself on a group that you made for that",
            ),
        ),
    )


FUNCTIONS = {
    "reconcile": Settings,
    "release": ReleaseSettings,
    "audit": AuditSettings,
    "organisation's places and report": PlacesSettings,
    "organisation's place": PlaceSettings,
}


def _environment() -> Iterator[str]:
    yield from (
        "Variables of the Lambda functions' environment. The stack sets them; nobody else has to.",
        "A function that misses one, or cannot read it, stops with an error that names it.",
        "",
    )
    told: dict[tuple[str, str], list[str]] = {}
    for function, kind in FUNCTIONS.items():
        for each in fields(kind):
            told.setdefault((each.metadata["variable"], each.metadata["meaning"]), []).append(function)
    yield from table(
        ("variable", "of", "meaning"),
        ((f"`{name}`", ", ".join(functions), meaning) for (name, meaning), functions in told.items()),
    )
