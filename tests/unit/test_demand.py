"""What node groups ask of each subnet, today, at their maximum, and while they are updated."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.analyse import analyse
from functions.capacity.clusters import Cluster, Node, NodeGroup, Os
from functions.capacity.cni import CniSettings, WindowsSettings
from functions.capacity.demand import SubnetDemand, held_by_instance, subnet_demands
from functions.capacity.nodes import NodeDemand
from functions.capacity.owners import Owner
from functions.capacity.spread import Share, demand_unknowns
from tests.builders import (
    PREFIX_MODE,
    SUBNET,
    a_cluster,
    a_group,
    a_snapshot,
    a_subnet,
    an_analysis,
    an_interface,
)

CUSTOM = replace(PREFIX_MODE, custom_networking=True)
IPV6 = replace(PREFIX_MODE, ipv6=True)
PODS, OTHER = "subnet-for-pods", "subnet-other"


def test_twenty_m5_large_take_140_prefixes_and_20_single_addresses():
    demand = an_analysis(a_subnet("10.0.0.0/20"), a_group(most=20)).demand
    assert (demand.prefixes, demand.interfaces, demand.singles) == (140, 20, 20)


def test_a_running_node_asks_for_what_it_does_not_hold_yet():
    node = an_interface("10.0.0.9", prefixes=["10.0.0.64/28", "10.0.0.80/28"], instance_id="i-1")
    demand = an_analysis(a_subnet(interfaces=[node]), a_group(most=2, nodes=["i-1"])).demand
    assert demand.prefixes == 5 + 7
    assert demand.interfaces == 1
    assert demand.groups[0].held == NodeDemand(prefixes=2, interfaces=1)


def test_desired_nodes_are_urgent_and_those_up_to_the_maximum_are_not():
    demand = an_analysis(a_subnet("10.0.0.0/20"), a_group(desired=3, most=10)).demand
    assert demand.prefixes == 70
    assert demand.urgent == 21


def test_a_node_that_launches_has_its_primary_address_and_wants_its_prefixes_urgently():
    group = replace(a_group(desired=1, most=3), nodes=(Node(instance_id="i-1", subnet_id=SUBNET, launching=True),))
    demand = an_analysis(a_subnet(), group).demand
    assert demand.groups[0].nodes_launching == 1
    assert (demand.urgent, demand.prefixes, demand.interfaces) == (7, 21, 2)


def test_a_group_over_two_subnets_puts_half_of_its_nodes_into_each():
    demand = an_analysis(a_subnet(), a_group(most=5, subnets=[SUBNET, OTHER])).demand
    assert demand.prefixes == 3 * 7


def test_a_mixed_group_asks_as_its_most_demanding_type_with_the_pods_of_its_smallest():
    demand = an_analysis(a_subnet(), a_group(types=["m5.large", "c4.large"])).demand
    assert demand.groups[0].max_pods == 29
    assert demand.prefixes == 2
    assert demand.singles == 3 + 27


def test_a_node_whose_type_is_known_asks_as_that_type():
    node = Node(instance_id="i-1", subnet_id=SUBNET, instance_type="c4.large")
    demand = an_analysis(a_subnet(), replace(a_group(types=["m5.large", "c4.large"]), nodes=(node,))).demand
    assert demand.prefixes == 0


def test_a_cluster_whose_settings_are_unknown_adds_no_invented_demand():
    (found,) = analyse(a_snapshot(a_subnet(), groups=[a_group(most=9)], cni={}))
    assert found.demand.prefixes == 0


def test_nor_does_a_cluster_that_was_not_read_at_all():
    snapshot = replace(a_snapshot(a_subnet(), groups=[a_group(most=9)]), clusters={})
    assert SUBNET not in subnet_demands(snapshot, {})


def test_nor_a_group_with_a_type_whose_limits_are_unknown():
    snapshot = a_snapshot(a_subnet(), groups=[a_group(most=9, types=["m5.large", "m99.large"])])
    assert SUBNET not in subnet_demands(snapshot, {})


def test_secondary_mode_asks_for_no_prefixes_but_for_single_addresses():
    (found,) = analyse(a_snapshot(a_subnet(), groups=[a_group(most=2)], cni={"demo": CniSettings()}))
    assert found.demand.prefixes == 0
    assert (found.demand.interfaces, found.demand.singles) == (6, 60)


def test_what_an_instance_holds_is_summed_over_its_interfaces_and_leaves_out_branches():
    held = held_by_instance(
        (
            an_interface("10.0.0.9", prefixes=["10.0.0.64/28"], instance_id="i-1"),
            replace(an_interface("10.0.0.10", "10.0.0.12", instance_id="i-1"), id="eni-2", ipv6_prefixes=(1 << 48,)),
            replace(an_interface("10.0.0.13", instance_id="i-1"), id="eni-4", owner=Owner.POD),
            an_interface("10.0.0.11", interface_id="eni-3"),
        )
    )
    assert held == {"i-1": NodeDemand(prefixes=1, interfaces=2, addresses=1, ipv6_prefixes=1)}


# --- the surge of a rolling update ---


@pytest.mark.parametrize(
    ("groups", "prefixes", "interfaces"),
    [
        pytest.param([a_group(most=2)], 14, 2, id="a group that EKS does not update has none"),
        pytest.param([replace(a_group(most=2), surge=2)], 28, 4, id="its surge comes on top of the maximum"),
        pytest.param(
            [replace(a_group(most=2, name="a"), surge=2), replace(a_group(most=2, name="b"), surge=3)],
            28 + 21,
            4 + 3,
            id="of two groups the larger surge counts",
        ),
        pytest.param(
            [replace(a_group(most=2, subnets=[SUBNET, OTHER]), surge=2)], 14, 2, id="it is spread over the subnets"
        ),
        pytest.param(
            [replace(a_group(most=1, subnets=[SUBNET, OTHER]), surge=1)], 7, 1, id="and fills up what the maximum left"
        ),
        pytest.param(
            [replace(a_group(most=1, nodes=["i-1", "i-2"]), surge=1)],
            14,
            0,
            id="a surge that is there already is not counted twice",
        ),
        pytest.param(
            [replace(a_group(most=1, nodes=["i-1"]), surge=2, bounded=False)], 7, 0, id="only Auto Scaling surges"
        ),
    ],
)
def test_surge(groups, prefixes, interfaces):
    demand = an_analysis(a_subnet("10.0.0.0/20"), *groups).demand
    assert (demand.prefixes, demand.interfaces) == (prefixes, interfaces)


def test_the_surge_is_not_urgent():
    assert an_analysis(a_subnet(), replace(a_group(), surge=3)).demand.urgent == 7


# --- nodes of other origins and systems ---


def test_of_a_group_without_bounds_only_the_nodes_that_exist_count():
    group = replace(a_group(desired=3, most=3, nodes=["i-1"], subnets=[SUBNET, OTHER]), bounded=False)
    demand = an_analysis(a_subnet(), group).demand
    assert (demand.prefixes, demand.urgent, demand.interfaces) == (7, 7, 0)


def test_a_node_in_a_subnet_that_its_group_has_left_still_asks_there():
    demand = an_analysis(a_subnet(), a_group(most=4, nodes=["i-1"], subnets=[OTHER])).demand
    assert demand.prefixes == 7
    assert demand.groups[0].nodes_to_come == 0


def test_windows_nodes_ask_beside_linux_nodes():
    cni = replace(PREFIX_MODE, windows=WindowsSettings(prefix_delegation=True, warm_prefix_target=2))
    groups = [a_group(), replace(a_group(name="windows"), os=Os.WINDOWS)]
    (found,) = analyse(a_snapshot(a_subnet(), groups=groups, cni={"demo": cni}))
    assert [(each.name, each.max_pods, each.prefixes) for each in found.demand.groups] == [
        ("demo/workers", 110, 7),
        ("demo/windows", 110, 9),
    ]


def test_clusters_that_share_a_subnet_ask_together():
    demand = an_analysis(a_subnet(), a_group(), a_group(cluster="other")).demand
    assert demand.prefixes == 14


def test_an_ipv6_cluster_asks_for_80s_and_one_single_address_to_a_node():
    (found,) = analyse(a_snapshot(a_subnet(), groups=[replace(a_group(most=4), surge=1)], cni={"demo": IPV6}))
    assert (found.demand.prefixes, found.demand.ipv6_prefixes, found.demand.singles) == (0, 5, 5)


def test_what_the_nodes_really_allow_counts_where_it_is_known():
    snapshot = a_snapshot(a_subnet(), groups=[a_group(), a_group(name="b")])
    found = subnet_demands(snapshot, {}, {"demo/workers": 29})[SUBNET]
    assert [(each.max_pods, each.prefixes) for each in found.groups] == [(29, 2), (110, 7)]


# --- custom networking ---


def custom(group: NodeGroup, pods: dict[str, str] | None, *more: str) -> tuple[Cluster, dict[str, SubnetDemand]]:
    """The demand on every subnet when `more` subnets stand in the zone of the group's first."""
    subnets = (a_subnet(), *(replace(a_subnet(), id=each) for each in more))
    cluster = a_cluster(cni=CUSTOM, pod_subnets=pods)
    snapshot = replace(a_snapshot(*subnets, groups=[group]), clusters={"demo": cluster})
    return cluster, dict(subnet_demands(snapshot, {}))


