"""The functions that people invoke: the dashboard's widget and the audit, as deployed and through Lambda's API."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from sandbox.process import ROOT
from tests.e2e.conftest import Deployed

EVENTS = ROOT / "events"


def invoke(deployed: Deployed, output: str, event: Mapping[str, Any]) -> Any:
    """What the function answers. A fault of the function fails the test with its words."""
    answer = deployed.aws.client("lambda").invoke(
        FunctionName=deployed.deployment.outputs[output], Payload=json.dumps(event).encode()
    )
    said = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, said
    return said


def sample(name: str, **more: object) -> dict[str, Any]:
    return {**json.loads((EVENTS / name).read_text()), **more}


@pytest.fixture(scope="module")
def subnet(deployed: Deployed) -> str:
    """A subnet that opted in, with an address, a prefix and a reservation in it."""
    ec2 = deployed.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.88.0.0/16")["Vpc"]["VpcId"]
    made: str = ec2.create_subnet(VpcId=vpc, CidrBlock="10.88.4.0/22")["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[made], Tags=[{"Key": "headroom:mode", "Value": "observe"}])
    ec2.create_network_interface(
        SubnetId=made, PrivateIpAddress="10.88.4.20", Ipv4Prefixes=[{"Ipv4Prefix": "10.88.4.64/28"}]
    )
    ec2.create_subnet_cidr_reservation(SubnetId=made, Cidr="10.88.5.0/24", ReservationType="prefix")
    return made


def test_there_is_a_sample_of_each_way_to_ask_the_widget():
    assert {each.name for each in EVENTS.glob("widget.*")} == {
        "widget.describe.json",
        "widget.overview.json",
        "widget.subnet.json",
    }


def test_describe_answers_with_the_widgets_documentation(deployed):
    said = invoke(deployed, "SubnetMapFunction", sample("widget.describe.json"))
    assert said.startswith("## Headroom: subnet map")
    assert "subnetId" in said


def test_the_widget_draws_a_subnet_with_the_rights_of_its_role_alone(deployed, subnet):
    said = invoke(deployed, "SubnetMapFunction", sample("widget.subnet.json", subnetId=subnet))
    counts = dict(re.findall(r'<th scope="row">(.*?)</th><td>(\d+)</td>', said))
    assert counts["Reserved, free"] == "16"
    assert counts["Node&#x27;s prefix"] == "1"
    assert "<svg" in said
    assert "<script" not in said


def test_its_overview_lists_the_subnet_and_calls_the_function_itself(deployed, subnet):
    said = invoke(deployed, "SubnetMapFunction", sample("widget.overview.json"))
    (endpoint,) = set(re.findall(r'<cwdb-action [^>]*endpoint="([^"]+)"', said))
    assert f'{{"subnetId": "{subnet}"}}' in said
    assert deployed.deployment.outputs["SubnetMapFunction"] in endpoint


def test_what_cannot_be_drawn_is_said_to_whoever_looks(deployed):
    said = invoke(deployed, "SubnetMapFunction", sample("widget.subnet.json", subnetId="subnet-0123456789abcdef9"))
    assert "There is no subnet subnet-0123456789abcdef9" in said


def test_the_dashboard_calls_the_widget(deployed):
    name = deployed.deployment.outputs["DashboardName"]
    body = json.loads(deployed.aws.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    (custom,) = [each["properties"] for each in body["widgets"] if each["type"] == "custom"]
    assert deployed.deployment.outputs["SubnetMapFunction"] in custom["endpoint"]


def test_the_audit_answers_and_its_links_open_the_report(deployed, subnet):
    answer = invoke(deployed, "AuditFunction", sample("audit.json"))
    assert {"verdict", "findings", "plan", "links", "folder"} <= answer.keys()
    assert answer["folder"].startswith(f"s3://{deployed.deployment.outputs['ReportsBucket']}/audits/")
    reports = {name: opened(deployed, link) for name, link in answer["links"].items()}
    assert subnet in json.loads(reports["report.json"])["subnets"]
    assert reports["report.html"].startswith("<!doctype html>")
    assert subnet in reports["report.md"]
    assert subnet in reports["report.csv"]


def test_the_audit_of_one_subnet_speaks_of_it_alone(deployed, subnet):
    answer = invoke(deployed, "AuditFunction", {"subnets": [subnet], "plan": False})
    report = json.loads(opened(deployed, answer["links"]["report.json"]))
    assert (set(report["subnets"]), answer["plan"]) == ({subnet}, [])


def test_the_audit_refuses_what_it_does_not_understand(deployed):
    answer = deployed.aws.client("lambda").invoke(
        FunctionName=deployed.deployment.outputs["AuditFunction"], Payload=b'{"subnet": "subnet-1"}'
    )
    said = json.loads(answer["Payload"].read())
    assert answer["FunctionError"] == "Unhandled"
    assert "unknown key subnet" in said["errorMessage"]


def opened(deployed: Deployed, link: str) -> str:
    """What somebody sees who follows it, without credentials. On the embedded AWS all hosts are one."""
    parts = urlsplit(link)
    assert "X-Amz-Signature" in parts.query
    assert deployed.deployment.outputs["ReportsBucket"] in link
    assert int(re.findall(r"X-Amz-Expires=(\d+)", parts.query)[0]) <= 3600
    local = parts._replace(scheme="http", netloc=urlsplit(deployed.aws.client("s3").meta.endpoint_url).netloc)
    for _ in range(3):
        with urlopen(local.geturl(), timeout=10) as page:  # noqa: S310 - on this machine
            if text := page.read().decode():
                return str(text)
        time.sleep(0.2)
    raise AssertionError(f"nothing at {local.path}")
