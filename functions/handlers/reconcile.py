"""The reconcile Lambda: a batch of events from the work queue becomes one scope and one run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.act import AwsWriter, WorkQueue
from functions.aws.kubernetes import KubernetesReader
from functions.aws.lease import Lease
from functions.aws.notify import Topic
from functions.aws.reader import AwsReader
from functions.aws.release import ReleaseQueue
from functions.aws.store import Table
from functions.aws.switch import Switch
from functions.capacity.findings.finding import Severity
from functions.capacity.scope import NOWHERE, Ignored, MalformedEventError, Scope, scope_of
from functions.pipeline import Outcome, Result, reconcile
from functions.ports import Aws

logger = Logger()
metrics = Metrics()

RUN_SECONDS = 60  # kept free for the run itself while waiting for its turn


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch of queue messages asks for."""

    scope: Scope
    ignored: Counter[str]
    malformed: tuple[str, ...]  # ids of the messages that SQS is to deliver again, and at last to the DLQ


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one SQS batch. Errors of AWS escape, so that the whole batch is delivered again."""
    batch = read_batch(event["Records"])
    _count(batch)
    if batch.scope:
        config = settings.from_environment()
        with _lease(config, context).held(wait_seconds=_seconds_left(context) - RUN_SECONDS):
            _report(reconcile(batch.scope, config.policy, _aws(config, context.aws_request_id)))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.malformed]}


def read_batch(records: list[Mapping[str, Any]]) -> Batch:
    """One scope for all records that can be read; the others are named."""
    scope, ignored, malformed = NOWHERE, Counter[str](), list[str]()
    for record in records:
        try:
            found = scope_of(json.loads(record["body"]))
        except (MalformedEventError, ValueError, RecursionError) as error:
            logger.error("malformed event", message_id=record["messageId"], reason=str(error))  # noqa: TRY400 - no trace
            malformed.append(record["messageId"])
            continue
        if isinstance(found, Ignored):
            ignored[found.reason] += 1
        else:
            scope |= found
    return Batch(scope=scope, ignored=ignored, malformed=tuple(malformed))


def _lease(config: settings.Settings, context: LambdaContext) -> Lease:
    return Lease(
        dynamodb=clients.dynamodb(),
        table=config.table_name,
        holder=context.aws_request_id,
        seconds=ceil(_seconds_left(context)) + 1,  # no longer than this invocation can live, and no shorter
    )


def _seconds_left(context: LambdaContext) -> float:
    return context.get_remaining_time_in_millis() / 1000


def _aws(config: settings.Settings, decision: str) -> Aws:
    return Aws(
        reader=AwsReader(
            ec2=clients.ec2(),
            eks=clients.eks(),
            autoscaling=clients.autoscaling(),
            kubernetes=KubernetesReader() if config.read_kubernetes else None,
        ),
        writer=AwsWriter(ec2=clients.ec2(), decision=decision),
        releases=ReleaseQueue(sqs=clients.sqs(), url=config.release_queue_url, decision=decision),
        switch=Switch(ssm=clients.ssm(), parameter=config.switch_parameter),
        memory=Table(dynamodb=clients.dynamodb(), name=config.table_name),
        topic=Topic(sns=clients.sns(), arn=config.topic_arn),
        queue=WorkQueue(sqs=clients.sqs(), url=config.queue_url, continue_after=config.continue_after_seconds),
        clock=lambda: datetime.now(UTC),
    )


def _count(batch: Batch) -> None:
    metrics.add_metric(name="EventsIgnored", unit=MetricUnit.Count, value=batch.ignored.total())
    metrics.add_metric(name="EventsMalformed", unit=MetricUnit.Count, value=len(batch.malformed))
    if batch.ignored:
        logger.info("ignored events", reasons=dict(batch.ignored))


def _report(outcome: Outcome) -> None:
    results = outcome.results
    counts = {
        "SubnetsLookedAt": len(results),
        "SubnetsPartial": sum(1 for each in results if each.analysis.partial),
        "SubnetsShort": sum(1 for each in results if each.analysis.missing),
        "ReservationsCreated": sum(len(each.created) for each in results),
        "ReleasesAsked": sum(len(each.releases) for each in results),
        "ReservationsRefused": sum(len(each.refused) for each in results),
        "SinglesInReservations": sum(len(each.newcomers) for each in results),
        "NoticesSent": sum(len(each.notices) for each in results),
        "Unknowns": len(outcome.unknowns),
        "Findings": sum(1 for each in outcome.findings if each.severity in {Severity.WARNING, Severity.CRITICAL}),
    }
    for name, value in counts.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
    if outcome.unknowns:
        logger.warning("not known", unknowns=outcome.unknowns)
    if outcome.not_acting:
        logger.warning("not acting", reason=outcome.not_acting)
    for change in outcome.changes:
        logger.info("finding", change=change.state, finding=change.incident.finding, resource=change.incident.resource)
    for each in results:
        logger.info("subnet", facts=_facts(each))


def _facts(result: Result) -> dict[str, Any]:
    analysis = result.analysis
    return {
        "subnet": analysis.subnet.id,
        "mode": analysis.subnet.mode,
        "demand": analysis.demand.prefixes,
        "obtainable": analysis.obtainable,
        "partial": analysis.partial,
        "reason": result.plan.reason,
        "limits": sorted(result.plan.limits),
        "created": [str(each.cidr) for each in result.created],
        "releases": [str(each.cidr) for each in result.releases],
        "refused": [each.reason for each in result.refused],
        "deferred": result.plan.deferred,
        "notices": [f"{each.finding}: {each.state}" for each in result.notices],
    }
