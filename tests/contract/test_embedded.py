"""What the embedded EC2 has beyond the API: what it tells its listeners, repeatability, its nodes, its speed."""

from typing import Any

import pytest

from ec2_rules.cni import CniSettings, InstanceLimits, Node
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.authorization import ResourceUse
from sandbox.ec2.cloudtrail import ApiCall, StateChange
from sandbox.ec2.in_process import client
from sandbox.ec2.node_port import Ec2NodeNetwork
from tests.contract.network import Network, addresses_of, refusal, tag_list

M5_LARGE = InstanceLimits(interfaces=3, addresses_per_interface=10)


class Embedded:
    """An embedded EC2, a network in it, and what its listeners heard."""

    def __init__(self) -> None:
        self.calls: list[ApiCall] = []
        self.states: list[StateChange] = []
        self.api = Ec2Api(seed=11, on_call=self.calls.append, on_state=self.states.append)
        self.ec2 = client(self.api)

    def last(self, name: str) -> Any:
        return next(call for call in reversed(self.calls) if call.event_name == name)


@pytest.fixture
def embedded():
    return Embedded()


@pytest.fixture
def own_network(embedded):
    with Network(embedded.ec2) as network:
        yield network


def test_a_granted_call_is_reported_in_cloudtrails_shape(embedded, own_network):
    subnet = own_network.subnet()
    tags = [{"ResourceType": "network-interface", "Tags": tag_list({"team": "a"})}]
    own_network.interface(subnet, PrivateIpAddress="10.0.0.50", ClientToken="t", TagSpecifications=tags)

    call = embedded.last("CreateNetworkInterface")

    assert call.request_parameters == {
        "subnetId": subnet,
        "privateIpAddress": "10.0.0.50",
        "clientToken": "t",
        "tagSpecificationSet": {
            "items": [{"resourceType": "network-interface", "tags": [{"key": "team", "value": "a"}]}]
        },
    }
    interface = call.response_elements["networkInterface"]
    assert (interface["subnetId"], interface["privateIpAddress"]) == (subnet, "10.0.0.50")
    assert interface["privateIpAddressesSet"] == {"items": [{"privateIpAddress": "10.0.0.50", "primary": True}]}
    assert (call.error_code, call.error_message, call.access_key) == (None, None, "test")
    assert call.user_agent.startswith("Boto3/")


def test_a_refused_call_is_reported_with_its_error_and_without_a_response(embedded, own_network):
    interface_id = own_network.interface(own_network.subnet("10.0.0.0/27"))["NetworkInterfaceId"]
    refusal(embedded.ec2.assign_private_ip_addresses, NetworkInterfaceId=interface_id, Ipv4PrefixCount=1)

    call = embedded.last("AssignPrivateIpAddresses")

    assert call.request_parameters == {"networkInterfaceId": interface_id, "ipv4PrefixCount": 1}
    assert call.response_elements is None
    assert call.error_code == "Client.InsufficientCidrBlocks"
    assert call.error_message == "The specified subnet does not have enough free cidr blocks to satisfy the request."


def test_a_reservation_is_reported_under_the_name_of_its_request(embedded, own_network):
    subnet = own_network.subnet()
    own_network.reserve(subnet, "10.0.0.64/26")

    call = embedded.last("CreateSubnetCidrReservation")

    assert call.request_parameters == {
        "CreateSubnetCidrReservationRequest": {
            "SubnetId": subnet,
            "Cidr": "10.0.0.64/26",
            "ReservationType": "prefix",
        }
    }
    created = call.response_elements["CreateSubnetCidrReservationResponse"]["subnetCidrReservation"]
    assert created["cidr"] == "10.0.0.64/26"


def test_reads_are_not_reported_and_moto_s_writes_are(embedded, own_network):
    own_network.describe_subnet(own_network.subnet())

    names = [call.event_name for call in embedded.calls]

    assert names == ["CreateVpc", "CreateSubnet"]


def test_the_states_of_an_instance_are_told(embedded, own_network):
    subnet = own_network.subnet()
    instance_id = embedded.ec2.run_instances(InstanceType="m5.large", SubnetId=subnet, MinCount=1, MaxCount=1)[
        "Instances"
    ][0]["InstanceId"]
    embedded.ec2.terminate_instances(InstanceIds=[instance_id])

    states = ["pending", "running", "shutting-down", "terminated"]
    assert embedded.states == [StateChange(instance_id, state) for state in states]
    launch = embedded.last("RunInstances").request_parameters
    assert launch["instancesSet"] == {"items": [{"minCount": 1, "maxCount": 1}]}


def test_the_same_seed_and_calls_give_the_same_ids_and_addresses():
    def story() -> tuple[Any, ...]:
        with Network(client(Ec2Api(seed=5))) as network:
            subnet = network.subnet()
            interface = network.interface(subnet, Ipv4PrefixCount=2)
            return network.vpc_id, subnet, interface["NetworkInterfaceId"], addresses_of(interface)

    assert story() == story()


