"""From a saved snapshot to the model's, and what becomes of answers that are not as AWS documents them."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.ec2.models.instance_types import INSTANCE_TYPES

from functions.aws.odd import OddAnswerError
from functions.aws.saved import Saved, snapshot_of
from functions.capacity.analyse import analyse
from functions.capacity.findings import findings
from functions.capacity.owners import Owner
from tests.builders import NOW

SUBNET = "subnet-0aa1bb2cc3dd4ee5f"


def a_snapshot() -> Saved:
    """A cluster with a group of each origin, as JSON would bring it."""
    tags = [
        {"Key": "eks:cluster-name", "Value": "demo"},
        {"Key": "eks:nodegroup-name", "Value": "workers"},
        {"Key": "kubernetes.io/cluster/demo", "Value": "owned"},
    ]
    own = [
        {"Key": "kubernetes.io/cluster/demo", "Value": "owned"},
        {"Key": "aws:autoscaling:groupName", "Value": "own"},
        {"Key": "aws:ec2launchtemplate:id", "Value": "lt-1"},
        {"Key": "aws:ec2launchtemplate:version", "Value": "1"},
    ]
    saved: Saved = {
        "takenAt": NOW.isoformat(),
        "subnets": [
            {
                "SubnetId": SUBNET,
                "VpcId": "vpc-1",
                "CidrBlock": "10.0.0.0/24",
                "AvailabilityZone": "us-east-1a",
                "AvailableIpAddressCount": 233,
            }
        ],
        "networkInterfaces": [
            {
                "NetworkInterfaceId": "eni-1",
                "SubnetId": SUBNET,
                "Attachment": {"InstanceId": "i-1"},
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.4", "Primary": True}],
                "Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.16/28"}],
            },
            {
                "NetworkInterfaceId": "eni-2",
                "SubnetId": SUBNET,
                "Attachment": {"InstanceId": "i-2"},
                "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.5", "Primary": True}],
            },
        ],
        "subnetCidrReservations": {SUBNET: {"SubnetIpv4CidrReservations": [], "SubnetIpv6CidrReservations": []}},
        "instanceTypes": [deepcopy(INSTANCE_TYPES["m5.large"])],
        "instances": [
            {"InstanceId": "i-1", "SubnetId": SUBNET, "InstanceType": "m5.large", "Tags": tags},
            {"InstanceId": "i-2", "SubnetId": SUBNET, "InstanceType": "m5.large", "Tags": own},
        ],
        "clusters": [{"name": "demo", "resourcesVpcConfig": {"vpcId": "vpc-1"}, "health": {"issues": []}}],
        "nodegroups": [
            {
                "clusterName": "demo",
                "nodegroupName": "workers",
                "subnets": [SUBNET],
                "instanceTypes": ["m5.large"],
                "amiType": "AL2023_x86_64_STANDARD",
                "scalingConfig": {"desiredSize": 1, "maxSize": 3},
                "updateConfig": {"maxUnavailable": 1},
                "health": {"issues": []},
            }
        ],
        "addons": [
            {
                "clusterName": "demo",
                "addonName": "vpc-cni",
                "addonVersion": "v1.19.2-eksbuild.1",
                "status": "ACTIVE",
                "configurationValues": '{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}',
            }
        ],
        "autoScalingGroups": [
            {
                "AutoScalingGroupName": "own",
                "DesiredCapacity": 1,
                "MaxSize": 2,
                "VPCZoneIdentifier": SUBNET,
                "Tags": own[:1],
                "LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "1"},
            }
        ],
        "launchTemplateVersions": [
            {
                "LaunchTemplateId": "lt-1",
                "VersionNumber": 1,
                "DefaultVersion": True,
                "LaunchTemplateData": {"ImageId": "ami-1", "InstanceType": "m5.large", "UserData": "ZGF0YQ=="},
            }
        ],
    }
    found: Saved = json.loads(json.dumps(saved))
    return found


def test_a_saved_snapshot_is_read_whole():
    snapshot = snapshot_of(a_snapshot(), NOW)
    assert {each.label: len(each.nodes) for each in snapshot.node_groups} == {"demo/workers": 1, "demo/own": 1}
    assert snapshot.whole == {"demo"}
    assert snapshot.unknowns == ()
    (analysis,) = analyse(snapshot)
    workers, own, surge = 6 + 2 * 7, 7 + 7, 2 * 7
    assert (analysis.partial, analysis.demand.prefixes) == ("", workers + own + surge)


def test_a_nodes_interface_is_known_by_its_instance():
    saved = a_snapshot()
    saved["networkInterfaces"][1]["Attachment"]["InstanceId"] = "i-of-somebody"
    (subnet,) = snapshot_of(saved, NOW).subnets
    assert [each.owner for each in subnet.interfaces] == [Owner.NODE, Owner.INSTANCE]


def test_a_cluster_with_a_group_outside_the_view_is_not_whole():
    saved = a_snapshot()
    saved["nodegroups"][0]["subnets"].append("subnet-elsewhere")
    assert snapshot_of(saved, NOW).whole == frozenset()


def test_what_was_not_read_is_missing_and_no_error():
    snapshot = snapshot_of({}, NOW)
    assert (snapshot.subnets, snapshot.node_groups, dict(snapshot.clusters)) == ((), (), {})


@pytest.mark.parametrize(
    ("key", "change", "unknown"),
    [
        pytest.param("instanceTypes", {"NetworkInfo": None}, "instance type m5.large: its answer", id="no NetworkInfo"),
        pytest.param("instanceTypes", {"VCpuInfo": {}}, "instance type m5.large: its answer", id="no vCPUs"),
        pytest.param("nodegroups", {"nodegroupName": None}, "node group demo: its answer", id="a group without a name"),
        pytest.param("nodegroups", {"scalingConfig": {"maxSize": "3"}}, "node group demo/workers: its", id="a size"),
        pytest.param("nodegroups", {"instanceTypes": []}, "node group demo/workers: its instance types", id="no types"),
        pytest.param(
            "nodegroups",
            {"instanceTypes": ["no.such"]},
            "node group demo/workers: no limits known of no.such",
            id="type",
        ),
        pytest.param("clusters", {"name": 5}, "cluster without a name: its answer", id="a cluster's name"),
        pytest.param("addons", {"configurationValues": "["}, "cluster demo: vpc-cni's config", id="settings"),
        pytest.param("addons", {"health": {"issues": 3}}, "add-on demo/vpc-cni: its answer", id="health that is none"),
        pytest.param("autoScalingGroups", {"VPCZoneIdentifier": None}, "Auto Scaling group own: its", id="no subnets"),
        pytest.param("instances", {"Tags": [{}]}, "instance i-1: its answer", id="a tag without a key"),
        pytest.param("launchTemplateVersions", {"VersionNumber": None}, "launch template lt-1: its", id="a version"),
    ],
)
def test_an_odd_answer_is_named_and_the_rest_goes_on(key, change, unknown):
    saved: Any = a_snapshot()
    saved[key][0] |= change
    snapshot = snapshot_of(saved, NOW)
    assert any(each.startswith(unknown) for each in snapshot.unknowns), snapshot.unknowns
    assert len(snapshot.subnets) == 1
    findings(snapshot, analyse(snapshot))


def test_an_odd_interface_is_an_error_rather_than_a_hole():
    saved = a_snapshot()
    del saved["networkInterfaces"][0]["SubnetId"]
    with pytest.raises(OddAnswerError, match=r"interface eni-1: .*SubnetId"):
        snapshot_of(saved, NOW)


SIEVED = (
    "instanceTypes",
    "instances",
    "clusters",
    "nodegroups",
    "addons",
    "autoScalingGroups",
    "launchTemplateVersions",
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


@given(st.data())
def test_nothing_about_nodes_makes_the_view_fail(data):
    """Any part of any answer about clusters and nodes may be something else, or be gone."""
    saved: Any = a_snapshot()
    for _ in range(data.draw(st.integers(1, 3))):
        key = data.draw(st.sampled_from(SIEVED))
        way = data.draw(st.sampled_from(places(saved[key])))
        if not way:
            saved[key] = data.draw(JSON.filter(lambda each: each is not None))
            continue
        at = saved[key]
        for step in way[:-1]:
            at = at[step]
        if isinstance(at, dict) and data.draw(st.booleans()):
            del at[way[-1]]
        else:
            at[way[-1]] = data.draw(JSON)
        if not isinstance(saved[key], list):
            break
    snapshot = snapshot_of(saved, NOW)
    assert len(snapshot.subnets) == 1
    for each in findings(snapshot, analyse(snapshot)):
        assert each.title


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        (["networkInterfaces"], "its interfaces were not read"),
        (["subnetCidrReservations"], "its CIDR reservations were not read"),
        (["networkInterfaces", "subnetCidrReservations"], "its interfaces and its CIDR reservations were not read"),
        ([], ""),
    ],
    ids=["interfaces", "reservations", "both", "nothing"],
)
def test_what_a_snapshot_leaves_out_is_not_taken_for_empty(missing, says):
    saved: Any = {key: value for key, value in a_snapshot().items() if key not in missing}
    (analysis,) = analyse(snapshot_of(saved, NOW))
    assert analysis.partial == says
