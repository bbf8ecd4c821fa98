"""What warm pools cost, and what prefixes save in calls to EC2."""

from dataclasses import replace

import pytest

from functions.capacity.clusters import Os
from functions.capacity.cni import CniSettings, WindowsSettings
from functions.capacity.nodes import max_pods
from functions.capacity.warm import Ec2Calls, Pool, calls_saved, ec2_calls, warm_waste
from tests.builders import C4_LARGE, M5_LARGE, PREFIX_MODE, T3_SMALL, a_group

SECONDARY = CniSettings()
THREE_WARM = replace(PREFIX_MODE, warm_prefix_target=3)
IPV6 = replace(PREFIX_MODE, ipv6=True)
WINDOWS = CniSettings(windows=WindowsSettings(prefix_delegation=True))


@pytest.mark.parametrize(
    ("cni", "pods", "expected"),
    [
        pytest.param(PREFIX_MODE, 0, (1, 16), id="an idle node keeps its warm prefix"),
        pytest.param(PREFIX_MODE, 16, (1, 16), id="beside full ones too"),
        pytest.param(PREFIX_MODE, 17, (1, 31), id="and the rest of the one it has begun"),
        pytest.param(THREE_WARM, 17, (3, 63), id="WARM_PREFIX_TARGET counts whole prefixes"),
        pytest.param(replace(PREFIX_MODE, warm_ip_target=5), 17, (0, 15), id="WARM_IP_TARGET less than a prefix"),
        pytest.param(replace(PREFIX_MODE, minimum_ip_target=40), 0, (3, 48), id="MINIMUM_IP_TARGET on an idle node"),
        pytest.param(SECONDARY, 1, (0, 17), id="secondary mode keeps a whole interface warm"),
        pytest.param(IPV6, 17, (0, 0), id="IPv6 has no warm pool to waste"),
    ],
)
def test_what_one_node_holds_in_vain(cni, pods, expected):
    today = warm_waste(a_group(), cni, [M5_LARGE], pods).today
    assert today is not None
    assert (today.spare_prefixes, today.spare_addresses) == expected


def test_of_a_group_idle_nodes_are_those_there_are_and_full_ones_those_at_the_maximum():
    waste = warm_waste(a_group(most=10, nodes=["i-1", "i-2"]), THREE_WARM, [M5_LARGE])
    assert waste.idle == Pool(pods=0, prefixes=3, addresses=48)
    assert waste.full == Pool(pods=108, prefixes=9, addresses=144)
    assert (waste.idle_prefixes, waste.idle_addresses) == (6, 96)
    assert (waste.full_prefixes, waste.full_addresses) == (20, 360)
    assert waste.today is None


def test_full_nodes_with_the_defaults_waste_no_prefix():
    waste = warm_waste(a_group(most=10), PREFIX_MODE, [M5_LARGE])
    assert (waste.full_prefixes, waste.full_addresses) == (0, 40)


def test_the_type_that_wastes_most_stands_for_its_group():
    assert warm_waste(a_group(), PREFIX_MODE, [C4_LARGE, M5_LARGE]).instance_type == "m5.large"
    assert warm_waste(a_group(), SECONDARY, [T3_SMALL, C4_LARGE]).instance_type == "c4.large"


def test_every_pod_of_a_windows_node_has_an_address():
    full = warm_waste(replace(a_group(), os=Os.WINDOWS), WINDOWS, [M5_LARGE]).full
    assert full == Pool(pods=110, prefixes=7, addresses=112)


def test_a_group_without_types_is_refused():
    with pytest.raises(ValueError, match="empty"):
        warm_waste(a_group(), PREFIX_MODE, [])


ONE_INTERFACE = {
    "CreateNetworkInterface": 1,
    "DescribeInstances": 1,
    "AttachNetworkInterface": 1,
    "ModifyNetworkInterfaceAttribute": 1,
    "DescribeSubnets": 1,
}


def calls(assign: int, interfaces: int, *without: str) -> dict[str, int]:
    new = {api: interfaces for api in ONE_INTERFACE if interfaces and api not in without}
    return ({"AssignPrivateIpAddresses": assign} if assign else {}) | new