def test_an_instance_takes_what_it_is_not_told_from_its_launch_template(embedded, own_network):
    embedded.ec2.create_launch_template(
        LaunchTemplateName="nodes", LaunchTemplateData={"InstanceType": "m5.large", "ImageId": "ami-1"}
    )
    launched = embedded.ec2.run_instances(
        LaunchTemplate={"LaunchTemplateName": "nodes"}, SubnetId=own_network.subnet(), MinCount=1, MaxCount=1
    )["Instances"][0]
    embedded.ec2.terminate_instances(InstanceIds=[launched["InstanceId"]])

    assert (launched["InstanceType"], launched["ImageId"]) == ("m5.large", "ami-1")


def test_an_action_that_ec2_does_not_have_is_refused(embedded):
    assert embedded.api.handle(b"Action=NoSuchAction", {}).status == 400


def test_a_missing_parameter_is_named(embedded):
    response = embedded.api.handle(b"Action=CreateNetworkInterface", {})
    assert (response.status, b"MissingParameter" in response.body, b"SubnetId" in response.body) == (400, True, True)


def test_a_reservation_is_authorized_on_its_subnet_and_its_tags_on_itself(embedded, own_network):
    subnet = own_network.subnet(tags={"headroom": "steer"})
    reservation_id = own_network.reserve(subnet, "10.0.0.64/26")["SubnetCidrReservationId"]

    assert embedded.api.resources_of("CreateSubnetCidrReservation", {"SubnetId": subnet}) == [
        ResourceUse(f"subnet/{subnet}", {"headroom": "steer"})
    ]
    assert embedded.api.resources_of("CreateTags", {"Resources": [subnet, reservation_id]}) == [
        ResourceUse(f"subnet/{subnet}", {"headroom": "steer"}),
        ResourceUse(f"subnet-cidr-reservation/{reservation_id}", {}),
    ]
    assert embedded.api.resources_of("DeleteSubnetCidrReservation", {"SubnetCidrReservationId": reservation_id}) == [
        ResourceUse("*", {})
    ]
    assert embedded.api.subnet_tags(subnet) == {"headroom": "steer"}


def test_a_node_joins_grows_and_leaves_over_the_api(embedded, own_network):
    subnet = own_network.subnet("10.0.0.0/22")
    launch = embedded.ec2.run_instances(InstanceType="t3.small", SubnetId=subnet, MinCount=1, MaxCount=1)
    instance_id = launch["Instances"][0]["InstanceId"]
    before = own_network.available(subnet)
    port = Ec2NodeNetwork(embedded.ec2)
    limits = InstanceLimits(interfaces=3, addresses_per_interface=4)
    node = Node(instance_id, subnet, port.primary_interface(instance_id), port, limits, cluster="demo")

    outcome = node.tick(0.0, 110)
    filters = [{"Name": "description", "Values": [f"aws-K8S-{instance_id}"]}]
    added = embedded.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    node.leave()

    assert (outcome.held, outcome.failures) == (7, ())
    assert [len(one["Ipv4Prefixes"]) for one in added] in ([3, 1], [1, 3])
    assert all({"Key": "cluster.k8s.amazonaws.com/name", "Value": "demo"} in one["TagSet"] for one in added)
    assert own_network.available(subnet) == before
    embedded.ec2.terminate_instances(InstanceIds=[instance_id])


def test_a_node_over_the_api_hears_why_ec2_refuses(embedded, own_network):
    subnet = own_network.subnet("10.0.0.0/27")
    launch = embedded.ec2.run_instances(InstanceType="m5.large", SubnetId=subnet, MinCount=1, MaxCount=1)
    instance_id = launch["Instances"][0]["InstanceId"]
    port = Ec2NodeNetwork(embedded.ec2)
    node = Node(instance_id, subnet, port.primary_interface(instance_id), port, M5_LARGE, CniSettings())

    outcome = node.tick(0.0, 0)
    embedded.ec2.terminate_instances(InstanceIds=[instance_id])

    assert [failure.code for failure in outcome.failures] == ["InsufficientCidrBlocks"] * 2


def test_5000_interfaces_among_300_reservations_are_all_there(embedded):
    """How long it takes stands in the benchmarks."""
    ec2 = embedded.ec2
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc_id, CidrBlock="10.0.0.0/16")["Subnet"]["SubnetId"]
    for place in range(300):
        cidr = f"10.0.{place // 2}.{place % 2 * 128}/25"
        ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr=cidr, ReservationType="prefix")
    for count in (1000, 1000, 1000, 1000, 900):
        ec2.run_instances(InstanceType="m5.large", SubnetId=subnet, MinCount=count, MaxCount=count)
    for _ in range(100):
        ec2.create_network_interface(SubnetId=subnet)
    pages = list(ec2.get_paginator("describe_network_interfaces").paginate(PaginationConfig={"PageSize": 1000}))
    assert [len(page["NetworkInterfaces"]) for page in pages] == [1000] * 5
