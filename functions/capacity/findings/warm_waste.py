"""Warm pools that hold many more blocks than pods need: what the defaults would give back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.capacity.clusters import Origin
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.findings.vpc_cni import because, default_targets
from functions.capacity.warm import WarmWaste, warm_waste
from functions.capacity.wording import count

MUCH = 10  # percent of the blocks of a group's subnets: from there on, the waste is what others may lack


@dataclass(frozen=True, kw_only=True)
class _Excess:
    """What a group's nodes hold under the settings as they are, and under the defaults."""

    group: GroupFacts
    now: WarmWaste
    by_default: WarmWaste
    blocks: int  # that the group's subnets have for prefixes

    @property
    def per_node(self) -> int:
        """Prefixes that the defaults would take from an idle node."""
        return self.now.idle.prefixes - self.by_default.idle.prefixes

    @property
    def at_most(self) -> int:
        """The same of the whole group at its maximum size."""
        return self.per_node * self.now.max_nodes

    @property
    def percent(self) -> float:
        """Of the blocks of the group's subnets."""
        return round(100 * self.at_most / self.blocks, 1) if self.blocks else 100.0


def warm_addresses_wasted(facts: Facts) -> Iterator[Finding]:
    """Groups whose idle nodes hold more /28 prefixes than they would with the defaults: never in IPv6 clusters."""
    for group in facts.groups:
        excess = _excess(group, facts) if group.group.origin is not Origin.AUTO_MODE else None
        if excess is not None and excess.at_most > 0:
            yield _finding(excess)


def _excess(group: GroupFacts, facts: Facts) -> _Excess | None:
    if group.cni is None or group.missing_types or not group.types:
        return None
    subnets = (facts.analyses[each] for each in group.group.subnet_ids if each in facts.analyses)
    return _Excess(
        group=group,
        now=warm_waste(group.group, group.cni, group.types),
        by_default=warm_waste(group.group, group.cni.with_default_targets, group.types),
        blocks=sum(len(each.blocks.allocatable) for each in subnets),
    )


def _finding(excess: _Excess) -> Finding:
    now, label = excess.now, excess.group.group.label
    return Finding(
        id=FindingId.WARM_WASTE,
        severity=Severity.WARNING if excess.percent >= MUCH else Severity.INFO,
        resource=excess.group.resource,
        title=(
            f"idle nodes of {label} hold {count(now.idle.prefixes, 'prefix')} each, {excess.per_node} more than by "
            f"default: {excess.at_most} blocks at its {now.max_nodes} nodes, and its subnets have {excess.blocks}"
        ),
        numbers={
            "prefixesOfIdleNode": now.idle.prefixes,
            "prefixesOfIdleNodeByDefault": excess.by_default.idle.prefixes,
            "sparePrefixesOfFullNode": now.full.spare_prefixes,
            "blocksReturnedNow": excess.per_node * now.nodes,
            "blocksReturnedAtMaximum": excess.at_most,
            "blocksOfSubnets": excess.blocks,
            "percentOfSubnets": excess.percent,
            "nodes": now.nodes,
            "maxNodes": now.max_nodes,
        },
        means=(
            f"Until pods fill them, {now.idle.spare_addresses} addresses of each node serve nobody, and no other node "
            "can have their blocks. Pods of the node start quickly; nodes that come later may find no block."
        ),
        remedy=("Keep it if pods come many at a time and the subnets have the room.", _back(excess)),
    )


def _back(excess: _Excess) -> str:
    returned, group = excess.per_node * excess.now.nodes, excess.group
    return because(
        f"Or go back to the defaults, for all groups of the cluster; {count(returned, 'block')} come back from the "
        f"{count(excess.now.nodes, 'node')} there are now",
        default_targets(group.cluster, group.group.os),
    )
