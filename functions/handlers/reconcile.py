"""The reconcile Lambda: a batch of events from the work queue becomes one scope and one run."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.act import AwsWriter, FastQueue
from functions.aws.clients import Clients
from functions.aws.coverage import Coverage
from functions.aws.denied import denied
from functions.aws.emf import print_lines
from functions.aws.journal import Journal
from functions.aws.kept import Kept, for_one_read
from functions.aws.kubernetes import KubernetesReader
from functions.aws.lease import Holding, Lease
from functions.aws.memory import Memory
from functions.aws.mutes import MutesParameter
from functions.aws.notify import Topic, place_of
from functions.aws.reader import AwsReader
from functions.aws.release import ReleaseQueue
from functions.aws.switch import Switch
from functions.capacity.arrivals import Kind, kind_of
from functions.capacity.failures import Failures, failures
from functions.capacity.findings.finding import Severity
from functions.capacity.findings.own import Denied
from functions.capacity.routes import CONTINUE, OWN_SOURCE, URGENT, WAKE
from functions.capacity.scope import NOWHERE, Ignored, MalformedEventError, Scope, scope_of
from functions.pipeline import Outcome, reconcile, tell_denied
from functions.ports import Aws
from functions.settings import Settings
from functions.stages.act import Result
from functions.stages.measure import measure, not_looked_at

logger = Logger()
metrics = Metrics()

RUN_SECONDS = 60  # kept free for the run itself while waiting for its turn
TELL_SECONDS = 25  # of them kept free for telling, once nothing new is begun
EVENTS = "Events"  # of others
FAST = frozenset({WAKE, URGENT, CONTINUE})  # what comes by the fast queue
LAST_SECONDS = 3  # nothing is sent any more: what Lambda cuts off in the middle is the hardest to make good


@dataclass(frozen=True, kw_only=True)
class Batch:
    """What a batch of queue messages asks for."""

    scope: Scope
    ignored: Counter[str]
    arrived: frozenset[Kind]  # the kinds of event among them
    newest: datetime | None  # when SQS got the last of them; None where it does not say
    malformed: Mapping[str, str]  # by message id; SQS delivers them again, and at last to the DLQ
    failures: Failures = field(default_factory=Counter)  # calls that EC2 had no room for
    kinds: frozenset[str] = frozenset()  # our own messages among them, by their kind, and EVENTS for all others

    @property
    def for_events(self) -> bool:
        """Whether something happened that asks for a look, and not just the time."""
        return not self.kinds.isdisjoint({EVENTS, WAKE, URGENT})


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


@dataclass(frozen=True)
class Covered:
    """A batch that needed no run: what its messages tell of has been looked at since."""


_KEPT = Kept()


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
        outcome = handle(batch, settings.from_environment(), clients, invocation, _KEPT)
        _report(outcome)
        _measure(outcome, batch.failures, _now())
    return {"batchItemFailures": [{"itemIdentifier": each} for each in batch.malformed]}


def handle(
    batch: Batch, config: Settings, to: Clients, invocation: Invocation, kept: Kept | None = None
) -> Outcome | Denied | Covered:
    """One run, in its turn; none where a look everywhere began after the batch's newest message had settled.

    What AWS denies, people are told of: no retry helps, and the next sweep tries again. All other errors escape.
    """
    kept = kept or for_one_read()
    _settle(batch, config, invocation)
    with _lease(config, to, invocation).held(wait_seconds=invocation.seconds_left - RUN_SECONDS) as holding:
        coverage, began = Coverage(dynamodb=to.dynamodb(), table=config.table_name), invocation.clock()
        aws = _aws(config, to, invocation, holding, kept)
        if coverage.covers(batch.newest, began, woken=batch.kinds == {WAKE}):
            if batch.arrived:
                aws.memory.keep_arrivals(batch.arrived, began)
            return Covered()
        try:
            outcome = reconcile(batch.scope, config.policy, aws, batch.arrived)
        except Exception as error:
            kept.reservations.forget(tuple(kept.reservations.known))  # who knows how far it came
            what = denied(error)
            if what is None:
                raise
            tell_denied(what, aws)
            return what
        kept.reservations.forget(each.look.subnet_id for each in outcome.results if each.changes)
        coverage.looked(began, everywhere=outcome.everywhere, for_events=batch.for_events)
        return outcome


def _settle(batch: Batch, config: Settings, invocation: Invocation) -> None:
    """Wait until what the newest message tells of shows: then this look is also the one of all that comes with it.

    An event source has several pollers, each with a batch of its own, whose windows end at nearly the same time. Never
    for longer, since SQS's clock and ours may be apart; and not on the fast way, whose queue has its own delay.
    """
    if batch.newest and not batch.kinds <= FAST:
        wait = (batch.newest - invocation.clock()).total_seconds() + config.settle_seconds
        if wait > 0:
            invocation.sleep(min(wait, config.settle_seconds))


def read_batch(records: Iterable[Mapping[str, Any]]) -> Batch:
    """One scope for all records that can be read; the others are named."""
    scope, ignored, arrived, malformed = NOWHERE, Counter[str](), set[Kind](), dict[str, str]()
    sent, refused, kinds = list[datetime | None](), Failures(), set[str]()
    for record in records:
        sent.append(_sent(record))
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
            kinds.add(event["detail-type"] if event["source"] == OWN_SOURCE else EVENTS)
            refused += failures(event, found)
    times = [each for each in sent if each]
    newest = max(times) if times and len(times) == len(sent) else None
    return Batch(
        scope=scope,
        ignored=ignored,
        arrived=frozenset(arrived),
        newest=newest,
        malformed=malformed,
        failures=refused,
        kinds=frozenset(kinds),
    )


def _sent(record: Mapping[str, Any]) -> datetime | None:
    """When SQS got the message: epoch milliseconds, as a text."""
    text = (record.get("attributes") or {}).get("SentTimestamp", "")
    return datetime.fromtimestamp(int(text) / 1000, UTC) if text.isdigit() else None


def _lease(config: Settings, to: Clients, invocation: Invocation) -> Lease:
    return Lease(
        dynamodb=to.dynamodb(),
        table=config.table_name,
        holder=invocation.id,
        seconds=ceil(invocation.seconds_left) + 1,  # no longer than this invocation can live, and no shorter
        clock=lambda: invocation.clock().timestamp(),
        sleep=invocation.sleep,
    )


def _aws(config: Settings, to: Clients, invocation: Invocation, holding: Holding, kept: Kept) -> Aws:
    dynamodb, decision = to.dynamodb(), invocation.id
    journal = Journal(dynamodb=dynamodb, table=config.table_name, decision=decision, holding=holding)
    return Aws(
        reader=AwsReader(
            ec2=to.ec2(),
            eks=to.eks(),
            autoscaling=to.autoscaling(),
            kubernetes=KubernetesReader() if config.read_kubernetes else None,
            kept=kept,
        ),
        writer=AwsWriter(ec2=to.ec2()),
        releases=ReleaseQueue(sqs=to.sqs(), url=config.release_queue_url, decision=decision),
        switch=Switch(ssm=to.ssm(), parameter=config.switch_parameter),
        journal=journal,
        memory=Memory(dynamodb=dynamodb, table=config.table_name, journal=journal),
        topic=Topic(
            sns=to.sns(),
            arn=config.topic_arn,
            chat_arn=config.chat_topic_arn,
            paging_arn=config.paging_topic_arn,
        ),
        queue=FastQueue(sqs=to.sqs(), url=config.fast_queue_url, decision=decision),
        mutes=MutesParameter(ssm=to.ssm(), parameter=config.mutes_parameter),
        place=place_of(config.topic_arn, config.runbooks_url),
        clock=invocation.clock,
        act_until=invocation.ends - timedelta(seconds=TELL_SECONDS),
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _report(outcome: Outcome | Denied | Covered) -> None:
    metrics.add_metric(name="BatchesCovered", unit=MetricUnit.Count, value=int(isinstance(outcome, Covered)))
    metrics.add_metric(name="Denied", unit=MetricUnit.Count, value=int(isinstance(outcome, Denied)))
    if isinstance(outcome, Denied):
        logger.error("denied", action=outcome.action, resource=outcome.resource, answer=outcome.message)
    elif isinstance(outcome, Covered):
        logger.info("covered by a look that began later")
    else:
        _report_run(outcome)


def _measure(outcome: Outcome | Denied | Covered, refused: Failures, now: datetime) -> None:
    """Each subnet and cluster in a line of its own; docs/metrics.md says what is in them."""
    if isinstance(outcome, Outcome):
        lines = measure(outcome.results, outcome.whole, refused, now)
    else:
        lines = not_looked_at(refused)
    print_lines(lines, namespace=metrics.namespace)


def _count(batch: Batch) -> None:
    metrics.add_metric(name="EventsIgnored", unit=MetricUnit.Count, value=batch.ignored.total())
    metrics.add_metric(name="EventsMalformed", unit=MetricUnit.Count, value=len(batch.malformed))
    metrics.add_metric(name="FailuresSeen", unit=MetricUnit.Count, value=batch.failures.total())
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
        "NoticesSent": len(outcome.changes),
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
    }
