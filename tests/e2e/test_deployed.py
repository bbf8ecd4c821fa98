"""The deployed app: which events reach it, what it does with bad ones, and that it knows when it is done."""

import functools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.capacity.wording import Form
from sandbox.demo.listener import Listener
from sandbox.demo.pager import Pager
from sandbox.demo.published_schemas import breaches, received
from sandbox.demo.scenario import Cluster, Scenario, build, raise_maximum
from tests.e2e.conftest import Deployed
from tests.e2e.subscribers import Subscriber
from tests.events import PATHS, is_listened_to, sample

SECONDS = 30
AHEAD = Scenario(mode="ahead")


def wait_for(what: Callable[[], object]) -> object:
    found = wait_a_while(what)
    assert found, f"not within {SECONDS} s"
    return found


def wait_a_while(for_what: Callable[[], object]) -> object:
    """What came, or the nothing that there still was at the end."""
    until = time.monotonic() + SECONDS
    while not (found := for_what()) and time.monotonic() < until:
        time.sleep(0.05)
    return found


@pytest.fixture(scope="module")
def rules(deployed: Deployed) -> list[str]:
    """The patterns of the deployed rules that send to the work queue: the urgent ones only wake the fast way."""
    found = deployed.aws.client("events").list_rules()["Rules"]
    own = [each for each in found if "demo-" not in each["Name"] and "Urgent" not in each["Name"]]
    return [each["EventPattern"] for each in own if each.get("EventPattern")]


@pytest.mark.parametrize("path", PATHS)
def test_each_sample_event_is_delivered_once_or_not_at_all(path, rules, deployed):
    events = deployed.aws.client("events")
    matching = [
        rule for rule in rules if events.test_event_pattern(EventPattern=rule, Event=json.dumps(sample(path)))["Result"]
    ]
    assert len(matching) == (1 if is_listened_to(path) else 0), matching


@pytest.fixture(scope="module")
def listener(deployed: Deployed) -> Listener:
    return Listener(deployed.aws, deployed.deployment)


@pytest.fixture
def impatient_queue(deployed: Deployed) -> Iterator[None]:
    """The work queue gives a message up after seconds instead of an hour; all else stays as deployed."""
    sqs, url = deployed.aws.client("sqs"), deployed.deployment.outputs["WorkQueueUrl"]
    before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield
    sqs.set_queue_attributes(QueueUrl=url, Attributes=before)


@pytest.mark.usefixtures("impatient_queue")
def test_malformed_events_end_in_the_dlq_unknown_ones_are_dropped_and_the_good_one_is_heard(deployed):
    sqs, outputs = deployed.aws.client("sqs"), deployed.deployment.outputs
    malformed = [
        "not JSON",
        json.dumps(["a", "list"]),
        json.dumps(sample("ec2/InstanceStateChange.running.json") | {"detail": {"state": "running"}}),
        json.dumps(sample("eks/AddonHealthDegraded.json") | {"detail": "text"}),
    ]
    others = [json.dumps(sample(path)) for path in ("foreign/S3ObjectCreated.json", "headroom/Sweep.json")]
    entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate([*malformed, *others])]
    assert not sqs.send_message_batch(QueueUrl=outputs["WorkQueueUrl"], Entries=entries).get("Failed")

    dead = list[str]()

    def all_dead() -> bool:
        for each in sqs.receive_message(QueueUrl=outputs["DeadLetterQueueUrl"], MaxNumberOfMessages=10).get(
            "Messages", []
        ):
            dead.append(each["Body"])
            sqs.delete_message(QueueUrl=outputs["DeadLetterQueueUrl"], ReceiptHandle=each["ReceiptHandle"])
        return len(dead) >= len(malformed)

    wait_for(all_dead)
    assert sorted(dead) == sorted(malformed)
    assert '"reasons":{"unknown kind of event":1}' in deployed.aws.log.read_text()
    wait_for(lambda: pending(sqs, outputs["WorkQueueUrl"]) == 0)


def pending(sqs, url) -> int:
    names = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


@pytest.fixture(scope="module")
def cluster(deployed: Deployed, listener: Listener) -> Cluster:
    """A cluster whose subnet also holds an `explicit` reservation that a person made."""
    made = build(deployed.aws, AHEAD)
    deployed.aws.client("ec2").create_subnet_cidr_reservation(
        SubnetId=made.subnet_id, Cidr="10.0.4.0/26", ReservationType="explicit", Description="a person's"
    )
    listener.wait_until_quiet()
    return made


