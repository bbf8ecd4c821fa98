"""Tags that somebody may put on a subnet or on a reservation: never more is done than the tag surely says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from functions.aws.answers import reservation
from functions.capacity.model import Mode, Policy
from functions.capacity.subnet_policy import TAGS, SettingError, policy_of
from tests.bad_input.texts import TEXTS
from tests.builders import a_subnet

_NUMBERS = {
    "zero": "0",
    "one too many": "99999999",
    "more digits than numbers have": "9" * 300,
    "leading zeros": "0000000016",
    "a plus": "+16",
    "a space in front": " 16",
    "a unit": "16 addresses",
    "a point": "16.0",
    "a comma": "1,000",
    "superscript": "1\u00b2",
}
SETTINGS = [
    pytest.param(tag, text, id=f"{tag} is {what}") for tag in TAGS for what, text in {**TEXTS, **_NUMBERS}.items()
]

_MODES = {
    "in capital letters": "AHEAD",
    "with a space behind": "ahead ",
    "two at once": "ahead,steer",
    "with a look-alike letter": "\u0430head",
    "of another version": "defragment",
    "the name of the value": "Mode.STEER",
}
MODES = [pytest.param(text, id=f"the mode is {what}") for what, text in {**TEXTS, **_MODES}.items()]

_OWNERS = {
    "in capital letters": "HEADROOM",
    "with a space behind": "headroom ",
    "with more behind": "headroom2",
    "with a look-alike letter": "headr\u043eom",
}
OWNERS = [pytest.param(text, id=f"the owner is {what}") for what, text in {**TEXTS, **_OWNERS}.items()]


def tagged(**tags: str) -> Any:
    return replace(a_subnet(), tags=tags)


@pytest.mark.parametrize(("tag", "text"), SETTINGS)
def test_a_setting_that_is_none_names_its_tag_and_changes_nothing(tag: str, text: str):
    with pytest.raises(SettingError) as raised:
        policy_of(tagged(**{tag: text}), Policy())
    assert tag in str(raised.value)
    assert len(str(raised.value)) < 250
    assert str(raised.value).encode()


@pytest.mark.parametrize("text", MODES)
def test_a_mode_that_nobody_knows_only_looks(text: str):
    assert tagged(**{"headroom:mode": text}).mode is Mode.OBSERVE


@pytest.mark.parametrize("text", OWNERS)
def test_what_is_not_quite_our_tag_is_somebody_elses(text: str):
    answer = {
        "SubnetCidrReservationId": "scr-0aa1bb2cc3dd4ee5f",
        "SubnetId": "subnet-0aa1bb2cc3dd4ee5f",
        "Cidr": "10.0.0.0/28",
        "ReservationType": "prefix",
        "Tags": [{"Key": "headroom:owner", "Value": text}],
    }
    assert not reservation(answer).ours


@pytest.mark.parametrize(
    "key",
    [
        "Headroom:owner",
        "headroom:owner ",
        "headroom",
        "headroom:",
        "owner",
        "aws:headroom:owner",
        "headroom:own\u0435r",
    ],
)
def test_another_key_says_nothing_of_the_owner(key: str):
    answer = {
        "SubnetCidrReservationId": "scr-0aa1bb2cc3dd4ee5f",
        "SubnetId": "subnet-0aa1bb2cc3dd4ee5f",
        "Cidr": "10.0.0.0/28",
        "ReservationType": "prefix",
        "Tags": [{"Key": key, "Value": "headroom"}],
    }
    assert not reservation(answer).ours
