"""Kubernetes' objects of a self-managed CNI as settings: the usual ones, and whatever else an API may give."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.cni import CniSettings, WindowsSettings
from functions.capacity.cni_env import UnknownSettingsError
from functions.capacity.daemonset import cni_settings_of_daemonset, pod_subnets, uses_custom_networking

ECR = "602401143452.dkr.ecr.eu-central-1.amazonaws.com/amazon-k8s-cni"


def a_daemon_set(
    *entries: dict[str, Any],
    image: object = f"{ECR}:v1.20.0",
    init: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> dict[str, Any]:
    """`entries` are those of the container's env, `more` its other keys."""
    containers = [
        {"name": "aws-eks-nodeagent", "image": f"{ECR}:v9.9.9", "env": [{"name": "MAX_ENI", "value": "9"}]},
        {"name": "aws-node", "image": image, "env": list(entries), **more},
    ]
    init_containers = [{"name": "aws-vpc-cni-init", "env": list(init)}]
    pod = {"containers": containers, "initContainers": init_containers}
    return {"kind": "DaemonSet", "spec": {"template": {"spec": pod}}}


def var(name: str, value: str | None = None, **more: Any) -> dict[str, Any]:
    """The API leaves an empty value out."""
    return {"name": name, **({} if value is None else {"value": value}), **more}


def settings(daemon_set: object, *, ipv6: bool = False, **objects: Any) -> CniSettings:
    return cni_settings_of_daemonset({"daemonSet": daemon_set, **objects}, ipv6=ipv6)


PREFIXES = var("ENABLE_PREFIX_DELEGATION", "true")
HIDDEN: dict[str, Any] = {"valueFrom": {"secretKeyRef": {"name": "cni", "key": "max"}}}


def test_the_settings_and_where_they_were_read():
    found = settings(a_daemon_set(PREFIXES, var("WARM_PREFIX_TARGET", "1"), var("MAX_ENI", "3")))
    assert found == CniSettings(
        version=(1, 20, 0),
        prefix_delegation=True,
        warm_prefix_target=1,
        warm_prefix_target_set=True,
        max_eni=3,
        windows=WindowsSettings(warm_ip_target=3),
        source="the aws-node DaemonSet",
    )


@pytest.mark.parametrize(
    ("entries", "target", "is_set"),
    [
        pytest.param([], 0, False, id="the CNI's own default is none: the 1 is the add-on's"),
        pytest.param([var("WARM_PREFIX_TARGET", "1")], 1, True, id="one"),
        pytest.param([var("WARM_PREFIX_TARGET", "1"), var("WARM_PREFIX_TARGET", "2")], 2, True, id="the last of two"),
    ],
)
def test_warm_prefixes(entries, target, is_set):
    found = settings(a_daemon_set(*entries))
    assert (found.warm_prefix_target, found.warm_prefix_target_set) == (target, is_set)


@pytest.mark.parametrize(
    ("image", "entries", "version"),
    [
        pytest.param(f"{ECR}:v1.19.2-eksbuild.5", [], (1, 19, 2), id="a tag with a build"),
        pytest.param(f"{ECR}:v1.19.2@sha256:{'0' * 64}", [], (1, 19, 2), id="a tag and a digest"),
        pytest.param("127.0.0.1:5000/cni:1.18.0", [], (1, 18, 0), id="a registry with a port"),
        pytest.param("127.0.0.1:5000/cni", [], None, id="a registry with a port, and no tag"),
        pytest.param("mirror/cni:latest", [], None, id="latest is no version"),
        pytest.param(
            f"{ECR}@sha256:{'0' * 64}", [var("VPC_CNI_VERSION", "v1.16.4")], (1, 16, 4), id="a digest, and the variable"
        ),
        pytest.param(
            f"{ECR}:v1.20.0", [var("VPC_CNI_VERSION", "v1.16.4")], (1, 20, 0), id="the tag is what runs: it counts"
        ),
        pytest.param(None, [], None, id="no image at all"),
        pytest.param(7, [var("VPC_CNI_VERSION", **HIDDEN)], None, id="nothing of use"),
    ],
)
def test_versions(image, entries, version):
    assert settings(a_daemon_set(*entries, image=image)).version == version