def let_minutes_pass(deployed: Deployed, subnet: str) -> None:
    """For a subnet's incidents: what nobody was told of began, and what is gone went, an hour earlier."""
    dynamodb, table = deployed.aws.client("dynamodb"), deployed.deployment.outputs["TableName"]
    key = {"pk": {"S": f"SUBNET#{subnet}"}, "sk": {"S": "TOLD"}}
    known = json.loads(dynamodb.get_item(TableName=table, Key=key)["Item"]["told"]["S"])
    for incident in known["incidents"].values():
        name = "absentSince" if incident["told"] else "since"
        if incident[name]:
            incident[name] = (datetime.fromisoformat(incident[name]) - timedelta(hours=1)).isoformat()
    dynamodb.update_item(
        TableName=table,
        Key=key,
        UpdateExpression="SET told = :told",
        ExpressionAttributeValues={":told": {"S": json.dumps(known)}},
    )


def reservations(deployed: Deployed, cluster: Cluster) -> list[dict[str, object]]:
    answer = deployed.aws.client("ec2").get_subnet_cidr_reservations(SubnetId=cluster.subnet_id)
    found: list[dict[str, object]] = answer["SubnetIpv4CidrReservations"]
    return found


def test_growth_is_reserved_for_and_running_again_changes_nothing_and_notifies_nobody(deployed, listener, cluster):
    listener.alerts()
    raise_maximum(deployed.aws.client("eks"), cluster, AHEAD)
    listener.wait_until_quiet()
    first, told = reservations(deployed, cluster), listener.alerts()
    assert sum(1 for each in first if each["ReservationType"] == "prefix") > 0
    assert len(told) == 1
    for _ in range(3):
        listener.sweep()
        listener.wait_until_quiet()
    assert reservations(deployed, cluster) == first
    assert listener.alerts() == []


def test_what_a_person_reserved_is_left_alone(deployed, cluster):
    (theirs,) = [each for each in reservations(deployed, cluster) if each["ReservationType"] == "explicit"]
    assert theirs["Cidr"] == "10.0.4.0/26"
    assert not theirs.get("Tags")


def test_a_subnet_that_did_not_opt_in_is_only_watched(deployed, listener, cluster):
    ec2, eks = deployed.aws.client("ec2"), deployed.aws.client("eks")
    listener.alerts()
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.0.0/26", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    role = deployed.aws.client("iam").get_role(RoleName="demo-eks")["Role"]["Arn"]
    eks.create_nodegroup(
        clusterName=cluster.name,
        nodegroupName="unheard",
        nodeRole=role,
        subnets=[subnet],
        instanceTypes=["m5.large"],
        scalingConfig={"minSize": 0, "maxSize": 9, "desiredSize": 0},
    )
    listener.wait_until_quiet()
    assert ec2.get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"] == []
    assert listener.alerts() == [], "it may still pass"
    let_minutes_pass(deployed, subnet)
    listener.sweep()
    listener.wait_until_quiet()
    (alert,) = [each for each in listener.alerts() if f"subnet/{subnet}" in each]
    assert "lacks 75 of the 77 prefixes asked of it" in alert, "nine nodes, and two more while EKS updates them"
    assert f"create-tags --resources {subnet}" in alert


