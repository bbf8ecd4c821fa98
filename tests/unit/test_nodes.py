"""How many pods a node holds and what it takes for them: the tables of the CNI's and the calculator's documents."""

from dataclasses import replace

import pytest

from functions.capacity.clusters import Os
from functions.capacity.cni import CniSettings, WindowsSettings, cni_version
from functions.capacity.nodes import (
    NodeDemand,
    allowed_pods,
    group_max_pods,
    holds_prefixes,
    max_pods,
    node_demand,
    node_needs,
    prefixes_wanted,
    trunk_interfaces,
    usable_interfaces,
    windows_allowed_pods,
    windows_max_pods,
)
from tests.builders import C4_LARGE, M5_8XLARGE, M5_LARGE, PREFIX_MODE, T3_SMALL

SECONDARY = CniSettings()
CUSTOM = replace(SECONDARY, custom_networking=True)
T2_SMALL = replace(T3_SMALL, name="t2.small", nitro=False)
M5_METAL = replace(M5_8XLARGE, name="m5.metal", bare_metal=True)
METAL_WITH_ONE_INTERFACE = replace(M5_LARGE, interfaces=1)
ONE_AND_ONE = replace(PREFIX_MODE, warm_ip_target=1, minimum_ip_target=1)
SEVEN_AND_TWENTY = replace(PREFIX_MODE, warm_ip_target=7, minimum_ip_target=20)
FIVE_AND_TEN = replace(PREFIX_MODE, warm_ip_target=5, minimum_ip_target=10)
IPV6 = replace(PREFIX_MODE, ipv6=True)
BRANCHES = replace(PREFIX_MODE, pod_eni=True)
WINDOWS = CniSettings(windows=WindowsSettings(prefix_delegation=True))


def windows(**settings: int) -> CniSettings:
    return CniSettings(windows=WindowsSettings(prefix_delegation=True, **settings))


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
    assert group_max_pods([M5_LARGE, T3_SMALL], WINDOWS, Os.WINDOWS) == 48


@pytest.mark.parametrize(
    ("pods", "cni", "expected"),
    [
        # The CNI's docs/prefix-and-ip-target.md. Of w=7 m=20 without pods one of its columns says 1 prefix, the others
        # 2, as ipamd does it.
        pytest.param(0, PREFIX_MODE, 1, id="one warm prefix on an empty node"),
        pytest.param(5, PREFIX_MODE, 2, id="one for the pods, one warm"),
        pytest.param(16, PREFIX_MODE, 2, id="sixteen pods fill one"),
        pytest.param(17, PREFIX_MODE, 3, id="the seventeenth needs a second"),
        pytest.param(58, PREFIX_MODE, 5, id="58 pods"),
        pytest.param(0, ONE_AND_ONE, 1, id="w=1 m=1, no pods"),
        pytest.param(5, ONE_AND_ONE, 1, id="w=1 m=1, 5 pods"),
        pytest.param(17, ONE_AND_ONE, 2, id="w=1 m=1, 17 pods"),
        pytest.param(58, ONE_AND_ONE, 4, id="w=1 m=1, 58 pods"),
        pytest.param(0, SEVEN_AND_TWENTY, 2, id="w=7 m=20, no pods"),
        pytest.param(5, SEVEN_AND_TWENTY, 2, id="w=7 m=20, 5 pods"),
        pytest.param(17, SEVEN_AND_TWENTY, 2, id="w=7 m=20, 17 pods"),
        pytest.param(58, SEVEN_AND_TWENTY, 5, id="w=7 m=20, 58 pods"),
        pytest.param(95, PREFIX_MODE, 7, id="95 pods"),
        pytest.param(0, FIVE_AND_TEN, 1, id="w=5 m=10, no pods"),
        pytest.param(15, FIVE_AND_TEN, 2, id="w=5 m=10, 15 pods"),
        pytest.param(45, FIVE_AND_TEN, 4, id="w=5 m=10, 45 pods"),
        # ipamd.go.
        pytest.param(96, PREFIX_MODE, 7, id="six full prefixes and a warm one"),
        pytest.param(110, PREFIX_MODE, 7, id="no growth once the prefixes cover maxPods"),
        pytest.param(110, ONE_AND_ONE, 7, id="nor with targets for addresses"),
        pytest.param(0, replace(PREFIX_MODE, minimum_ip_target=40), 3, id="MINIMUM_IP_TARGET holds on an empty node"),
        pytest.param(99, replace(PREFIX_MODE, minimum_ip_target=40), 3, id="alone it ends the growth there"),
        pytest.param(
            5, replace(PREFIX_MODE, warm_ip_target=0, minimum_ip_target=0), 2, id="targets of 0 count as not set"
        ),
        pytest.param(0, replace(PREFIX_MODE, warm_prefix_target=0), 1, id="W=0 still wants an address to give"),
        pytest.param(15, replace(PREFIX_MODE, warm_prefix_target=0), 1, id="W=0 keeps nothing beyond the next address"),
        pytest.param(16, replace(PREFIX_MODE, warm_prefix_target=0), 2, id="W=0 asks when the last address is taken"),
        pytest.param(110, replace(PREFIX_MODE, warm_prefix_target=0), 7, id="W=0 covers maxPods too"),
        pytest.param(
            110, replace(PREFIX_MODE, warm_prefix_target=3), 9, id="the last growth brings the whole warm target"
        ),
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
        pytest.param(
            C4_LARGE,
            PREFIX_MODE,
            NodeDemand(prefixes=0, interfaces=3, addresses=27),
            id="not Nitro takes single addresses instead",
        ),
        pytest.param(
            M5_LARGE, SECONDARY, NodeDemand(prefixes=0, interfaces=3, addresses=27), id="as all do in secondary mode"
        ),
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
        pytest.param(M5_LARGE, BRANCHES, NodeDemand(prefixes=7, interfaces=2), id="a trunk takes a single address"),
        pytest.param(
            replace(M5_LARGE, addresses_per_interface=4),
            BRANCHES,
            NodeDemand(prefixes=6, interfaces=3),
            id="a trunk's slots hold no prefixes",
        ),
        pytest.param(M5_LARGE, IPV6, NodeDemand(prefixes=0, interfaces=1, ipv6_prefixes=1), id="IPv6 takes one /80"),
        pytest.param(
            M5_LARGE,
            replace(IPV6, pod_eni=True),
            NodeDemand(prefixes=0, interfaces=2, ipv6_prefixes=1),
            id="IPv6 with a trunk takes no second /80",
        ),
        pytest.param(C4_LARGE, IPV6, NodeDemand(prefixes=0, interfaces=1), id="IPv6 without Nitro takes none"),
    ],
)
def test_what_a_full_node_takes(instance_type, cni, expected):
    assert node_demand(instance_type, 110, cni) == expected


