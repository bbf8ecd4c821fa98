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
        "totals": _values(audit.totals),
        "findings": [_finding(each) for each in audit.findings],
        "clusters": {each.id: _values(each.facts) for each in audit.clusters},
        "nodeGroups": [_with_id(each) for each in audit.node_groups],
        "subnets": {each.id: _values(each.facts) for each in audit.subnets},
        "reservations": [_with_id(each) for each in audit.reservations],
        "vpcs": {each.id: _values(each.facts) for each in audit.vpcs},
        "unknowns": list(audit.unknowns),
    }


def _values(facts: tuple[Fact, ...]) -> dict[str, Any]:
    return {each.key: each.value for each in facts}


def _with_id(record: Record) -> dict[str, Any]:
    return {"id": record.id, **_values(record.facts)}


def _finding(finding: Finding) -> dict[str, Any]:
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
