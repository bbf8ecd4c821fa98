"""AWS's own answers, spoiled: of every call that Headroom makes, as a whole and field by field.

What holds: a named error that says what was read, or the snapshot names what is not known, or it is marked as partial,
or it reads like the good one. Where it differs and says nothing, OTHERWISE has the reason why that is no guess.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from functions.aws.kept import for_one_read
from functions.aws.odd import OddAnswerError
from functions.capacity.analyse import analyse
from functions.capacity.findings import findings
from functions.capacity.model import Snapshot
from functions.capacity.scope import EVERYWHERE
from functions.capacity.vpc_space import VpcSpace
from tests.bad_input.spoiled import Spoiled, fields, wholes
from tests.bad_input.wire import GOOD, SUBNET, VPC, AsksOnAndOnError, Wire
from tests.builders import NOW

NAMED = (OddAnswerError, BotoCoreError, ClientError)
NOT_OF_THE_READER = ("CreateSubnetCidrReservation", "GetParameter")
View = tuple[Snapshot, VpcSpace | None]


@pytest.fixture(scope="module")
def wire() -> Wire:
    return Wire()


@pytest.fixture(scope="module")
def read(wire) -> Any:
    """Reads all that there is to read, with this answer in the place of the good one."""
    reader = wire.reader

    def view(spoiled: Spoiled | None = None, *, status: int = 200) -> View:
        wire.answers = {spoiled.call: (status, spoiled.body)} if spoiled else {}
        wire.calls.clear()
        forgetful = replace(reader, kept=for_one_read())  # each view asks for all
        return forgetful.read(EVERYWHERE, NOW), forgetful.space_of(VPC, NOW)

    return view


@pytest.fixture(scope="module")
def good(read) -> View:
    return read()  # type: ignore[no-any-return]


def of_the_reader(listed: list[Spoiled]) -> list[Any]:
    return [pytest.param(each, id=each.sentence) for each in listed if each.call not in NOT_OF_THE_READER]


def test_the_good_answers_are_read_whole(good):
    snapshot, space = good
    (analysis,) = analyse(snapshot)
    assert (snapshot.unknowns, snapshot.whole, analysis.partial) == ((), {"demo"}, "")
    assert {each.label for each in snapshot.node_groups} == {"demo/workers", "demo/own"}
    assert analysis.demand.prefixes > 0
    assert space is not None


def test_the_reader_makes_each_of_these_calls(read, wire):
    read()
    assert wire.calls.keys() == GOOD.keys() - set(NOT_OF_THE_READER)


WHOLES = of_the_reader(wholes())


@pytest.mark.parametrize("spoiled", WHOLES)
def test_an_answer_that_is_none_is_an_error_that_names_the_call(read, spoiled):
    with pytest.raises(NAMED) as raised:
        read(spoiled)
    assert spoiled.call in str(raised.value)
    assert len(str(raised.value)) < 600


# What makes the view another one without a word, and why nothing is guessed there.
OTHERWISE = {
    ("DescribeAddon", "addon"): "an add-on without any field has the defaults of an add-on without configuration",
    ("DescribeAddon", "addon.addonVersion"): "an unknown version is none that any check calls new enough",
    ("DescribeAddon", "addon.status"): "a status other than UPDATING asks for no version to come",
    ("DescribeAddon", "addon.configurationValues"): "EKS leaves them out where nobody set any",
    ("DescribeAutoScalingGroups", "AutoScalingGroupName"): "the group goes by its other name",
    ("DescribeAutoScalingGroups", "VPCZoneIdentifier"): "a group may name zones only; its nodes say where they are",
    ("DescribeAutoScalingGroups", "LaunchTemplateId"): "the template says itself that it was not read",
    ("DescribeAutoScalingGroups", "Version"): "the template says itself that this version was not read",
    ("DescribeAutoScalingGroups", "Key"): "without the tag the group is no cluster's; its nodes still are",
    ("DescribeCluster", "cluster.resourcesVpcConfig"): "a VPC that is not known is none that its CNI discovers in",
    ("DescribeCluster", "cluster.resourcesVpcConfig.vpcId"): "the same",
    ("DescribeInstanceTypes", "hypervisor"): "only nitro takes prefixes, whatever the others are called",
    ("DescribeInstances", "instanceId"): "the instance goes by its other name",
    ("DescribeInstances", "instanceType"): "its group says which types it may be of",
    ("DescribeInstances", "name"): "an instance in a state that nobody knows does not run",
    ("DescribeInstances", "subnetId"): "one without a subnet has no node, one in another has it there",
    ("DescribeInstances", "launchTime"): "a time that is not said",
    ("DescribeInstances", "key"): "without the tag the instance belongs to another group, or to none",
    ("DescribeInstances", "value"): "the same",
    (
        "DescribeLaunchTemplateVersions",
        "launchTemplateId",
    ): "the template that the group names was not read, and says so",
    ("DescribeLaunchTemplateVersions", "versionNumber"): "the same",
    ("DescribeLaunchTemplateVersions", "imageId"): "the image only ever says whose it is",
    ("DescribeNetworkInterfaces", "networkInterfaceId"): "the interface goes by its other name",
    ("DescribeNetworkInterfaces", "instanceId"): "its addresses count, whosever it is",
    ("DescribeNetworkInterfaces", "ipv6Address"): "another address of the same family",
    ("DescribeNodegroup", "nodegroup.clusterName"): "the group of a cluster that is not there; the nodes stay",
    ("DescribeNodegroup", "nodegroup.nodegroupName"): "the group goes by its other name",
    ("DescribeNodegroup", "nodegroup.subnets"): "boto3 makes a list of letters of a text, and of keys of an object",
    ("DescribeNodegroup", "nodegroup.subnets.0"): "the group is in another subnet, which is not in view",
    ("DescribeNodegroup", "nodegroup.amiType"): "a family that is not known",
    ("DescribeNodegroup", "nodegroup.scalingConfig.desiredSize"): "another size",
    ("DescribeNodegroup", "nodegroup.scalingConfig.maxSize"): "another size",
    ("DescribeNodegroup", "nodegroup.updateConfig.maxUnavailable"): "another number of nodes at a time",
    ("DescribeSubnets", "ipv6CidrBlock"): "another range of the same family",
    ("DescribeSubnets", "vpcId"): "the subnet is in another VPC",
    ("DescribeSubnets", "availabilityZone"): "the zone goes by its other name",
    ("DescribeSubnets", "key"): "without the tag, or with a mode that nobody knows, nothing is changed there",
    ("DescribeSubnets", "value"): "the same",
    ("DescribeUpdate", "update"): "an update without a status is none in progress",
    ("DescribeUpdate", "update.status"): "the same",
    ("DescribeUpdate", "update.params"): "the version to come is not known",
    ("DescribeUpdate", "update.params.0"): "the same",
    ("DescribeUpdate", "update.params.0.type"): "the same",
    ("DescribeUpdate", "update.params.0.value"): "the same",
    ("DescribeVpcs", "vpcId"): "the VPC goes by its other name",
    ("DescribeVpcs", "state"): "a range that is not associated is unsettled: no advice builds on it",
    ("GetSubnetCidrReservations", "subnetCidrReservationId"): "the reservation goes by its other name",
    ("GetSubnetCidrReservations", "subnetId"): "it was asked for by its subnet",
    ("GetSubnetCidrReservations", "reservationType"): "what does not say prefix counts as explicit: left alone",
    ("GetSubnetCidrReservations", "key"): "without our tag it is somebody else's",
    ("GetSubnetCidrReservations", "value"): "the same",
    ("ListClusters", "clusters.0"): "no cluster",
    ("ListNodegroups", "nodegroups"): "boto3 makes a list of letters of a text; EKS is asked for each",
    ("ListNodegroups", "nodegroups.0"): "no node group; its nodes are still seen",
    ("ListUpdates", "updateIds.0"): "no update",
}


# A name that is none is an error of the next call, which asks for it.
SAYS_WHERE = (*GOOD, f"subnet {SUBNET}", "reservation ", "interface ", "the clusters and subnets")


def field_of(spoiled: Spoiled) -> tuple[str, str]:
    return spoiled.call, spoiled.wrong.removeprefix("no ").split(" is ")[0]


FIELDS = of_the_reader(fields())


@pytest.mark.parametrize("spoiled", FIELDS)
def test_an_odd_field_is_named_or_makes_the_view_partial_or_says_nothing_new(read, good, spoiled):
    try:
        found = read(spoiled)
    except NAMED as error:
        assert any(each in str(error) for each in SAYS_WHERE)  # noqa: PT017 - one of two good ends
        return
    snapshot, _ = found
    analyses = analyse(snapshot)
    assert all(each.title for each in findings(snapshot, analyses))
    said = bool(snapshot.unknowns) or any(each.partial for each in analyses)
    assert said or found == good or field_of(spoiled) in OTHERWISE, found


def test_no_reason_is_of_a_field_that_is_not_there():
    assert OTHERWISE.keys() - {field_of(each) for each in fields()} == set()


# --- errors in the place of answers ---

_EC2_ERROR = (
    b"<Response><Errors><Error><Code>%b</Code><Message>no</Message></Error></Errors><RequestID>r</RequestID></Response>"
)
ERRORS = [
    pytest.param(503, b"", id="503 without a word"),
    pytest.param(502, b"<html><body>Bad Gateway</body></html>", id="502 and a web page"),
    pytest.param(400, b"", id="400 without a word"),
    pytest.param(400, b"not at all", id="400 and a text"),
    pytest.param(403, _EC2_ERROR % b"UnauthorizedOperation", id="403 in XML"),
    pytest.param(403, b'{"message": "no"}', id="403 in JSON"),
    pytest.param(400, b'{"__type": 7, "message": []}', id="400 in odd JSON"),
    pytest.param(400, b"[" * 100_000, id="400 and JSON nested too deep"),
    pytest.param(200, _EC2_ERROR % b"InternalError", id="200 with an error in it"),
    pytest.param(418, b"<a/>", id="a status that nobody knows"),
]


@pytest.mark.parametrize("call", sorted(GOOD.keys() - set(NOT_OF_THE_READER)))
@pytest.mark.parametrize(("status", "body"), ERRORS)
def test_an_error_that_is_odd_itself_is_a_named_error(read, call, status, body):
    with pytest.raises(NAMED):
        read(Spoiled(call=call, wrong="", body=body), status=status)


# --- pages ---


def with_token(call: str, name: str) -> Spoiled:
    """The good answer, which says that there is more, every time in the same words."""
    body = GOOD[call]
    if body.startswith(b"{"):
        return Spoiled(call=call, wrong="", body=body.rstrip()[:-1] + b', "%b": "more"}' % name.encode())
    end = body.rstrip().rfind(b"</DescribeAutoScalingGroupsResult>")
    end = end if end >= 0 else body.rstrip().rfind(b"</")
    return Spoiled(
        call=call, wrong="", body=body[:end] + b"<%b>more</%b>" % (name.encode(), name.encode()) + body[end:]
    )


PAGED = {
    "DescribeSubnets": "nextToken",
    "DescribeNetworkInterfaces": "nextToken",
    "GetSubnetCidrReservations": "nextToken",
    "DescribeInstanceTypes": "nextToken",
    "DescribeInstances": "nextToken",
    "DescribeVpcs": "nextToken",
    "DescribeAutoScalingGroups": "NextToken",
    "ListClusters": "nextToken",
    "ListNodegroups": "nextToken",
    "ListUpdates": "nextToken",
}


@pytest.mark.parametrize("call", PAGED)
def test_a_page_that_leads_to_itself_is_an_error_and_no_endless_reading(read, wire, call):
    try:
        with pytest.raises(NAMED):
            read(with_token(call, PAGED[call]))
    except AsksOnAndOnError:
        pytest.fail(f"{call} is asked on and on")
    assert wire.calls[call] <= 5


# --- the other two calls ---


@pytest.mark.parametrize(
    "spoiled",
    [pytest.param(each, id=each.sentence) for each in (*wholes(), *fields()) if each.call == "GetParameter"],
)
def test_a_switch_that_cannot_be_read_is_off(spoiled):
    why = Wire({"GetParameter": (200, spoiled.body)}).switch.read().keeps_from_acting
    harmless = field_of(spoiled)[1] in {"Parameter.Name", "Parameter.Type", "Parameter.Version"}
    assert bool(why) != harmless
    assert harmless or "/Headroom/switch" in why


SWITCH_VALUES = ["", " ", "ACT", "Act", "act now", "on", "true", "observe,act", "act\x00", "\u0430ct", "act" * 50_000]


@pytest.mark.parametrize("value", SWITCH_VALUES, ids=lambda value: f"{value!r:.20}")
def test_a_switch_that_says_anything_but_act_is_off(value):
    body = json.dumps({"Parameter": {"Value": value}}).encode()
    why = Wire({"GetParameter": (200, body)}).switch.read().keeps_from_acting
    assert why
    assert len(why) < 200
