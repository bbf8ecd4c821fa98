"""What becomes of a subnet's blocks until prefixes are asked of it: which are kept, and which may be spoilt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

from functions.capacity.analyse import Analysis
from functions.capacity.model import BLOCK, MODE_TAG, PREFIX_LENGTH, Mode, Policy
from functions.capacity.nodes import NodeDemand
from functions.capacity.owners import Owner
from functions.capacity.plan import Limit, Plan, plan

LARGEST_SUBNET = 16  # /16, the VPC user guide's largest ('subnet-sizing')
LISTED = 8  # reservations that a remedy spells out
WITHOUT_CAPS = Policy(
    max_creates_per_run=LISTED, max_creates_per_subnet_per_day=10_000, max_reservations_per_subnet=10_000
)


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A subnet that will be asked for prefixes: what is kept for them, what is not, and what could be."""

    analysis: Analysis

    @cached_property
    def singles(self) -> Mapping[str, int]:
        """Single addresses in use by owner."""
        cidr = self.analysis.subnet.cidr
        first, last = int(cidr.network_address), int(cidr.broadcast_address)
        by_owner: Counter[str] = Counter()
        for each in self.analysis.subnet.interfaces:
            by_owner[each.owner.value] += sum([first <= address <= last for address in each.addresses])
        return dict(sorted((+by_owner).items()))

    @property
    def singles_of_others(self) -> int:
        """Those that are not nodes'."""
        return sum(n for owner, n in self.singles.items() if owner != Owner.NODE.value)

    @property
    def largest_run(self) -> int:
        """Free blocks in a row, at the most."""
        free, longest = self.analysis.blocks.free, 0
        for start in (n for n in free if n - 1 not in free):
            end = start
            while end in free:
                end += 1
            longest = max(longest, end - start)
        return longest

    @property
    def spoilable(self) -> int:
        """Open free blocks that single addresses can spoil: one by each still to come, one by each of others' anew.

        EC2 picks single addresses at random, so each may fall into a block of its own.
        """
        return min(len(self.analysis.blocks.free_open), self.analysis.demand.singles + self.singles_of_others)

    @property
    def safe(self) -> bool:
        """Whether the demand can be had even then."""
        return self.analysis.demand.prefixes <= len(self.analysis.blocks.free) - self.spoilable

    @cached_property
    def proposal(self) -> Plan:
        """What Headroom would reserve here if it might; all but the first few is `deferred`."""
        tags = {**self.analysis.subnet.tags, MODE_TAG: Mode.AHEAD.value}
        as_if = replace(self.analysis, subnet=replace(self.analysis.subnet, tags=tags))
        return plan(as_if, WITHOUT_CAPS, created_today=0)

    @property
    def reservations_hold_it(self) -> bool:
        """Whether free blocks and those that drain are enough for the demand, with room left for single addresses."""
        return not self.proposal.limits & {Limit.SUBNET, Limit.FLOOR}

    @cached_property
    def whole(self) -> NodeDemand:
        """What the groups take of a subnet at their maximum size, held or not, and one surge."""
        total = self.analysis.demand.surge
        for each in self.analysis.demand.groups:
            total = total.plus(each.per_node.times(each.nodes_now + each.nodes_to_come))
        return total


def smallest_subnet(demand: NodeDemand) -> tuple[int, int]:
    """The prefix length of the smallest subnet whose blocks hold this demand, and how many of them it takes.

    Its first and last block can be no prefix; the single addresses fill blocks that are left open for them.
    """
    blocks = demand.prefixes + ceil(demand.singles / BLOCK)
    for length in range(PREFIX_LENGTH, LARGEST_SUBNET - 1, -1):
        if _allocatable(length) >= blocks:
            return length, 1
    return LARGEST_SUBNET, ceil(blocks / _allocatable(LARGEST_SUBNET))


def _allocatable(length: int) -> int:
    return max(0, (1 << (PREFIX_LENGTH - length)) - 2)
