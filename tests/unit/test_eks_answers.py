"""EKS's answers about a cluster and its CNI, the usual and the odd ones."""

import json
from typing import Any

import pytest

from functions.aws import eks_answers
from functions.capacity.clusters import HealthIssue
from functions.capacity.cni import CniSettings, WindowsSettings
from functions.capacity.cni_env import UnknownSettingsError


def addon(env: object) -> dict[str, Any]:
    return {"configurationValues": json.dumps({"env": env})}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, CniSettings(), id="nothing configured"),
        pytest.param({"configurationValues": ""}, CniSettings(), id="an empty text"),
        pytest.param({"configurationValues": '{"resources": {}}'}, CniSettings(), id="other settings only"),
        pytest.param(
            addon({"ENABLE_PREFIX_DELEGATION": "true"}), CniSettings(prefix_delegation=True), id="prefix mode"
        ),
        pytest.param(
            addon({"ENABLE_PREFIX_DELEGATION": "TRUE", "WARM_PREFIX_TARGET": "3"}),
            CniSettings(prefix_delegation=True, warm_prefix_target=3, warm_prefix_target_set=True),
            id="capitals, and a target",
        ),
        pytest.param(
            addon({"WARM_IP_TARGET": 5, "MINIMUM_IP_TARGET": "30"}),
            CniSettings(warm_ip_target=5, minimum_ip_target=30),
            id="numbers as numbers and as texts",
        ),
        pytest.param(addon({"ENABLE_PREFIX_DELEGATION": "1"}), CniSettings(prefix_delegation=True), id="one is true"),
        pytest.param(addon({"ENABLE_PREFIX_DELEGATION": "yes"}), CniSettings(), id="yes is not"),
        pytest.param(
            addon({"WARM_PREFIX_TARGET": "0"}),
            CniSettings(warm_prefix_target=0, warm_prefix_target_set=True),
            id="zero as it stands",
        ),
        pytest.param({"configurationValues": "env:\n  WARM_IP_TARGET: 5\n"}, CniSettings(warm_ip_target=5), id="YAML"),
        pytest.param({"configurationValues": '{"env": null}'}, CniSettings(), id="an env that is null"),
        pytest.param(
            {"configurationValues": '{"enableWindowsPrefixDelegation": "true"}'},
            CniSettings(windows=WindowsSettings(prefix_delegation=True)),
            id="prefixes on Windows nodes",
        ),
        pytest.param({"addonVersion": "v1.19.2-eksbuild.5"}, CniSettings(version=(1, 19, 2)), id="the version"),
        pytest.param({"addonVersion": "newest"}, CniSettings(), id="a version that is none"),
        pytest.param(addon({"MAX_ENI": "-1"}), CniSettings(), id="below zero is not set"),
        pytest.param(addon({"MAX_ENI": "2"}), CniSettings(max_eni=2), id="MAX_ENI"),
        pytest.param(
            addon({"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true"}),
            CniSettings(custom_networking=True),
            id="custom networking",
        ),
    ],
)
def test_cni_settings(given, expected):
    assert eks_answers.cni_settings(given, ipv6=False) == expected


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"configurationValues": "{"}, id="neither JSON nor YAML"),
        pytest.param({"configurationValues": "a: &a [x]\nb: [*a, *a]\n"}, id="YAML aliases, which may explode"),
        pytest.param({"configurationValues": "!!python/name:os.system"}, id="YAML that asks for Python"),
        pytest.param({"configurationValues": "env: \x00"}, id="a character that YAML does not allow"),
        pytest.param({"configurationValues": "[" * 200_000}, id="nested too deep"),
        pytest.param({"configurationValues": "[]"}, id="a list"),
        pytest.param({"configurationValues": '{"env": []}'}, id="an env that is a list"),
        pytest.param(addon({"WARM_IP_TARGET": "many"}), id="a target that is no number"),
        pytest.param(addon({"WARM_IP_TARGET": None}), id="a target that is null"),
    ],
)
def test_settings_that_cannot_be_read_are_unknown_rather_than_defaults(given):
    with pytest.raises(UnknownSettingsError):
        eks_answers.cni_settings(given, ipv6=False)


