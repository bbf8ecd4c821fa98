"""The VPC CNI's variables, as the CNI's own Go code reads them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.cni import CniSettings, Enforcing, WindowsSettings
from functions.capacity.cni_env import VARIABLES, UnknownSettingsError, cni_settings_of_env, go_bool, go_int


def settings(
    env: dict[str, Any],
    *,
    version: tuple[int, ...] | None = (1, 20, 0),
    ipv6: bool = False,
    windows: WindowsSettings | None = None,
) -> CniSettings:
    return cni_settings_of_env(
        env, version=version, ipv6=ipv6, source="the vpc-cni add-on", windows=windows or WindowsSettings()
    )


def expected(**set_to: Any) -> CniSettings:
    return CniSettings(**{"version": (1, 20, 0), **set_to})


@pytest.mark.parametrize(
    ("env", "result"),
    [
        pytest.param({}, expected(), id="nothing set: the defaults"),
        pytest.param({"AWS_VPC_ENI_MTU": "9001"}, expected(), id="variables that say nothing about addresses"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": "true"}, expected(prefix_delegation=True), id="prefix mode"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": True}, expected(prefix_delegation=True), id="a boolean as such"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": 1}, expected(prefix_delegation=True), id="a number for a flag"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": "yes"}, expected(), id="yes is no boolean: the default"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": " true"}, expected(), id="a space before true is no boolean"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": {"value": "true"}}, expected(), id="an object is no boolean"),
        pytest.param(
            {"WARM_PREFIX_TARGET": "3"},
            expected(warm_prefix_target=3, warm_prefix_target_set=True),
            id="a target for prefixes",
        ),
        pytest.param(
            {"WARM_PREFIX_TARGET": "1"}, expected(warm_prefix_target_set=True), id="the default, but set by somebody"
        ),
        pytest.param(
            {"WARM_PREFIX_TARGET": "0"},
            expected(warm_prefix_target=0, warm_prefix_target_set=True),
            id="zero stays zero, supported or not",
        ),
        pytest.param(
            {"WARM_PREFIX_TARGET": "-1"},
            expected(warm_prefix_target=0, warm_prefix_target_set=True),
            id="below zero is the CNI's own zero, not the add-on's one",
        ),
        pytest.param(
            {"WARM_IP_TARGET": 5, "MINIMUM_IP_TARGET": "+30"},
            expected(warm_ip_target=5, minimum_ip_target=30),
            id="numbers as numbers and as texts",
        ),
        pytest.param({"WARM_IP_TARGET": "0"}, expected(warm_ip_target=0), id="no warm addresses, on purpose"),
        pytest.param({"WARM_IP_TARGET": "-1", "MINIMUM_IP_TARGET": -2}, expected(), id="below zero is not set"),
        pytest.param({"MAX_ENI": "2"}, expected(max_eni=2), id="fewer interfaces"),
        pytest.param({"MAX_ENI": "0"}, expected(), id="MAX_ENI of zero is not set"),
        pytest.param({"MAX_ENI": "-1"}, expected(), id="MAX_ENI below zero is not set"),
        pytest.param(
            {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "t"}, expected(custom_networking=True), id="custom networking"
        ),
        pytest.param({"ENABLE_POD_ENI": "true"}, expected(pod_eni=True), id="security groups for pods"),
        pytest.param(
            {"POD_SECURITY_GROUP_ENFORCING_MODE": "standard"},
            expected(enforcing=Enforcing.STANDARD),
            id="the standard enforcing mode",
        ),
        pytest.param(
            {"POD_SECURITY_GROUP_ENFORCING_MODE": "Standard"}, expected(), id="with a capital it is not: strict"
        ),
        pytest.param({"POD_SECURITY_GROUP_ENFORCING_MODE": "strict"}, expected(), id="the strict enforcing mode"),
        pytest.param({"AWS_VPC_K8S_CNI_EXTERNALSNAT": "TRUE"}, expected(external_snat=True), id="external SNAT"),
        pytest.param({"ENABLE_SUBNET_DISCOVERY": "false"}, expected(subnet_discovery=False), id="no subnet discovery"),
        pytest.param({"ENABLE_SUBNET_DISCOVERY": "off"}, expected(), id="discovery's default is on, for nonsense too"),
    ],
)
def test_variables_as_settings(env, result):
    assert settings(env) == result


@pytest.mark.parametrize(
    ("env", "prefixes"),
    [
        pytest.param({}, True, id="on where nothing is said"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": "true"}, True, id="on where it is set"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": "false"}, False, id="off where it is off: the CNI then won't start"),
        pytest.param({"ENABLE_PREFIX_DELEGATION": "on"}, False, id="off for nonsense: the CNI's own default"),
    ],
)
def test_prefix_mode_of_an_ipv6_cluster(env, prefixes):
    found = settings(env, ipv6=True)
    assert (found.prefix_delegation, found.ipv6) == (prefixes, True)


@pytest.mark.parametrize(
    ("version", "discovers"),
    [
        pytest.param((1, 17, 1), False, id="before 1.18 there is no discovery"),
        pytest.param((1, 18, 0), True, id="from 1.18 it is on"),
        pytest.param(None, True, id="an unknown version counts as new enough"),
    ],
)
def test_subnet_discovery_by_version(version, discovers):
    assert settings({}, version=version).subnet_discovery is discovers
    assert settings({"ENABLE_SUBNET_DISCOVERY": "true"}, version=version).subnet_discovery is discovers


def test_what_the_caller_knows_is_kept():
    windows = WindowsSettings(prefix_delegation=True)
    found = cni_settings_of_env({}, version=None, ipv6=False, source="the aws-node DaemonSet", windows=windows)
    assert (found.version, found.source, found.windows) == (None, "the aws-node DaemonSet", windows)


@pytest.mark.parametrize("name", ["WARM_PREFIX_TARGET", "WARM_IP_TARGET", "MINIMUM_IP_TARGET", "MAX_ENI"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("many", id="a word"),
        pytest.param("", id="an empty text"),
        pytest.param(" 5", id="a space, which Go does not take"),
        pytest.param("1_000", id="Python's own way to write a number"),
        pytest.param("٣", id="a digit of another script"),
        pytest.param("5.0", id="a fraction as text"),
        pytest.param(5.0, id="a fraction"),
        pytest.param(True, id="a boolean"),
        pytest.param(None, id="null"),
        pytest.param([[["5"]]], id="a list"),
        pytest.param("9" * 5_000, id="more digits than Python reads"),
        pytest.param(2**63, id="more than Go's int"),
        pytest.param(16**9_999, id="more than Python prints"),
    ],
)
def test_a_number_that_is_none_is_unknown_by_name(name, value):
    with pytest.raises(
        UnknownSettingsError, match=rf"^{name} in the vpc-cni add-on is .{{1,120}}, not a whole number$"
    ):
        settings({name: value})


def test_the_variables_that_are_read_are_those_that_are_listed():
    asked = set[str]()

    class Recorded(dict[str, Any]):
        def __contains__(self, name: object) -> bool:
            asked.add(str(name))
            return False

        def get(self, name: str, default: Any = None) -> Any:
            asked.add(name)
            return default

    settings(Recorded())
    assert sorted(asked) == sorted(VARIABLES)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_number_that_go_writes_is_read_back(number):
    assert go_int(str(number)) == go_int(number) == number


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.lists(st.text()), st.booleans()))
def test_no_value_crashes(value):
    assert go_bool(value) in {True, False, None}
    assert go_int(value) is None or isinstance(value, (str, int))
