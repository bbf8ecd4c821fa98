"""The ConfigMap of Windows nodes, as the VPC resource controller reads it."""

from typing import Any

import pytest

from functions.capacity.cni import WindowsSettings
from functions.capacity.cni_env import UnknownSettingsError
from functions.capacity.windows_config import windows_settings

PREFIXES = {"enable-windows-ipam": "true", "enable-windows-prefix-delegation": "true"}


def with_prefixes(*, addresses: tuple[int, int] = (1, 3), prefixes: int | None = None) -> WindowsSettings:
    return WindowsSettings(
        prefix_delegation=True,
        warm_prefix_target=prefixes,
        warm_ip_target=addresses[0],
        minimum_ip_target=addresses[1],
    )


def with_addresses(warm: int, minimum: int) -> WindowsSettings:
    return WindowsSettings(warm_ip_target=warm, minimum_ip_target=minimum)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({}, with_prefixes(), id="the defaults"),
        pytest.param(
            {"warm-prefix-target": "0", "warm-ip-target": "1", "minimum-ip-target": "3"},
            with_prefixes(),
            id="what the chart writes",
        ),
        pytest.param({"warm-prefix-target": "2"}, with_prefixes(prefixes=2), id="prefixes alone"),
        pytest.param({"windows-warm-prefix-target": "2"}, with_prefixes(prefixes=2), id="by the newer key"),
        pytest.param(
            {"warm-prefix-target": "2", "warm-ip-target": "5"},
            with_prefixes(addresses=(5, 3)),
            id="a target for addresses outdoes the one for prefixes",
        ),
        pytest.param({"minimum-ip-target": "20"}, with_prefixes(addresses=(1, 20)), id="a minimum alone"),
        pytest.param(
            {"warm-ip-target": "4", "windows-warm-ip-target": "9"}, with_prefixes(addresses=(4, 3)), id="the older key"
        ),
        pytest.param(
            {"warm-ip-target": "0", "minimum-ip-target": "-1", "warm-prefix-target": "many"},
            with_prefixes(),
            id="zero, less than zero and nonsense are the defaults",
        ),
    ],
)
def test_prefix_mode(data, expected):
    assert windows_settings({"data": PREFIXES | data}) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param({}, with_addresses(3, 3), id="the defaults"),
        pytest.param({"enable-windows-ipam": "true"}, with_addresses(3, 3), id="prefixes are not asked for"),
        pytest.param(
            {"enable-windows-prefix-delegation": "true"}, with_addresses(3, 3), id="prefixes, but no Windows at all"
        ),
        pytest.param(PREFIXES | {"enable-windows-ipam": "yes"}, with_addresses(3, 3), id="yes is no boolean"),
        pytest.param({"windows-warm-ip-target": "5"}, with_addresses(5, 0), id="a target alone: the other is zero"),
        pytest.param({"minimum-ip-target": "10"}, with_addresses(0, 10), id="a minimum alone"),
        pytest.param({"warm-ip-target": "0"}, with_addresses(1, 0), id="a zero that is written is one"),
        pytest.param({"warm-ip-target": "-1", "minimum-ip-target": "-1"}, with_addresses(3, 3), id="below zero"),
        pytest.param({"warm-ip-target": "x", "minimum-ip-target": ""}, with_addresses(3, 3), id="nonsense"),
        pytest.param({"warm-prefix-target": "7"}, with_addresses(3, 3), id="prefixes do not matter here"),
    ],
)
def test_secondary_mode(data, expected):
    assert windows_settings({"data": data}) == expected


@pytest.mark.parametrize(
    "config_map",
    [pytest.param(None, id="no ConfigMap"), pytest.param({"kind": "ConfigMap"}, id="one without data")],
)
def test_nothing_said_is_the_controllers_default(config_map: Any):
    assert windows_settings(config_map) == with_addresses(3, 3)


@pytest.mark.parametrize("config_map", [[], "text", {"data": []}, {"data": "warm-ip-target: 1"}], ids=repr)
def test_what_is_no_config_map_is_unknown(config_map: Any):
    with pytest.raises(UnknownSettingsError, match="ConfigMap amazon-vpc-cni"):
        windows_settings(config_map)
