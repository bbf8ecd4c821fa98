"""Every sample event, and every way to spoil one."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.scope import (
    API_CALL,
    EVERYWHERE,
    NOWHERE,
    ROUTES,
    Ignored,
    MalformedEventError,
    Scope,
    scope_of,
)
from tests.events import IGNORED, PATHS, is_listened_to, sample

SUBNET = "subnet-0aa1bb2cc3dd4ee5f"


@pytest.mark.parametrize("path", PATHS)
def test_every_sample_is_understood(path):
    found = scope_of(sample(path))
    if path.startswith("foreign/") or path == IGNORED:
        assert isinstance(found, Ignored)
    else:
        assert isinstance(found, Scope)
        assert found != NOWHERE


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ec2/InstanceStateChange.running.json", Scope(instances=frozenset({"i-0123456789abcdef0"}))),
        ("cloudtrail-ec2/CreateTags.subnet.json", Scope(subnets=frozenset({SUBNET}))),
        ("cloudtrail-eks/UpdateNodegroupConfig.json", Scope(clusters=frozenset({"demo"}))),
        ("cloudtrail-eks/CreateCluster.clusterName.json", Scope(clusters=frozenset({"demo"}))),
        ("eks/AddonUpdateSucceeded.empty-detail.json", EVERYWHERE),
        ("cloudtrail-ec2/CreateLaunchTemplateVersion.json", EVERYWHERE),
        ("headroom/Sweep.json", EVERYWHERE),
        ("headroom/Continue.json", Scope(subnets=frozenset({SUBNET}))),
        (
            "cloudtrail-ec2/AssignPrivateIpAddresses.no-free-block.json",
            Scope(network_interfaces=frozenset({"eni-0123456789abcdef0"})),
        ),
    ],
)
def test_where_a_sample_points(path, expected):
    assert scope_of(sample(path)) == expected


def test_an_auto_scaling_event_names_the_group_and_the_subnet():
    found = scope_of(sample("autoscaling/InstanceLaunchSuccessful.json"))
    assert isinstance(found, Scope)
    assert found.auto_scaling_groups == {"eks-workers-6ac9f3a1-5d2e-4d0f-9d8f-0f4f1a2b3c4d"}
    assert found.subnets


def test_every_route_has_a_sample():
    seen = set()
    for path in PATHS:
        event = sample(path)
        call = event["detail"].get("eventName", "") if event["detail-type"] == API_CALL else ""
        seen.add((event["source"], event["detail-type"], call))
    assert [route.key for route in ROUTES if route.key not in seen] == []


def test_no_kind_of_event_stands_twice_in_the_table():
    assert len({route.key for route in ROUTES}) == len(ROUTES)


def spoilt(path: str, **changes: Any) -> dict[str, Any]:
    """A sample with these top-level fields replaced; None takes a field away."""
    event = copy.deepcopy(sample(path)) | changes
    return {key: value for key, value in event.items() if value is not None}


STATE, CALL = "ec2/InstanceStateChange.running.json", "cloudtrail-eks/UpdateAddon.json"


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="null"),
        pytest.param("text", id="a text"),
        pytest.param(["a", "list"], id="a list"),
        pytest.param({}, id="an empty object"),
        pytest.param(spoilt(STATE, source=None), id="no source"),
        pytest.param(spoilt(STATE, source=7), id="a source that is a number"),
        pytest.param(spoilt(STATE, **{"detail-type": ["x"]}), id="a detail-type that is a list"),
        pytest.param(spoilt(STATE, detail=None), id="no detail"),
        pytest.param(spoilt(STATE, detail="text"), id="a detail that is a text"),
        pytest.param(spoilt(STATE, detail={"state": "running"}), id="a state change of no instance"),
        pytest.param(spoilt(STATE, detail={"instance-id": ["i-1"]}), id="an instance id that is a list"),
        pytest.param(spoilt("autoscaling/InstanceLaunchSuccessful.json", detail={}), id="a launch of no group"),
        pytest.param(spoilt(CALL, detail={"eventSource": "eks.amazonaws.com"}), id="an API call without a name"),
        pytest.param(spoilt("headroom/Continue.json", detail={"subnetIds": "x"}), id="Continue without a list"),
        pytest.param(spoilt("headroom/Continue.json", detail={"subnetIds": [1]}), id="Continue with a number"),
    ],
)
def test_what_cannot_be_read_is_malformed(event):
    with pytest.raises(MalformedEventError):
        scope_of(event)


def test_a_detail_as_deep_as_its_sender_likes_is_read():
    deep: Any = {"subnetId": SUBNET}
    for _ in range(100_000):
        deep = [deep]
    event = spoilt("cloudtrail-ec2/RunInstances.json")
    event["detail"] = {"eventName": "RunInstances", "requestParameters": {"deep": deep}}
    assert scope_of(event) == Scope(subnets=frozenset({SUBNET}))


def test_a_listened_to_sample_exists_for_each_folder():
    assert {path.split("/")[0] for path in PATHS if is_listened_to(path)} == {
        "autoscaling",
        "cloudtrail-autoscaling",
        "cloudtrail-ec2",
        "cloudtrail-eks",
        "ec2",
        "eks",
    }


names = st.frozensets(st.sampled_from("abc"))
scopes = st.builds(
    Scope,
    everything=st.booleans(),
    subnets=names,
    clusters=names,
    auto_scaling_groups=names,
    instances=names,
    network_interfaces=names,
)


@given(scopes, scopes, scopes)
def test_scopes_add_up_in_any_order(one, two, three):
    assert one | two == two | one
    assert (one | two) | three == one | (two | three)
    assert one | NOWHERE == one
    assert one | one == one
    assert bool(one) == (one != NOWHERE)
