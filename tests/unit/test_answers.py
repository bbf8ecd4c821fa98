"""boto3's answers, the usual and the odd ones."""

from ipaddress import IPv4Network

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from functions.aws import answers
from functions.capacity.model import Mode


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
    assert (found.instance_id, [*found.addresses], [*found.prefixes]) == (None, [], [])


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
