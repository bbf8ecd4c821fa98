"""Which plan a subnet gets: its tags choose the strategy and may narrow what the deployment allows.

Both address families share the caps. IPv6 comes first, since it is done with a few reservations for good.
"""

from __future__ import annotations

from dataclasses import replace

from functions.capacity.analyse import Analysis
from functions.capacity.ipv6_plan import plan_ipv6, takes_ipv6_prefixes
from functions.capacity.model import Mode, Policy
from functions.capacity.plan import Limit, Plan, plan
from functions.capacity.steer import steer
from functions.capacity.steering.samples import History
from functions.capacity.subnet_policy import SettingError, policy_of


def planned(analysis: Analysis, defaults: Policy, history: History, *, created_today: int, released_today: int) -> Plan:
    """The plan for one subnet, with its reason. Nothing is planned on a partial view, or against a tag's mistake."""
    subnet = analysis.subnet
    try:
        policy = policy_of(subnet, defaults)
    except SettingError as error:
        return Plan(subnet_id=subnet.id, reason=f"only watching: {error}")
    if analysis.partial:
        return Plan(subnet_id=subnet.id, reason=f"only watching: {analysis.partial}")
    if subnet.mode is Mode.OBSERVE:
        return Plan(subnet_id=subnet.id, reason="only watching: the subnet's tag does not ask for more")
    ipv6 = plan_ipv6(analysis, policy, created_today=created_today)
    ipv4 = _ipv4(
        analysis,
        _left_over(policy, analysis, ipv6),
        history,
        created_today=created_today + len(ipv6.actions),
        released_today=released_today,
    )
    return _together(ipv6, ipv4) if takes_ipv6_prefixes(analysis) else ipv4


def _ipv4(analysis: Analysis, policy: Policy, history: History, *, created_today: int, released_today: int) -> Plan:
    if analysis.subnet.mode is Mode.AHEAD:
        return plan(analysis, policy, created_today=created_today, history=history)
    steered = steer(analysis, policy, history, created_today=created_today, released_today=released_today)
    kept = _only_releases(steered) if _no_ipv4_prefixes(analysis) else steered
    return _capped(kept, max(0, policy.max_releases_per_subnet_per_day - released_today))


def _left_over(policy: Policy, analysis: Analysis, ipv6: Plan) -> Policy:
    """What the caps leave to IPv4, with the IPv6 reservations that there are and those that this plan still makes."""
    ours = sum(each.ours for each in analysis.subnet.ipv6_reservations) + len(ipv6.actions) + ipv6.deferred
    return replace(
        policy,
        max_creates_per_run=policy.max_creates_per_run - len(ipv6.actions),
        max_reservations_per_subnet=max(0, policy.max_reservations_per_subnet - ours),
    )


def _no_ipv4_prefixes(analysis: Analysis) -> bool:
    """Whether nodes take /80 prefixes here and none takes a /28: they need single IPv4 addresses, one each."""
    return takes_ipv6_prefixes(analysis) and not analysis.demand.prefixes and not analysis.blocks.held


def _only_releases(steered: Plan) -> Plan:
    """`steer` holds or gives back, never both."""
    if not steered.actions:
        return steered
    return Plan(subnet_id=steered.subnet_id, reason="no node takes IPv4 prefixes here")


def _together(ipv6: Plan, ipv4: Plan) -> Plan:
    return Plan(
        subnet_id=ipv4.subnet_id,
        actions=ipv6.actions + ipv4.actions,
        releases=ipv4.releases,
        deferred=ipv6.deferred + ipv4.deferred,
        limits=ipv6.limits | ipv4.limits,
        reason=f"IPv4: {ipv4.reason}; IPv6: {ipv6.reason}",
    )


def _capped(plan: Plan, releases_left: int) -> Plan:
    """The release function would refuse what is beyond the day's cap; nobody asks it."""
    if len(plan.releases) <= releases_left:
        return plan
    return replace(plan, releases=plan.releases[:releases_left], deferred=0, limits=plan.limits | {Limit.RELEASES})