def test_a_downgrade_that_would_break_running_nodes_is_told_before_it_is_done(deployed, listener, cluster):
    ec2, eks = deployed.aws.client("ec2"), deployed.aws.client("eks")
    nodes = ec2.describe_instances(Filters=[{"Name": "tag:eks:nodegroup-name", "Values": [cluster.group]}])
    node = nodes["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    ec2.assign_private_ip_addresses(NetworkInterfaceId=node, Ipv4PrefixCount=1)
    listener.wait_until_quiet()
    listener.alerts()
    eks.update_addon(clusterName=cluster.name, addonName="vpc-cni", addonVersion="v1.8.0-eksbuild.1")
    heard = list[str]()

    def heard_of_it() -> bool:
        heard.extend(listener.alerts())
        return "docs/runbooks/cni-downgrade-under-way.md" in "".join(heard)

    wait_for(heard_of_it)
    assert eks.describe_addon(clusterName=cluster.name, addonName="vpc-cni")["addon"]["status"] == "UPDATING"


def test_clients_cannot_put_events_of_awss_own(deployed):
    entry = {"Source": "aws.ec2", "DetailType": "EC2 Instance State-change Notification", "Detail": "{}"}
    answer = deployed.aws.client("events").put_events(Entries=[entry])
    assert answer["FailedEntryCount"] == 1
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"


def states(envelopes: Iterable[Mapping[str, Any]], form: Form, subnet: str) -> list[str]:
    """States of the shortage's messages as they came; each obeys the schema of its form."""
    said = []
    for each in envelopes:
        message = received(each, form)
        assert breaches(message) == []
        if message.attributes["finding"] == "subnet-cannot-hold-demand" and message.attributes.get("subnet") == subnet:
            said.append(message.attributes["state"])
    return said


TOPICS = {Form.MAIL: "TopicArn", Form.CHAT: "ChatTopicArn", Form.PAGING: "PagingTopicArn"}
LIFE = ["open", "worse", "resolved"]


def filters(subnet: str) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Filter policies as the runbooks have them, and the states of this subnet's shortage that they let through."""
    other = "subnet-0aa1bb2cc3dd4ee5f"
    return {
        "all": ({}, LIFE),
        "ends": ({"state": ["resolved"]}, ["resolved"]),
        "not-its-end": ({"severity": ["critical"], "state": ["open", "worse"]}, ["open", "worse"]),
        "its-cluster": ({"cluster": [{"prefix": "pag"}], "finding": ["subnet-cannot-hold-demand"]}, LIFE),
        "another-cluster": ({"cluster": ["prod"]}, []),
        "not-this-subnet": ({"subnet": [{"exists": False}, {"anything-but": [subnet]}]}, []),
        "not-another-subnet": ({"subnet": [{"exists": False}, {"anything-but": [other]}]}, LIFE),
    }


def a_cluster(deployed: Deployed, name: str, subnet: str) -> str:
    """One of its own, in prefix mode: others' add-ons are downgraded here. Its role's ARN."""
    eks, iam = deployed.aws.client("eks"), deployed.aws.client("iam")
    role: str = iam.create_role(RoleName=f"{name}-eks", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    eks.create_cluster(name=name, roleArn=role, resourcesVpcConfig={"subnetIds": [subnet]})
    eks.create_addon(
        clusterName=name,
        addonName="vpc-cni",
        addonVersion="v1.19.2-eksbuild.5",
        configurationValues='{"env": {"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}}',
    )
    return role


def test_a_shortage_is_one_incident_with_three_messages_at_the_real_subscribers_of_each_form(deployed, listener):
    ec2, eks = deployed.aws.client("ec2"), deployed.aws.client("eks")
    topics = {form: deployed.deployment.outputs[name] for form, name in TOPICS.items()}
    vpc = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.0.0/26", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    role = a_cluster(deployed, "paged", subnet)
    group = {"clusterName": "paged", "nodegroupName": "workers"}
    queues = {
        (form, name): Subscriber(deployed.aws, f"{form}-{name}", arn, policy)
        for form, arn in topics.items()
        for name, (policy, _) in filters(subnet).items()
    }
    with ExitStack() as stack:
        urls = {form: stack.enter_context(Pager(deployed.aws, arn)) for form, arn in topics.items()}
        sizes = {"minSize": 0, "maxSize": 9, "desiredSize": 1}
        eks.create_nodegroup(**group, nodeRole=role, subnets=[subnet], instanceTypes=["m5.large"], scalingConfig=sizes)
        listener.wait_until_quiet()
        eks.update_nodegroup_config(**group, scalingConfig={**sizes, "desiredSize": 6, "maxSize": 20})
        listener.wait_until_quiet()
        eks.delete_nodegroup(**group)
        found = ec2.describe_instances(Filters=[{"Name": "subnet-id", "Values": [subnet]}])["Reservations"]
        if nodes := [each["InstanceId"] for one in found for each in one["Instances"]]:
            ec2.terminate_instances(InstanceIds=nodes)
        for _ in range(2):
            listener.sweep()
            listener.wait_until_quiet()
            let_minutes_pass(deployed, subnet)
        posted = {form: functools.partial(states, urls[form].pages, form, subnet) for form in Form}
        wait_a_while(lambda: all(len(its()) == len(LIFE) for its in posted.values()))
    assert {form: its() for form, its in posted.items()} == dict.fromkeys(Form, LIFE), "over HTTP"
    for form in Form:
        for name, (_, expected) in filters(subnet).items():
            taken = queues[form, name].taken()
            assert states(taken, form, subnet) == expected, f"{form} by SQS, filter {name}"
            if name == "all":
                assert_one_incident(form, [each for each in taken if subnet in each["Message"]])


def assert_one_incident(form: Form, envelopes: list[dict[str, Any]]) -> None:
    """One thread in the chat, one page that its end closes."""
    if form is Form.CHAT:
        bodies = [json.loads(each["Message"]) for each in envelopes]
        assert len({each["metadata"]["threadId"] for each in bodies}) == 1
    if form is Form.PAGING:
        bodies = [json.loads(each["Message"]) for each in envelopes]
        assert [each["NewStateValue"] for each in bodies] == ["ALARM", "ALARM", "OK"]
        assert [each["Subject"].split(":")[0] for each in envelopes] == ["ALARM", "ALARM", "OK"]
        assert len({each["AlarmName"] for each in bodies}) == 1
