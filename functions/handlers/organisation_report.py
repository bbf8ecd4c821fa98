"""An organisation's audit ends: the parts become one report. The state machine's last step.

Its event: {"folder", "stopped"?: {"Error", "Cause"}}, the second where more places failed than are tolerated: what was
read is reported all the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.clients import OrganisationClients
from functions.aws.reports import LINKED_FOR, Reports
from functions.aws.waiting_parts import Waiting
from functions.capacity.places import Place
from functions.report.organisation import FILES, MalformedPartError, Organisation, Part, from_text, merged
from functions.settings import PlacesSettings

logger = Logger()
metrics = Metrics()

SHOWN = 50  # in the answer; Step Functions takes 256 KB
REASON = 300  # characters of a reason there


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Merge, keep, answer with the summary. Any error escapes: the execution fails."""
    answer = reported(event, settings.places_from_environment(), clients, now=datetime.now(UTC))
    metrics.add_metric(name="OrganisationPlacesNotRead", unit=MetricUnit.Count, value=answer["totals"]["placesNotRead"])
    logger.info("an organisation's audit", verdict=answer["verdict"], folder=answer["folder"])
    return answer


def reported(
    event: Mapping[str, Any], config: PlacesSettings, to: OrganisationClients, *, now: datetime
) -> dict[str, Any]:
    """Merge the parts of this run. The answer is plain JSON, and short."""
    reports, folder = Reports(s3=to.s3(), bucket=config.bucket), event["folder"]
    with tempfile.TemporaryDirectory() as scratch:
        files, unread = Waiting(reports=reports, folder=folder).fetch(Path(scratch), stopped="stopped" in event)
        parts, spoiled = _readable(files)
        report = merged(parts, unread={**unread, **spoiled}, where=_where(config))
        links = {name: reports.keep_pieces(f"{folder}/{name}", form(report), kind) for name, form, kind in FILES}
    return _summary(report) | {
        "folder": f"s3://{config.bucket}/{folder}/",
        "links": links,
        "linksEnd": (now + LINKED_FOR).isoformat(),
    }


@dataclass(frozen=True)
class _OnDisk:
    """Parts that are read anew at each pass: one of them is in memory at a time."""

    files: Iterable[Path]

    def __iter__(self) -> Iterator[Part]:
        return (from_text(each.read_bytes()) for each in self.files)


def _readable(files: Mapping[Place, Path]) -> tuple[_OnDisk, dict[Place, str]]:
    """The parts, and those that are none: one spoiled object must not cost the report of all others."""
    spoiled: dict[Place, str] = {}
    for place, file in files.items():
        try:
            from_text(file.read_bytes())
        except MalformedPartError as error:
            spoiled[place] = f"its part of the report cannot be read: {error}"
    return _OnDisk([file for place, file in sorted(files.items()) if place not in spoiled]), spoiled


def _where(config: PlacesSettings) -> str:
    return f"organisation {config.organisation_id}" if config.organisation_id else ""


def _summary(report: Organisation) -> dict[str, Any]:
    return {
        "verdict": report.verdict,
        "totals": {each.key: each.value for each in report.totals},
        "findings": [
            {"id": each.id, "severity": each.severity, "count": each.count, "places": len(each.places)}
            for each in report.troubles
        ],
        "notRead": [
            {"account": place.account, "region": place.region, "why": why[:REASON]}
            for place, why in list(report.unread.items())[:SHOWN]
        ],
    }