DEMO = {"name": "demo", "kubernetesNetworkConfig": {"ipFamily": "ipv4"}}
ADDON = {"clusterName": "demo", "addonName": "vpc-cni", "addonVersion": "v1.19.2-eksbuild.1", "status": "ACTIVE"}
DAEMON_SET = {
    "daemonSet": {
        "kind": "DaemonSet",
        "spec": {
            "template": {
                "spec": {
                    "containers": [
                        {
                            "name": "aws-node",
                            "image": "602401143452.dkr.ecr.us-east-1.amazonaws.com/amazon-k8s-cni:v1.18.3",
                            "env": [{"name": "ENABLE_PREFIX_DELEGATION", "value": "true"}],
                        }
                    ]
                }
            }
        },
    },
    "configMap": None,
}


def test_an_ipv6_cluster_takes_prefixes_where_nobody_says_otherwise():
    found = eks_answers.cluster(DEMO | {"kubernetesNetworkConfig": {"ipFamily": "ipv6"}}, ADDON, None, None)
    assert found.ipv6
    assert found.cni is not None
    assert found.cni.prefix_delegation


@pytest.mark.parametrize(
    ("addon", "kubernetes", "unknown"),
    [
        pytest.param(None, None, "vpc-cni is not an EKS add-on here", id="self-managed, and nobody opted in"),
        pytest.param(None, {"unknown": "403"}, "403", id="self-managed, and Kubernetes refuses"),
        pytest.param(ADDON | {"configurationValues": "["}, None, "vpc-cni's configuration", id="unreadable settings"),
    ],
)
def test_settings_that_are_not_known_say_why(addon, kubernetes, unknown):
    found = eks_answers.cluster(DEMO, addon, None, kubernetes)
    assert found.cni is None
    assert found.cni_unknown.startswith(unknown)


def test_a_self_managed_cni_is_read_from_its_daemonset():
    found = eks_answers.cluster(DEMO, None, None, DAEMON_SET)
    assert found.cni is not None
    assert (found.cni.prefix_delegation, found.cni.version) == (True, (1, 18, 3))
    assert found.addon is None


def test_an_addons_own_settings_count_before_what_kubernetes_says():
    found = eks_answers.cluster(DEMO, ADDON, None, DAEMON_SET)
    assert found.cni is not None
    assert (found.cni.prefix_delegation, found.cni.version) == (False, (1, 19, 2))


def test_an_update_in_progress_says_which_version_comes():
    update = {"params": [{"type": "ResolveConflicts", "value": "NONE"}, {"type": "AddonVersion", "value": "v1.8.0"}]}
    found = eks_answers.cluster(DEMO, ADDON | {"status": "UPDATING"}, update, None)
    assert found.addon is not None
    assert (found.addon.version, found.addon.updating_to, found.addon.status) == ((1, 19, 2), (1, 8, 0), "UPDATING")


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        pytest.param({}, [], id="no health at all"),
        pytest.param({"health": None}, [], id="none"),
        pytest.param({"health": {"issues": []}}, [], id="no issues"),
        pytest.param(
            {"health": {"issues": [{"code": "SubnetNotFound", "message": "gone", "resourceIds": ["subnet-1"]}]}},
            [HealthIssue(code="SubnetNotFound", message="gone", resource_ids=("subnet-1",))],
            id="one",
        ),
        pytest.param({"health": {"issues": [{}]}}, [HealthIssue(code="Unknown")], id="one without a code"),
    ],
)
def test_health(health, expected):
    assert list(eks_answers.issues(health)) == expected


@pytest.mark.parametrize(
    ("addon", "expected"),
    [
        pytest.param(ADDON, False, id="off"),
        pytest.param(
            ADDON | {"configurationValues": '{"env": {"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true"}}'}, True, id="on"
        ),
        pytest.param(ADDON | {"configurationValues": "["}, True, id="perhaps"),
    ],
)
def test_whether_eni_configs_are_of_interest(addon, expected):
    assert eks_answers.has_custom_networking(addon) == expected
