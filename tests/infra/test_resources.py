"""What every resource has to be, whatever is configured: encrypted, TLS only, with a dead-letter queue and an alarm."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from functions.settings import place_settings
from infra.log_retention import PERIODS
from tests.infra.synthesis import Assembly, resolved, statements

ONLY_TLS = {"Bool": {"aws:SecureTransport": "false"}}


def policies_for(assembly: Assembly, kind: str, targets: str) -> dict[str, list[dict[str, Any]]]:
    """The statements of the resource policies of a type, by the logical id that they are for."""
    found: dict[str, list[dict[str, Any]]] = {}
    for policy in assembly.resources(kind).values():
        names = policy[targets] if isinstance(policy[targets], list) else [policy[targets]]
        for name in names:
            found.setdefault(name["Ref"], []).extend(statements(policy["PolicyDocument"]))
    return found


def refuses_plain_http(policy: list[dict[str, Any]]) -> bool:
    return any(each["Effect"] == "Deny" and each.get("Condition") == ONLY_TLS for each in policy)


@pytest.mark.parametrize(
    ("kind", "policy_kind", "targets", "encryption"),
    [
        ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues", "SqsManagedSseEnabled"),
        ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", "KmsMasterKeyId"),
        ("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket", "BucketEncryption"),
    ],
)
def test_is_encrypted_and_refuses_plain_http(everything_chosen: Assembly, kind, policy_kind, targets, encryption):
    policies = policies_for(everything_chosen, policy_kind, targets)
    found = everything_chosen.resources(kind)
    assert found
    assert {name for name, properties in found.items() if not properties.get(encryption)} == set()
    assert {name for name in found if not refuses_plain_http(policies.get(name, []))} == set()


def test_the_table_is_encrypted_recoverable_and_outlives_the_stack(assembly: Assembly):
    (table,) = (each for each in assembly.template["Resources"].values() if each["Type"] == "AWS::DynamoDB::Table")
    properties = table["Properties"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}
    assert [(key["AttributeName"], key["KeyType"]) for key in properties["KeySchema"]] == [
        ("pk", "HASH"),
        ("sk", "RANGE"),
    ]


@pytest.mark.parametrize("bucket", ["Trail", "Audit"])
def test_what_is_kept_in_a_bucket_is_not_public(everything_chosen: Assembly, bucket):
    blocked = everything_chosen.the("AWS::S3::Bucket", of=bucket)["PublicAccessBlockConfiguration"]
    assert len(blocked) == 4
    assert all(blocked.values())


def test_reports_are_encrypted_and_keep_their_versions(assembly: Assembly):
    bucket = assembly.the("AWS::S3::Bucket", of="Audit")
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]


def test_the_key_rotates(assembly: Assembly):
    assert assembly.the("AWS::KMS::Key")["EnableKeyRotation"] is True


def test_every_function_logs_to_a_group_with_a_retention(assembly: Assembly):
    groups = assembly.resources("AWS::Logs::LogGroup")
    assert all(group["RetentionInDays"] in PERIODS for group in groups.values())
    for function in assembly.resources("AWS::Lambda::Function").values():
        assert function["LoggingConfig"]["LogGroup"]["Ref"] in groups


def test_the_names_of_the_retention_periods_are_their_days(everything_chosen: Assembly, shipped: Assembly):
    assert retentions(shipped) == {30}
    assert retentions(everything_chosen) == {365}


def retentions(assembly: Assembly) -> set[int]:
    return {group["RetentionInDays"] for group in assembly.resources("AWS::Logs::LogGroup").values()}


# --- the way in -------------------------------------------------------------------------------------------------------


def asynchronous_targets(assembly: Assembly) -> Iterator[dict[str, Any]]:
    for rule in assembly.resources("AWS::Events::Rule").values():
        yield from rule["Targets"]
    for schedule in assembly.resources("AWS::Scheduler::Schedule").values():
        yield schedule["Target"]


def dead_letters(assembly: Assembly) -> dict[str, str]:
    """The logical id of each queue's dead-letter queue: the one that it hands its failures to."""
    return {
        name: queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
        for name, queue in assembly.resources("AWS::SQS::Queue").items()
        if "RedrivePolicy" in queue
    }


def dead_work(assembly: Assembly) -> str:
    """The logical id of the work queue's dead-letter queue."""
    (found,) = (dead for name, dead in dead_letters(assembly).items() if name.startswith("Work"))
    return found


def dead_audits(assembly: Assembly) -> str:
    """The logical id of the dead-letter queue of what is run by a schedule and by no queue."""
    (found,) = (name for name in assembly.resources("AWS::SQS::Queue") if name.startswith("AuditDeadLetters"))
    return found


