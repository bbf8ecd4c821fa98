"""The widget from EC2's answers to the screen: boto3 against the embedded AWS, the handler's page, a browser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest

from functions.handlers.widget import answer
from functions.report.map_palette import PALETTES, Theme
from functions.report.map_widget import Widget
from tests.browser.test_pictures import shown
from tests.builders import NOW

ARN = "arn:aws:lambda:us-east-1:000000000000:function:map"


@dataclass(frozen=True)
class Account:
    """Its clients, and a subnet with a prefix, a load balancer's address and a reservation in it."""

    client: Any
    subnet: str

    def ec2(self) -> Any:
        return self.client


@pytest.fixture(scope="module")
def account(aws) -> Account:
    ec2 = aws.client("ec2")
    # The overview looks at twenty subnets: those that other tests have left tagged are not to be among them.
    tagged = ec2.describe_subnets(Filters=[{"Name": "tag-key", "Values": ["headroom:mode"]}])["Subnets"]
    if tagged:
        ec2.delete_tags(Resources=[each["SubnetId"] for each in tagged], Tags=[{"Key": "headroom:mode"}])
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.4.0/22")["Subnet"]["SubnetId"]
    ec2.create_tags(
        Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "steer"}, {"Key": "Name", "Value": "<i>"}]
    )
    ec2.create_network_interface(
        SubnetId=subnet, PrivateIpAddress="10.77.4.20", Ipv4Prefixes=[{"Ipv4Prefix": "10.77.4.64/28"}]
    )
    ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress="10.77.5.9")
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr="10.77.5.0/24", ReservationType="prefix")
    ec2.create_subnet_cidr_reservation(SubnetId=subnet, Cidr="10.77.6.0/27", ReservationType="explicit")
    return Account(ec2, subnet)


def page(account: Account, parameters: dict[str, Any]) -> str:
    return answer(parameters, Widget(function_arn=ARN, theme=Theme.LIGHT), account, NOW)  # type: ignore[arg-type]


def test_a_subnets_blocks_are_counted_as_ec2_has_them(account):
    counts = dict(re.findall(r'<th scope="row">(.*?)</th><td>(\d+)</td>', page(account, {"subnetId": account.subnet})))
    assert counts == {
        "Free": "42",
        "Partly used": "1",
        "Node&#x27;s prefix": "1",
        "Reserved, free": "15",
        "Reserved, draining": "1",
        "Pinned": "0",
        "AWS&#x27;s own": "2",
        "Reserved by others": "2",
    }


def test_the_overview_lists_it(account):
    found = page(account, {})
    assert f'{{"subnetId": "{account.subnet}"}}' in found
    assert "&lt;i&gt;" in found


def test_it_is_seen_in_a_browser(account, browser, tmp_path):
    colours = shown(browser, tmp_path, page(account, {"subnetId": account.subnet}), height=700).colours()
    palette = vars(PALETTES[Theme.LIGHT])
    for state in ("prefix", "partly_used", "draining", "reserved", "explicit"):
        assert colours[palette[state]] > 10, state
