"""Interfaces read from an EC2 API through boto3: by our scanner, by botocore's parser, and what is left to botocore."""

from typing import Any

import pytest
from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ClientError
from urllib3.exceptions import ProtocolError

from functions.aws import answers, clients, interface_pages
from functions.aws.interface_pages import interfaces_in
from functions.aws.interface_xml import InterfaceXml
from functions.capacity.model import Interface
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.in_process import client


@pytest.fixture(scope="module")
def api() -> Ec2Api:
    return Ec2Api(seed=3)


@pytest.fixture
def ec2(api) -> Any:
    return client(api)


@pytest.fixture(scope="module")
def subnets(api) -> list[str]:
    """One with more than a page of nodes, one with a few interfaces of several kinds, one with nothing."""
    ec2: Any = client(api)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ids = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{32 * n}.0/19")["Subnet"]["SubnetId"] for n in range(3)]
    ec2.run_instances(ImageId="ami-1", InstanceType="m5.large", MinCount=1100, MaxCount=1100, SubnetId=ids[0])
    ec2.create_network_interface(SubnetId=ids[1], Ipv4PrefixCount=3, Description='a <node\'s> & "more"')
    ec2.create_network_interface(SubnetId=ids[1], SecondaryPrivateIpAddressCount=5)
    tags = [{"Key": "cluster.k8s.amazonaws.com/name", "Value": "R&D"}]
    made = {"ResourceType": "network-interface", "Tags": tags}
    ec2.create_network_interface(SubnetId=ids[1], Description="aws-K8S-i-0123456789abcdef0", TagSpecifications=[made])
    return ids


def by_boto3(ec2: Any, subnets: list[str]) -> list[Interface]:
    pages = ec2.get_paginator("describe_network_interfaces").paginate(
        Filters=[{"Name": "subnet-id", "Values": sorted(subnets)}], PaginationConfig={"PageSize": 1000}
    )
    return [answers.interface(each) for page in pages for each in page["NetworkInterfaces"]]


def pages_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many interfaces each page, or piece of one, had that our scanner read, as they are read."""
    sizes = list[int]()
    items = InterfaceXml.items

    def counted(self: InterfaceXml, page: bytes, position: int, end: int) -> list[Interface]:
        found = items(self, page, position, end)
        sizes.append(len(found))
        return found

    monkeypatch.setattr(InterfaceXml, "items", counted)
    return sizes


def test_several_pages_are_read_and_equal_to_boto3s(ec2, subnets, monkeypatch):
    expected = by_boto3(ec2, subnets)
    sizes = pages_read(monkeypatch)
    assert list(interfaces_in(ec2, subnets)) == expected
    assert len(expected) == 1103
    assert sizes == [1000, 103]


def test_who_else_uses_the_client_gets_ec2s_own_answer(ec2, subnets):
    ours = interfaces_in(ec2, subnets)
    first = next(ours)  # in the middle of reading
    page = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnets[1]]}])
    assert page["NetworkInterfaces"][0]["SubnetId"] == subnets[1]
    assert sorted(page) == ["NetworkInterfaces", "ResponseMetadata"]
    assert len([first, *ours]) == 1103


@pytest.mark.parametrize(
    "event", ["before-parse.ec2.NoSuchOperation", "no-such-event"], ids=["never sent", "unknown to botocore"]
)
def test_without_the_event_botocore_reads(ec2, subnets, monkeypatch, event):
    monkeypatch.setattr(interface_pages, "_EVENT", event)
    sizes = pages_read(monkeypatch)
    assert list(interfaces_in(ec2, subnets)) == by_boto3(ec2, subnets)
    assert sizes == []


def test_a_botocore_that_takes_no_answers_from_handlers_reads_itself(ec2, subnets, monkeypatch):
    """As before it had `customized_response_dict`."""
    emit = ec2.meta.events.emit

    def older(name: str, **arguments: Any) -> Any:
        arguments.pop("customized_response_dict", None)
        return emit(name, **arguments)

    monkeypatch.setattr(ec2.meta.events, "emit", older)
    assert list(interfaces_in(ec2, subnets[1:])) == by_boto3(ec2, subnets[1:])


def test_a_page_that_is_not_as_expected_is_botocores(ec2, subnets, monkeypatch):
    expected = by_boto3(ec2, subnets)
    handed = list[bytes]()

    def with_a_comment(response_dict: dict[str, Any], **_: Any) -> None:
        if b"<nextToken>" not in response_dict["body"]:  # the last page
            response_dict["body"] = response_dict["body"].replace(b"<item>", b"<!-- here --><item>", 1)
            handed.append(response_dict["body"])

    ec2.meta.events.register_first("before-parse.ec2.DescribeNetworkInterfaces", with_a_comment)
    sizes = pages_read(monkeypatch)
    assert list(interfaces_in(ec2, subnets)) == expected
    assert (sizes, len(handed)) == ([1000], 1)


class Refusal:
    """The part of a urllib3 response that botocore reads."""

    def stream(self) -> list[bytes]:
        error = b"<Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error>"
        return [b"<Response><Errors>" + error + b"</Errors><RequestID>r</RequestID></Response>"]


def test_errors_are_botocores(ec2):
    refused = AWSResponse("", 403, HeadersDict(), Refusal())  # type: ignore[arg-type]
    ec2.meta.events.register_first("before-send.ec2", lambda **_: refused)
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        list(interfaces_in(ec2, ["subnet-1"]))


# --- over HTTP, where answers are read as they arrive ---


@pytest.fixture(scope="module")
def interfaces(aws) -> tuple[Any, str]:
    """A client of the embedded AWS, and a subnet with thirty interfaces."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.40.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.40.0.0/20")["Subnet"]["SubnetId"]
    for _ in range(30):
        ec2.create_network_interface(SubnetId=subnet, Ipv4PrefixCount=2)
    return ec2, subnet


