"""The simulator shows the planner what a pass would, and counts what EC2 would do."""

from ipaddress import IPv4Network
from random import Random

import pytest

from benchmarks.placement import scenarios
from benchmarks.placement.demand import HOUR, NEVER, Scenario, Tenant, exponential, population
from benchmarks.placement.known import known_demand
from benchmarks.placement.life import Life
from benchmarks.placement.strategies import POLICY, Seen, Strategy, all_free, steering
from benchmarks.placement.table import SCENARIOS, STRATEGIES, lines, rows
from benchmarks.placement.world import World
from ec2_rules.allocation import Order
from functions.capacity.blocks import block_map
from functions.capacity.demand import SubnetDemand

NOTHING = Strategy(name="nothing")
STEER = Strategy(name="steer", act=steering, period=60)


def test_the_planner_sees_what_a_pass_over_the_interfaces_would_show():
    world = World(22, Order.RANDOM, Random(1))
    taken = [world.take_single() for _ in range(40)]
    blocks = [world.take_prefix() for _ in range(2)]
    world.reserve(IPv4Network("10.0.0.16/28"))
    world.release_single(taken[3])
    world.release_prefix(blocks[0])
    seen, read = world.analysis(SubnetDemand()).blocks, block_map(world.as_read())
    assert (seen.singles, seen.held, seen.reserved) == (read.singles, read.held, read.reserved)
    assert (seen.free, seen.open_addresses) == (read.free, read.open_addresses)
    assert world.used == 39 + 16


def a_life(*tenants: Tenant, strategy: Strategy = NOTHING, length: int = 27, **facts: object) -> Life:
    scenario = Scenario(name="", length=length, tenants=tenants, ends=HOUR, **facts)  # type: ignore[arg-type]
    return Life(scenario, strategy, Order.RANDOM, seed=1)


def test_a_prefix_refused_with_enough_addresses_free_was_avoidable():
    tally = a_life(Tenant(at=0, leaves=NEVER, prefixes=(10,))).run()  # a /27 has no block that can be a prefix
    assert (tally.prefixes_asked, tally.prefixes_avoidable, tally.prefixes_exhausted) == (1, 1, 0)


def test_a_prefix_refused_for_want_of_addresses_was_not():
    crowd = [Tenant(at=0, leaves=NEVER) for _ in range(20)]
    tally = a_life(*crowd, Tenant(at=1, leaves=NEVER, prefixes=(10,))).run()
    assert (tally.prefixes_avoidable, tally.prefixes_exhausted) == (0, 1)
    assert tally.first_failure == 1.0


def test_a_single_refused_while_reservations_hold_free_addresses_was_caused_by_them():
    crowd = [Tenant(at=60, leaves=NEVER) for _ in range(30)]
    everything = Strategy(name="", act=all_free, period=60, once=True)
    tally = a_life(*crowd, strategy=everything, length=26).run()
    assert (tally.singles_asked, tally.singles_caused, tally.singles_exhausted) == (30, 3, 0)  # the edges have 27


def test_what_leaves_gives_back_what_it_had():
    life = a_life(Tenant(at=0, leaves=100, prefixes=(10, 20)), length=25)
    life.run()
    assert life.world.used == 0


@pytest.mark.parametrize(
    ("window", "prefixes", "looks"),
    [
        pytest.param(0, (10,), [0, 300, 600], id="nothing tells of nodes"),
        pytest.param(60, (10,), [0, 160, 260, 560], id="a node came at 100 and left at 200, each seen a minute later"),
        pytest.param(60, (), [0, 300, 600], id="of other workloads nothing tells"),
    ],
)
def test_passes_follow_the_events_of_nodes(window, prefixes, looks):
    seen = list[float]()

    def look(found: Seen) -> bool:
        seen.append(found.seconds)
        return False

    watching = Strategy(name="", act=look, period=300, window=window)
    a_life(Tenant(at=100, leaves=200, prefixes=prefixes), strategy=watching, length=25).run()
    assert [each for each in seen if each < 700] == looks


def test_the_planner_knows_of_what_nodes_lack_and_of_the_maximum_size_only():
    scenario = Scenario(name="", length=24, tenants=(), ends=1, largest_node=3, most_nodes=5)
    demand = known_demand(scenario, {1: 2, 2: 0})
    assert (demand.prefixes, demand.interfaces, demand.urgent) == (3 * 3 + 2, 3, 2)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_life_is_the_same_for_the_same_seed(name):
    assert SCENARIOS[name](24, Random(3)) == SCENARIOS[name](24, Random(3))
    assert SCENARIOS[name](24, Random(3)) != SCENARIOS[name](24, Random(4))


def test_a_population_follows_its_target():
    lives = population(lambda t: 50, exponential(2 * HOUR, Random(1)), 6 * HOUR, Random(2))
    there = [sum(at <= t < leaves for at, leaves in lives) for t in range(int(HOUR), int(6 * HOUR), 600)]
    assert all(45 <= each <= 50 for each in there)


def test_the_peak_of_a_day_is_what_was_asked_for():
    life = Life(scenarios.diurnal(22, Random(1), peak=0.5, days=2), NOTHING, Order.LOWEST, seed=1)
    most = 0.0
    take = life.world.take_prefix

    def taking() -> int:
        nonlocal most
        most = max(most, life.world.used / life.world.usable)
        return take()

    life.world.take_prefix = taking  # type: ignore[method-assign]
    life.run()
    assert 0.40 <= most <= 0.57  # a node takes its prefixes whole, in a small subnet that is coarse


def test_steer_does_better_than_nothing_and_stays_within_its_caps():
    scenario = scenarios.diurnal(22, Random(5), peak=0.8, days=2)
    nothing = Life(scenario, NOTHING, Order.RANDOM, seed=5).run()
    steered = Life(scenario, STEER, Order.RANDOM, seed=5).run()
    assert steered.prefixes_avoidable < nothing.prefixes_avoidable / 2
    assert steered.singles_caused == 0
    assert steered.most_objects <= POLICY.max_reservations_per_subnet
    assert 0 < steered.most_calls_a_day <= 200


def test_the_table_has_a_row_for_every_strategy_with_the_seeds():
    found = rows(lengths=[26], seeds=[1], orders=[Order.LOWEST], names=["P9 bursts"])
    assert [each.strategy for each in found] == [each.name for each in STRATEGIES]
    text = "\n".join(lines(found))
    assert "P9 bursts, /26, singles in order 'lowest', seeds [1]" in text
    assert all(each.name in text for each in STRATEGIES)
