"""The tables of DOMAIN.md, sections 1 and 2, for what is built so far."""

from dataclasses import replace

import pytest

from functions.capacity.model import CniSettings
from functions.capacity.nodes import (
    NodeDemand,
    allowed_pods,
    cni_version,
    group_max_pods,
    holds_prefixes,
    max_pods,
    node_demand,
    prefixes_wanted,
    windows_allowed_pods,
)
from tests.builders import C4_LARGE, M5_8XLARGE, M5_LARGE, PREFIX_MODE, T3_SMALL

SECONDARY = CniSettings()
CUSTOM = replace(SECONDARY, custom_networking=True)
T2_SMALL = replace(T3_SMALL, name="t2.small", nitro=False)
M5_METAL = replace(M5_8XLARGE, name="m5.metal", bare_metal=True)
METAL_WITH_ONE_INTERFACE = replace(M5_LARGE, interfaces=1)


@pytest.mark.parametrize(
    ("instance_type", "cni", "expected"),
    [
        pytest.param(M5_LARGE, SECONDARY, 29, id="m5.large has 29 in secondary mode"),
        pytest.param(M5_LARGE, CUSTOM, 20, id="custom networking gives up the primary interface"),
        pytest.param(M5_LARGE, PREFIX_MODE, 110, id="434 by the formula, capped at 110 under 30 vCPUs"),
        pytest.param(M5_8XLARGE, PREFIX_MODE, 250, id="capped at 250 above 30 vCPUs"),
        pytest.param(T3_SMALL, SECONDARY, 11, id="t3.small has 11 in secondary mode"),
        pytest.param(T3_SMALL, PREFIX_MODE, 110, id="146 by the formula, capped at 110"),
        pytest.param(T2_SMALL, PREFIX_MODE, 11, id="a type that is not Nitro gains nothing in prefix mode"),
        pytest.param(M5_LARGE, replace(CUSTOM, max_eni=1), 2, id="MAX_ENI bounds before custom networking takes one"),
        pytest.param(M5_LARGE, replace(SECONDARY, max_eni=2), 20, id="MAX_ENI bounds the interfaces"),
    ],
)
def test_max_pods(instance_type, cni, expected):
    assert max_pods(instance_type, cni) == expected


def test_a_group_has_the_number_of_its_smallest_type():
    assert group_max_pods([M5_LARGE, C4_LARGE], PREFIX_MODE) == 29


@pytest.mark.parametrize(
    ("pods", "cni", "expected"),
    [
        pytest.param(0, PREFIX_MODE, 1, id="one warm prefix on an empty node"),
        pytest.param(5, PREFIX_MODE, 2, id="one for the pods, one warm"),
        pytest.param(16, PREFIX_MODE, 2, id="sixteen pods fill one"),
        pytest.param(17, PREFIX_MODE, 3, id="the seventeenth needs a second"),
        pytest.param(58, PREFIX_MODE, 5, id="58 pods"),
        pytest.param(0, replace(PREFIX_MODE, warm_ip_target=1, minimum_ip_target=1), 1, id="w=1 m=1, no pods"),
        pytest.param(5, replace(PREFIX_MODE, warm_ip_target=1, minimum_ip_target=1), 1, id="w=1 m=1, 5 pods"),
        pytest.param(17, replace(PREFIX_MODE, warm_ip_target=1, minimum_ip_target=1), 2, id="w=1 m=1, 17 pods"),
        pytest.param(58, replace(PREFIX_MODE, warm_ip_target=1, minimum_ip_target=1), 4, id="w=1 m=1, 58 pods"),
        pytest.param(110, PREFIX_MODE, 7, id="no growth once the prefixes cover maxPods"),
        pytest.param(0, replace(PREFIX_MODE, minimum_ip_target=40), 3, id="MINIMUM_IP_TARGET holds on an empty node"),
    ],
)
def test_prefixes_wanted(pods, cni, expected):
    assert prefixes_wanted(pods, 110, cni) == expected