@pytest.mark.parametrize(
    ("ipv6", "entries", "init", "prefixes"),
    [
        pytest.param(False, [var("ENABLE_IPv6", "false")], [var("ENABLE_IPv6", "false")], False, id="IPv4 as it ships"),
        pytest.param(True, [var("ENABLE_IPv6", "true")], [], True, id="IPv6: prefixes unless it says otherwise"),
        pytest.param(True, [var("ENABLE_IPv6", "true"), PREFIXES], [var("ENABLE_IPv6", "1")], True, id="IPv6 in full"),
    ],
)
def test_a_family_that_is_the_clusters(ipv6, entries, init, prefixes):
    found = settings(a_daemon_set(*entries, init=init), ipv6=ipv6)
    assert (found.ipv6, found.prefix_delegation) == (ipv6, prefixes)


@pytest.mark.parametrize(
    ("ipv6", "entries", "init", "said"),
    [
        pytest.param(True, [], [], "ENABLE_IPv6 is false in aws-node, and the cluster is IPv6", id="not said"),
        pytest.param(
            False,
            [var("ENABLE_IPv6", "true")],
            [],
            "ENABLE_IPv6 is true in aws-node, and the cluster is IPv4",
            id="IPv6 in an IPv4 cluster",
        ),
        pytest.param(
            True,
            [var("ENABLE_IPv6", "true")],
            [var("ENABLE_IPv6", "false")],
            "ENABLE_IPv6 is false in aws-vpc-cni-init, and the cluster is IPv6",
            id="two containers of two minds",
        ),
    ],
)
def test_a_family_that_is_not_the_clusters_is_unknown(ipv6, entries, init, said):
    with pytest.raises(UnknownSettingsError, match=f"^{said}$"):
        settings(a_daemon_set(*entries, init=init), ipv6=ipv6)


@pytest.mark.parametrize(
    ("daemon_set", "names"),
    [
        pytest.param(a_daemon_set(var("MAX_ENI", **HIDDEN)), "MAX_ENI", id="from a Secret"),
        pytest.param(
            a_daemon_set(var("WARM_IP_TARGET", **HIDDEN), var("ENABLE_PREFIX_DELEGATION", **HIDDEN)),
            "ENABLE_PREFIX_DELEGATION, WARM_IP_TARGET",
            id="two of them",
        ),
        pytest.param(a_daemon_set(var("MAX_ENI", "3"), var("MAX_ENI", **HIDDEN)), "MAX_ENI", id="the last one counts"),
        pytest.param(a_daemon_set(var("MAX_ENI", "$(MOST)")), "MAX_ENI", id="made of another variable"),
        pytest.param(a_daemon_set(var("ENABLE_IPv6", **HIDDEN)), "ENABLE_IPv6", id="the family"),
        pytest.param(
            a_daemon_set(PREFIXES, envFrom=[{"configMapRef": {"name": "cni"}}]),
            "WARM_PREFIX_TARGET, .*, ENABLE_IPv6",
            id="a whole ConfigMap, which may hold all that is not said",
        ),
    ],
)
def test_a_value_that_stands_elsewhere_is_unknown_by_name(daemon_set, names):
    with pytest.raises(UnknownSettingsError, match=f"^the value of {names} is not in the aws-node DaemonSet itself"):
        settings(daemon_set)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(var("MY_NODE_NAME", valueFrom={"fieldRef": {}}), id="the node's name"),
        pytest.param(var("ADDITIONAL_ENI_TAGS", "$(TAGS)"), id="tags made of another variable"),
        pytest.param(var("ENABLE_POD_ENI"), id="a flag without a value"),
    ],
)
def test_what_says_nothing_about_addresses_is_left_alone(entry):
    assert settings(a_daemon_set(entry)) == settings(a_daemon_set())


