"""The audit Lambda: by hand or on a schedule, reads all that Headroom reads, changes nothing, and reports.

Its event (events/audit.json): {"clusters": [names], "subnets": [ids], "plan": true}, all of them optional; with neither
clusters nor subnets it looks everywhere. Its answer: the verdict, the findings, the plan, and links to the report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.at_once import at_once
from functions.aws.clients import Clients
from functions.aws.journal import Journal
from functions.aws.memory import Memory
from functions.aws.reader import AwsReader
from functions.aws.reports import LINKED_FOR, Reports, folder_of
from functions.aws.vpcs import VpcReader, spaces
from functions.capacity.analyse import Analysis
from functions.capacity.model import Snapshot
from functions.capacity.planning import planned
from functions.capacity.scope import EVERYWHERE, Scope
from functions.capacity.steering.samples import History
from functions.report.audit import Audit, audit
from functions.report.forms.files import FILES
from functions.settings import AuditSettings

logger = Logger()
metrics = Metrics()

SHOWN = 50  # findings in the answer; the report has them all, and Lambda's answers end at 6 MB


class MalformedRequestError(ValueError):
    """An event that asks for nothing that the audit can do; whoever invoked it sees the message."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for."""

    scope: Scope
    plan: bool


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Audit, keep the report, answer with its summary. Any error escapes to whoever invoked it."""
    request = request_of(event)
    answer = answered(
        request, settings.audit_from_environment(), clients, run=context.aws_request_id, now=datetime.now(UTC)
    )
    metrics.add_metric(name="AuditFindings", unit=MetricUnit.Count, value=answer["findingsInAll"])
    logger.info("audit", verdict=answer["verdict"], folder=answer["folder"])
    return answer


def request_of(event: object) -> Request:
    """The request in an event. Raises MalformedRequestError, which names what is wrong."""
    if not isinstance(event, Mapping):
        raise MalformedRequestError("the event is a JSON object: see events/audit.json")
    if unknown := sorted(map(str, event.keys() - {"clusters", "subnets", "plan"})):
        raise MalformedRequestError(f"unknown key {', '.join(unknown):.100}; there are clusters, subnets and plan")
    plan = event.get("plan", True)
    if not isinstance(plan, bool):
        raise MalformedRequestError(f"`plan` is true or false, this is {plan!r:.60}")
    named = Scope(clusters=_names(event, "clusters"), subnets=_names(event, "subnets"))
    return Request(scope=named or EVERYWHERE, plan=plan)


def answered(request: Request, config: AuditSettings, to: Clients, *, run: str, now: datetime) -> dict[str, Any]:
    """Read, report, keep. The answer is plain JSON."""
    reader = AwsReader(ec2=to.ec2(), eks=to.eks(), autoscaling=to.autoscaling(), each=at_once)
    snapshot, analyses = reader.read_by_count(request.scope, now)
    histories = dict(_histories(snapshot, config, to, now))
    space = spaces(*VpcReader(ec2=to.ec2()).described({each.vpc_id for each in snapshot.subnets if each.vpc_id}))
    found = audit(snapshot, analyses, policy=config.policy, histories=histories, space=space)
    folder = folder_of(now, run)
    reports = Reports(s3=to.s3(), bucket=config.bucket)
    links = {name: reports.keep(f"{folder}/{name}", form(found), kind) for name, form, kind in FILES}
    return _summary(found) | {
        "plan": [each for analysis in analyses for each in _plan(analysis, histories, config)] if request.plan else [],
        "folder": f"s3://{config.bucket}/{folder}/",
        "links": links,
        "linksEnd": (now + LINKED_FOR).isoformat(),
    }


def _names(event: Mapping[str, Any], key: str) -> frozenset[str]:
    names = event.get(key, [])
    if not isinstance(names, list) or not all(isinstance(each, str) and each for each in names):
        raise MalformedRequestError(f"`{key}` is a list of texts, this is {names!r:.60}")
    return frozenset(names)


def _histories(snapshot: Snapshot, config: AuditSettings, to: Clients, now: datetime) -> Iterator[tuple[str, History]]:
    """What earlier looks left of each subnet, for trends and for what steering would do."""
    journal = Journal(dynamodb=to.dynamodb(), table=config.table_name, decision="audit")
    memory = Memory(dynamodb=to.dynamodb(), table=config.table_name, journal=journal)
    for each in snapshot.subnets:
        yield each.id, memory.of_subnet(each.id, now).past.history


def _plan(analysis: Analysis, histories: Mapping[str, History], config: AuditSettings) -> Iterator[dict[str, str]]:
    """What the next run would do, if nothing keeps it from it."""
    history = histories[analysis.subnet.id]
    plan = planned(analysis, config.policy, history, created_today=0, released_today=0)
    for each in plan.actions:
        yield {"kind": "create", "subnetId": each.subnet_id, "cidr": str(each.cidr), "reason": each.reason}
    for gone in plan.releases:
        yield {
            "kind": "release",
            "subnetId": gone.subnet_id,
            "cidr": str(gone.cidr),
            "reservationId": gone.reservation_id,
            "reason": gone.reason,
        }


def _summary(found: Audit) -> dict[str, Any]:
    shown = [
        {"id": each.id, "severity": each.severity, "resource": str(each.resource), "title": each.title}
        for each in found.findings[:SHOWN]
    ]
    return {
        "takenAt": found.taken_at.isoformat(),
        "verdict": found.verdict,
        "totals": {each.key: each.value for each in found.totals},
        "findings": shown,
        "findingsInAll": len(found.findings),
        "unknowns": list(found.unknowns[:SHOWN]),
    }