def arn_of(name: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [name, "Arn"]}


def test_every_asynchronous_target_has_a_dead_letter_queue(assembly: Assembly, organisation: Assembly):
    for each, audits in ((assembly, None), (organisation, 2)):
        found = Counter(json.dumps(target["DeadLetterConfig"]["Arn"]) for target in asynchronous_targets(each))
        work, of_audits = json.dumps(arn_of(dead_work(each))), json.dumps(arn_of(dead_audits(each)))
        assert set(found) <= {work, of_audits}
        assert found[work] > 1
        if audits:
            assert found[of_audits] == audits, "the account's and the organisation's"


def test_each_schedule_may_send_to_its_dead_letter_queue(organisation: Assembly):
    def sends(role: str) -> Iterator[str]:
        for policy in organisation.resources("AWS::IAM::Policy").values():
            for each in statements(policy["PolicyDocument"]):
                if {"Ref": role} in policy["Roles"] and "sqs:SendMessage" in each["Action"]:
                    yield from map(json.dumps, each["Resource"])

    for each in organisation.resources("AWS::Scheduler::Schedule").values():
        (role, _), queue = each["Target"]["RoleArn"]["Fn::GetAtt"], each["Target"]["DeadLetterConfig"]["Arn"]
        assert json.dumps(queue) in set(sends(role))


def test_an_audit_that_fails_after_all_its_tries_leaves_what_was_asked_and_why_it_failed(assembly: Assembly):
    (audit,) = (name for name in assembly.resources("AWS::Lambda::Function") if name.startswith("Audit"))
    asynchronous = assembly.the("AWS::Lambda::EventInvokeConfig")
    assert asynchronous["FunctionName"] == {"Ref": audit}
    assert asynchronous["DestinationConfig"] == {"OnFailure": {"Destination": arn_of(dead_audits(assembly))}}


def test_events_are_retried_as_long_as_eventbridge_can_and_wake_ups_while_they_are_of_use(assembly: Assembly):
    targets = [target for rule in assembly.resources("AWS::Events::Rule").values() for target in rule["Targets"]]
    for target in targets:
        policy = target["RetryPolicy"]
        if "Input" in target:
            assert policy["MaximumEventAgeInSeconds"] == 300
        else:
            assert policy == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


def test_every_queue_but_the_dead_letter_queues_has_one_of_its_own(assembly: Assembly):
    without = [name for name, queue in assembly.resources("AWS::SQS::Queue").items() if "RedrivePolicy" not in queue]
    assert sorted(without) == sorted([*dead_letters(assembly).values(), dead_audits(assembly)])


def test_dead_letters_are_kept_longer_than_work(assembly: Assembly):
    queues = assembly.resources("AWS::SQS::Queue")
    for work, dead in dead_letters(assembly).items():
        assert queues[dead]["MessageRetentionPeriod"] == 14 * 86400 > queues[work]["MessageRetentionPeriod"]


def test_a_message_stays_hidden_for_six_runs_and_the_batching_window(assembly: Assembly):
    work = assembly.the("AWS::SQS::Queue", of="WorkQueue")
    timeout = assembly.the("AWS::Lambda::Function", of="Reconcile")["Timeout"]
    window = source_of(assembly, "WorkQueue")["MaximumBatchingWindowInSeconds"]
    assert work["VisibilityTimeout"] >= 6 * timeout + window
    assert work["RedrivePolicy"]["maxReceiveCount"] >= 5


def source_of(assembly: Assembly, queue: str) -> dict[str, Any]:
    """The reconcile function's event source that reads this queue."""
    (found,) = (
        each
        for name, each in assembly.resources("AWS::Lambda::EventSourceMapping").items()
        if name.startswith("Reconcile") and each["EventSourceArn"]["Fn::GetAtt"][0].startswith(queue)
    )
    return found


@pytest.mark.parametrize(("queue", "at_most"), [("WorkQueue", 5), ("FastQueue", 2)])
def test_failed_messages_are_named_one_by_one_and_few_runs_go_on_at_once(assembly: Assembly, queue, at_most):
    mapping = source_of(assembly, queue)
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": at_most}


def test_work_is_gathered_for_less_than_a_minute_in_batches_as_large_as_lambda_takes(shipped: Assembly):
    mapping = source_of(shipped, "WorkQueue")
    assert 45 <= mapping["MaximumBatchingWindowInSeconds"] < 60
    assert mapping["BatchSize"] == 10_000


