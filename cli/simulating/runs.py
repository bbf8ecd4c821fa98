"""The story told many times over: in each run EC2 chooses otherwise, and some nodes fit or do not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from statistics import median_low

from cli.simulating.account import Account, Refusal
from cli.simulating.steps import Launch, Story
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.blocks import block_map
from functions.capacity.demand import SubnetDemand
from functions.capacity.model import MODE_TAG, Mode, Policy, Snapshot
from functions.capacity.planning import planned

ROUNDS = 50  # of plan and act until Headroom has what it wants; a /16 takes some twenty
POLICY = Policy(max_creates_per_run=255)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """The first node that did not get all it needs: which one, counted from 1, of what, and what it was refused."""

    node: int
    group: str
    refusal: Refusal


@dataclass(frozen=True, kw_only=True)
class Run:
    """One order: how many nodes got all they need, and the first that did not."""

    fit: int
    first: Failure | None


@dataclass(frozen=True, kw_only=True)
class Survival:
    """All runs. `fits` is only true where every node got all it needs in every one of them."""

    asked: int
    runs: tuple[Run, ...]

    @property
    def fits(self) -> bool:
        """In whatever order EC2 chooses, as far as was tried."""
        return self.least == self.asked

    @property
    def least(self) -> int:
        """Nodes that fit in the worst run."""
        return min(each.fit for each in self.runs)

    @property
    def middle(self) -> int:
        """Nodes that fit in the middle run."""
        return median_low(each.fit for each in self.runs)

    @property
    def most(self) -> int:
        """Nodes that fit in the best run."""
        return max(each.fit for each in self.runs)

    @property
    def first_failure(self) -> Failure | None:
        """Of the run in the middle, or of the nearest that had one."""
        failed = [each for each in self.runs if each.first]
        return min(failed, key=lambda each: (abs(each.fit - self.middle), each.fit)).first if failed else None


def survive(view: Snapshot, story: Story, *, runs: int, headroom: bool) -> Survival:
    """Tell the story so many times, each with an order of its own; with Headroom, its plans are carried out between."""
    account, told = Account(view), list[Run]()
    steward = _Steward(view) if headroom else None
    for seed in range(runs):
        told.append(_run(account.copy(seed), story, steward))
    return Survival(asked=story.nodes, runs=tuple(told))


def _run(account: Account, story: Story, steward: _Steward | None) -> Run:
    standing = {group: Counter(counts) for group, counts in story.standing.items()}
    fit, number, first = 0, 0, None
    if steward:
        steward.tend(account, account.view)
    for step in story.steps:
        if not isinstance(step, Launch):
            account.terminate(step.instance_id)
            continue
        number += 1
        refusal = _launched(account, f"node-{number}", step, standing.setdefault(step.group, Counter()))
        if refusal is None:
            fit += 1
        elif first is None:
            first = Failure(node=number, group=step.group, refusal=refusal)
        if steward:
            steward.tend(account, _touched(step))
    return Run(fit=fit, first=first)


def _launched(account: Account, node: str, launch: Launch, standing: Counter[str]) -> Refusal | None:
    """In the zone with the fewest nodes of the group, there in the subnet with the most addresses; else the next."""
    zones = Counter[str]()
    for subnet_id, count in standing.items():
        if subnet_id in account.view:
            zones[account.view[subnet_id].zone] += count
    places = sorted(launch.places, key=lambda each: (zones[account.view[each].zone], -account.available(each), each))
    refusal = None
    for place in places:
        refusal = account.launch(node, launch.places[place])
        if account.stands(node):
            standing[place] += 1
            break
    return refusal


def _touched(step: Launch) -> Iterable[str]:
    return {id_ for needs in step.places.values() for id_ in (needs.own, needs.pods)}


class _Steward:
    """Headroom between the steps: what it plans is carried out at once."""

    def __init__(self, view: Snapshot) -> None:
        self._demand = {each.subnet.id: each.demand for each in analyse(view)}

    def tend(self, account: Account, subnet_ids: Iterable[str]) -> None:
        """Plan and act until nothing is left to do. A subnet that is not tagged counts as steered."""
        for subnet_id in subnet_ids:
            for _ in range(ROUNDS):
                if not self._acted(account, subnet_id):
                    break

    def _acted(self, account: Account, subnet_id: str) -> bool:
        subnet = account.as_read(subnet_id)
        if subnet.mode is Mode.OBSERVE:
            subnet = replace(subnet, tags={**subnet.tags, MODE_TAG: Mode.STEER})
        demand = self._demand.get(subnet_id, SubnetDemand())
        seen = Analysis(subnet=subnet, blocks=block_map(subnet), demand=demand)
        plan = planned(seen, POLICY, (), created_today=0, released_today=0)
        for action in plan.actions:
            account.reserve(subnet_id, str(action.cidr))
        for release in plan.releases:
            account.release(subnet_id, release.reservation_id)
        return bool(plan.actions or plan.releases)
