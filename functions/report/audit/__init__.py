"""The audit: everything the report says of a snapshot, as one value that every form of the report is made of.

Pure, and without a clock: the snapshot's own time is the only one in it, so the same snapshot gives the same report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.clusters import NodeGroup
from functions.capacity.findings import findings
from functions.capacity.findings.facts import facts_of
from functions.capacity.findings.finding import Finding, Kind, Severity
from functions.capacity.forecast import forecast
from functions.capacity.forecast_words import says
from functions.capacity.model import Policy, Snapshot
from functions.capacity.planning import planned
from functions.capacity.steering.samples import History
from functions.capacity.vpc_space import VpcSpace
from functions.report.audit.clusters import cluster_record, subnets_of
from functions.report.audit.facts import Fact, Record
from functions.report.audit.node_groups import node_group_record
from functions.report.audit.reservations import reservation_records
from functions.report.audit.severities import GRAVEST_FIRST, NO_FINDING
from functions.report.audit.subnet_findings import subnet_findings
from functions.report.audit.subnets import SubnetView, subnet_record
from functions.report.audit.summary import totals, verdict
from functions.report.audit.trends import trend_of
from functions.report.audit.unknowns import unknowns
from functions.report.audit.vpcs import vpc_record

LEAD = timedelta(days=1)  # of the forecasts, as in alerts

NO_HISTORIES: Mapping[str, History] = MappingProxyType({})
NO_SPACES: Mapping[str, VpcSpace] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Audit:
    """The report's content. `findings` come the gravest first, records in the order of their ids.

    `views` are what the maps are drawn from, in the order of `subnets`.
    """

    taken_at: datetime
    where: str
    verdict: str
    totals: tuple[Fact, ...]
    findings: tuple[Finding, ...]
    clusters: tuple[Record, ...]
    node_groups: tuple[Record, ...]
    subnets: tuple[Record, ...]
    reservations: tuple[Record, ...]
    vpcs: tuple[Record, ...]
    unknowns: tuple[str, ...]
    views: tuple[SubnetView, ...]

    @property
    def calls_for_action(self) -> bool:
        """Whether anything is wrong or could not be judged; notes alone are no reason to act."""
        states = {each.severity.value for each in self.findings} | {each["worst"] for each in self.subnets}
        return bool(self.unknowns) or bool(states - {Severity.INFO.value, NO_FINDING})


def audit(
    snapshot: Snapshot,
    analyses: tuple[Analysis, ...] | None = None,
    *,
    policy: Policy,
    histories: Mapping[str, History] = NO_HISTORIES,
    space: Mapping[str, VpcSpace] = NO_SPACES,
    where: str = "",
    everywhere: bool = False,
) -> Audit:
    """What is so in the snapshot. `histories` are by subnet id, `space` by VPC id, as far as they were read.

    `where` says for people which account and region it is of, or which part of them; `everywhere`, that AWS was asked
    for all that there is in it.
    """
    analyses = analyse(snapshot) if analyses is None else analyses
    found = _findings(snapshot, analyses, space)
    views = _views(snapshot, analyses, found, policy, histories)
    subnets = tuple(map(subnet_record, views))
    clusters = _clusters(snapshot)
    unread = unknowns(snapshot, analyses, policy, everywhere=everywhere)
    return Audit(
        taken_at=snapshot.taken_at,
        where=where,
        verdict=verdict(found, subnets, unread),
        totals=totals(found, subnets, clusters),
        findings=found,
        clusters=clusters,
        node_groups=_node_groups(snapshot, analyses),
        subnets=subnets,
        reservations=tuple(record for each in analyses for record in reservation_records(each)),
        vpcs=_vpcs(snapshot, space),
        unknowns=unread,
        views=views,
    )


def _findings(
    snapshot: Snapshot, analyses: tuple[Analysis, ...], spaces: Mapping[str, VpcSpace]
) -> tuple[Finding, ...]:
    of_subnets = (finding for each in analyses for finding in subnet_findings(snapshot, each, spaces))
    found = (*findings(snapshot, analyses), *of_subnets)
    return tuple(sorted(found, key=lambda each: (GRAVEST_FIRST.index(each.severity), each.key)))


def _views(
    snapshot: Snapshot,
    analyses: tuple[Analysis, ...],
    found: Iterable[Finding],
    policy: Policy,
    histories: Mapping[str, History],
) -> tuple[SubnetView, ...]:
    severities: dict[str, list[Severity]] = defaultdict(list)
    for finding in found:
        if finding.resource.kind is Kind.SUBNET:
            severities[finding.resource.name].append(finding.severity)
    groups = _groups_by_subnet(snapshot.node_groups)
    return tuple(
        SubnetView(
            analysis=each,
            groups=tuple(groups[each.subnet.id]),
            severities=tuple(severities[each.subnet.id]),
            forecast=_forecast(history, each, snapshot.taken_at),
            history=history,
            trend=trend_of(history, len(each.blocks.free), snapshot.taken_at),
            plan=planned(each, policy, history, created_today=0, released_today=0),
        )
        for each in analyses
        for history in [histories.get(each.subnet.id, ())]
    )


def _forecast(history: History, analysis: Analysis, now: datetime) -> str:
    """When it is full, in words; a subnet too small for any prefix is neither full nor empty of them."""
    if not analysis.blocks.allocatable:
        return "too small for any prefix"
    return says(forecast(history, analysis, now, LEAD), now)


def _groups_by_subnet(groups: Iterable[NodeGroup]) -> Mapping[str, list[NodeGroup]]:
    found: dict[str, list[NodeGroup]] = defaultdict(list)
    for group in groups:
        for subnet_id in subnets_of((group,)):
            found[subnet_id].append(group)
    return found


def _clusters(snapshot: Snapshot) -> tuple[Record, ...]:
    groups: dict[str, list[NodeGroup]] = defaultdict(list)
    for group in snapshot.node_groups:
        groups[group.cluster].append(group)
    return tuple(
        cluster_record(snapshot.clusters[name], tuple(groups[name]), whole=name in snapshot.whole)
        for name in sorted(snapshot.clusters)
    )


def _vpcs(snapshot: Snapshot, spaces: Mapping[str, VpcSpace]) -> tuple[Record, ...]:
    """Those of the subnets in the report; not of subnets whose answer names none."""
    subnets: dict[str, list[str]] = defaultdict(list)
    for each in snapshot.subnets:
        subnets[each.vpc_id].append(each.id)
    return tuple(vpc_record(id_, sorted(subnets[id_]), spaces.get(id_)) for id_ in sorted(subnets) if id_)


def _node_groups(snapshot: Snapshot, analyses: tuple[Analysis, ...]) -> tuple[Record, ...]:
    """Of clusters in part of the view too: what is said of a group alone is true of it all the same."""
    everything = replace(snapshot, whole=frozenset(snapshot.clusters))
    return tuple(map(node_group_record, facts_of(everything, analyses).groups))