def shape(demand: SubnetDemand) -> tuple[int, int, int]:
    return demand.prefixes, demand.interfaces, demand.urgent


def test_pods_ask_the_subnet_of_their_zones_eni_config():
    _, found = custom(a_group(most=2), {"us-east-1a": PODS}, PODS)
    assert shape(found[SUBNET]) == (0, 2, 0)
    assert shape(found[PODS]) == (14, 2, 7)
    assert found[PODS].largest_node == 7
    assert [each.share for each in found[PODS].groups] == [Share.PODS]


def test_the_default_eni_config_serves_where_none_is_named_after_the_zone():
    _, found = custom(a_group(most=2), {"default": PODS})
    assert shape(found[PODS]) == (14, 2, 7)


def test_several_subnets_of_a_zone_share_one_for_their_pods():
    _, found = custom(a_group(most=4, subnets=[SUBNET, OTHER]), {"us-east-1a": PODS}, OTHER)
    (group,) = found[PODS].groups
    assert (group.nodes_to_come, group.prefixes) == (4, 28)
    assert shape(found[OTHER]) == (0, 2, 0)


def test_pods_may_ask_the_subnet_that_their_nodes_stand_in():
    _, found = custom(a_group(most=2), {"us-east-1a": SUBNET})
    assert shape(found[SUBNET]) == (14, 4, 7)
    assert [each.share for each in found[SUBNET].groups] == [Share.WHOLE]