def test_the_fast_way_has_no_window_and_a_failure_blocks_it_for_one_run(assembly: Assembly):
    mapping, queue = source_of(assembly, "FastQueue"), assembly.the("AWS::SQS::Queue", of="FastQueue")
    timeout = assembly.the("AWS::Lambda::Function", of="Reconcile")["Timeout"]
    assert not mapping.get("MaximumBatchingWindowInSeconds")
    assert timeout <= queue["VisibilityTimeout"] <= timeout + 60


def test_only_the_rules_of_this_stack_may_send_events_to_the_queues_and_only_to_those_for_work(assembly: Assembly):
    rules = {f"<{name}.Arn>" for name in assembly.resources("AWS::Events::Rule")}
    ordinary = {name for name in rules if not name.startswith("<EventsUrgent")}

    def expected(queue: str) -> set[str]:
        if queue.startswith("WorkQueue"):
            return ordinary
        return rules if queue.startswith(("FastQueue", "WorkDeadLetters")) else set()

    for queue, policy in policies_for(assembly, "AWS::SQS::QueuePolicy", "Queues").items():
        opened = [each for each in policy if each["Effect"] == "Allow"]
        assert all(each["Principal"] == {"Service": "events.amazonaws.com"} for each in opened)
        sources = {resolved(each["Condition"])["ArnEquals"]["aws:SourceArn"] for each in opened}
        assert sources == expected(queue), queue


# --- alarms -----------------------------------------------------------------------------------------------------------


def test_every_alarm_tells_the_topic_says_what_to_do_and_decides_about_missing_data(assembly: Assembly):
    (topic,) = (name for name in assembly.resources("AWS::SNS::Topic") if name.startswith("AlertsTopic"))
    alarms = assembly.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) == 10
    for name, alarm in alarms.items():
        # The one over all subnets would send a message for each of them; Headroom tells of each itself.
        told = [] if name.startswith("AlarmsSubnetsShort") else [{"Ref": topic}]
        assert alarm.get("AlarmActions", []) == alarm.get("OKActions", []) == told, name
        page = re.search(r"Runbook: (docs/runbooks/alarm-[a-z-]+\.md)$", alarm["AlarmDescription"])
        assert page, name
        assert Path(page.group(1)).is_file(), name
        assert len(alarm["AlarmDescription"]) <= 1024
        assert re.search("Look|Read|read", alarm["AlarmDescription"]), name
        assert "TreatMissingData" in alarm, name


def test_one_dead_letter_is_an_alarm_in_each_dead_letter_queue(assembly: Assembly):
    alarms = [
        each
        for each in assembly.resources("AWS::CloudWatch::Alarm").values()
        if each.get("MetricName") == "ApproximateNumberOfMessagesVisible"
    ]
    assert [each["Dimensions"] for each in alarms] == [
        [{"Name": "QueueName", "Value": {"Fn::GetAtt": [dead, "QueueName"]}}]
        for dead in (*dead_letters(assembly).values(), dead_audits(assembly))
    ]
    assert {(each["Threshold"], each["ComparisonOperator"]) for each in alarms} == {
        (1, "GreaterThanOrEqualToThreshold")
    }


def test_a_silent_schedule_is_an_alarm(everything_chosen: Assembly):
    (alarm,) = (
        each
        for each in everything_chosen.resources("AWS::CloudWatch::Alarm").values()
        if each.get("MetricName") == "Invocations"
    )
    assert (alarm["Period"], alarm["EvaluationPeriods"]) == (15 * 60, 3)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
    assert alarm["TreatMissingData"] == "breaching"


def test_alarms_of_this_account_may_publish_to_the_topic_and_use_its_key(assembly: Assembly):
    policies = assembly.resources("AWS::SNS::TopicPolicy").values()
    topic_policy = [each for policy in policies for each in statements(policy["PolicyDocument"])]
    key_policy = statements(assembly.the("AWS::KMS::Key")["KeyPolicy"])
    allowed = [
        each
        for each in (*topic_policy, *key_policy)
        if each["Effect"] == "Allow" and each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    ]
    assert [each["Action"] for each in allowed] == [["sns:Publish"], ["kms:Decrypt", "kms:GenerateDataKey"]]
    for each in allowed:
        condition = resolved(each["Condition"])
        assert condition["StringEquals"]["aws:SourceAccount"] == "111122223333"
        assert condition["ArnLike"]["aws:SourceArn"] == "arn:aws-us-gov:cloudwatch:us-gov-west-1:111122223333:alarm:*"


# --- an organisation's audit ------------------------------------------------------------------------------------------


def machine(organisation: Assembly) -> dict[str, Any]:
    """The state machine's definition."""
    text = resolved(organisation.the("AWS::StepFunctions::StateMachine")["DefinitionString"])
    found: dict[str, Any] = json.loads(text)
    return found


