"""Every sample event to the place it points at, and what becomes of messages that are no such events."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.routes import API_CALL, ROUTES
from functions.capacity.scope import (
    EVERYWHERE,
    NOWHERE,
    Ignored,
    MalformedEventError,
    Scope,
    scope_of,
)

EVENTS = Path(__file__).parents[2] / "events"
NAMES = sorted(path.relative_to(EVENTS).with_suffix("").as_posix() for path in EVENTS.glob("*/*.json"))

THE_INSTANCE = Scope(instances=frozenset({"i-0123456789abcdef0"}))
THE_INTERFACE = Scope(network_interfaces=frozenset({"eni-0123456789abcdef0"}))
THE_CLUSTER = Scope(clusters=frozenset({"demo"}))
THE_GROUP = Scope(auto_scaling_groups=frozenset({"eks-workers-6ac9f3a1-5d2e-4d0f-9d8f-0f4f1a2b3c4d"}))
SUBNET_A = Scope(subnets=frozenset({"subnet-0aa1bb2cc3dd4ee5f"}))
SUBNET_B = Scope(subnets=frozenset({"subnet-0bb1cc2dd3ee4ff5a"}))
OF_NO_SUBNET = Ignored(reason="touches no subnet")
SUCCEEDED = Ignored(reason="the call succeeded")
UNKNOWN = Ignored(reason="unknown kind of event")

EXPECTED: dict[str, Scope | Ignored] = {
    "autoscaling/InstanceLaunchLifecycleAction": THE_GROUP,
    "autoscaling/InstanceLaunchSuccessful": THE_GROUP | SUBNET_A,
    "autoscaling/InstanceLaunchUnsuccessful.no-capacity": THE_GROUP | SUBNET_B,
    "autoscaling/InstanceLaunchUnsuccessful.no-free-addresses": THE_GROUP | SUBNET_A,
    "autoscaling/InstanceRefreshFailed": THE_GROUP,
    "autoscaling/InstanceRefreshStarted": THE_GROUP,
    "autoscaling/InstanceRefreshSucceeded": THE_GROUP,
    "autoscaling/InstanceTerminateLifecycleAction": THE_GROUP,
    "autoscaling/InstanceTerminateSuccessful": THE_GROUP | SUBNET_A,
    "autoscaling/InstanceTerminateUnsuccessful": THE_GROUP | SUBNET_A,
    "cloudtrail-autoscaling/SetDesiredCapacity": THE_GROUP,
    "cloudtrail-autoscaling/UpdateAutoScalingGroup": THE_GROUP,
    "cloudtrail-ec2/AssignIpv6Addresses.exhausted": THE_INTERFACE,
    "cloudtrail-ec2/AssignIpv6Addresses.nested": THE_INTERFACE,
    "cloudtrail-ec2/AssignIpv6Addresses.no-free-block": THE_INTERFACE,
    "cloudtrail-ec2/AssignIpv6Addresses.no-free-block-bare-code": THE_INTERFACE,
    "cloudtrail-ec2/AssignPrivateIpAddresses.exhausted": THE_INTERFACE,
    "cloudtrail-ec2/AssignPrivateIpAddresses.nested": THE_INTERFACE,
    "cloudtrail-ec2/AssignPrivateIpAddresses.no-free-address": THE_INTERFACE,
    "cloudtrail-ec2/AssignPrivateIpAddresses.no-free-block": THE_INTERFACE,
    "cloudtrail-ec2/AssignPrivateIpAddresses.no-free-block-bare-code": THE_INTERFACE,
    "cloudtrail-ec2/CreateFleet": SUBNET_A | SUBNET_B,
    "cloudtrail-ec2/CreateFleet.no-free-address": SUBNET_A | SUBNET_B,
    "cloudtrail-ec2/CreateLaunchTemplateVersion": EVERYWHERE,
    "cloudtrail-ec2/CreateNetworkInterface.exhausted": SUBNET_A,
    "cloudtrail-ec2/CreateNetworkInterface.nested": SUBNET_A,
    "cloudtrail-ec2/CreateNetworkInterface.no-free-address": SUBNET_A,
    "cloudtrail-ec2/CreateNetworkInterface.no-free-block": SUBNET_A,
    "cloudtrail-ec2/CreateNetworkInterface.no-free-block-bare-code": SUBNET_A,
    "cloudtrail-ec2/CreateNetworkInterface.unauthorized": SUBNET_A,
    "cloudtrail-ec2/CreateSubnet": SUBNET_B,
    "cloudtrail-ec2/CreateSubnet.nested": SUBNET_B,
    "cloudtrail-ec2/CreateSubnetCidrReservation": SUBNET_A,
    "cloudtrail-ec2/CreateSubnetCidrReservation.flat": SUBNET_A,
    "cloudtrail-ec2/CreateSubnetCidrReservation.overlap": SUBNET_A,
    "cloudtrail-ec2/CreateTags.instance": OF_NO_SUBNET,
    "cloudtrail-ec2/CreateTags.subnet": SUBNET_A,
    "cloudtrail-ec2/CreateTags.subnet-and-instance": SUBNET_A,
    "cloudtrail-ec2/DeleteSubnet": SUBNET_B,
    "cloudtrail-ec2/DeleteSubnetCidrReservation": SUBNET_A,
    "cloudtrail-ec2/DeleteSubnetCidrReservation.flat": SUBNET_A,
    "cloudtrail-ec2/DeleteSubnetCidrReservation.not-found": EVERYWHERE,
    "cloudtrail-ec2/DeleteTags.subnet": SUBNET_A,
    "cloudtrail-ec2/RunInstances": SUBNET_A,
    "cloudtrail-ec2/RunInstances.network-interface": SUBNET_A,
    "cloudtrail-ec2/RunInstances.no-free-address": SUBNET_A,
    "cloudtrail-eks/CreateAddon": THE_CLUSTER,
    "cloudtrail-eks/CreateCluster": THE_CLUSTER,
    "cloudtrail-eks/CreateCluster.clusterName": THE_CLUSTER,
    "cloudtrail-eks/CreateNodegroup": THE_CLUSTER,
    "cloudtrail-eks/DeleteAddon": THE_CLUSTER,
    "cloudtrail-eks/DeleteNodegroup": THE_CLUSTER,
    "cloudtrail-eks/UpdateAddon": THE_CLUSTER,
    "cloudtrail-eks/UpdateClusterConfig": THE_CLUSTER,
    "cloudtrail-eks/UpdateNodegroupConfig": THE_CLUSTER,
    "cloudtrail-eks/UpdateNodegroupConfig.clusterName": THE_CLUSTER,
    "cloudtrail-eks/UpdateNodegroupVersion": THE_CLUSTER,
    "ec2/InstanceStateChange.pending": THE_INSTANCE,
    "ec2/InstanceStateChange.running": THE_INSTANCE,
    "ec2/InstanceStateChange.shutting-down": THE_INSTANCE,
    "ec2/InstanceStateChange.terminated": THE_INSTANCE,
    "eks/AddonCreationFailed": THE_CLUSTER,
    "eks/AddonCreationSucceeded": THE_CLUSTER,
    "eks/AddonDeletionFailed": THE_CLUSTER,
    "eks/AddonDeletionSucceeded": THE_CLUSTER,
    "eks/AddonHealthDegraded": THE_CLUSTER,
    "eks/AddonHealthRestored": THE_CLUSTER,
    "eks/AddonUpdateFailed": THE_CLUSTER,
    "eks/AddonUpdateSucceeded": THE_CLUSTER,
    "eks/AddonUpdateSucceeded.empty-detail": EVERYWHERE,
    "eks/FargatePodScheduledTermination": THE_CLUSTER,
    "foreign/AssignPrivateIpAddresses.succeeded": SUCCEEDED,
    "foreign/CreateBucket": UNKNOWN,
    "foreign/CreateNetworkInterface.succeeded": SUCCEEDED,
    "foreign/EBSVolumeNotification": UNKNOWN,
    "foreign/S3ObjectCreated": UNKNOWN,
    "foreign/SpotInstanceInterruptionWarning": UNKNOWN,
    "headroom/Continue": SUBNET_A,
    "headroom/Sweep": EVERYWHERE,
    "headroom/Urgent": EVERYWHERE,
    "headroom/Wake": EVERYWHERE,
}


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text())
    return event


def an_event(source: str, detail_type: str, detail: object) -> dict[str, object]:
    return {"source": source, "detail-type": detail_type, "detail": detail}


def a_call(name: object, source: str = "aws.ec2", **detail: object) -> dict[str, object]:
    return an_event(source, API_CALL, {"eventName": name, **detail})


STATE_CHANGE = "EC2 Instance State-change Notification"
LAUNCHED = "EC2 Instance Launch Successful"


@pytest.mark.parametrize("name", NAMES)
def test_every_sample_event_points_where_it_should(name):
    assert scope_of(sample(name)) == EXPECTED[name]


def test_no_expectation_is_of_a_file_that_is_gone():
    assert EXPECTED.keys() - set(NAMES) == set()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: " / ".join(filter(None, route.key)))
def test_every_route_has_a_sample_event(route):
    samples = [sample(name) for name in NAMES]
    assert route.key in {(s["source"], s["detail-type"], s["detail"].get("eventName", "")) for s in samples}


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="null is no event"),
        pytest.param([], id="a list is no event"),
        pytest.param("aws.ec2", id="a text is no event"),
        pytest.param({}, id="an empty object names no source"),
        pytest.param({"source": "aws.ec2", "detail": {}}, id="no detail-type"),
        pytest.param({"detail-type": STATE_CHANGE, "detail": {}}, id="no source"),
        pytest.param({"source": 7, "detail-type": STATE_CHANGE, "detail": {}}, id="a source that is a number"),
        pytest.param({"source": "aws.ec2", "detail-type": [STATE_CHANGE], "detail": {}}, id="a list of detail-types"),
        pytest.param({"source": "aws.ec2", "detail-type": STATE_CHANGE}, id="a known kind without detail"),
        pytest.param(an_event("aws.ec2", STATE_CHANGE, None), id="a known kind whose detail is null"),
        pytest.param(an_event("aws.ec2", STATE_CHANGE, ["i-1"]), id="a known kind whose detail is a list"),
        pytest.param(an_event("headroom", "Sweep", "now"), id="a sweep whose detail is a text"),
        pytest.param(an_event("aws.ec2", STATE_CHANGE, {"state": "running"}), id="no instance-id"),
        pytest.param(an_event("aws.ec2", STATE_CHANGE, {"instance-id": ""}), id="an empty instance-id"),
        pytest.param(an_event("aws.ec2", STATE_CHANGE, {"instance-id": 17}), id="an instance-id that is a number"),
        pytest.param(an_event("aws.ec2", STATE_CHANGE, {"instance-id": {"id": "i-1"}}), id="an instance-id in parts"),
        pytest.param(an_event("aws.autoscaling", LAUNCHED, {"EC2InstanceId": "i-1"}), id="no Auto Scaling group"),
        pytest.param(an_event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": None}), id="a group that is null"),
        pytest.param(an_event("aws.ec2", API_CALL, {"errorCode": "x"}), id="an API call without a name"),
        pytest.param(a_call(None), id="an API call whose name is null"),
        pytest.param(a_call({"deep": [["RunInstances"]]}), id="an API call whose name is nested"),
        pytest.param(an_event("headroom", "Continue", {}), id="a Continue that names no subnets"),
        pytest.param(an_event("headroom", "Continue", {"subnetIds": "subnet-1"}), id="a Continue with a bare text"),
        pytest.param(an_event("headroom", "Continue", {"subnetIds": ["subnet-1", 2]}), id="a Continue with a number"),
    ],
)
def test_what_cannot_be_read_as_the_kind_it_claims_to_be_is_malformed(event):
    with pytest.raises(MalformedEventError):
        scope_of(event)


def test_the_reason_names_what_is_wrong_but_does_not_repeat_a_long_value():
    with pytest.raises(MalformedEventError, match="instance-id") as caught:
        scope_of(an_event("aws.ec2", STATE_CHANGE, {"instance-id": ["x" * 10_000]}))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(an_event("aws.ec2", "EC2 Fleet Error", {}), UNKNOWN, id="a detail-type nobody listens to"),
        pytest.param(an_event("aws.ec2", "", None), UNKNOWN, id="an unknown kind may look like anything"),
        pytest.param(an_event("not.aws", STATE_CHANGE, {"instance-id": "i-1"}), UNKNOWN, id="a foreign source"),
        pytest.param(a_call("DescribeSubnets"), Ignored(reason="unknown API call"), id="a call nobody listens to"),
        pytest.param(a_call("RunInstances", source="aws.eks"), Ignored(reason="unknown API call"), id="wrong service"),
        pytest.param(a_call("AssignPrivateIpAddresses", errorCode=None), SUCCEEDED, id="errorCode null is success"),
        pytest.param(a_call("CreateTags"), OF_NO_SUBNET, id="tags on nothing at all"),
        pytest.param(an_event("headroom", "Continue", {"subnetIds": []}), OF_NO_SUBNET, id="nothing to continue"),
    ],
)
def test_what_asks_for_nothing_is_ignored_and_says_why(event, expected):
    assert scope_of(event) == expected


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(a_call("RunInstances"), EVERYWHERE, id="no parameters at all: everywhere"),
        pytest.param(a_call("RunInstances", requestParameters="x"), EVERYWHERE, id="parameters that are a text"),
        pytest.param(
            a_call("RunInstances", requestParameters={"note": "see subnet-0aa1bb2cc3dd4ee5f"}),
            EVERYWHERE,
            id="an id inside a sentence is not an id",
        ),
        pytest.param(
            a_call("RunInstances", requestParameters={"a": [{"b": ["subnet-0aa1bb2cc3dd4ee5f", 7, None]}]}),
            SUBNET_A,
            id="an id is found wherever it stands",
        ),
        pytest.param(
            a_call("AssignPrivateIpAddresses", errorCode="x", userAgent="eni-0123456789abcdef0"),
            EVERYWHERE,
            id="only request and response name what a call touched",
        ),
        pytest.param(
            a_call("UpdateNodegroupConfig", source="aws.eks", requestParameters={"name": 7}),
            EVERYWHERE,
            id="a cluster's name that is no text: everywhere",
        ),
        pytest.param(
            a_call("SetDesiredCapacity", source="aws.autoscaling", requestParameters=None),
            EVERYWHERE,
            id="an Auto Scaling call that names no group: everywhere",
        ),
        pytest.param(
            an_event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": "g", "Details": {"Subnet ID": 7}}),
            Scope(auto_scaling_groups=frozenset({"g"})),
            id="a subnet that is no text leaves the group",
        ),
        pytest.param(
            an_event("aws.autoscaling", LAUNCHED, {"AutoScalingGroupName": "g", "Details": "none"}),
            Scope(auto_scaling_groups=frozenset({"g"})),
            id="details that are a text leave the group",
        ),
    ],
)
def test_an_event_that_does_not_say_where_widens_the_question(event, expected):
    assert scope_of(event) == expected


def test_an_event_nested_as_deep_as_its_sender_likes_is_read():
    nested: object = "subnet-0aa1bb2cc3dd4ee5f"
    for _ in range(50_000):
        nested = [nested]
    assert scope_of(a_call("RunInstances", requestParameters={"deep": nested})) == SUBNET_A


IDS = st.frozensets(st.sampled_from("abcd"), max_size=3)
SCOPES = st.builds(
    Scope,
    everything=st.booleans(),
    subnets=IDS,
    clusters=IDS,
    auto_scaling_groups=IDS,
    instances=IDS,
    network_interfaces=IDS,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=9,
)


@given(SCOPES, SCOPES, SCOPES)
def test_it_does_not_matter_how_scopes_are_put_together(one, two, three):
    assert (one | two) | three == one | (two | three)
    assert one | two == two | one
    assert one | one == one


@given(SCOPES)
def test_nowhere_adds_nothing_and_is_the_only_empty_scope(scope):
    assert scope | NOWHERE == scope
    assert bool(scope) == (scope != NOWHERE)


@given(st.sampled_from(ROUTES), JSON)
def test_whatever_a_known_kind_carries_it_is_read_ignored_or_malformed_and_nothing_else(route, detail):
    if isinstance(detail, dict) and route.call:
        detail = {"eventName": route.call, "errorCode": "x", "requestParameters": detail, "responseElements": detail}
    try:
        found = scope_of(an_event(route.source, route.detail_type, detail))
    except MalformedEventError:
        return
    assert found