@pytest.mark.parametrize(
    ("pods", "cni", "expected"),
    [
        pytest.param(0, PREFIX_MODE, NodeDemand(prefixes=1, interfaces=1), id="an empty node has its warm prefix"),
        pytest.param(58, PREFIX_MODE, NodeDemand(prefixes=5, interfaces=2), id="the fifth prefix needs an interface"),
        pytest.param(
            0, SECONDARY, NodeDemand(prefixes=0, interfaces=1, addresses=3), id="an empty one fills its first interface"
        ),
        pytest.param(
            1, SECONDARY, NodeDemand(prefixes=0, interfaces=2, addresses=6), id="the first pod brings a warm interface"
        ),
        pytest.param(
            1,
            replace(SECONDARY, warm_ip_target=2),
            NodeDemand(prefixes=0, interfaces=1, addresses=3),
            id="WARM_IP_TARGET counts addresses",
        ),
        pytest.param(
            9,
            replace(SECONDARY, minimum_ip_target=5),
            NodeDemand(prefixes=0, interfaces=2, addresses=5),
            id="MINIMUM_IP_TARGET alone ends the growth in secondary mode too",
        ),
        pytest.param(
            0, IPV6, NodeDemand(prefixes=0, interfaces=1, ipv6_prefixes=1), id="IPv6 has its /80 from the start"
        ),
    ],
)
def test_what_a_t3_small_takes_for_so_many_pods(pods, cni, expected):
    assert node_needs(T3_SMALL, pods, 110, cni) == expected


@pytest.mark.parametrize(
    ("pods", "cni", "expected"),
    [
        # docs/windows/prefix_delegation_config_options.md of the VPC resource controller: all of its table.
        pytest.param(0, windows(), 1, id="defaults, no pods"),
        pytest.param(15, windows(), 1, id="defaults, 15 pods"),
        pytest.param(16, windows(), 2, id="defaults, 16 pods"),
        pytest.param(0, windows(warm_prefix_target=1), 1, id="W=1, no pods"),
        pytest.param(0, windows(warm_prefix_target=3), 3, id="W=3, no pods"),
        pytest.param(5, windows(warm_prefix_target=1), 2, id="W=1, 5 pods"),
        pytest.param(17, windows(warm_prefix_target=1), 3, id="W=1, 17 pods"),
        pytest.param(0, windows(minimum_ip_target=1), 1, id="m=1, no pods"),
        pytest.param(5, windows(minimum_ip_target=1), 1, id="m=1, 5 pods"),
        pytest.param(15, windows(minimum_ip_target=1), 1, id="m=1, 15 pods"),
        pytest.param(16, windows(minimum_ip_target=1), 2, id="m=1, 16 pods"),
        pytest.param(0, windows(warm_ip_target=5), 1, id="w=5, no pods"),
        pytest.param(5, windows(warm_ip_target=5), 1, id="w=5, 5 pods"),
        pytest.param(11, windows(warm_ip_target=5), 1, id="w=5, 11 pods"),
        pytest.param(12, windows(warm_ip_target=5), 2, id="w=5, 12 pods"),
        pytest.param(17, windows(warm_ip_target=1, minimum_ip_target=1), 2, id="w=1 m=1, 17 pods"),
        pytest.param(14, windows(warm_ip_target=3, minimum_ip_target=1), 2, id="w=3 m=1, 14 pods"),
        pytest.param(0, windows(warm_ip_target=7, minimum_ip_target=20), 2, id="w=7 m=20, no pods"),
        pytest.param(17, windows(warm_ip_target=7, minimum_ip_target=20), 2, id="w=7 m=20, 17 pods"),
        pytest.param(26, windows(warm_ip_target=7, minimum_ip_target=20), 3, id="w=7 m=20, 26 pods"),
        # pool.go.
        pytest.param(110, windows(), 7, id="the kubelet's 110 pods"),
        pytest.param(110, windows(warm_prefix_target=3), 9, id="no more than the primary interface has slots"),
    ],
)
def test_what_a_windows_node_takes(pods, cni, expected):
    assert node_needs(M5_LARGE, pods, 110, cni, Os.WINDOWS) == NodeDemand(prefixes=expected, interfaces=1)