@pytest.mark.parametrize(
    "daemon_set",
    [
        pytest.param(None, id="nothing"),
        pytest.param({}, id="an empty object"),
        pytest.param([], id="a list"),
        pytest.param({"spec": {"template": {"spec": {"containers": {"aws-node": {}}}}}}, id="containers by name"),
        pytest.param({"spec": {"template": {"spec": {"containers": ["aws-node"]}}}}, id="containers that are texts"),
        pytest.param({"spec": {"template": {"spec": {"containers": [{"name": "aws-node-2"}]}}}}, id="others only"),
        pytest.param(a_daemon_set(env={"MAX_ENI": "3"}), id="an env that is an object"),
        pytest.param(a_daemon_set(env="MAX_ENI=3"), id="an env that is a text"),
        pytest.param(a_daemon_set(var("MAX_ENI", "many")), id="a number that is none"),
    ],
)
def test_what_is_no_daemon_set_of_the_cni_is_unknown(daemon_set):
    with pytest.raises(UnknownSettingsError):
        settings(daemon_set)


def test_a_config_map_that_is_none_makes_the_whole_unknown():
    with pytest.raises(UnknownSettingsError, match="ConfigMap amazon-vpc-cni"):
        settings(a_daemon_set(), configMap={"data": "enable-windows-ipam: true"})


@pytest.mark.parametrize(
    ("entries", "used"),
    [
        pytest.param([], False, id="not said"),
        pytest.param([var("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "true")], True, id="on"),
        pytest.param([var("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "on")], False, id="in a word that Go does not know"),
    ],
)
def test_custom_networking(entries, used):
    assert uses_custom_networking(a_daemon_set(*entries)) is used
    assert settings(a_daemon_set(*entries)).custom_networking is used


@pytest.mark.parametrize(
    ("objects", "expected"),
    [
        pytest.param({}, None, id="not read"),
        pytest.param({"eniConfigs": []}, {}, id="none"),
        pytest.param(
            {"eniConfigs": [{"metadata": {"name": "eu-central-1a"}, "spec": {"subnet": "subnet-a"}}]},
            {"eu-central-1a": "subnet-a"},
            id="one",
        ),
    ],
)
def test_subnets_by_eni_config(objects, expected):
    assert pod_subnets(objects) == expected


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        pytest.param({"a": "subnet-a"}, "not a list", id="an object"),
        pytest.param(["subnet-a"], "not a list of objects", id="texts"),
        pytest.param([{"spec": {"subnet": "subnet-a"}}], "no name", id="one without a name"),
        pytest.param([{"metadata": {"name": "a"}, "spec": {}}], "ENIConfig a names no subnet", id="without a subnet"),
        pytest.param([{"metadata": {"name": "a"}, "spec": {"subnet": ["subnet-a"]}}], "no subnet", id="with a list"),
    ],
)
def test_eni_configs_that_do_not_say_it_are_unknown(listed, said):
    with pytest.raises(UnknownSettingsError, match=said):
        pod_subnets({"eniConfigs": listed})


KEYS = st.sampled_from(["name", "value", "valueFrom", "data", "metadata", "spec"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@given(env=ANYTHING, image=ANYTHING, init=ANYTHING, others=ANYTHING, ipv6=st.booleans())
def test_no_object_crashes(env, image, init, others, ipv6):
    objects = {"daemonSet": a_daemon_set(image=image, env=env), "eniConfigs": others, "configMap": others}
    objects["daemonSet"]["spec"]["template"]["spec"]["initContainers"] = init
    for read in (lambda: cni_settings_of_daemonset(objects, ipv6=ipv6), lambda: pod_subnets(objects)):
        with suppress(UnknownSettingsError):
            read()
