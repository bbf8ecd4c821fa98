"""A Lambda's environment that was not made by our deployment: it does not start, and says which variable is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions.settings import release_settings, settings
from tests.bad_input.texts import TEXTS

POLICY = {
    "singleAddressFloor": 16,
    "maxCreatesPerRun": 5,
    "maxCreatesPerSubnetPerDay": 200,
    "maxReservationsPerSubnet": 64,
    "maxReleasesPerSubnetPerDay": 200,
}
RECONCILE = {
    "HEADROOM_TABLE_NAME": "table",
    "HEADROOM_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:topic",
    "HEADROOM_FAST_QUEUE_URL": "https://sqs/queue",
    "HEADROOM_RELEASE_QUEUE_URL": "https://sqs/releases",
    "HEADROOM_SWITCH_PARAMETER": "/Headroom/switch",
    "HEADROOM_READ_KUBERNETES": "false",
    "HEADROOM_SETTLE_SECONDS": "5",
    "HEADROOM_POLICY": json.dumps(POLICY),
}
RELEASE = {
    "HEADROOM_TABLE_NAME": "table",
    "HEADROOM_FAST_QUEUE_URL": "https://sqs/queue",
    "HEADROOM_SWITCH_PARAMETER": "/Headroom/switch",
    "HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY": "200",
}
NUMBERS = ("HEADROOM_MAX_RELEASES_PER_SUBNET_PER_DAY", "HEADROOM_SETTLE_SECONDS")

_POLICIES = {
    "an empty text": "",
    "half an object": json.dumps(POLICY)[:30],
    "null": "null",
    "a list": "[]",
    "a number": "7",
    "a text in JSON": json.dumps(json.dumps(POLICY)),
    "nested deeper than anybody reads": "[" * 200_000,
    "an empty object": "{}",
    "a key too few": json.dumps({key: value for key, value in POLICY.items() if key != "maxCreatesPerRun"}),
    "a key too many": json.dumps(POLICY | {"maxCreates": 1}),
    "a key misspelt": json.dumps(POLICY).replace("maxCreatesPerRun", "maxCreatesPerRum"),
    "a key in small letters": json.dumps(POLICY).lower(),
    **{
        f"a cap that is {what}": json.dumps(POLICY)[:-1] + f', "maxCreatesPerRun": {value}}}'
        for what, value in {
            "a text": '"5"',
            "null": "null",
            "true": "true",
            "a fraction": "5.5",
            "a round fraction": "5.0",
            "an exponent": "1e3",
            "not a number": "NaN",
            "infinity": "Infinity",
            "below zero": "-1",
            "a list": "[5]",
            "an object": "{}",
            "a number of five thousand digits": "9" * 5000,
        }.items()
    },
}


def _cases() -> list[Any]:
    missing: list[tuple[str, str, dict[str, str]]] = [
        (name, f"{name} is missing", {}) for name in {**RECONCILE, **RELEASE}
    ]
    empty = [(name, f"{name} is empty", {name: ""}) for name in {**RECONCILE, **RELEASE}]
    numbers = [(name, f"{name} is {what}", {name: text}) for name in NUMBERS for what, text in TEXTS.items()]
    switch = [
        ("HEADROOM_READ_KUBERNETES", f"the switch is {what}", {"HEADROOM_READ_KUBERNETES": text})
        for what, text in TEXTS.items()
        if text != "true"
    ]
    policies = [
        ("HEADROOM_POLICY", f"the policy is {what}", {"HEADROOM_POLICY": text}) for what, text in _POLICIES.items()
    ]
    return [
        pytest.param(name, changed, id=sentence)
        for name, sentence, changed in (*missing, *empty, *numbers, *switch, *policies)
    ]


CASES = _cases()


@pytest.mark.parametrize(("variable", "changed"), CASES)
def test_it_says_which_variable_is_wrong(variable: str, changed: dict[str, str]):
    of, good = (settings, RECONCILE) if variable in RECONCILE else (release_settings, RELEASE)
    environment = {name: value for name, value in good.items() if name != variable} | changed
    with pytest.raises(ValueError, match=variable) as raised:
        of(environment)
    assert len(str(raised.value)) < 400


def test_the_good_ones_start():
    assert settings(RECONCILE).table_name == release_settings(RELEASE).table_name == "table"