@pytest.mark.parametrize(
    ("instance_type", "warm", "minimum", "pods", "expected"),
    [
        # docs/windows/secondary_ip_mode_config_options.md.
        pytest.param(M5_LARGE, 1, 0, 0, 1, id="one warm address"),
        pytest.param(M5_LARGE, 1, 0, 5, 6, id="one warm address above five pods"),
        pytest.param(M5_LARGE, 1, 3, 0, 3, id="the minimum of an empty node"),
        pytest.param(M5_LARGE, 1, 3, 3, 4, id="the minimum and a warm one"),
        pytest.param(M5_LARGE, 15, 10, 10, 9, id="no more than the primary interface has slots"),
        pytest.param(T2_SMALL, 1, 3, 9, 3, id="nor without Nitro"),
    ],
)
def test_what_a_windows_node_takes_without_prefixes(instance_type, warm, minimum, pods, expected):
    cni = CniSettings(windows=WindowsSettings(warm_ip_target=warm, minimum_ip_target=minimum))
    found = node_needs(instance_type, pods, 110, cni, Os.WINDOWS)
    assert found == NodeDemand(prefixes=0, interfaces=1, addresses=expected)


def test_a_windows_node_without_nitro_takes_addresses_whatever_the_settings():
    found = node_needs(C4_LARGE, 5, 110, WINDOWS, Os.WINDOWS)
    assert found == NodeDemand(prefixes=0, interfaces=1, addresses=6)


@pytest.mark.parametrize(
    ("instance_type", "cni", "expected"),
    [
        pytest.param(M5_LARGE, BRANCHES, 1, id="a Nitro type that takes one"),
        pytest.param(M5_METAL, BRANCHES, 1, id="bare metal"),
        pytest.param(M5_LARGE, PREFIX_MODE, 0, id="not asked for"),
        pytest.param(T3_SMALL, BRANCHES, 0, id="the t family takes none"),
        pytest.param(replace(M5_LARGE, name="i4i.large"), BRANCHES, 0, id="nor does the smallest i4i"),
        pytest.param(replace(M5_LARGE, name="i4i.xlarge"), BRANCHES, 1, id="the others of i4i do"),
        pytest.param(C4_LARGE, BRANCHES, 0, id="not Nitro"),
        pytest.param(M5_LARGE, replace(BRANCHES, max_eni=1), 0, id="no place for a second interface"),
    ],
)
def test_trunk(instance_type, cni, expected):
    assert trunk_interfaces(instance_type, cni) == expected


def test_reserved_interfaces_count_where_they_are_named_and_only_there():
    assert usable_interfaces(M5_LARGE, SECONDARY, reserved=1) == 2
    assert usable_interfaces(M5_LARGE, replace(CUSTOM, max_eni=1), reserved=1) == 0
    assert max_pods(M5_LARGE, SECONDARY, reserved=1) == 20
    assert allowed_pods(M5_LARGE, PREFIX_MODE, reserved=1) == 290
    assert max_pods(M5_LARGE, replace(SECONDARY, pod_eni=True)) == 29


def test_sums_and_gaps_go_field_by_field():
    one = NodeDemand(prefixes=7, interfaces=2, addresses=3, ipv6_prefixes=1)
    assert one.singles == 5
    assert one.times(2) == one.plus(one) == NodeDemand(prefixes=14, interfaces=4, addresses=6, ipv6_prefixes=2)
    gap = one.beyond(NodeDemand(prefixes=9, interfaces=1, addresses=1))
    assert gap == NodeDemand(prefixes=0, interfaces=1, addresses=2, ipv6_prefixes=1)


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
    assert windows_max_pods(M5_LARGE, WINDOWS) == 110
    assert windows_max_pods(M5_LARGE, PREFIX_MODE) == 9


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
