"""Who was refused addresses for lack of room, by the events of failed calls."""

from collections import Counter

import pytest

from functions.capacity.failures import failures, failures_in
from functions.capacity.scope import Ignored, scope_of
from functions.handlers.reconcile import read_batch
from tests.builders import SUBNET, a_subnet, an_interface
from tests.events import PATHS, sample
from tests.unit.test_handler import record

NAMED = {"subnet-0aa1bb2cc3dd4ee5f": 1}
INTERFACE = {"eni-0123456789abcdef0": 1}


def seen(path: str) -> Counter[str]:
    event = sample(path)
    where = scope_of(event)
    assert not isinstance(where, Ignored)
    return failures(event, where)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("cloudtrail-ec2/CreateNetworkInterface.no-free-address.json", NAMED),
        ("cloudtrail-ec2/CreateNetworkInterface.no-free-block.json", NAMED),
        ("cloudtrail-ec2/CreateNetworkInterface.no-free-block-bare-code.json", NAMED),
        ("cloudtrail-ec2/CreateNetworkInterface.exhausted.json", NAMED),
        ("cloudtrail-ec2/AssignPrivateIpAddresses.no-free-block.json", INTERFACE),
        ("cloudtrail-ec2/AssignPrivateIpAddresses.nested.json", INTERFACE),
        ("cloudtrail-ec2/AssignPrivateIpAddresses.exhausted.json", INTERFACE),
        ("cloudtrail-ec2/AssignIpv6Addresses.no-free-block.json", INTERFACE),
        ("cloudtrail-ec2/AssignIpv6Addresses.exhausted.json", INTERFACE),
        ("cloudtrail-ec2/CreateNetworkInterface.unauthorized.json", {}),
        ("cloudtrail-ec2/CreateSubnetCidrReservation.overlap.json", {}),
        ("cloudtrail-ec2/CreateSubnet.json", {}),
        ("cloudtrail-eks/UpdateAddon.json", {}),
        ("headroom/Sweep.json", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_call_that_found_no_room_counts_where_it_says_so_and_no_other_does(path, expected):
    assert seen(path) == expected


@pytest.mark.parametrize("odd", [None, 7, [], {}, "Client."], ids=repr)
def test_odd_errors_are_no_failure_for_lack_of_room(odd):
    event = sample("cloudtrail-ec2/AssignPrivateIpAddresses.no-free-block.json")
    event |= {"detail": event["detail"] | {"errorCode": odd, "errorMessage": odd}}
    where = scope_of(sample("cloudtrail-ec2/AssignPrivateIpAddresses.no-free-block.json"))
    assert not isinstance(where, Ignored)
    assert not failures(event, where)


def test_a_batch_adds_them_up():
    paths = ["CreateNetworkInterface.no-free-address", "AssignPrivateIpAddresses.no-free-block"]
    events = [sample(f"cloudtrail-ec2/{each}.json") for each in paths]
    found = read_batch([record(n, each) for n, each in enumerate([*events, events[0], sample("headroom/Sweep.json")])])
    assert found.failures == {"subnet-0aa1bb2cc3dd4ee5f": 2, "eni-0123456789abcdef0": 1}


def test_no_sample_event_breaks_it():
    assert read_batch([record(n, sample(path)) for n, path in enumerate(PATHS)]).failures.total() > 1


def test_those_of_a_subnet_are_its_own_and_its_interfaces():
    subnet = a_subnet(interfaces=[an_interface("10.0.0.4", interface_id="eni-1"), an_interface(interface_id="eni-2")])
    assert failures_in(subnet, Counter({SUBNET: 2, "eni-1": 3, "eni-9": 5, "subnet-9": 7})) == 5
    assert failures_in(subnet, Counter()) == 0