@pytest.mark.parametrize(
    ("of", "pods", "cni", "expected"),
    [
        pytest.param(M5_LARGE, 0, SECONDARY, calls(1, 0), id="an idle node fills its primary interface in one call"),
        pytest.param(M5_LARGE, 1, SECONDARY, calls(1, 1), id="the first pod brings the warm interface, full at once"),
        pytest.param(M5_LARGE, 27, SECONDARY, calls(1, 2), id="a full node in secondary mode"),
        pytest.param(M5_LARGE, 27, PREFIX_MODE, calls(3, 0), id="the same pods with prefixes need no interface"),
        pytest.param(M5_LARGE, 108, PREFIX_MODE, calls(7, 0), id="a full node with prefixes, one call for each"),
        pytest.param(M5_LARGE, 108, THREE_WARM, calls(5, 0), id="the first call brings all that is to be warm"),
        pytest.param(T3_SMALL, 58, PREFIX_MODE, calls(4, 1), id="a new interface brings its first prefix along"),
        pytest.param(
            T3_SMALL,
            0,
            replace(PREFIX_MODE, warm_prefix_target=5),
            calls(1, 1),
            id="what the first cannot take, the next",
        ),
        pytest.param(
            M5_LARGE, 3, replace(SECONDARY, warm_ip_target=1), calls(4, 0), id="WARM_IP_TARGET=1: a call for each pod"
        ),
        pytest.param(
            M5_LARGE,
            1,
            replace(PREFIX_MODE, custom_networking=True),
            calls(1, 1, "DescribeSubnets"),
            id="custom networking begins with an interface, in a subnet that it knows",
        ),
        pytest.param(
            M5_LARGE, 1, replace(SECONDARY, subnet_discovery=False), calls(1, 1, "DescribeSubnets"), id="no discovery"
        ),
        pytest.param(
            M5_LARGE,
            108,
            IPV6,
            {"DescribeNetworkInterfaces": 1, "AssignIpv6Addresses": 1},
            id="IPv6 takes one /80 for all pods",
        ),
        pytest.param(C4_LARGE, 27, IPV6, {}, id="which a type without Nitro does not get"),
    ],
)
def test_calls_of_one_node(of, pods, cni, expected):
    assert dict(ec2_calls(of, pods, max_pods(of, cni), cni).by_api) == expected


def test_the_calls_of_a_windows_node_go_to_its_primary_interface():
    assert ec2_calls(M5_LARGE, 110, 110, WINDOWS, Os.WINDOWS).by_api == calls(7, 0)
    assert ec2_calls(M5_LARGE, 3, 110, CniSettings(), Os.WINDOWS).by_api == calls(2, 0)


def test_a_windows_node_grows_on_where_its_prefixes_cover_all_its_pods():
    three_warm = CniSettings(windows=WindowsSettings(prefix_delegation=True, warm_prefix_target=3))
    assert ec2_calls(M5_LARGE, 20, 20, three_warm, Os.WINDOWS).by_api == calls(3, 0)
    assert ec2_calls(M5_LARGE, 18, 20, THREE_WARM).by_api == calls(1, 0)


def test_what_prefixes_save_a_group():
    saved = calls_saved(a_group(most=10), [M5_LARGE], SECONDARY)
    assert (saved.nodes, saved.pods, saved.secondary.total, saved.prefixes.total) == (10, 27, 110, 30)
    assert saved.saved == 80
    assert (saved.full_pods, saved.more_nodes) == (108, 40)
    assert (saved.full_secondary.total, saved.full_prefixes.total) == (440, 70)
    assert saved.full_saved == 370


def test_what_prefixes_save_does_not_depend_on_the_mode_that_is_on():
    assert calls_saved(a_group(), [M5_LARGE], SECONDARY) == calls_saved(a_group(), [M5_LARGE], PREFIX_MODE)
    old = replace(SECONDARY, version=(1, 7, 5))
    assert calls_saved(a_group(), [M5_LARGE], old) == calls_saved(a_group(), [M5_LARGE], SECONDARY)


def test_the_type_that_saves_least_speaks_for_its_group():
    saved = calls_saved(a_group(), [M5_LARGE, C4_LARGE], SECONDARY)
    assert (saved.instance_type, saved.saved) == ("c4.large", 0)


def test_ipv6_is_compared_with_the_secondary_mode_of_ipv4():
    saved = calls_saved(a_group(), [M5_LARGE], IPV6)
    assert (saved.secondary.total, saved.prefixes.total) == (11, 2)


def test_calls_of_several_nodes():
    assert Ec2Calls(by_api={"AssignPrivateIpAddresses": 3}).times(2).total == 6
