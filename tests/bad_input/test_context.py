"""What somebody may write into cdk.json or behind `-c`: no deployment, and a sentence that names the key."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.allowed import ConfigurationError
from infra.config import config_of
from infra.layers import ROOT
from tests.bad_input.texts import TEXTS

GOOD: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]["headroom"]

_ODD: dict[str, Any] = {
    "null": None,
    "true": True,
    "a text": "nonsense",
    "an empty text": "",
    "a number as a text": "5",
    "below zero": -1,
    "a fraction": 2.5,
    "a round fraction": 5.0,
    "not a number": float("nan"),
    "infinity": float("inf"),
    "a number of thirty digits": 10**30,
    "an object": {"value": 5},
    "a list of a number": [7],
    "a list of a list": [["a@example.com"]],
    "a list of null": [None],
}


def _odd_values() -> list[Any]:
    return [
        pytest.param({"headroom": {key: value}}, f"headroom.{key}", id=f"{key} is {what}")
        for key, good in GOOD.items()
        for what, value in _ODD.items()
        if not (isinstance(good, bool) and isinstance(value, bool))
        and not (good is None and value is None)
        and (key, value) != ("runbooksUrl", "")  # which is to have none
    ]


def _addresses() -> list[Any]:
    """A list of e-mail addresses of which one is none."""
    return [
        pytest.param(
            {"headroom": {"alertEmails": ["a@example.com", text]}}, "headroom.alertEmails", id=f"an address is {what}"
        )
        for what, text in TEXTS.items()
    ]


def _keys() -> list[Any]:
    texts = {what: text for what, text in TEXTS.items() if what != "four thousand letters"}
    return [
        *(
            pytest.param({"headroom": {text: 1}}, "unknown key", id=f"a key that is {what}")
            for what, text in texts.items()
        ),
        *(
            pytest.param({f"headroom.{text}": "1"}, "unknown key", id=f"a key behind -c that is {what}")
            for what, text in texts.items()
        ),
    ]


_WHOLE: dict[str, Any] = {
    "null": None,
    "a number": 5,
    "true": True,
    "a list": [1],
    "a word": "nonsense",
    "half an object": '{"trail": tr',
    "a list as a text": "[]",
    "null as a text": "null",
    "an object in single quotes": "{'trail': true}",
    "an object without quotes": "{trail: true}",
    "nested deeper than anybody reads": "[" * 200_000,
    "objects nested deeper than anybody reads": '{"a":' * 100_000,
}
_BEHIND_C = {
    "nested deeper than anybody reads": "[" * 200_000,
    "a number of five thousand digits": "9" * 5000,
    "an exponent": "1e400",
    "a text with a line break": "5\n6",
    "two numbers": "5 6",
    "a template": "${sweepMinutes}",
}

CASES = [
    *_odd_values(),
    *_addresses(),
    *_keys(),
    *(pytest.param({"headroom": value}, '"headroom"', id=f"the whole is {what}") for what, value in _WHOLE.items()),
    *(
        pytest.param({"headroom.sweepMinutes": text}, "headroom.sweepMinutes", id=f"sweepMinutes behind -c is {what}")
        for what, text in _BEHIND_C.items()
    ),
]


@pytest.mark.parametrize(("context", "named"), CASES)
def test_nothing_is_deployed_and_the_key_is_named(context: dict[str, Any], named: str):
    with pytest.raises(ConfigurationError) as raised:
        config_of(context)
    assert named in str(raised.value)
    assert len(str(raised.value)) < 6000


def test_the_good_ones_are_deployed():
    assert config_of({"headroom": GOOD}) == config_of({})
