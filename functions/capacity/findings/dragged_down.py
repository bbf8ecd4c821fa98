"""EKS gives all nodes of a managed group the smallest maximum of pods of its types: which type costs the others what.

Source: EKS user guide, 'cni-increase-ip-addresses', considerations.
"""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.findings.advertising import COSTLY, set_by_eks, unreadable, why_unknown
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.findings.rollout import Changes, replace_nodes
from functions.capacity.nodes import holds_prefixes

MEANS = (
    "EKS gives every node of the group the smallest number, so the larger ones stand half empty with free addresses."
)
NOT_NITRO = " Types that are not Nitro get no prefixes, and the whole group is counted as if none did."


def max_pods_dragged_down(facts: Facts) -> Iterator[Finding]:
    """A managed group of several types takes the smallest of their numbers."""
    for of in facts.groups:
        if of.cni is None or not set_by_eks(of.group) or len(of.group.instance_types) < 2:  # noqa: PLR2004 - several
            continue
        if of.missing_types:
            yield unreadable(FindingId.MAX_PODS_DRAGGED_DOWN, of, why_unknown(of))
        elif len(set(of.recommended.values())) > 1:
            yield _dragged_down(of)


def _dragged_down(of: GroupFacts) -> Finding:
    per_type = of.recommended
    smallest, largest = min(per_type.values()), max(per_type.values())
    small = [name for name, pods in per_type.items() if pods == smallest]
    large = [name for name, pods in per_type.items() if pods == largest]
    lost = sum(per_type.get(each.instance_type, smallest) - smallest for each in of.group.nodes)
    return Finding(
        id=FindingId.MAX_PODS_DRAGGED_DOWN,
        severity=Severity.WARNING if smallest <= COSTLY * largest else Severity.INFO,
        resource=of.resource,
        title=f"{', '.join(small)} drags {', '.join(large)} in {of.group.label} down "
        f"from {largest} to {smallest} pods a node",
        means=MEANS + (NOT_NITRO if _without_prefixes(of, small) else ""),
        numbers={
            "perType": per_type,
            "smallest": smallest,
            "type": ", ".join(small),
            "podsLost": lost,
            "nodes": len(of.group.nodes),
        },
        remedy=_remedy(of, small),
    )


def _without_prefixes(of: GroupFacts, small: list[str]) -> bool:
    """Whether the small types are small because they get no prefixes where others do."""
    cni = of.cni
    return bool(cni and of.gets_prefixes) and not any(
        holds_prefixes(each, cni) for each in of.types if cni and each.name in small
    )


def _remedy(of: GroupFacts, small: list[str]) -> tuple[str, ...]:
    """A managed group's types cannot be changed (EKS API reference, UpdateNodegroupConfig)."""
    keep = [each.name for each in of.types if each.name not in small]
    decide = (
        f"Decide where {', '.join(small)} goes: into a group of its own, or away. The types of a group cannot be "
        f"changed, so a new one with {', '.join(keep)} takes its place."
    )
    return (decide, *replace_nodes(of.group, Changes(types=keep)))
