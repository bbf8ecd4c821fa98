"""The state machine of an organisation's audit: which places, each of them in a child of its own, one report.

A child that fails writes down why and fails: the report names it, and the map counts it against what is tolerated.
Where more fail than that, what was read is reported all the same, and then the execution fails.
"""

from __future__ import annotations

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra import log_retention
from infra.config import Config
from infra.findings import acknowledge
from infra.organisation_keys import OrganisationConfig
from infra.organisation_role import FOLDER, LABEL, MAP_RUNS, OrganisationRole

# 500 places, 40 at once, at the longest of five minutes and five tries each, would take five hours.
TIMEOUT = Duration.hours(6)
# What passes: https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html
_LAMBDA_BUSY = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
]
THROTTLED = "ThrottledError"  # functions/handlers/organisation_place.py


class OrganisationMachine(Construct):
    """The machine with its role and log group."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        config: Config,
        organisation: OrganisationConfig,
        bucket: s3.IBucket,
        places: lambda_.IFunction,
        place: lambda_.IFunction,
        report: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        self._bucket = bucket
        role = OrganisationRole(self, "Role", bucket=bucket, functions=[places, place, report])
        begin = self._begin(places)
        end = self._end(report)
        every = self._map(organisation, place)
        begin.next(every).next(end)
        every.add_catch(end, errors=[sfn.Errors.ALL], result_path="$.stopped")
        self.machine = sfn.StateMachine(
            self,
            "Machine",
            comment="Headroom: audits every account and region of an organisation, read-only",
            definition_body=sfn.DefinitionBody.from_chainable(begin),
            role=role.for_machine,
            timeout=TIMEOUT,
            # Names of accounts and regions, counts and folders are all that passes through.
            encryption_configuration=sfn.AwsOwnedEncryptionConfiguration(),
            logs=sfn.LogOptions(destination=self._log_group(config), level=sfn.LogLevel.ALL),
            tracing_enabled=False,
        )
        role.let_run_children(self.machine)
        acknowledge(
            self.machine,
            "SF2",
            reason="Tracing would add a trace for each child, and rights on all of X-Ray; the map run shows each "
            "child's steps with their times, and each function logs.",
        )

    def _begin(self, places: lambda_.IFunction) -> tasks.LambdaInvoke:
        step = tasks.LambdaInvoke(
            self,
            "Which accounts and regions",
            lambda_function=places,
            payload=sfn.TaskInput.from_object(
                {
                    "asked": sfn.JsonPath.object_at("$"),
                    "run": sfn.JsonPath.execution_name,
                    "at": sfn.JsonPath.execution_start_time,
                }
            ),
            payload_response_only=True,
            retry_on_service_exceptions=False,
        )
        _retry(step)
        return step

    def _map(self, organisation: OrganisationConfig, place: lambda_.IFunction) -> sfn.DistributedMap:
        every = sfn.DistributedMap(
            self,
            "Each account and region",
            label=LABEL,
            map_execution_type=sfn.StateMachineType.STANDARD,  # an express child ends after five minutes, retries too
            item_reader=sfn.S3JsonItemReader(bucket=self._bucket, key=sfn.JsonPath.string_at("$.items")),
            item_selector={
                "account": sfn.JsonPath.string_at("$$.Map.Item.Value.account"),
                "region": sfn.JsonPath.string_at("$$.Map.Item.Value.region"),
                "folder": sfn.JsonPath.string_at("$.folder"),
                "run": sfn.JsonPath.execution_name,
            },
            max_concurrency=organisation.max_concurrency,
            tolerated_failure_percentage=organisation.tolerated_failure_percentage,
            # Inline, the answers of some hundred children would be more than a state may hand on.
            result_writer_v2=sfn.ResultWriterV2(bucket=self._bucket, prefix=MAP_RUNS),
            result_path=sfn.JsonPath.DISCARD,
        )
        every.item_processor(self._child(place))
        return every

    def _child(self, place: lambda_.IFunction) -> sfn.IChainable:
        read = tasks.LambdaInvoke(
            self, "Read it", lambda_function=place, payload_response_only=True, retry_on_service_exceptions=False
        )
        _retry(read, THROTTLED)
        note = tasks.CallAwsService(
            self,
            "Write down why not",
            service="s3",
            action="putObject",
            iam_resources=[self._bucket.arn_for_objects(f"{FOLDER}/*")],
            parameters={
                "Bucket": self._bucket.bucket_name,
                "Key": sfn.JsonPath.format(
                    "{}/{}/{}/failed.json",
                    *(sfn.JsonPath.string_at(each) for each in ("$.folder", "$.account", "$.region")),
                ),
                "ContentType": "application/json",
                "Body": {
                    "error": sfn.JsonPath.string_at("$.failure.Error"),
                    "cause": sfn.JsonPath.string_at("$.failure.Cause"),
                },
            },
            result_path=sfn.JsonPath.DISCARD,
        )
        note.add_retry(max_attempts=3, jitter_strategy=sfn.JitterType.FULL)
        failed = sfn.Fail(self, "It was not read", error_path="$.failure.Error", cause_path="$.failure.Cause")
        read.add_catch(note.next(failed), errors=[sfn.Errors.ALL], result_path="$.failure")
        return read

    def _end(self, report: lambda_.IFunction) -> sfn.IChainable:
        merge = tasks.LambdaInvoke(
            self,
            "One report",
            lambda_function=report,
            payload_response_only=True,
            retry_on_service_exceptions=False,
            result_path="$.report",
        )
        _retry(merge)
        too_many = sfn.Fail(
            self,
            "Too many failed",
            error="TooManyFailed",
            cause="More accounts and regions failed than are tolerated, so the rest was not read. What was read is "
            "reported: see the output of the step before.",
        )
        choice = sfn.Choice(self, "Was it stopped")
        done = sfn.Succeed(self, "Done", output_path="$.report")
        return merge.next(choice.when(sfn.Condition.is_present("$.stopped"), too_many).otherwise(done))

    def _log_group(self, config: Config) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            # Step Functions lets the log service write there by a policy that holds 5,120 characters of all groups'
            # names, unless they begin so. https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
            log_group_name=f"/aws/vendedlogs/states/{Stack.of(self).stack_name}-organisation",
            retention=log_retention.PERIODS[config.log_retention_days],
            removal_policy=RemovalPolicy.DESTROY,
        )


def _retry(step: tasks.LambdaInvoke, *errors: str) -> None:
    """Ten seconds to two minutes between tries, at random, so that children do not come back all at once."""
    step.add_retry(
        errors=[*_LAMBDA_BUSY, *errors],
        interval=Duration.seconds(10),
        backoff_rate=2,
        max_delay=Duration.minutes(2),
        max_attempts=5,
        jitter_strategy=sfn.JitterType.FULL,
    )
