"""One account and region of an organisation's audit: a child of the state machine's map.

Its event: {"account", "region", "folder", "run"}. It assumes the role that the account's owner made, reads, changes
nothing, and keeps the place's whole report and its part of the organisation's. What it answers with is short: Step
Functions takes 256 KB of all answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.at_once import at_once
from functions.aws.clients import OrganisationClients, with_keys
from functions.aws.elsewhere import Elsewhere, Make, Member, refusals_named
from functions.aws.reader import AwsReader
from functions.aws.reports import Reports
from functions.aws.vpcs import VpcReader, spaces
from functions.aws.waiting_parts import PART
from functions.capacity.places import Place
from functions.capacity.scope import EVERYWHERE
from functions.report.audit import Audit, audit
from functions.report.forms.files import FILES
from functions.report.organisation import as_text, part_of
from functions.settings import PlaceSettings

logger = Logger()


@logger.inject_lambda_context
def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Audit one place. Any error escapes: the state machine retries it, or writes it down."""
    answer = placed(event, settings.place_from_environment(), clients, now=datetime.now(UTC))
    logger.info("read", **{key: answer[key] for key in ("account", "region", "findings", "notRead")})
    return answer


def placed(
    event: Mapping[str, Any], config: PlaceSettings, to: OrganisationClients, *, now: datetime, make: Make = with_keys
) -> dict[str, Any]:
    """Read, report, keep. Raises NotPermittedError and ThrottledError for what AWS refuses."""
    place = Place(event["account"], event["region"])
    member = Member(role=config.role, external_id=config.external_id)
    with refusals_named(place):
        found = _read(Elsewhere(place=place, member=member, sts=to.sts(), run=event["run"], make=make), config, now)
    _keep(found, place, Reports(s3=to.s3(), bucket=config.bucket), f"{event['folder']}/{place}")
    return {
        "account": place.account,
        "region": place.region,
        "findings": len(found.findings),
        "subnets": len(found.subnets),
        "notRead": len(found.unknowns),
    }


def _read(there: Elsewhere, config: PlaceSettings, now: datetime) -> Audit:
    """Without trends: what was seen earlier stands in the table of that account's Headroom, if it has one."""
    ec2 = there.ec2()
    reader = AwsReader(ec2=ec2, eks=there.eks(), autoscaling=there.autoscaling(), each=at_once)
    snapshot, analyses = reader.read_by_count(EVERYWHERE, now)
    vpcs = {each.vpc_id for each in snapshot.subnets if each.vpc_id}
    space = spaces(*VpcReader(ec2=ec2).described(vpcs)) if vpcs else {}
    where = f"account {there.place.account}, {there.place.region}"
    return audit(snapshot, analyses, policy=config.policy, space=space, where=where, everywhere=True)


def _keep(found: Audit, place: Place, reports: Reports, folder: str) -> None:
    """The part last: it says that all the rest is there."""
    for name, form, kind in FILES:
        reports.put(f"{folder}/{name}", form(found), kind)
    reports.put(f"{folder}/{PART}", as_text(part_of(found, place)), "application/json")
