"""The release Lambda: gives a reservation back for each request, after a last look that it is still ours to give.

Each release is journalled before it is made, and its end after it: a reconcile that reads an old answer of EC2, which
still shows the reservation, knows better. It needs no lease. What it deletes is named by an id, which EC2 never uses
twice, and checked against the CIDR that the plan was about: a duplicate, or a second Lambda at the same time, finds it
gone. A reconcile at the same time reads the reservation or reads it gone, both true; where it reserves the range too
early, EC2's overlap error is the last word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.act import FastQueue
from functions.aws.clients import Clients
from functions.aws.journal import Journal
from functions.aws.release import Releaser
from functions.aws.switch import Switch
from functions.capacity.journal import Entry, Outcome
from functions.capacity.release import (
    Fate,
    ReleaseRequest,
    Settled,
    Sight,
    judge,
    outdated,
    request_of,
)
from functions.capacity.subnet_policy import times_ordinary
from functions.capacity.switch import SwitchState
from functions.settings import ReleaseSettings

logger = Logger()
metrics = Metrics()

LAST_SECONDS = 3  # before Lambda ends it, nothing is sent any more

_METRICS = {
    Fate.RELEASED: "ReservationsReleased",
    Fate.GONE: "ReleasesAlreadyGone",
    Fate.REFUSED: "ReleasesRefused",
    Fate.TOO_LATE: "ReleasesTooLate",
    Fate.CAPPED: "ReleasesCapped",
    Fate.NOT_ACTING: "ReleasesNotActing",
}


class Ec2(Protocol):
    """What is asked of EC2 right before, and the one change that this role may make."""

    def look(self, request: ReleaseRequest) -> Sight: ...  # noqa: D102
    def delete(self, reservation_id: str) -> bool: ...  # noqa: D102


class SwitchPort(Protocol):
    """The kill switch."""

    def read(self) -> SwitchState: ...  # noqa: D102


class JournalPort(Protocol):
    """Where each release is written down, and counted, before it is made."""

    def intend_release(self, request: ReleaseRequest, now: datetime, *, at_most: int) -> Entry | None: ...  # noqa: D102
    def settle(self, entry: Entry, outcome: Outcome, reservation_id: str = "") -> Entry: ...  # noqa: D102


class Queue(Protocol):
    """Where the reconcile is asked to look again."""

    def continue_with(self, subnet_ids: Iterable[str]) -> None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Everything outside that a release touches, the clock included."""

    ec2: Ec2
    switch: SwitchPort
    journal: JournalPort
    queue: Queue
    clock: Callable[[], datetime]
    most_per_day: int  # releases in one subnet of up to 4,096 addresses


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle the requests of one SQS batch. Errors of AWS escape, so that their request is delivered again.

    The event source hands over one request at a time, so an error costs the others nothing.
    """
    seconds = context.get_remaining_time_in_millis() / 1000
    clients.deadline.set(_now() + timedelta(seconds=seconds - LAST_SECONDS), _now)
    requests, malformed = read_requests(event["Records"])
    metrics.add_metric(name="ReleasesMalformed", unit=MetricUnit.Count, value=len(malformed))
    if requests:
        aws = aws_of(settings.release_from_environment(), clients, context.aws_request_id, _now)
        for each in requests:
            _report(each, settle(each, aws))
    return {"batchItemFailures": [{"itemIdentifier": each} for each in malformed]}


def _now() -> datetime:
    return datetime.now(UTC)


def read_requests(records: Iterable[Mapping[str, Any]]) -> tuple[list[ReleaseRequest], list[str]]:
    """The requests, and the ids of the messages that are none: SQS delivers those again, and at last to the DLQ."""
    requests, malformed = list[ReleaseRequest](), list[str]()
    for record in records:
        try:
            requests.append(request_of(json.loads(record["body"])))
        except (ValueError, RecursionError) as error:  # MalformedRequestError is a ValueError, as is JSON's
            logger.error("malformed request", message_id=record["messageId"], reason=str(error))  # noqa: TRY400 - no trace
            malformed.append(record["messageId"])
    return requests, malformed


def settle(request: ReleaseRequest, aws: Aws) -> Settled:
    """Carry one request out, or say why not. The checks that cost EC2 a call come last, the counted one at the end."""
    if settled := outdated(request, aws.clock()) or _switched_off(aws):
        return settled
    sight = aws.ec2.look(request)
    return judge(request, sight) or _release(request, aws, at_most=aws.most_per_day * times_ordinary(sight.addresses))


def _switched_off(aws: Aws) -> Settled | None:
    why = aws.switch.read().keeps_from_acting
    return Settled(fate=Fate.NOT_ACTING, reason=why) if why else None


def _release(request: ReleaseRequest, aws: Aws, *, at_most: int) -> Settled:
    """Delete, and let the reconcile look at once: what it wants of the range back, it reserves anew.

    Where it was gone already nobody is asked to look: whoever deleted it has done so, and a stale read of a reconcile,
    which lasts up to minutes, would go round and round. A look that got lost here is made by the next sweep.
    """
    entry = aws.journal.intend_release(request, aws.clock(), at_most=at_most)
    if entry is None:
        return Settled(fate=Fate.CAPPED, reason=f"{at_most} releases in this subnet today are the most")
    deleted = aws.ec2.delete(request.reservation_id)
    aws.journal.settle(entry, Outcome.DONE)
    if not deleted:
        return Settled(fate=Fate.GONE, reason="EC2 does not know it any more")
    aws.queue.continue_with([request.subnet_id])
    return Settled(fate=Fate.RELEASED, reason=request.reason)


def aws_of(config: ReleaseSettings, to: Clients, decision: str, clock: Callable[[], datetime]) -> Aws:
    """The outside as deployed. `decision` is this invocation's id."""
    return Aws(
        ec2=Releaser(ec2=to.ec2()),
        switch=Switch(ssm=to.ssm(), parameter=config.switch_parameter),
        journal=Journal(dynamodb=to.dynamodb(), table=config.table_name, decision=decision),
        queue=FastQueue(sqs=to.sqs(), url=config.fast_queue_url, decision=decision),
        clock=clock,
        most_per_day=config.max_releases_per_subnet_per_day,
    )


def _report(request: ReleaseRequest, settled: Settled) -> None:
    """Refusals stand out: either somebody changed something within seconds, or a plan was wrong."""
    metrics.add_metric(name=_METRICS[settled.fate], unit=MetricUnit.Count, value=1)
    log = logger.warning if settled.fate is Fate.REFUSED else logger.info
    log("release", facts=_facts(request, settled))


def _facts(request: ReleaseRequest, settled: Settled) -> dict[str, str]:
    return {
        "subnet": request.subnet_id,
        "reservation": request.reservation_id,
        "cidr": str(request.cidr),
        "asked_because": request.reason,
        "decision": request.decision,
        "fate": settled.fate,
        "reason": settled.reason,
    }
