"""What AWS's side would show of the demand: the node group's maximum size and what nodes on their way still lack."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.placement.demand import Scenario
from functions.capacity.clusters import NodeGroup
from functions.capacity.demand import GroupDemand, SubnetDemand
from functions.capacity.nodes import NodeDemand

GROUP = NodeGroup(
    cluster="demo", name="workers", subnet_ids=("subnet-1",), instance_types=("m5.large",), desired_size=0, max_size=0
)


def known_demand(scenario: Scenario, missing: Mapping[int, int]) -> SubnetDemand:
    """`missing` is what each node that is there will still ask for, as its instance type and CNI settings say."""
    if not scenario.most_nodes:
        return SubnetDemand()
    to_come = max(0, scenario.most_nodes - len(missing))
    node = NodeDemand(prefixes=scenario.largest_node, interfaces=1)
    return SubnetDemand(
        groups=(
            GroupDemand(
                group=GROUP,
                max_pods=110,
                per_node=node,
                nodes_now=len(missing),
                nodes_to_come=to_come,
                nodes_desired=0,
                prefixes=to_come * node.prefixes + sum(missing.values()),
                interfaces=to_come,
                nodes_launching=sum(1 for each in missing.values() if each),
            ),
        )
    )
