"""Laws of the block map and of the plan, over subnets of every kind."""

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.capacity.analyse import Analysis, analyse
from functions.capacity.blocks import block_map
from functions.capacity.model import Interface, NodeGroup, Policy, Reservation, Subnet
from functions.capacity.plan import LARGEST, Plan, plan
from tests.builders import SUBNET, a_group, a_reservation, a_snapshot, a_subnet

BASE = int(IPv4Address("10.0.0.0"))
POLICY = Policy()


@st.composite
def subnets(draw: st.DrawFn) -> Subnet:
    """A /26 to /21 with single addresses, prefixes and disjoint reservations, as EC2 would allow them."""
    length = draw(st.integers(21, 26))
    count = 2 ** (28 - length)
    kinds = draw(st.lists(st.sampled_from("..oooPrRxd"), min_size=count, max_size=count))
    interfaces, reservations = list[Interface](), list[Reservation]()
    for n, kind in enumerate(kinds):
        start = BASE + 16 * n
        if kind in "od":
            offsets = draw(st.sets(st.integers(4, 14), min_size=1, max_size=3))
            interfaces.append(
                Interface(
                    id=f"eni-{n}",
                    subnet_id=SUBNET,
                    instance_id=None,
                    addresses=tuple(start + o for o in sorted(offsets)),
                    prefixes=(),
                )
            )
        if kind == "P" and 0 < n < count - 1:
            interfaces.append(
                Interface(id=f"eni-{n}", subnet_id=SUBNET, instance_id="i-other", addresses=(), prefixes=(start,))
            )
        if kind in "rRxd":
            made = a_reservation(
                IPv4Network((start, 28)), ours=kind in "Rd", kind="explicit" if kind == "x" else "prefix"
            )
            reservations.append(made)
    return a_subnet(f"10.0.0.0/{length}", interfaces=interfaces, reservations=reservations)


groups = st.lists(
    st.builds(a_group, most=st.integers(0, 12), desired=st.just(0), name=st.sampled_from(["a", "b"])), max_size=2
)


def analysis_of(subnet: Subnet, demand: list[NodeGroup]) -> Analysis:
    (found,) = analyse(a_snapshot(subnet, groups=demand))
    return found


def acted(subnet: Subnet, planned: Plan) -> Subnet:
    return replace(subnet, reservations=(*subnet.reservations, *(a_reservation(a.cidr) for a in planned.actions)))


@given(subnets(), groups)
def test_a_plan_keeps_to_ec2s_rules_and_ours(subnet, demand):
    before = analysis_of(subnet, demand)
    planned = plan(before, POLICY, created_today=0)
    blocks = len(before.blocks.singles)
    taken = [each.cidr for each in subnet.reservations]
    for action in planned.actions:
        start = int(action.cidr.network_address) - int(subnet.cidr.network_address)
        count = action.cidr.num_addresses // 16
        assert start % action.cidr.num_addresses == 0
        assert action.cidr.subnet_of(subnet.cidr)
        assert count <= LARGEST
        assert start // 16 >= 1
        assert start // 16 + count <= blocks - 1
        assert not any(action.cidr.overlaps(other) for other in taken)
        taken.append(action.cidr)
        assert action.free + action.draining == count
    ours = sum(1 for each in subnet.reservations if each.ours)
    assert len(planned.actions) <= POLICY.max_creates_per_run
    assert ours + len(planned.actions) <= max(ours, POLICY.max_reservations_per_subnet)


@given(subnets(), groups)
def test_the_floor_for_single_addresses_holds(subnet, demand):
    before = analysis_of(subnet, demand)
    floor = min(before.blocks.open_addresses, POLICY.single_address_floor + before.demand.interfaces)
    after = block_map(acted(subnet, plan(before, POLICY, created_today=0)))
    assert after.open_addresses >= floor


@given(subnets(), groups)
@settings(max_examples=60)
def test_acting_and_planning_again_comes_to_an_end(subnet, demand):
    for _ in range(POLICY.max_reservations_per_subnet + 1):
        planned = plan(analysis_of(subnet, demand), POLICY, created_today=0)
        if not planned.actions:
            break
        subnet = acted(subnet, planned)
    assert planned.actions == ()
    assert planned.deferred == 0


@given(subnets(), groups, st.randoms(use_true_random=False))
def test_the_order_of_aws_answers_does_not_matter(subnet, demand, random):
    interfaces, reservations = list(subnet.interfaces), list(subnet.reservations)
    random.shuffle(interfaces)
    random.shuffle(reservations)
    shuffled = replace(subnet, interfaces=tuple(interfaces), reservations=tuple(reservations))
    assert plan(analysis_of(shuffled, demand), POLICY, created_today=0) == plan(
        analysis_of(subnet, demand), POLICY, created_today=0
    )


@given(subnets())
def test_the_block_map_agrees_with_sets_of_addresses(subnet):
    blocks = block_map(subnet)
    singles = {a for i in subnet.interfaces for a in i.addresses}
    prefixes = {p + k for i in subnet.interfaces for p in i.prefixes for k in range(16)}
    mine = {int(a) for r in subnet.reservations if r.reserves_prefixes for a in r.cidr}
    explicit = {int(a) for r in subnet.reservations if not r.reserves_prefixes for a in r.cidr}
    everything = [int(a) for a in subnet.cidr]
    aws = {*everything[:4], everything[-1]}
    free = {
        n
        for n in range(len(everything) // 16)
        if set(everything[16 * n : 16 * n + 16]).isdisjoint(singles | prefixes | explicit | aws)
    }
    assert blocks.free == free
    assert len(blocks.singles) == len(everything) // 16
    assert blocks.open_addresses == len(set(everything) - singles - prefixes - mine - explicit - aws)
    assert blocks.free_reserved | blocks.free_open == blocks.free
    assert blocks.draining.isdisjoint(blocks.free)
    assert blocks.draining <= blocks.reserved
