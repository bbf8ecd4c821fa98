"""Filters and pages of the Describe calls."""

import pytest

from tests.contract.network import refusal, tag_list

ONE_PAGE = pytest.mark.not_on("moto", "answers with one page only")


@pytest.fixture
def two_subnets(network):
    """An interface in each of two subnets, unlike in all that can be filtered by."""
    one, other = network.subnet("10.0.0.0/24", tags={"team": "a"}), network.subnet("10.0.1.0/24")
    tags = [{"ResourceType": "network-interface", "Tags": tag_list({"team": "a", "name": "x y"})}]
    network.interface(one, Description="aws-K8S-i-1", PrivateIpAddress="10.0.0.50", TagSpecifications=tags)
    network.interface(other, Description="other", PrivateIpAddress="10.0.1.50")
    return one, other


def found(network, name, *values: str) -> list[str]:
    """The primary addresses of the VPC's interfaces that pass a filter."""
    filters = [{"Name": name, "Values": list(values)}, {"Name": "vpc-id", "Values": [network.vpc_id]}]
    answer = network.ec2.describe_network_interfaces(Filters=filters)
    return sorted(one["PrivateIpAddress"] for one in answer["NetworkInterfaces"])


@pytest.mark.usefixtures("two_subnets")
@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("description", "aws-K8S-i-1", ["10.0.0.50"]),
        ("description", "aws-K8S-*", ["10.0.0.50"]),
        ("description", "aws-?8S-i-?", ["10.0.0.50"]),
        ("description", "K8S", []),
        ("private-ip-address", "10.0.1.50", ["10.0.1.50"]),
        ("addresses.private-ip-address", "10.0.1.50", ["10.0.1.50"]),
        ("tag:team", "a", ["10.0.0.50"]),
        ("tag:name", "x*", ["10.0.0.50"]),
        ("tag:team", "b", []),
        ("tag-key", "team", ["10.0.0.50"]),
        ("interface-type", "interface", ["10.0.0.50", "10.0.1.50"]),
        ("interface-type", "lambda", []),
        ("status", "in-use", []),
        ("attachment.instance-id", "*", []),
    ],
)
def test_interfaces_can_be_filtered(network, name, value, expected):
    assert found(network, name, value) == expected


def test_interfaces_can_be_filtered_by_subnet(network, two_subnets):
    one, other = two_subnets
    assert found(network, "subnet-id", one) == ["10.0.0.50"]
    assert found(network, "subnet-id", one, other) == ["10.0.0.50", "10.0.1.50"]


def test_filters_add_up(network, two_subnets):
    filters = [
        {"Name": "subnet-id", "Values": [two_subnets[1]]},
        {"Name": "description", "Values": ["aws-K8S-*"]},
    ]
    assert network.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"] == []


@pytest.mark.not_on("moto", "raises NotImplementedError for an unknown filter")
def test_an_unknown_filter_is_refused(network):
    filters = [{"Name": "no-such-filter", "Values": ["x"]}]
    code, message = refusal(network.ec2.describe_network_interfaces, Filters=filters)
    assert (code, "no-such-filter" in message) == ("InvalidParameterValue", True)


def test_an_interface_that_is_not_there_is_refused(network):
    code, _ = refusal(network.ec2.describe_network_interfaces, NetworkInterfaceIds=["eni-0123456789abcdef0"])
    assert code == "InvalidNetworkInterfaceID.NotFound"


@ONE_PAGE
def test_interfaces_come_in_pages_that_add_up_also_when_some_go_in_between(network):
    subnet = network.subnet()
    made = [network.interface(subnet)["NetworkInterfaceId"] for _ in range(12)]
    filters = [{"Name": "subnet-id", "Values": [subnet]}]

    first = network.ec2.describe_network_interfaces(Filters=filters, MaxResults=5)
    gone = first["NetworkInterfaces"][0]["NetworkInterfaceId"]
    network.ec2.delete_network_interface(NetworkInterfaceId=gone)
    pages = network.ec2.get_paginator("describe_network_interfaces").paginate(
        Filters=filters, PaginationConfig={"PageSize": 5, "StartingToken": first["NextToken"]}
    )
    seen = [one["NetworkInterfaceId"] for page in (first, *pages) for one in page["NetworkInterfaces"]]

    assert len(first["NetworkInterfaces"]) == 5
    assert sorted(seen) == sorted(made)


@ONE_PAGE
def test_a_page_has_at_most_1000_interfaces(network):
    code, _ = refusal(network.ec2.describe_network_interfaces, MaxResults=1001)
    assert code == "InvalidParameterValue"


@ONE_PAGE
def test_a_token_that_ec2_never_gave_is_refused(network):
    code, _ = refusal(network.ec2.describe_network_interfaces, MaxResults=5, NextToken="nonsense")
    assert code.startswith("Invalid")


@ONE_PAGE
def test_pages_of_named_interfaces_are_refused(network):
    interface_id = network.interface(network.subnet())["NetworkInterfaceId"]
    code, _ = refusal(network.ec2.describe_network_interfaces, NetworkInterfaceIds=[interface_id], MaxResults=5)
    assert code == "InvalidParameterCombination"


def test_subnets_can_be_filtered(network, two_subnets):
    def subnets(name: str, value: str) -> list[str]:
        filters = [{"Name": name, "Values": [value]}, {"Name": "vpc-id", "Values": [network.vpc_id]}]
        return [one["SubnetId"] for one in network.ec2.describe_subnets(Filters=filters)["Subnets"]]

    one, other = two_subnets
    assert subnets("tag:team", "a") == [one]
    assert subnets("tag-key", "team") == [one]
    assert subnets("subnet-id", other) == [other]
    assert subnets("cidr-block", "10.0.1.0/24") == [other]


@ONE_PAGE
def test_subnets_come_in_pages_that_add_up(network):
    made = {network.subnet(f"10.0.{n}.0/24") for n in range(7)}
    filters = [{"Name": "vpc-id", "Values": [network.vpc_id]}]
    pages = list(
        network.ec2.get_paginator("describe_subnets").paginate(Filters=filters, PaginationConfig={"PageSize": 5})
    )

    assert [len(page["Subnets"]) for page in pages] == [5, 2]
    assert {one["SubnetId"] for page in pages for one in page["Subnets"]} == made


def test_an_interface_shows_its_tags_and_changes_them(network, two_subnets):
    filters = [{"Name": "subnet-id", "Values": [two_subnets[0]]}]
    interface = network.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"][0]
    network.ec2.create_tags(Resources=[interface["NetworkInterfaceId"]], Tags=tag_list({"team": "b"}))

    assert interface["TagSet"] == tag_list({"team": "a", "name": "x y"})
    assert found(network, "tag:team", "b") == ["10.0.0.50"]
