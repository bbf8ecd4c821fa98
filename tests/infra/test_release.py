"""The release function alone may delete reservations, and it may do nothing else of consequence."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from functions.aws.journal import Journal
from functions.capacity.journal import Outcome
from functions.capacity.release import ReleaseRequest
from functions.settings import release_settings
from infra import release as infra_release
from tests.builders import NOW
from tests.infra.synthesis import REGION, Assembly, resolved, statements
from tests.infra.test_permissions import allowed_by_roles

DELETE = "ec2:DeleteSubnetCidrReservation"


def of_release(assembly: Assembly) -> list[dict[str, Any]]:
    return [each for name, each in allowed_by_roles(assembly) if name.startswith("ReleaseRole")]


def the_statement(assembly: Assembly, action: str) -> dict[str, Any]:
    (found,) = (each for each in of_release(assembly) if action in each["Action"])
    return found


def statement_named(assembly: Assembly, sid: str) -> dict[str, Any]:
    (found,) = (each for each in of_release(assembly) if each.get("Sid") == sid)
    return found


def function(assembly: Assembly) -> dict[str, Any]:
    (found,) = (
        each
        for each in assembly.resources("AWS::Lambda::Function").values()
        if each["Handler"] == "functions.handlers.release.handler"
    )
    return found


def part(assembly: Assembly, kind: str, start: str) -> tuple[str, dict[str, Any]]:
    """The one resource of a type whose logical id begins like this."""
    (found,) = ((name, each) for name, each in assembly.resources(kind).items() if name.startswith(start))
    return found


# --- who may delete -------------------------------------------------------------------------------------------------


def test_one_role_alone_may_delete_reservations(assembly: Assembly):
    policies = {name for name, each in allowed_by_roles(assembly) if DELETE in each["Action"]}
    assert len(policies) == 1
    assert policies.pop().startswith("ReleaseRole")


def test_that_role_is_the_release_functions_and_no_other_functions(assembly: Assembly):
    users = {
        properties["Handler"]: properties["Role"]["Fn::GetAtt"][0]
        for properties in assembly.resources("AWS::Lambda::Function").values()
        if "functions.handlers" in properties["Handler"]
    }
    policy = next(
        each for name, each in assembly.resources("AWS::IAM::Policy").items() if name.startswith("ReleaseRole")
    )
    (role,) = (each["Ref"] for each in policy["Roles"])
    assert [handler for handler, its in users.items() if its == role] == ["functions.handlers.release.handler"]


def test_it_may_delete_in_its_own_region(assembly: Assembly):
    statement = the_statement(assembly, DELETE)
    assert statement["Action"] == [DELETE]
    assert resolved(statement["Condition"]) == {"StringEquals": {"aws:RequestedRegion": REGION}}


def test_aws_offers_nothing_narrower_for_that_action():
    """If this fails, EC2 has learnt to check the reservation: then demand the owner tag in the role."""
    (row,) = get_action_data("ec2", "DeleteSubnetCidrReservation")["ec2"]
    assert (row["resource_arn_format"], row["condition_keys"]) == ("*", ["ec2:Region"])


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("ec2", "DeleteSubnetCidrReservation DescribeSubnets GetSubnetCidrReservations"),
        ("dynamodb", "PutItem UpdateItem"),
        ("ssm", "GetParameter"),
        ("logs", "CreateLogStream PutLogEvents"),
        ("sqs", "ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage SendMessage"),
    ],
)
def test_it_may_use_of_each_service_no_more_than(assembly: Assembly, service, expected):
    allowed = {action for statement in of_release(assembly) for action in statement["Action"]}
    assert {action.split(":")[1] for action in allowed if action.startswith(f"{service}:")} == set(expected.split())


def test_it_uses_no_other_service(assembly: Assembly):
    services = {action.split(":")[0] for statement in of_release(assembly) for action in statement["Action"]}
    assert services == {"dynamodb", "ec2", "logs", "sqs", "ssm"}


def test_only_what_has_no_resource_level_is_allowed_on_everything(assembly: Assembly):
    wide = {action for each in of_release(assembly) if "*" in each["Resource"] for action in each["Action"]}
    assert wide == {DELETE, "ec2:DescribeSubnets", "ec2:GetSubnetCidrReservations"}


def test_it_reads_its_own_queue_and_sends_to_the_fast_one_alone(assembly: Assembly):
    own, fast = (part(assembly, "AWS::SQS::Queue", f"{each}Queue")[0] for each in ("Release", "Fast"))
    assert resolved(the_statement(assembly, "sqs:ReceiveMessage")["Resource"]) == [f"<{own}.Arn>"]
    assert resolved(the_statement(assembly, "sqs:SendMessage")["Resource"]) == [f"<{fast}.Arn>"]


def test_the_reconcile_may_ask_and_not_read_what_it_asked(assembly: Assembly):
    own = part(assembly, "AWS::SQS::Queue", "ReleaseQueue")[0]
    users = {
        (name[: len("ReconcileRole")], action)
        for name, each in allowed_by_roles(assembly)
        if f"<{own}.Arn>" in resolved(each["Resource"]) and not name.startswith("ReleaseRole")
        for action in each["Action"]
    }
    assert users == {("ReconcileRole", "sqs:SendMessage")}


class RecordingTable:
    """A DynamoDB that keeps the last transaction and update."""

    def transact_write_items(self, **arguments: Any) -> None:
        self.transaction = arguments["TransactItems"]

    def update_item(self, **arguments: Any) -> None:
        self.update = arguments


@pytest.fixture(scope="module")
def written() -> RecordingTable:
    """What a release writes."""
    table = RecordingTable()
    recorded: Any = table
    request = ReleaseRequest(
        subnet_id="subnet-a",
        reservation_id="scr-1",
        cidr=IPv4Network("10.0.0.16/28"),
        reason="r",
        decision="d",
        at=NOW,
    )
    journal = Journal(dynamodb=recorded, table="t", decision="d")
    entry = journal.intend_release(request, NOW, at_most=1)
    assert entry
    journal.settle(entry, Outcome.DONE)
    return table


def test_of_what_is_known_of_a_subnet_it_may_touch_just_what_it_counts(assembly: Assembly, written):
    statement = statement_named(assembly, "CountReleasesOfSubnets")
    assert resolved(statement["Resource"]) == [f"<{next(iter(assembly.resources('AWS::DynamoDB::Table')))}.Arn>"]
    keys, attributes = (
        statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"],
        statement["Condition"]["ForAllValues:StringEquals"]["dynamodb:Attributes"],
    )
    update = written.transaction[0]["Update"]
    assert keys == ["SUBNET#*"]
    assert update["Key"]["pk"]["S"].startswith("SUBNET#")
    assert update["UpdateExpression"] == "ADD released :one SET expiresAt = :end"
    assert set(attributes) == {*update["Key"], "released", "expiresAt"}


def test_else_it_may_write_in_the_journal_and_does(assembly: Assembly, written):
    statement = statement_named(assembly, "JournalReleases")
    assert statement["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"] == ["JOURNAL#*"]
    assert sorted(statement["Action"]) == ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    for key in (written.transaction[1]["Put"]["Item"], written.update["Key"]):
        assert key["pk"]["S"].startswith("JOURNAL#")
    assert len(written.transaction) == 2


# --- the function and its queue -------------------------------------------------------------------------------------


def test_the_function_can_read_its_settings_from_the_deployed_environment(everything_chosen: Assembly):
    found = release_settings(resolved(function(everything_chosen)["Environment"]["Variables"]))
    assert found.max_releases_per_subnet_per_day == 20
    assert found.fast_queue_url == f"<{part(everything_chosen, 'AWS::SQS::Queue', 'FastQueue')[0]}>"
    assert all([found.table_name, found.switch_parameter])


def test_the_reconcile_knows_where_to_ask(assembly: Assembly):
    (reconcile,) = (
        each
        for each in assembly.resources("AWS::Lambda::Function").values()
        if each["Handler"] == "functions.handlers.reconcile.handler"
    )
    url = reconcile["Environment"]["Variables"]["HEADROOM_RELEASE_QUEUE_URL"]
    assert url == {"Ref": part(assembly, "AWS::SQS::Queue", "ReleaseQueue")[0]}


def test_it_runs_with_the_same_dependencies_as_the_reconcile(shipped: Assembly):
    layers = {str(each["Layers"]) for each in shipped.resources("AWS::Lambda::Function").values() if "Layers" in each}
    assert len(layers) == 1


def test_requests_are_carried_out_one_by_one_and_at_once(assembly: Assembly):
    _, mapping = part(assembly, "AWS::Lambda::EventSourceMapping", "Release")
    assert (mapping["BatchSize"], mapping.get("MaximumBatchingWindowInSeconds", 0)) == (1, 0)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 5}


def test_a_request_is_hidden_for_six_runs_tried_five_times_and_kept_for_all_of_them(assembly: Assembly):
    _, queue = part(assembly, "AWS::SQS::Queue", "ReleaseQueue")
    timeout = infra_release.TIMEOUT.to_seconds()
    assert function(assembly)["Timeout"] == timeout
    assert queue["VisibilityTimeout"] >= 6 * timeout
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert queue["MessageRetentionPeriod"] > 5 * queue["VisibilityTimeout"]


def test_its_dead_letters_are_its_own_and_one_is_an_alarm(assembly: Assembly):
    dead, _ = part(assembly, "AWS::SQS::Queue", "ReleaseDeadLetters")
    _, queue = part(assembly, "AWS::SQS::Queue", "ReleaseQueue")
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == {"Fn::GetAtt": [dead, "Arn"]}
    _, alarm = part(assembly, "AWS::CloudWatch::Alarm", "AlarmsReleaseDeadLetters")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [dead, "QueueName"]}}]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")


def test_failing_is_an_alarm(assembly: Assembly):
    _, alarm = part(assembly, "AWS::CloudWatch::Alarm", "AlarmsReleaseErrors")
    name, _ = part(assembly, "AWS::Lambda::Function", "Release")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": name}}]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("Errors", 1)


def test_a_queue_that_nobody_reads_is_an_alarm_and_one_bad_message_is_not(assembly: Assembly):
    _, alarm = part(assembly, "AWS::CloudWatch::Alarm", "AlarmsReleaseWaiting")
    name, queue = part(assembly, "AWS::SQS::Queue", "ReleaseQueue")
    assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": {"Fn::GetAtt": [name, "QueueName"]}}]
    assert alarm["MetricName"] == "ApproximateAgeOfOldestMessage"
    tried = queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"]
    assert tried < alarm["Threshold"] < queue["MessageRetentionPeriod"]


def test_what_it_deletes_itself_is_no_news_to_the_rules(assembly: Assembly):
    role = function(assembly)["Role"]["Fn::GetAtt"][0]
    issuers = [
        rule["EventPattern"]["detail"]["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"]
        for rule in assembly.resources("AWS::Events::Rule").values()
        if "userIdentity" in rule["EventPattern"].get("detail", {})
    ]
    assert issuers
    assert all({"Fn::GetAtt": [role, "Arn"]} in each[0]["anything-but"] for each in issuers)


def test_it_is_trusted_by_lambda_only(assembly: Assembly):
    _, role = part(assembly, "AWS::IAM::Role", "ReleaseRole")
    (trust,) = statements(role["AssumeRolePolicyDocument"])
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
