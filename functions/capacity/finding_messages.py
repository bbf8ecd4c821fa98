"""Changes of findings as people read them: the same fixed order as the subnets' notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from functions.capacity.alerts import State
from functions.capacity.findings.finding import Finding, Number
from functions.capacity.incidents import Change
from functions.capacity.wording import Message, clean, count, sections, subject, time

LISTED = 100  # changes in one digest: SNS takes 256 KiB


def message(cluster: str, changes: Sequence[Change]) -> Message:
    """One message about one change in a cluster (with no name: in Headroom itself), or about several at once."""
    return _single(cluster, changes[0]) if len(changes) == 1 else _digest(cluster, changes)


def _single(cluster: str, change: Change) -> Message:
    incident, finding = change.incident, change.finding
    title = incident.title if finding else f"no longer so: {incident.title}"
    return Message(
        subject=subject(f"[{change.severity.upper()}] {change.state}: {clean(title)}"),
        body=sections(
            ("What", clean(title)),
            ("Where", f"{clean(incident.resource)}{_of(cluster)}\nsince {time(incident.since)}"),
            ("Numbers", _numbers(finding)),
            ("What it means", clean(finding.means) if finding else ""),
            ("To do", _to_do(finding)),
            ("Runbook", f"docs/runbooks/{incident.finding}.md"),
        ),
        attributes={
            "finding": incident.finding,
            "state": change.state,
            "severity": change.severity,
            **({"cluster": cluster} if cluster else {}),
            "resource": incident.resource,
        },
    )


def _digest(cluster: str, changes: Sequence[Change]) -> Message:
    """Several changes: each in a line, and where to read the rest. The first is the gravest."""
    gravest = changes[0].severity
    states = Counter(each.state for each in changes)
    title = f"{f'cluster {cluster}' if cluster else 'Headroom'}, findings: " + ", ".join(
        f"{states[state]} {state}" for state in State if states[state]
    )
    lines = [
        f"{each.state:<8} {each.severity:<8} {clean(each.incident.title)} (docs/runbooks/{each.incident.finding}.md)"
        for each in changes[:LISTED]
    ]
    lines += [f"and {len(changes) - LISTED} more"] if len(changes) > LISTED else []
    return Message(
        subject=subject(f"[{gravest.upper()}] {clean(title)}"),
        body=sections(
            ("What", clean(title)),
            ("Findings", "\n".join(lines)),
            ("To do", "Begin with the first: they are in the order of their severity. Each page says what to run."),
        ),
        attributes={
            "finding": "several",
            "state": State.OPEN if states[State.OPEN] or states[State.WORSE] else State.RESOLVED,
            "severity": gravest,
            **({"cluster": cluster} if cluster else {}),
        },
    )


def _of(cluster: str) -> str:
    """Findings about Headroom itself are of no cluster."""
    return f" of cluster {clean(cluster)}" if cluster else ""


def _numbers(finding: Finding | None) -> str:
    if finding is None:
        return ""
    return "\n".join(f"{_words(name)}: {clean(_number(value))}" for name, value in finding.numbers.items())


def _words(name: str) -> str:
    """`maxPodsNow` as `max pods now`."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name)


def _number(value: Number) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {each}" for key, each in value.items())
    if isinstance(value, str) or not isinstance(value, Sequence):
        return str(value)
    return ", ".join(map(str, value))


def _to_do(finding: Finding | None) -> str:
    if finding is None:
        return "nothing"
    return "\n".join(f"{n}. {_indented(step)}" for n, step in enumerate(finding.remedy, start=1)) or count(0, "step")


def _indented(step: str) -> str:
    """A step may be of several lines, such as commands; its names may hold anything."""
    return "\n   ".join(clean(line) for line in step.splitlines())