@pytest.mark.parametrize(
    ("instance_type", "cni", "expected"),
    [
        pytest.param(M5_LARGE, PREFIX_MODE, NodeDemand(prefixes=7, interfaces=1), id="a full m5.large takes seven"),
        pytest.param(T3_SMALL, PREFIX_MODE, NodeDemand(prefixes=7, interfaces=3), id="three slots to an interface"),
        pytest.param(
            T3_SMALL,
            replace(PREFIX_MODE, max_eni=1),
            NodeDemand(prefixes=3, interfaces=1),
            id="no more prefixes than the interfaces have slots",
        ),
        pytest.param(C4_LARGE, PREFIX_MODE, NodeDemand(prefixes=0, interfaces=1), id="not Nitro takes none"),
        pytest.param(M5_LARGE, SECONDARY, NodeDemand(prefixes=0, interfaces=1), id="secondary mode takes none"),
        pytest.param(
            M5_LARGE,
            replace(PREFIX_MODE, custom_networking=True),
            NodeDemand(prefixes=7, interfaces=2),
            id="with custom networking the primary interface holds nothing",
        ),
        pytest.param(
            METAL_WITH_ONE_INTERFACE,
            replace(PREFIX_MODE, custom_networking=True),
            NodeDemand(prefixes=0, interfaces=1),
            id="no usable interface, no prefixes",
        ),
    ],
)
def test_node_demand(instance_type, cni, expected):
    assert node_demand(instance_type, 110, cni) == expected


@pytest.mark.parametrize(
    ("instance_type", "cni", "expected"),
    [
        pytest.param(M5_LARGE, PREFIX_MODE, True, id="a version that is not known counts as new enough"),
        pytest.param(M5_LARGE, replace(PREFIX_MODE, version=(1, 8, 9)), False, id="before 1.9.0"),
        pytest.param(M5_LARGE, replace(PREFIX_MODE, version=(1, 9, 0)), True, id="since 1.9.0"),
        pytest.param(M5_METAL, replace(PREFIX_MODE, version=(1, 10, 4)), False, id="bare metal before 1.11"),
        pytest.param(M5_METAL, replace(PREFIX_MODE, version=(1, 11, 0)), True, id="bare metal since 1.11"),
        pytest.param(M5_LARGE, replace(PREFIX_MODE, version=(1, 10, 0), ipv6=True), False, id="IPv6 before 1.10.1"),
        pytest.param(M5_LARGE, replace(PREFIX_MODE, version=(1, 10, 1), ipv6=True), True, id="IPv6 since 1.10.1"),
        pytest.param(T2_SMALL, PREFIX_MODE, False, id="not Nitro"),
        pytest.param(M5_LARGE, SECONDARY, False, id="not asked for"),
    ],
)
def test_who_holds_prefixes(instance_type, cni, expected):
    assert holds_prefixes(instance_type, cni) is expected


def test_what_addresses_allow_is_not_capped():
    assert allowed_pods(M5_LARGE, PREFIX_MODE) == 434
    assert allowed_pods(T3_SMALL, PREFIX_MODE) == 146


def test_a_windows_node_uses_its_primary_interface_alone():
    assert windows_allowed_pods(M5_LARGE, prefixes=False) == 9
    assert windows_allowed_pods(M5_LARGE, prefixes=True) == 144
    assert windows_allowed_pods(T2_SMALL, prefixes=True) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [("v1.19.2-eksbuild.5", (1, 19, 2)), ("1.9.0", (1, 9, 0)), ("1.11", (1, 11, 0)), (" v1.7.5-rc1\n", (1, 7, 5))],
)
def test_versions(text, expected):
    assert cni_version(text) == expected


@pytest.mark.parametrize("text", ["", "latest", "v1", "1.2.3.4", "v1.x"])
def test_what_is_no_version(text):
    with pytest.raises(ValueError, match="is not a version"):
        cni_version(text)
