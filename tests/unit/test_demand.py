from functions.capacity.analyse import analyse
from functions.capacity.demand import held_by_instance
from functions.capacity.model import CniSettings
from functions.capacity.nodes import NodeDemand
from tests.builders import a_group, a_snapshot, a_subnet, an_analysis, an_interface


def test_twenty_m5_large_take_140_prefixes_and_20_single_addresses():
    demand = an_analysis(a_subnet("10.0.0.0/20"), a_group(most=20)).demand
    assert (demand.prefixes, demand.interfaces) == (140, 20)


def test_a_running_node_asks_for_what_it_does_not_hold_yet():
    node = an_interface("10.0.0.9", prefixes=["10.0.0.64/28", "10.0.0.80/28"], instance_id="i-1")
    demand = an_analysis(a_subnet(interfaces=[node]), a_group(most=2, nodes=["i-1"])).demand
    assert demand.prefixes == 5 + 7
    assert demand.interfaces == 1


def test_desired_nodes_are_urgent_and_those_up_to_the_maximum_are_not():
    demand = an_analysis(a_subnet("10.0.0.0/20"), a_group(desired=3, most=10)).demand
    assert demand.prefixes == 70
    assert demand.urgent == 21


def test_a_group_over_two_subnets_puts_half_of_its_nodes_into_each():
    demand = an_analysis(a_subnet(), a_group(most=5, subnets=["subnet-0aa1bb2cc3dd4ee5f", "subnet-other"])).demand
    assert demand.prefixes == 3 * 7


def test_a_mixed_group_asks_as_its_most_demanding_type_with_the_pods_of_its_smallest():
    demand = an_analysis(a_subnet(), a_group(types=["m5.large", "c4.large"])).demand
    assert demand.groups[0].max_pods == 29
    assert demand.prefixes == 2


def test_a_cluster_whose_settings_are_unknown_adds_no_invented_demand():
    (found,) = analyse(a_snapshot(a_subnet(), groups=[a_group(most=9)], cni={}))
    assert found.demand.prefixes == 0


def test_secondary_mode_asks_for_no_prefixes():
    (found,) = analyse(a_snapshot(a_subnet(), groups=[a_group(most=9)], cni={"demo": CniSettings()}))
    assert found.demand.prefixes == 0


def test_what_an_instance_holds_is_summed_over_its_interfaces():
    held = held_by_instance(
        (
            an_interface("10.0.0.9", prefixes=["10.0.0.64/28"], instance_id="i-1"),
            an_interface("10.0.0.10", prefixes=["10.0.0.80/28"], instance_id="i-1", interface_id="eni-2"),
            an_interface("10.0.0.11", interface_id="eni-3"),
        )
    )
    assert held == {"i-1": NodeDemand(prefixes=2, interfaces=2)}
