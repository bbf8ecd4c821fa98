"""Alarms on Metrics Insights queries: ministack's CloudFormation refuses them, so here they are kept without a query.

They stay at INSUFFICIENT_DATA like the stack's other alarms: nothing feeds CloudWatch in the embedded AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Record = Callable[[str, Mapping[str, Any]], dict[str, Any]]

_STAND_IN = {"Namespace": "no-metric", "MetricName": "no-metric"}  # which nobody ever puts


def install() -> None:
    """Let templates have such alarms."""
    from ministack.services.cloudformation import provisioners  # noqa: PLC0415 - reads the environment on import

    provisioners._cw_metric_alarm_record = kept(provisioners._cw_metric_alarm_record)  # noqa: SLF001


def kept(record: Record) -> Record:
    """`record`, with a metric that has no data in the place of a query. Metric math goes on to be refused."""

    def of(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        match properties:
            case {"Metrics": [{"Expression": str(query), "Period": period}], **others} if query.startswith("SELECT "):
                return record(name, {**others, **_STAND_IN, "Period": period})
        return record(name, properties)

    return of
