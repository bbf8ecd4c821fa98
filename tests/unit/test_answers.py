"""boto3's answers, the usual and the odd ones."""

import json
from ipaddress import IPv4Network
from typing import Any

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from functions.aws import answers
from functions.capacity.model import CniSettings, Mode


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
            CniSettings(prefix_delegation=True, warm_prefix_target=3),
            id="capitals, and a target",
        ),
        pytest.param(
            addon({"WARM_IP_TARGET": 5, "MINIMUM_IP_TARGET": "30"}),
            CniSettings(warm_ip_target=5, minimum_ip_target=30),
            id="numbers as numbers and as texts",
        ),
        pytest.param(addon({"ENABLE_PREFIX_DELEGATION": "1"}), CniSettings(prefix_delegation=True), id="one is true"),
        pytest.param(addon({"ENABLE_PREFIX_DELEGATION": "yes"}), CniSettings(), id="yes is not"),
        pytest.param(addon({"WARM_PREFIX_TARGET": "0"}), CniSettings(), id="zero is not supported: the default"),
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
    assert answers.cni_settings(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"configurationValues": "env:\n  WARM_IP_TARGET: 5\n"}, id="YAML"),
        pytest.param({"configurationValues": "{"}, id="broken JSON"),
        pytest.param({"configurationValues": "[" * 200_000}, id="nested too deep"),
        pytest.param({"configurationValues": "[]"}, id="a list"),
        pytest.param({"configurationValues": '{"env": []}'}, id="an env that is a list"),
        pytest.param(addon({"WARM_IP_TARGET": "many"}), id="a target that is no number"),
        pytest.param(addon({"WARM_IP_TARGET": None}), id="a target that is null"),
    ],
)
def test_settings_that_cannot_be_read_are_unknown_rather_than_defaults(given):
    with pytest.raises(answers.UnknownSettingsError):
        answers.cni_settings(given)


def test_every_instance_type_of_the_published_list_can_be_read():
    found = [answers.instance_type(each) for each in INSTANCE_TYPES.values()]
    assert len(found) > 1000
    assert all(each.interfaces >= 1 and each.addresses_per_interface >= 1 for each in found)


@pytest.mark.parametrize(
    ("name", "interfaces", "nitro"),
    [
        pytest.param("p5.48xlarge", 2, True, id="the default network card's interfaces, not all 64"),
        pytest.param("t2.small", 3, False, id="xen"),
        pytest.param("m5.metal", 15, True, id="bare metal has no hypervisor and is Nitro"),
    ],
)
def test_instance_types(name, interfaces, nitro):
    found = answers.instance_type(INSTANCE_TYPES[name])
    assert (found.interfaces, found.nitro) == (interfaces, nitro)


def test_an_interface_of_nobody():
    found = answers.interface({"NetworkInterfaceId": "eni-1", "SubnetId": "subnet-1"})
    assert (found.instance_id, found.addresses, found.prefixes) == (None, (), ())


def test_a_reservation_is_ours_by_its_tag_alone():
    answer = {
        "SubnetCidrReservationId": "scr-1",
        "SubnetId": "subnet-1",
        "Cidr": "10.0.0.16/28",
        "ReservationType": "prefix",
    }
    assert not answers.reservation(answer).ours
    assert not answers.reservation(answer | {"Tags": [{"Key": "headroom:owner", "Value": "me"}]}).ours
    ours = answers.reservation(answer | {"Tags": [{"Key": "headroom:owner", "Value": "headroom"}]})
    assert ours.ours
    assert ours.cidr == IPv4Network("10.0.0.16/28")
    assert ours.reserves_prefixes


def test_a_subnets_mode_is_observe_unless_its_tag_says_a_known_one():
    def mode(*tags: dict[str, str]) -> Mode:
        answer = {
            "SubnetId": "subnet-1",
            "CidrBlock": "10.0.0.0/24",
            "AvailabilityZone": "us-east-1a",
            "AvailableIpAddressCount": 251,
            "Tags": list(tags),
        }
        return answers.subnet(answer, (), ()).mode

    assert mode() is Mode.OBSERVE
    assert mode({"Key": "headroom:mode", "Value": "ahead"}) is Mode.AHEAD
    assert mode({"Key": "headroom:mode", "Value": "Ahead"}) is Mode.OBSERVE
    assert mode({"Key": "headroom", "Value": "ahead"}) is Mode.OBSERVE


def test_a_node_group_gathers_its_own_nodes():
    def instance(name: str, **tags: str) -> dict[str, Any]:
        listed = [{"Key": f"eks:{key.replace('_', '-')}", "Value": value} for key, value in tags.items()]
        return {"InstanceId": name, "SubnetId": "subnet-1", "Tags": listed}

    found = answers.node_group(
        {"clusterName": "demo", "nodegroupName": "workers"},
        [
            instance("i-1", cluster_name="demo", nodegroup_name="workers"),
            instance("i-2", cluster_name="other", nodegroup_name="workers"),
            instance("i-3"),
        ],
    )
    assert [each.instance_id for each in found.nodes] == ["i-1"]
    assert (found.desired_size, found.max_size, found.subnet_ids, found.instance_types) == (0, 0, (), ())
