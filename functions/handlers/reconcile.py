"""The reconcile Lambda: a batch of events from the work queue becomes one scope and one run."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.act import AwsWriter, WorkQueue
from functions.aws.clients import Clients
from functions.aws.denied import denied
from functions.aws.journal import Journal
from functions.aws.kubernetes import KubernetesReader
from functions.aws.lease import Holding, Lease
from functions.aws.memory import Memory
from functions.aws.notify import Topic
from functions.aws.reader import AwsReader
from functions.aws.release import ReleaseQueue
from functions.aws.switch import Switch
from functions.capacity.alerts import Notice
from functions.capacity.arrivals import Kind, kind_of
from functions.capacity.findings.finding import Severity
from functions.capacity.findings.own import Denied
from functions.capacity.scope import NOWHERE, Ignored, MalformedEventError, Scope, scope_of
from functions.pipeline import Outcome, reconcile, tell_denied
from functions.ports import Aws
from functions.settings import Settings
from functions.stages.act import Result

logger = Logger()
metrics = Metrics()

RUN_SECONDS = 60  # kept free for the run itself while waiting for its turn
TELL_SECONDS = 25  # of them kept free for telling, once nothing new is begun
LAST_SECONDS = 3  # nothing is sent any more: what Lambda cuts off in the middle is the hardest to make good


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch of queue messages asks for."""

    scope: Scope
    ignored: Counter[str]
    arrived: frozenset[Kind]  # the kinds of event among them
    malformed: Mapping[str, str]  # by message id; SQS delivers them again, and at last to the DLQ


@dataclass(frozen=True, kw_only=True)
class Invocation:
    """One call of the Lambda: its id, its time, and when Lambda ends it."""

    id: str
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]
    ends: datetime

    @property
    def seconds_left(self) -> float:
        """Until Lambda ends it."""
        return (self.ends - self.clock()).total_seconds()


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle one SQS batch. Errors of AWS escape, so that the whole batch is delivered again."""
    seconds = context.get_remaining_time_in_millis() / 1000
    invocation = Invocation(
        id=context.aws_request_id, clock=_now, sleep=time.sleep, ends=_now() + timedelta(seconds=seconds)
    )
    clients.deadline.set(invocation.ends - timedelta(seconds=LAST_SECONDS), invocation.clock)
    batch = read_batch(event["Records"])
    _count(batch)
    if batch.scope:
        _report(handle(batch, settings.from_environment(), clients, invocation))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.malformed]}


def handle(batch: Batch, config: Settings, to: Clients, invocation: Invocation) -> Outcome | Denied:
    """One run, in its turn.

    What AWS denies, people are told of: no retry helps, and the next sweep tries again. All other errors escape.
    """
    with _lease(config, to, invocation).held(wait_seconds=invocation.seconds_left - RUN_SECONDS) as holding:
        aws = _aws(config, to, invocation, holding)
        try:
            return reconcile(batch.scope, config.policy, aws, batch.arrived)
        except Exception as error:
            what = denied(error)
            if what is None:
                raise
            tell_denied(what, aws)
            return what


def read_batch(records: Iterable[Mapping[str, Any]]) -> Batch:
    """One scope for all records that can be read; the others are named."""
    scope, ignored, arrived, malformed = NOWHERE, Counter[str](), set[Kind](), dict[str, str]()
    for record in records:
        try:
            event = json.loads(record["body"])
            found = scope_of(event)
        except (MalformedEventError, ValueError, RecursionError) as error:
            malformed[record["messageId"]] = str(error)
            continue
        arrived.update(filter(None, [kind_of(event)]))
        if isinstance(found, Ignored):
            ignored[found.reason] += 1
        else:
            scope |= found
    return Batch(scope=scope, ignored=ignored, arrived=frozenset(arrived), malformed=malformed)


def _lease(config: Settings, to: Clients, invocation: Invocation) -> Lease:
    return Lease(
        dynamodb=to.dynamodb(),
        table=config.table_name,
        holder=invocation.id,
        seconds=ceil(invocation.seconds_left) + 1,  # no longer than this invocation can live, and no shorter
        clock=lambda: invocation.clock().timestamp(),
        sleep=invocation.sleep,
    )


def _aws(config: Settings, to: Clients, invocation: Invocation, holding: Holding) -> Aws:
    dynamodb, decision = to.dynamodb(), invocation.id
    journal = Journal(dynamodb=dynamodb, table=config.table_name, decision=decision, holding=holding)
    return Aws(
        reader=AwsReader(
            ec2=to.ec2(),
            eks=to.eks(),
            autoscaling=to.autoscaling(),
            kubernetes=KubernetesReader() if config.read_kubernetes else None,
        ),
        writer=AwsWriter(ec2=to.ec2()),
        releases=ReleaseQueue(sqs=to.sqs(), url=config.release_queue_url, decision=decision),
        switch=Switch(ssm=to.ssm(), parameter=config.switch_parameter),
        journal=journal,
        memory=Memory(dynamodb=dynamodb, table=config.table_name, journal=journal),
        topic=Topic(sns=to.sns(), arn=config.topic_arn),
        queue=WorkQueue(sqs=to.sqs(), url=config.queue_url, continue_after=config.continue_after_seconds),
        clock=invocation.clock,
        act_until=invocation.ends - timedelta(seconds=TELL_SECONDS),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _report(outcome: Outcome | Denied) -> None:
    metrics.add_metric(name="Denied", unit=MetricUnit.Count, value=int(isinstance(outcome, Denied)))
    if isinstance(outcome, Denied):
        logger.error("denied", action=outcome.action, resource=outcome.resource, answer=outcome.message)
    else:
        _report_run(outcome)


def _count(batch: Batch) -> None:
    metrics.add_metric(name="EventsIgnored", unit=MetricUnit.Count, value=batch.ignored.total())
    metrics.add_metric(name="EventsMalformed", unit=MetricUnit.Count, value=len(batch.malformed))
    if batch.ignored:
        logger.info("ignored events", reasons=dict(batch.ignored))
    for message_id, reason in batch.malformed.items():
        logger.error("malformed event", message_id=message_id, reason=reason)


def _report_run(outcome: Outcome) -> None:
    results = outcome.results
    counts = {
        "SubnetsLookedAt": len(results),
        "SubnetsPartial": sum(1 for each in results if each.look.analysis.partial),
        "SubnetsShort": sum(1 for each in results if each.look.analysis.missing),
        "ReservationsCreated": sum(len(each.created) for each in results),
        "ReleasesAsked": sum(len(each.releases) for each in results),
        "ReservationsRefused": sum(len(each.refused) for each in results),
        "SinglesInReservations": sum(len(each.look.newcomers) for each in results),
        "NoticesSent": sum(len(each) for each in outcome.notices.values()),
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
        logger.info("subnet", facts=_facts(each, outcome.notices[each.look.subnet_id]))


def _facts(result: Result, notices: Iterable[Notice]) -> dict[str, Any]:
    analysis = result.look.analysis
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
        "postponed": result.postponed,
        "notices": [f"{each.finding}: {each.state}" for each in notices],
    }
