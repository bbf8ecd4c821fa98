"""Laws of every plan of `steer`, whatever the subnet looks like."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.analyse import Analysis
from functions.capacity.blocks import block_map
from functions.capacity.model import BLOCK, Policy, Subnet
from functions.capacity.plan import LONGEST_REASON, Plan
from functions.capacity.steer import CALLS, FOR_THE_FLOOR, RELEASES, History, remembered, steer
from functions.capacity.steering.samples import Sample
from tests.builders import NOW, a_reservation, a_subnet, an_analysis
from tests.property.subnets import groups, subnets

POLICIES = st.builds(
    Policy,
    single_address_floor=st.sampled_from([0, 16, 100]),
    max_creates_per_run=st.integers(1, 5),
    max_reservations_per_subnet=st.sampled_from([0, 3, 64]),
)
SPENT = st.integers(0, CALLS)


@st.composite
def analyses(draw) -> Analysis:
    return an_analysis(draw(subnets()), *draw(groups()))


@st.composite
def histories(draw) -> History:
    """None, or one sample of a subnet that was quiet or bursty, scattered or not."""
    gain, free, fair = draw(st.integers(0, 200)), draw(st.integers(0, 200)), draw(st.sampled_from([0.0, 50.0]))
    sample = Sample(at=NOW, latest=10, singles=10, free=free, gain=gain, fair=fair)
    return (sample,) if draw(st.booleans()) else ()


def planned(analysis: Analysis, policy: Policy, history: History = (), created: int = 0, released: int = 0) -> Plan:
    return steer(analysis, policy, history, created_today=created, released_today=released)


def acted_on(subnet: Subnet, decision: Plan) -> Subnet:
    gone = {each.reservation_id for each in decision.releases}
    made = tuple(a_reservation(each.cidr) for each in decision.actions)
    kept = tuple(each for each in subnet.reservations if each.id not in gone)
    return replace(subnet, reservations=kept + made)


@given(analyses(), POLICIES, histories())
def test_planned_ranges_lie_in_the_subnet_and_over_no_other_reservation(analysis, policy, history):
    subnet = analysis.subnet
    ranges = [each.cidr for each in planned(analysis, policy, history).actions]
    first, last = int(subnet.cidr.network_address), int(subnet.cidr.broadcast_address)
    for cidr in ranges:  # that it is an IPv4Network at all means that it is aligned
        assert 24 <= cidr.prefixlen <= 28
        assert cidr.subnet_of(subnet.cidr)
        assert int(cidr.network_address) >= first + BLOCK
        assert int(cidr.broadcast_address) <= last - BLOCK
        assert not any(cidr.overlaps(each.cidr) for each in subnet.reservations)
    assert not any(one.overlaps(two) for n, one in enumerate(ranges) for two in ranges[:n])


@given(analyses(), POLICIES, histories())
def test_only_what_is_ours_is_released(analysis, policy, history):
    ours = {each.id: each.cidr for each in analysis.subnet.reservations if each.ours and each.reserves_prefixes}
    decision = planned(analysis, policy, history)
    assert not (decision.releases and decision.actions)
    for each in decision.releases:
        assert ours[each.reservation_id] == each.cidr
        assert each.reason
    assert len({each.reservation_id for each in decision.releases}) == len(decision.releases)


@given(analyses(), POLICIES, histories())
def test_the_open_pool_never_falls_below_the_floor_by_our_doing(analysis, policy, history):
    after = block_map(acted_on(analysis.subnet, planned(analysis, policy, history)))
    assert after.open_addresses >= min(analysis.blocks.open_addresses, policy.single_address_floor)


@given(analyses(), POLICIES, histories(), SPENT, SPENT)
def test_caps_hold(analysis, policy, history, created, released):
    decision = planned(analysis, policy, history, created, released)
    ours = sum(each.ours for each in analysis.subnet.reservations)
    assert len(decision.actions) <= policy.max_creates_per_run
    assert len(decision.releases) <= RELEASES
    assert len(decision.actions) <= max(0, CALLS - created - released)
    assert len(decision.releases) <= max(0, CALLS + FOR_THE_FLOOR - created - released)
    assert not decision.actions or ours + len(decision.actions) <= policy.max_reservations_per_subnet
    assert all(0 < len(each.reason) <= LONGEST_REASON for each in decision.actions)


def test_a_reservation_of_ours_that_is_no_whole_block_counts_towards_the_cap():
    subnet = a_subnet("10.0.0.0/20", mode="steer", reservations=[a_reservation("10.0.0.0/29")])
    policy = Policy(single_address_floor=0, max_creates_per_run=3, max_reservations_per_subnet=3)
    assert len(planned(an_analysis(subnet), policy, (), 0, 0).actions) == 2


@given(analyses(), POLICIES)
def test_acting_and_planning_again_ends_with_nothing_to_do(analysis, policy):
    node_groups = [each.group for each in analysis.demand.groups]
    subnet, created, released = analysis.subnet, 0, 0
    for _ in range(CALLS):
        decision = planned(an_analysis(subnet, *node_groups), policy, (), created, released)
        if not decision.actions and not decision.releases:
            break
        created, released = created + len(decision.actions), released + len(decision.releases)
        subnet = acted_on(subnet, decision)
    assert (decision.actions, decision.releases, decision.deferred) == ((), (), 0)
    assert created + released < CALLS


@given(subnets(), groups(), st.randoms(use_true_random=False))
def test_the_order_of_what_aws_answers_does_not_matter(subnet, node_groups, rng):
    def shuffled(values: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(rng.sample(values, len(values)))

    other = replace(subnet, interfaces=shuffled(subnet.interfaces), reservations=shuffled(subnet.reservations))
    history = remembered((), an_analysis(subnet, *node_groups), NOW)
    again = remembered((), an_analysis(other, *node_groups), NOW)
    assert history == again
    assert planned(an_analysis(other, *node_groups), Policy(), again) == planned(
        an_analysis(subnet, *node_groups), Policy(), history
    )


@given(subnets(), POLICIES, st.data())
def test_more_free_space_never_plans_for_fewer_blocks(subnet, policy, data):
    """Taking an interface away leaves at least as many blocks free or draining once all is done."""
    if not subnet.interfaces:
        return
    gone = data.draw(st.sampled_from(subnet.interfaces))
    emptier = replace(
        subnet, interfaces=tuple(each for each in subnet.interfaces if each is not gone), available=(0, 2**32)
    )
    assert _kept(emptier, policy) >= _kept(replace(subnet, available=(0, 2**32)), policy) - 1


def _kept(subnet: Subnet, policy: Policy) -> int:
    """Free blocks when all is done."""
    created = 0
    for _ in range(CALLS):
        decision = planned(an_analysis(subnet), policy, (), created)
        if not decision.actions and not decision.releases:
            break
        created += len(decision.actions) + len(decision.releases)
        subnet = acted_on(subnet, decision)
    return len(block_map(subnet).free)
