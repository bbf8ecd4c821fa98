"""The report for scripts: JSON as docs/audit-report.schema.json describes it."""

from __future__ import annotations

import json
from typing import Any

from functions.capacity.findings.finding import Finding
from functions.report.audit import Audit
from functions.report.audit.facts import Fact, Record


def as_json(audit: Audit) -> str:
    """One object, its keys in a fixed order, in ASCII: names keep each character, as JSON's escapes."""
    return json.dumps(document(audit), indent=1) + "\n"


def document(audit: Audit) -> dict[str, Any]:
    """The object before it is text. `null` is 'not known'."""
    return {
        "takenAt": audit.taken_at.isoformat(),
        "where": audit.where,
        "verdict": audit.verdict,
        "totals": values(audit.totals),
        "findings": [finding_object(each) for each in audit.findings],
        "clusters": {each.id: values(each.facts) for each in audit.clusters},
        "nodeGroups": [_with_id(each) for each in audit.node_groups],
        "subnets": {each.id: values(each.facts) for each in audit.subnets},
        "reservations": [_with_id(each) for each in audit.reservations],
        "vpcs": {each.id: values(each.facts) for each in audit.vpcs},
        "unknowns": list(audit.unknowns),
    }


def values(facts: tuple[Fact, ...]) -> dict[str, Any]:
    """Facts by their keys."""
    return {each.key: each.value for each in facts}


def _with_id(record: Record) -> dict[str, Any]:
    return {"id": record.id, **values(record.facts)}


def finding_object(finding: Finding) -> dict[str, Any]:
    """One finding."""
    return {
        "id": finding.id.value,
        "severity": finding.severity.value,
        "resource": str(finding.resource),
        "cluster": finding.cluster,
        "title": finding.title,
        "means": finding.means,
        "numbers": dict(finding.numbers),
        "remedy": list(finding.remedy),
        "runbook": finding.runbook,
        "detail": finding.detail,
    }