@pytest.mark.parametrize("kind", ["AWS::StepFunctions::StateMachine", "AWS::IAM::ManagedPolicy"])
def test_without_an_organisation_nothing_of_it_is_there(assembly: Assembly, kind):
    assert not assembly.resources(kind)
    assert not [name for name in assembly.template["Resources"] if name.startswith("Organisation")]
    assert not (assembly.folder / "HeadroomMember.template.json").exists()


def test_the_map_keeps_to_what_is_chosen_and_puts_its_results_into_the_bucket(organisation: Assembly):
    every = machine(organisation)["States"]["Each account and region"]
    assert (every["MaxConcurrency"], every["ToleratedFailurePercentage"]) == (7, 20)
    assert every["ItemReader"]["Resource"].endswith(":states:::s3:getObject")
    assert every["ResultWriter"]["Parameters"]["Prefix"] == "organisation/map-runs"
    assert every["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_what_passes_is_tried_again_at_random_and_a_denial_is_not(organisation: Assembly):
    child = machine(organisation)["States"]["Each account and region"]["ItemProcessor"]["States"]
    (retry,) = child["Read it"]["Retry"]
    assert {"ThrottledError", "Lambda.TooManyRequestsException"} <= set(retry["ErrorEquals"])
    assert not {"States.ALL", "States.TaskFailed", "NotPermittedError"} & set(retry["ErrorEquals"])
    assert (retry["BackoffRate"], retry["JitterStrategy"]) == (2, "FULL")


def test_whatever_fails_a_child_is_written_down_and_fails_it(organisation: Assembly):
    child = machine(organisation)["States"]["Each account and region"]["ItemProcessor"]["States"]
    (catch,) = child["Read it"]["Catch"]
    note = child[catch["Next"]]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert note["Resource"].endswith(":aws-sdk:s3:putObject")
    assert child[note["Next"]]["Type"] == "Fail"


def test_the_report_is_made_in_any_case_and_too_many_failures_fail_the_run_after_it(organisation: Assembly):
    states = machine(organisation)["States"]
    every = states["Each account and region"]
    (catch,) = every["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], every["Next"])
    choice = states[states[every["Next"]]["Next"]]
    assert [each["Variable"] for each in choice["Choices"]] == [catch["ResultPath"]]
    assert states[choice["Choices"][0]["Next"]]["Type"] == "Fail"
    assert states[choice["Default"]]["Type"] == "Succeed"


def test_the_machine_is_encrypted_logs_all_and_runs_on_the_audits_schedule(organisation: Assembly):
    found = organisation.the("AWS::StepFunctions::StateMachine")
    assert found["EncryptionConfiguration"] == {"Type": "AWS_OWNED_KEY"}
    assert found["LoggingConfiguration"]["Level"] == "ALL"
    groups = organisation.resources("AWS::Logs::LogGroup")
    (destination,) = found["LoggingConfiguration"]["Destinations"]
    group = groups[destination["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0]]
    assert group["LogGroupName"].startswith("/aws/vendedlogs/states/")
    assert group["RetentionInDays"] == 30
    schedules = organisation.resources("AWS::Scheduler::Schedule")
    rates = {name: each["ScheduleExpression"] for name, each in schedules.items()}
    assert sorted(rates.values()) == ["rate(5 minutes)", "rate(7 days)", "rate(7 days)"]


def test_an_organisations_audit_that_fails_or_does_not_end_is_an_alarm(organisation: Assembly):
    alarms = organisation.resources("AWS::CloudWatch::Alarm")
    assert len(alarms) == 12
    of_states = {each["MetricName"] for each in alarms.values() if each.get("Namespace") == "AWS/States"}
    assert of_states == {"ExecutionsFailed", "ExecutionsTimedOut"}


def test_the_child_is_told_whose_role_it_assumes(organisation: Assembly):
    function = organisation.the("AWS::Lambda::Function", of="OrganisationPlaceFunction")
    variables = resolved(function["Environment"]["Variables"])
    assert variables["HEADROOM_MEMBER_ROLE"] == "arn:aws-us-gov:iam::{account}:role/HeadroomAudit"
    assert variables["HEADROOM_EXTERNAL_ID"] == "headroom-audit"
    assert place_settings(variables).role.format(account="1" * 12).endswith("::111111111111:role/HeadroomAudit")


def test_the_members_template_needs_no_bootstrapping_and_names_no_account_but_the_audits(organisation: Assembly):
    text = json.dumps(organisation.member)
    assert "BootstrapVersion" not in text
    assert set(re.findall(r"(?<![0-9a-f])\d{12}(?![0-9a-f])", text)) == {"111122223333"}
    assert {each["Type"] for each in organisation.member["Resources"].values()} == {
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
    }
