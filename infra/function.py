"""A Lambda function of ours: all are made alike, but for what they may do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra import bundle, log_retention
from infra.config import Config
from infra.findings import acknowledge

LOGS = {"POWERTOOLS_SERVICE_NAME": "headroom", "POWERTOOLS_LOG_LEVEL": "INFO"}
METRICS = {"POWERTOOLS_METRICS_NAMESPACE": "Headroom"}


def function(
    scope: Construct,
    handler: str,
    *,
    description: str,
    config: Config,
    role: iam.IRole,
    layers: Sequence[lambda_.ILayerVersion],
    timeout: Duration,
    environment: Mapping[str, str],
    memory: int = 512,
    calls_itself: bool = False,
) -> lambda_.Function:
    """The function below `scope`, with a log group that goes with the stack. `handler` is its module's name.

    `calls_itself`: through a queue. Lambda would take the sixteenth run in a row for a runaway and stop it; ours are
    bounded by the caps of a day. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    """
    log_group = logs.LogGroup(
        scope,
        "Logs",
        retention=log_retention.PERIODS[config.log_retention_days],
        removal_policy=RemovalPolicy.DESTROY,
    )
    log_group.grant_write(role)
    made = lambda_.Function(
        scope,
        "Function",
        description=description,
        runtime=lambda_.Runtime.PYTHON_3_13,
        architecture=lambda_.Architecture.ARM_64,
        handler=f"functions.handlers.{handler}.handler",
        code=bundle.function_code(),
        layers=[*layers],
        role=role,
        timeout=timeout,
        memory_size=memory,
        log_group=log_group,
        recursive_loop=lambda_.RecursiveLoop.ALLOW if calls_itself else None,
        environment={**environment},
    )
    acknowledge(made, "L1", reason="The dependencies are resolved, hash-pinned and tested for Python 3.13.")
    return made
