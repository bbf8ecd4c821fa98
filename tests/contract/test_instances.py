"""Instances and the interfaces attached to them."""

from typing import Any

import pytest

from tests.contract.network import prefixes_of, refusal, tag_list

pytestmark = [
    pytest.mark.not_on("aws", "an instance costs money"),
    pytest.mark.not_on("moto", "knows no limits of addresses and no prefixes"),
]


@pytest.fixture
def run(network):
    """Launch instances; they and their interfaces are gone at the end of the test."""
    launched: list[str] = []

    def launch(subnet: str, count: int = 1, *, at_least: int | None = None, **more: Any) -> list[str]:
        params = {"ImageId": "ami-0123456789abcdef0", "InstanceType": "m5.large", "SubnetId": subnet} | more
        answer = network.ec2.run_instances(MinCount=at_least or count, MaxCount=count, **params)
        launched.extend(one["InstanceId"] for one in answer["Instances"])
        return [one["InstanceId"] for one in answer["Instances"]]

    yield launch
    if launched:
        network.ec2.terminate_instances(InstanceIds=launched)


def describe(network, instance_id):
    return network.ec2.describe_instances(InstanceIds=[instance_id])["Reservations"][0]["Instances"][0]


def attach(network, interface, instance_id, device):
    return network.ec2.attach_network_interface(
        NetworkInterfaceId=interface["NetworkInterfaceId"], InstanceId=instance_id, DeviceIndex=device
    )


def test_each_instance_has_a_primary_interface_with_one_address(network, run):
    subnet = network.subnet()
    instances = [describe(network, instance_id) for instance_id in run(subnet, 5)]

    assert len({one["PrivateIpAddress"] for one in instances}) == 5
    assert [len(one["NetworkInterfaces"]) for one in instances] == [1] * 5
    assert {one["State"]["Name"] for one in instances} == {"running"}
    assert network.available(subnet) == 251 - 5


def test_a_launch_is_all_or_nothing_below_the_minimum(network, run):
    subnet = network.subnet("10.0.0.0/28")

    assert refusal(run, subnet=subnet, count=12) == (
        "InsufficientFreeAddressesInSubnet",
        f"There are not enough free addresses in subnet '{subnet}' to satisfy the requested number of instances.",
    )
    assert network.available(subnet) == 11
    assert len(run(subnet, 20, at_least=3)) == 11


def test_an_instance_gives_its_address_back_when_it_terminates(network, run):
    subnet = network.subnet()
    (instance_id,) = run(subnet)

    answer = network.ec2.terminate_instances(InstanceIds=[instance_id])["TerminatingInstances"][0]

    assert (answer["PreviousState"]["Name"], answer["CurrentState"]["Name"]) == ("running", "shutting-down")
    assert describe(network, instance_id)["State"]["Name"] == "terminated"
    assert network.available(subnet) == 251


def test_instances_can_be_filtered(network, run):
    one, other = network.subnet("10.0.0.0/24"), network.subnet("10.0.1.0/24")
    tags = [{"ResourceType": "instance", "Tags": tag_list({"eks:cluster-name": "demo"})}]
    (tagged,) = run(one, TagSpecifications=tags)
    (plain,) = run(other)
    network.ec2.terminate_instances(InstanceIds=[plain])

    def ids(name: str, value: str) -> list[str]:
        answer = network.ec2.describe_instances(Filters=[{"Name": name, "Values": [value]}])
        return [found["InstanceId"] for reservation in answer["Reservations"] for found in reservation["Instances"]]

    assert ids("tag:eks:cluster-name", "demo") == [tagged]
    assert ids("subnet-id", one) == [tagged]
    assert ids("instance-state-name", "terminated") == [plain]
    assert ids("instance-id", tagged) == [tagged]


def test_an_attached_interface_is_in_use_and_cannot_be_deleted(network, run):
    subnet = network.subnet()
    (instance_id,) = run(subnet)
    interface = network.interface(subnet)
    attachment = attach(network, interface, instance_id, 1)
    interface_id = interface["NetworkInterfaceId"]

    shown = network.describe_interface(interface_id)
    assert (shown["Status"], shown["Attachment"]["InstanceId"]) == ("in-use", instance_id)
    assert refusal(network.ec2.delete_network_interface, NetworkInterfaceId=interface_id) == (
        "InvalidParameterValue",
        f"Network interface '{interface_id}' is currently in use.",
    )

    network.ec2.detach_network_interface(AttachmentId=attachment["AttachmentId"])
    assert network.describe_interface(interface_id)["Status"] == "available"


def test_an_instance_type_limits_the_interfaces(network, run):
    subnet = network.subnet()
    (instance_id,) = run(subnet)  # m5.large: 3 interfaces
    for device in (1, 2):
        attach(network, network.interface(subnet), instance_id, device)

    assert refusal(attach, network=network, interface=network.interface(subnet), instance_id=instance_id, device=3) == (
        "AttachmentLimitExceeded",
        "Interface count 4 exceeds the limit for m5.large",
    )


def test_prefixes_and_addresses_share_the_slots_of_an_interface(network, run):
    subnet = network.subnet("10.0.0.0/23")
    (instance_id,) = run(subnet)  # m5.large: 10 addresses per interface
    interface_id = describe(network, instance_id)["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def assign(**what: int) -> Any:
        return network.ec2.assign_private_ip_addresses(NetworkInterfaceId=interface_id, **what)

    assert len(prefixes_of(assign(Ipv4PrefixCount=8), "AssignedIpv4Prefixes")) == 8
    assign(SecondaryPrivateIpAddressCount=1)
    before = network.available(subnet)
    assert refusal(assign, Ipv4PrefixCount=1) == (
        "PrivateIpAddressLimitExceeded",
        "Number of private addresses will exceed limit.",
    )
    assert network.available(subnet) == before


def test_only_nitro_instances_have_prefixes(network, run):
    (instance_id,) = run(network.subnet(), InstanceType="t2.small")
    interface_id = describe(network, instance_id)["NetworkInterfaces"][0]["NetworkInterfaceId"]

    code, _ = refusal(network.ec2.assign_private_ip_addresses, NetworkInterfaceId=interface_id, Ipv4PrefixCount=1)
    assert code == "InvalidParameterCombination"


def test_an_instance_takes_along_what_is_to_be_deleted_on_termination(network, run):
    subnet = network.subnet()
    (instance_id,) = run(subnet)
    going, staying = network.interface(subnet), network.interface(subnet)
    attachment_id = attach(network, going, instance_id, 1)["AttachmentId"]
    attach(network, staying, instance_id, 2)
    network.ec2.modify_network_interface_attribute(
        NetworkInterfaceId=going["NetworkInterfaceId"],
        Attachment={"AttachmentId": attachment_id, "DeleteOnTermination": True},
    )
    network.ec2.terminate_instances(InstanceIds=[instance_id])

    answer = network.ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])
    assert [one["NetworkInterfaceId"] for one in answer["NetworkInterfaces"]] == [staying["NetworkInterfaceId"]]