def test_pages_are_read_as_they_arrive(interfaces, monkeypatch):
    ec2, subnet = interfaces
    monkeypatch.setattr(interface_pages, "_PIECE", 3000)
    sizes = pages_read(monkeypatch)
    found = list(interfaces_in(ec2, [subnet]))
    assert found == by_boto3(ec2, [subnet])
    assert [len(each.prefixes) for each in found] == [2] * 30
    assert len(sizes) > 5
    assert sum(sizes) == 30


def test_who_else_uses_the_client_over_http_gets_ec2s_own_answer(interfaces):
    ec2, subnet = interfaces
    ours = interfaces_in(ec2, [subnet])
    next(ours)  # in the middle of reading
    page = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [subnet]}])
    assert len(page["NetworkInterfaces"]) == 30
    assert len(list(ours)) == 29


class ReadsAll:
    """An HTTP session that streams nothing: the answer is there as a whole when it returns."""

    def __init__(self, session: Any) -> None:
        self.session = session

    def send(self, request: Any) -> AWSResponse:
        response: AWSResponse = self.session.send(request)
        _ = response.content
        return response


def test_a_botocore_that_does_not_stream_hands_us_the_whole_page(aws, interfaces, monkeypatch):
    ec2, subnet = aws.client("ec2"), interfaces[1]
    ec2._endpoint.http_session = ReadsAll(ec2._endpoint.http_session)
    monkeypatch.setattr(interface_pages, "_PIECE", 3000)
    sizes = pages_read(monkeypatch)
    assert list(interfaces_in(ec2, [subnet])) == by_boto3(ec2, [subnet])
    assert sizes == [30]


def test_a_botocore_without_the_session_where_we_know_it_hands_us_the_whole_page(aws, interfaces, monkeypatch):
    class Moved:
        """The client's endpoint, with its session under another name."""

        def __init__(self, endpoint: Any) -> None:
            self.make_request = endpoint.make_request

    ec2, subnet = aws.client("ec2"), interfaces[1]
    ec2._endpoint = Moved(ec2._endpoint)
    sizes = pages_read(monkeypatch)
    assert list(interfaces_in(ec2, [subnet])) == by_boto3(ec2, [subnet])
    assert sizes == [30]


class BreaksOff:
    """An HTTP session whose first answer ends in the middle, as when a connection is lost."""

    def __init__(self, session: Any) -> None:
        self.session, self.sent = session, 0
        self.cut: Cut | None = None

    def send(self, request: Any) -> AWSResponse:
        self.sent += 1
        response: AWSResponse = self.session.send(request)
        if self.sent == 1:
            response.raw = self.cut = Cut(response.raw)
        return response


class Cut:
    """A urllib3 response of which ten thousand bytes come."""

    def __init__(self, raw: Any) -> None:
        self.raw, self.left, self.closed = raw, 10_000, False

    def read(self, amount: int) -> bytes:
        if self.left <= 0:
            raise ProtocolError("Connection broken: IncompleteRead")
        self.left -= amount
        read: bytes = self.raw.read(amount)
        return read

    def close(self) -> None:
        self.closed = True
        self.raw.close()


def test_a_page_that_breaks_off_is_asked_for_again_and_read_once(aws, interfaces, monkeypatch):
    plain, subnet = interfaces
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    ec2: Any = clients.ec2.__wrapped__()  # as deployed, with its retries
    session = ec2._endpoint.http_session = BreaksOff(ec2._endpoint.http_session)
    monkeypatch.setattr(interface_pages, "_PIECE", 3000)
    assert list(interfaces_in(ec2, [subnet])) == by_boto3(plain, [subnet])
    assert session.sent == 2
    assert session.cut
    assert session.cut.closed
