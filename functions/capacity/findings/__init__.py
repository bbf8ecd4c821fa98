"""All findings of a snapshot: each check is one demand of the guide, or a danger around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from functions.capacity.analyse import Analysis
from functions.capacity.findings.change_pending import max_pods_change_pending
from functions.capacity.findings.cni_settings import cni_settings_unreadable
from functions.capacity.findings.cni_version import cni_downgrade, cni_too_old
from functions.capacity.findings.dragged_down import max_pods_dragged_down
from functions.capacity.findings.facts import Facts, facts_of
from functions.capacity.findings.finding import Finding, Severity
from functions.capacity.findings.health import eks_health
from functions.capacity.findings.ipv6 import subnet_without_ipv6_prefixes, windows_in_ipv6_cluster
from functions.capacity.findings.max_pods import max_pods_not_set, max_pods_too_high, max_pods_too_low
from functions.capacity.findings.mixed_mode import nodes_in_mixed_mode
from functions.capacity.findings.modes import nodes_without_prefixes
from functions.capacity.findings.nitro import no_nitro_type_in_group, not_nitro_in_prefix_group
from functions.capacity.findings.pod_security_groups import pod_security_groups
from functions.capacity.findings.prefix_mode_off import prefix_mode_off
from functions.capacity.findings.subnets import subnet_unprepared
from functions.capacity.findings.warm_targets import (
    warm_ip_target_stops_growth,
    warm_targets_of_zero,
    warm_targets_without_effect,
)
from functions.capacity.findings.warm_waste import warm_addresses_wasted
from functions.capacity.model import Snapshot

Check = Callable[[Facts], Iterator[Finding]]

CHECKS: tuple[Check, ...] = (
    # how many pods nodes take
    max_pods_dragged_down,
    max_pods_not_set,
    max_pods_too_low,
    max_pods_too_high,
    max_pods_change_pending,
    # which mode nodes are in
    prefix_mode_off,
    nodes_in_mixed_mode,
    nodes_without_prefixes,
    not_nitro_in_prefix_group,
    no_nitro_type_in_group,
    # the CNI and its settings
    cni_settings_unreadable,
    cni_too_old,
    cni_downgrade,
    warm_targets_of_zero,
    warm_ip_target_stops_growth,
    warm_targets_without_effect,
    warm_addresses_wasted,
    pod_security_groups,
    # subnets
    windows_in_ipv6_cluster,
    subnet_without_ipv6_prefixes,
    subnet_unprepared,
    # what EKS itself reports
    eks_health,
)

_ORDER = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2, Severity.INFO: 3}


def findings(snapshot: Snapshot, analyses: tuple[Analysis, ...]) -> tuple[Finding, ...]:
    """What is wrong, doubtful or worth knowing in the snapshot's whole clusters; the most urgent first."""
    facts = facts_of(snapshot, analyses)
    found = (finding for check in CHECKS for finding in check(facts))
    return tuple(sorted(found, key=lambda each: (_ORDER[each.severity], str(each.resource), each.id)))
