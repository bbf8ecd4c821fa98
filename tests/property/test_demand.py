"""Laws of what nodes and groups take, against the CNI's own loop and against each other."""

from dataclasses import replace
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.clusters import Node, Os
from functions.capacity.cni import CniSettings, WindowsSettings
from functions.capacity.demand import subnet_demands
from functions.capacity.model import InstanceType
from functions.capacity.nodes import NodeDemand, node_demand, node_needs, prefixes_wanted
from tests.builders import SUBNET, a_cluster, a_group, a_snapshot, a_subnet

TARGET = st.none() | st.integers(0, 60)
SETTINGS = st.builds(
    CniSettings,
    prefix_delegation=st.booleans(),
    ipv6=st.booleans(),
    warm_prefix_target=st.integers(0, 6),
    warm_ip_target=TARGET,
    minimum_ip_target=TARGET,
    max_eni=st.none() | st.integers(1, 6),
    custom_networking=st.booleans(),
    pod_eni=st.booleans(),
    windows=st.builds(
        WindowsSettings,
        prefix_delegation=st.booleans(),
        warm_prefix_target=st.none() | st.integers(1, 4),
        warm_ip_target=st.integers(1, 40),
        minimum_ip_target=st.integers(0, 40),
    ),
)
INSTANCE_TYPES = st.builds(
    InstanceType,
    name=st.sampled_from(["m5.large", "t3.small"]),
    interfaces=st.integers(1, 15),
    addresses_per_interface=st.integers(1, 50),
    vcpus=st.integers(1, 192),
    nitro=st.booleans(),
    bare_metal=st.booleans(),
)
PODS, MOST = st.integers(0, 250), st.integers(1, 250)


class Ipamd:
    """The CNI's loop on prefixes, as ipamd.go has it: isDatastorePoolTooLow, getPrefixesNeeded, and no slots."""

    def __init__(self, cni: CniSettings, max_pods: int) -> None:
        self.cni, self.max_pods, self.held = cni, max_pods, 0
        self.warm, self.minimum = cni.warm_ip_target or 0, cni.minimum_ip_target or 0

    def settle(self, pods: int) -> int:
        """Loops until nothing is short; pods that find no address wait for the next round."""
        while self.held * 16 < self.max_pods and (short := self._short(min(pods, self.held * 16))):
            self.held += short
        return self.held

    def _short(self, assigned: int) -> int:
        total = self.held * 16
        available = total - assigned
        if self.warm or self.minimum:
            return ceil(max(self.warm - available, self.minimum - total, 0) / 16)
        target = self.cni.warm_prefix_target
        if available < 16 * target or (target == 0 and available == 0):
            return max(1, target - (self.held - ceil(assigned / 16)))
        return 0


@given(cni=SETTINGS, max_pods=MOST, waves=st.lists(st.integers(0, 250), max_size=8))
def test_the_cni_never_holds_more_than_what_we_say_it_wants(cni, max_pods, waves):
    ipamd = Ipamd(cni, max_pods)
    for pods in sorted(min(each, max_pods) for each in waves):
        assert ipamd.settle(pods) <= prefixes_wanted(pods, max_pods, cni)


@given(cni=SETTINGS, pods=PODS, max_pods=st.integers(10, 250))
def test_with_little_warmth_it_holds_exactly_that(cni, pods, max_pods):
    cni = replace(cni, warm_prefix_target=1, warm_ip_target=min(cni.warm_ip_target or 0, 16) or None)
    pods = min(pods, max_pods)
    ipamd = Ipamd(cni, max_pods)
    held = [ipamd.settle(each) for each in range(pods + 1)]
    assert held[-1] == prefixes_wanted(pods, max_pods, cni)


@given(of=INSTANCE_TYPES, cni=SETTINGS, os=st.sampled_from(Os), pods=PODS, max_pods=MOST)
def test_a_node_fits_its_slots_and_pays_one_address_for_each_interface(of, cni, os, pods, max_pods):
    needs = node_needs(of, pods, max_pods, cni, os)
    slots = needs.interfaces * (of.addresses_per_interface - 1)
    assert needs.prefixes + needs.addresses <= slots
    assert needs.interfaces >= 1
    assert needs.singles == needs.interfaces + needs.addresses


