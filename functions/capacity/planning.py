"""Which plan a subnet gets: its tags choose the strategy and may narrow what the deployment allows."""

from __future__ import annotations

from dataclasses import replace

from functions.capacity.analyse import Analysis
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
    match subnet.mode:
        case Mode.OBSERVE:
            return Plan(subnet_id=subnet.id, reason="only watching: the subnet's tag does not ask for more")
        case Mode.AHEAD:
            return plan(analysis, policy, created_today=created_today)
        case Mode.STEER:
            steered = steer(analysis, policy, history, created_today=created_today, released_today=released_today)
            return _capped(steered, max(0, policy.max_releases_per_subnet_per_day - released_today))


def _capped(plan: Plan, releases_left: int) -> Plan:
    """The release function would refuse what is beyond the day's cap; nobody asks it."""
    if len(plan.releases) <= releases_left:
        return plan
    return replace(plan, releases=plan.releases[:releases_left], deferred=0, limits=plan.limits | {Limit.RELEASES})
