"""R8: SNS refuses everything for six hours, while alerts open and resolve. Each is told in the end, in its order."""

from dataclasses import dataclass
from random import Random

from functions.capacity.model import Policy
from tests.simulation.faults import Fault, Kind
from tests.simulation.invariants import Break, Observer
from tests.simulation.nature import Nature
from tests.simulation.process import Trace
from tests.simulation.world import World

OUTAGE = 6 * 3600.0
SWEEP_EVERY = 300.0
AFTERWARDS = 3600.0  # in which the messages that failed come back once more


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it."""

    stored: int  # messages that were to be told
    delivered: int
    late: int  # sweeps after the outage until the last came
    breaks: list[Break]


def run_one(seed: int, trace: Trace = lambda _: None) -> Outcome:
    """One outage."""
    rng = Random(seed)
    world = World(rng, Policy(single_address_floor=8), trace=trace)
    observer = Observer(world)
    nature = Nature(world, rng)
    for number, mode in enumerate(("ahead", "steer")):
        network = world.region.add_network(f"10.0.{number}.0/25", mode)
        world.cluster.add_group(f"workers-{number}", network.id, desired=1, most=1)
    world.sweep()
    world.run_until_idle()
    until = world.clock.now + OUTAGE
    world.faults.add(Fault(kind=Kind.BREAK, service="sns", until=until))
    while world.clock.now < until:
        rng.choice((nature.scale, nature.scale, nature.launch, nature.terminate, nature.single_comes))()
        world.sweep()
        world.run_for(SWEEP_EVERY)
    late = _sweeps_until_told(world, observer)
    world.run_for(AFTERWARDS)
    world.sweep()
    world.run_until_idle()
    observer.check()
    observer.check_rest()
    return Outcome(
        stored=len(observer.heard.stored), delivered=len(world.topic.delivered), late=late, breaks=observer.breaks
    )


def _sweeps_until_told(world: World, observer: Observer) -> int:
    for sweeps in range(10):
        if not any(observer.heard.undelivered()):
            return sweeps
        world.sweep()
        world.run_for(SWEEP_EVERY)
    observer.broken("R8", "ten sweeps after the outage something is still untold")
    return sweeps
