"""The audit function's work on the embedded AWS: it looks, plans, keeps its report, and changes nothing."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.request import urlopen

import pytest

from functions.capacity.model import Policy
from functions.capacity.scope import EVERYWHERE, Scope
from functions.handlers.audit import MalformedRequestError, Request, answered, request_of
from functions.settings import AuditSettings, SettingsError, audit_settings
from tests.events import FOLDER

NOW = datetime.now(UTC)


@dataclass(frozen=True)
class AllClients:
    """Of the embedded AWS, each made once."""

    make: Any

    def __getattr__(self, service: str) -> Any:
        return lambda: self.make(service)


@dataclass(frozen=True)
class Place:
    clients: Any
    config: AuditSettings
    subnet: str


@pytest.fixture(scope="module")
def place(aws) -> Iterator[Place]:
    client = cache(aws.client)
    keys = ("pk", "HASH"), ("sk", "RANGE")
    client("dynamodb").create_table(
        TableName="audited",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    client("s3").create_bucket(Bucket="reports-of-the-audit")
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.55.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.55.0.0/24")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode", "Value": "steer"}])
    config = AuditSettings(table_name="audited", bucket="reports-of-the-audit", policy=Policy())
    yield Place(clients=AllClients(client), config=config, subnet=subnet)
    ec2.delete_tags(Resources=[subnet], Tags=[{"Key": "headroom:mode"}])


def opened(link: str) -> str:
    """What somebody sees who follows it."""
    assert link.startswith("http://127.0.0.1")
    with urlopen(link, timeout=120) as page:  # noqa: S310 - just checked
        return str(page.read().decode())


def test_it_answers_with_the_verdict_the_plan_and_links_to_the_report_in_each_form(place):
    request = Request(scope=Scope(subnets=frozenset({place.subnet})), plan=True)
    answer = answered(request, place.config, place.clients, run="r-1", now=NOW)
    assert json.loads(json.dumps(answer)) == answer
    assert {each["subnetId"] for each in answer["plan"]} == {place.subnet}
    assert all(each["reason"] for each in answer["plan"])
    assert answer["linksEnd"] == (NOW + timedelta(hours=1)).isoformat()
    reports = {name: opened(link) for name, link in answer["links"].items()}
    assert json.loads(reports["report.json"])["subnets"].keys() == {place.subnet}
    assert reports["report.html"].startswith("<!doctype html>")
    assert place.subnet in reports["report.md"]
    assert any(place.subnet in row for row in csv.reader(io.StringIO(reports["report.csv"])))
    assert answer["folder"] == f"s3://reports-of-the-audit/audits/{NOW:%Y/%m/%d/%H%M%S}-r-1/"


def test_it_changes_nothing(place):
    ec2 = place.clients.ec2()
    before = ec2.get_subnet_cidr_reservations(SubnetId=place.subnet)["SubnetIpv4CidrReservations"]
    answered(Request(scope=EVERYWHERE, plan=True), place.config, place.clients, run="r-2", now=NOW)
    assert ec2.get_subnet_cidr_reservations(SubnetId=place.subnet)["SubnetIpv4CidrReservations"] == before == []


def test_without_a_plan_there_is_none(place):
    answer = answered(Request(scope=EVERYWHERE, plan=False), place.config, place.clients, run="r-3", now=NOW)
    assert answer["plan"] == []


def test_the_sample_event_asks_for_everything():
    assert request_of(json.loads((FOLDER / "audit.json").read_text())) == Request(scope=EVERYWHERE, plan=True)


@pytest.mark.parametrize(
    ("event", "request_"),
    [
        ({}, Request(scope=EVERYWHERE, plan=True)),
        ({"clusters": ["demo"], "plan": False}, Request(scope=Scope(clusters=frozenset({"demo"})), plan=False)),
        ({"subnets": ["subnet-1"]}, Request(scope=Scope(subnets=frozenset({"subnet-1"})), plan=True)),
    ],
    ids=["nothing said", "a cluster", "a subnet"],
)
def test_what_an_event_asks_for(event, request_):
    assert request_of(event) == request_


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (None, "a JSON object"),
        ([], "a JSON object"),
        ({"cluster": "demo"}, "unknown key cluster"),
        ({"clusters": "demo"}, "`clusters` is a list of texts"),
        ({"subnets": [7]}, "`subnets` is a list of texts"),
        ({"plan": "yes"}, "`plan` is true or false"),
    ],
    ids=repr,
)
def test_an_event_that_asks_for_nothing_known_is_refused(event, says):
    with pytest.raises(MalformedRequestError, match=says):
        request_of(event)


def test_a_missing_setting_is_named():
    with pytest.raises(SettingsError, match="HEADROOM_REPORTS_BUCKET"):
        audit_settings({"HEADROOM_TABLE_NAME": "t"})
