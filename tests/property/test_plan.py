"""Laws of every plan, whatever the subnet looks like."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import block_map
from functions.capacity.clusters import NodeGroup
from functions.capacity.model import BLOCK, Policy, Subnet
from functions.capacity.plan import LONGEST_REASON, Plan, plan
from tests.builders import a_reservation, an_analysis
from tests.property.subnets import groups, subnets

POLICIES = st.builds(
    Policy,
    single_address_floor=st.sampled_from([0, 16, 100]),
    max_creates_per_run=st.integers(1, 5),
    max_creates_per_subnet_per_day=st.just(10_000),
    max_reservations_per_subnet=st.sampled_from([0, 3, 64]),
)


@st.composite
def analyses(draw) -> Analysis:
    return an_analysis(draw(subnets()), *draw(groups()))


def planned(analysis: Analysis, policy: Policy) -> Plan:
    return plan(analysis, policy, created_today=0)


def acted_on(subnet: Subnet, decision: Plan) -> Subnet:
    """The subnet with the planned reservations made."""
    made = tuple(a_reservation(each.cidr) for each in decision.actions)
    return replace(subnet, reservations=subnet.reservations + made)


@given(analyses(), POLICIES)
def test_planned_ranges_lie_in_the_subnet_and_touch_nothing_that_is_taken(analysis, policy):
    subnet, ranges = analysis.subnet, [each.cidr for each in planned(analysis, policy).actions]
    first, last = int(subnet.cidr.network_address), int(subnet.cidr.broadcast_address)
    for cidr in ranges:  # that it is an IPv4Network at all means that it is aligned
        assert 24 <= cidr.prefixlen <= 28
        assert cidr.subnet_of(subnet.cidr)
        assert int(cidr.network_address) >= first + BLOCK
        assert int(cidr.broadcast_address) <= last - BLOCK
        assert not any(cidr.overlaps(each.cidr) for each in subnet.reservations)
        assert not any(int(cidr[0]) <= p <= int(cidr[-1]) for i in subnet.interfaces for p in i.prefixes)
    assert not any(one.overlaps(two) for n, one in enumerate(ranges) for two in ranges[:n])


@given(analyses(), POLICIES)
def test_what_an_action_says_of_its_blocks_is_so(analysis, policy):
    used = {address // BLOCK for i in analysis.subnet.interfaces for address in i.addresses}
    for action in planned(analysis, policy).actions:
        blocks = {int(address) // BLOCK for address in action.cidr}
        assert (action.free, action.draining) == (len(blocks - used), len(blocks & used))
        assert 0 < len(action.reason) <= LONGEST_REASON


@given(analyses(), POLICIES)
def test_single_addresses_never_fall_below_the_floor_by_our_doing(analysis, policy):
    kept = policy.single_address_floor + analysis.demand.interfaces
    after = block_map(acted_on(analysis.subnet, planned(analysis, policy)))
    assert after.open_addresses >= min(analysis.blocks.open_addresses, kept)


@given(analyses(), POLICIES)
def test_no_more_is_reserved_than_is_asked_for(analysis, policy):
    decision = planned(analysis, policy)
    blocks = sum(each.cidr.num_addresses // BLOCK for each in decision.actions)
    assert blocks <= max(0, analysis.demand.prefixes - len(analysis.blocks.free_reserved))


@given(analyses(), POLICIES)
def test_caps_are_exact(analysis, policy):
    decision = planned(analysis, policy)
    ours = sum(each.ours for each in analysis.subnet.reservations)
    assert len(decision.actions) <= policy.max_creates_per_run
    assert (
        not decision.actions or ours + len(decision.actions) + decision.deferred <= policy.max_reservations_per_subnet
    )


@given(subnets(), groups(), POLICIES)
def test_acting_and_planning_again_ends_with_nothing_to_do(subnet, node_groups, policy):
    decision = planned(an_analysis(subnet, *node_groups), policy)
    rounds = -(-(len(decision.actions) + decision.deferred) // policy.max_creates_per_run)
    for _ in range(rounds):
        subnet = acted_on(subnet, decision)
        decision = planned(an_analysis(subnet, *node_groups), policy)
    assert (decision.actions, decision.deferred) == ((), 0)


@given(subnets(), groups(), st.randoms(use_true_random=False))
def test_the_order_of_what_aws_answers_does_not_matter(subnet, node_groups, rng):
    def shuffled(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(rng.sample(values, len(values)))

    other = replace(subnet, interfaces=shuffled(subnet.interfaces), reservations=shuffled(subnet.reservations))
    assert decided(other, node_groups) == decided(subnet, node_groups)


def decided(subnet: Subnet, node_groups: list[NodeGroup]) -> Plan:
    return planned(an_analysis(subnet, *node_groups), Policy())