@given(of=INSTANCE_TYPES, cni=SETTINGS, os=st.sampled_from(Os), pods=PODS, max_pods=MOST)
def test_no_node_takes_more_than_a_full_one(of, cni, os, pods, max_pods):
    some, full = node_needs(of, min(pods, max_pods), max_pods, cni, os), node_demand(of, max_pods, cni, os)
    assert some.beyond(full) == NodeDemand(prefixes=0, interfaces=0)


SUBNETS = (SUBNET, "subnet-b", "subnet-c")
NODES = st.lists(st.sampled_from((*SUBNETS, "subnet-elsewhere")), max_size=12)
HELD = st.builds(
    NodeDemand,
    prefixes=st.integers(0, 9),
    interfaces=st.integers(1, 4),
    addresses=st.integers(0, 9),
    ipv6_prefixes=st.integers(0, 1),
)


@st.composite
def groups(draw):
    """A group over up to three subnets, some of its nodes where it no longer belongs."""
    places = draw(NODES)
    return replace(
        a_group(
            desired=draw(st.integers(0, 8)),
            most=draw(st.integers(8, 16)),
            types=draw(st.sampled_from([("m5.large",), ("m5.large", "t3.small"), ("c4.large",)])),
            subnets=draw(st.lists(st.sampled_from(SUBNETS), min_size=1, unique=True)),
        ),
        nodes=tuple(Node(instance_id=f"i-{n}", subnet_id=place) for n, place in enumerate(places)),
        surge=draw(st.integers(0, 4)),
        bounded=draw(st.booleans()),
    )


def asked(group, cni, held, pods=None):
    cluster = a_cluster(cni=cni, pod_subnets=pods)
    view = (replace(a_subnet(), id=each) for each in (*SUBNETS, "subnet-elsewhere"))
    return subnet_demands(replace(a_snapshot(*view, groups=[group]), clusters={"demo": cluster}), held)


@given(group=groups(), cni=SETTINGS, held=st.dictionaries(st.sampled_from([f"i-{n}" for n in range(12)]), HELD))
def test_every_node_is_asked_for_somewhere_and_what_is_urgent_is_part_of_all(group, cni, held):
    found = [each for demand in asked(group, cni, held).values() for each in demand.groups]
    assert sum(each.nodes_now for each in found) == len(group.nodes)
    if group.bounded:
        assert sum(each.nodes_now + each.nodes_to_come for each in found) >= group.max_size
    for demand in asked(group, cni, held).values():
        assert 0 <= demand.urgent <= demand.prefixes


@given(
    group=groups(),
    cni=SETTINGS.map(lambda cni: replace(cni, custom_networking=True, ipv6=False)),
    held=st.dictionaries(st.sampled_from([f"i-{n}" for n in range(12)]), HELD),
)
def test_custom_networking_moves_demand_and_loses_none(group, cni, held):
    """Prefixes and addresses all move to the pods' subnet; of the interfaces, all but one for each node."""
    here = asked(group, cni, held, {"us-east-1a": SUBNET})
    there = asked(group, cni, held, {"us-east-1a": "subnet-for-pods"})
    for kind in ("prefixes", "interfaces", "addresses"):
        totals = [
            sum(getattr(each, kind) for demand in found.values() for each in demand.groups) for found in (here, there)
        ]
        assert totals[0] == totals[1], kind
    assert sum(demand.prefixes for subnet_id, demand in there.items() if subnet_id != "subnet-for-pods") == 0


@given(group=groups(), cni=SETTINGS, more=HELD)
def test_who_holds_more_asks_no_more(group, cni, more):
    few = {node.instance_id: NodeDemand(prefixes=0, interfaces=1) for node in group.nodes}
    many = {name: has.plus(more) for name, has in few.items()}
    before, after = asked(group, cni, few), asked(group, cni, many)
    assert before.keys() == after.keys()
    for subnet_id, demand in after.items():
        assert demand.prefixes <= before[subnet_id].prefixes
        assert demand.singles <= before[subnet_id].singles


def test_the_laws_see_a_cni_that_is_warmer_than_its_settings():
    """The oracle itself can fail."""
    assert Ipamd(CniSettings(warm_prefix_target=3), 110).settle(5) > prefixes_wanted(5, 110, CniSettings())
    assert Ipamd(CniSettings(minimum_ip_target=40), 110).settle(99) < prefixes_wanted(99, 110, CniSettings())