def test_a_subnet_of_nodes_and_of_other_nodes_pods_gets_one_surge_of_both():
    _, found = custom(replace(a_group(most=2, subnets=[SUBNET, OTHER]), surge=2), {"us-east-1a": OTHER}, OTHER)
    assert shape(found[SUBNET]) == (0, 2, 0)
    assert found[OTHER].prefixes == (1 + 1) * 2 * 7
    assert found[OTHER].interfaces == (1 + 1) * (2 + 1)


def test_a_running_node_asks_its_pods_subnet_for_what_it_does_not_hold_there():
    held = {"i-1": NodeDemand(prefixes=3, interfaces=2)}
    cluster = a_cluster(cni=CUSTOM, pod_subnets={"us-east-1a": PODS})
    snapshot = replace(a_snapshot(a_subnet(), groups=[a_group(nodes=["i-1"])]), clusters={"demo": cluster})
    found = subnet_demands(snapshot, held)
    assert shape(found[SUBNET]) == (0, 0, 0)
    assert shape(found[PODS]) == (4, 0, 4)
    assert found[PODS].groups[0].held == NodeDemand(prefixes=3, interfaces=1)


@pytest.mark.parametrize(
    ("pods", "group", "expected"),
    [
        pytest.param(None, a_group(), "they were not read", id="ENIConfigs that were not read"),
        pytest.param({"us-east-1b": PODS}, a_group(), "no ENIConfig is named us-east-1a", id="none for the zone"),
        pytest.param({"us-east-1a": PODS}, a_group(subnets=[OTHER]), "the zone", id="a subnet out of view"),
    ],
)
def test_pods_whose_subnet_is_unknown_ask_nothing_and_are_named(pods, group, expected):
    cluster, found = custom(group, pods)
    assert sum(each.prefixes for each in found.values()) == 0
    assert sum(each.interfaces for each in found.values()) == 1
    (unknown,) = demand_unknowns(replace(a_snapshot(a_subnet(), groups=[group]), clusters={"demo": cluster}))
    assert expected in unknown
    assert "demo/workers" in unknown


@pytest.mark.parametrize(
    "cluster",
    [
        pytest.param(a_cluster(), id="no custom networking"),
        pytest.param(a_cluster(cni=CUSTOM, pod_subnets={"us-east-1a": PODS}), id="an ENIConfig for the zone"),
        pytest.param(a_cluster(cni=None), id="settings that are unknown altogether"),
        pytest.param(a_cluster(cni=replace(IPV6, custom_networking=True)), id="an IPv6 cluster has none"),
    ],
)
def test_nothing_is_unknown_of_pods(cluster):
    assert demand_unknowns(replace(a_snapshot(a_subnet(), groups=[a_group()]), clusters={"demo": cluster})) == ()


def test_windows_nodes_know_no_custom_networking():
    group = replace(a_group(), os=Os.WINDOWS)
    cluster, found = custom(group, None)
    assert found[SUBNET].singles == 1 + 9
    assert demand_unknowns(replace(a_snapshot(a_subnet(), groups=[group]), clusters={"demo": cluster})) == ()


# --- many nodes ---


def fleet(nodes: int, groups: int, subnets: Iterable[str]) -> list[NodeGroup]:
    subnets = list(subnets)
    return [
        replace(
            a_group(name=f"group-{g}", most=nodes, subnets=subnets),
            nodes=tuple(
                Node(instance_id=f"i-{g}-{n}", subnet_id=subnets[n % len(subnets)]) for n in range(nodes // groups)
            ),
        )
        for g in range(groups)
    ]


def test_each_node_is_looked_up_once_however_many_subnets_there_are():
    """5,000 nodes, 10 groups and 12 subnets: what each node holds is asked for 5,000 times, not 60,000."""

    class Counted(dict[str, NodeDemand]):
        lookups = 0

        def get(self, key: str, default: Any = None) -> Any:
            self.lookups += 1
            return super().get(key, default)

    held = Counted()
    found = subnet_demands(a_snapshot(groups=fleet(5_000, 10, [f"subnet-{n}" for n in range(12)])), held)
    assert len(found) == 12
    assert held.lookups == 5_000
