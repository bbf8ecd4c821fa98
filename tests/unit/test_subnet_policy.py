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
    assert policy_of(replace(a_subnet("10.0.0.0/20"), tags=tags), DEFAULTS) == expected


@pytest.mark.parametrize(
    ("cidr", "floor", "reservations", "times"),
    [
        pytest.param("10.0.0.0/28", 8, 64, 1, id="never less than a load balancer wants"),
        pytest.param("10.0.0.0/24", 8, 64, 1, id="in a small subnet the whole floor would be a block more"),
        pytest.param("10.0.0.0/22", 16, 64, 1, id="from a /22 on the configured floor"),
        pytest.param("10.0.0.0/20", 16, 64, 1, id="up to a /20 the configured cap"),
        pytest.param("10.0.0.0/19", 32, 128, 2, id="beyond it in proportion"),
        pytest.param("10.0.0.0/18", 64, 255, 4, id="as many as can be configured"),
        pytest.param("10.0.0.0/16", 64, 255, 4, id="and no more"),
    ],
)
def test_what_is_allowed_follows_the_size(cidr, floor, reservations, times):
    allowed = policy_of(a_subnet(cidr), DEFAULTS)
    assert (allowed.single_address_floor, allowed.max_reservations_per_subnet) == (floor, reservations)
    assert allowed.max_creates_per_subnet_per_day == times * DEFAULTS.max_creates_per_subnet_per_day
    assert allowed.max_releases_per_subnet_per_day == times * DEFAULTS.max_releases_per_subnet_per_day


def test_a_tag_says_the_floor_exactly_whatever_the_size():
    tagged = replace(a_subnet(), tags={"headroom:single-address-floor": "40"})
    assert policy_of(tagged, DEFAULTS).single_address_floor == 40


@pytest.mark.parametrize("value", ["", "7", "16385", "-16", "1e3", "16.0", " 16", "sixteen", "१६", "9" * 5000])
def test_a_value_that_is_none_is_refused_by_its_tags_name(value):
    with pytest.raises(SettingError, match="headroom:single-address-floor"):
        policy_of(replace(a_subnet(), tags={"headroom:single-address-floor": value}), DEFAULTS)
