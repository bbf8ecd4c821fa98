"""A subnet's tags over the deployment's configuration."""

from dataclasses import replace

import pytest

from functions.capacity.model import Policy
from functions.capacity.subnet_policy import SettingError, policy_of
from tests.builders import a_subnet

DEFAULTS = Policy()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param({}, DEFAULTS, id="no tags: the configuration"),
        pytest.param(
            {"headroom:single-address-floor": "64"}, replace(DEFAULTS, single_address_floor=64), id="a floor of its own"
        ),
        pytest.param(
            {"headroom:max-reservations": "10", "headroom:max-creates-per-day": "1"},
            replace(DEFAULTS, max_reservations_per_subnet=10, max_creates_per_subnet_per_day=1),
            id="lower caps of its own",
        ),
        pytest.param({"headroom:max-reservations": "255"}, DEFAULTS, id="a higher cap than the deployment allows"),
        pytest.param({"headroom:owner": "headroom", "Name": "x"}, DEFAULTS, id="other tags say nothing"),
    ],
)
def test_tags_override_the_configuration(tags, expected):
    assert policy_of(replace(a_subnet(), tags=tags), DEFAULTS) == expected


@pytest.mark.parametrize("value", ["", "7", "16385", "-16", "1e3", "16.0", " 16", "sixteen", "१६", "9" * 5000])
def test_a_value_that_is_none_is_refused_by_its_tags_name(value):
    with pytest.raises(SettingError, match="headroom:single-address-floor"):
        policy_of(replace(a_subnet(), tags={"headroom:single-address-floor": value}), DEFAULTS)
