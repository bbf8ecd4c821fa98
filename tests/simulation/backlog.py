"""R6: 10,000 messages wait, as after an outage of the event source. How long until the last one is handled?"""

import json
from random import Random

from functions.capacity.model import Policy
from tests.simulation.invariants import Break, Observer
from tests.simulation.world import World

MESSAGES = 10_000
GOAL = 15 * 60.0  # seconds
CALL = 0.1  # seconds: three times what other schedules take for a call, and one run at a time


def drained(messages: int = MESSAGES) -> tuple[float, int, list[Break]]:
    """The seconds that it took, in how many invocations, and what broke."""
    world = World(Random(1), Policy())
    observer = Observer(world)
    subnets = [world.region.add_network(f"10.0.{n}.0/24", "steer" if n % 2 else "ahead") for n in range(8)]
    for number, network in enumerate(subnets):
        world.cluster.add_group(f"workers-{number}", network.id, desired=1, most=1)
    for number in range(messages):
        detail = {"AutoScalingGroupName": f"eks-workers-{number % 8}", "EC2InstanceId": f"i-{number:017x}"}
        event = {"source": "aws.autoscaling", "detail-type": "EC2 Instance Launch Successful", "detail": detail}
        world.work.send(json.dumps(event))
    world.seconds_of_a_call = CALL
    start = world.clock.now
    world.run_until_idle()
    observer.check()
    observer.check_messages()
    took = world.clock.now - start
    if took >= GOAL:
        observer.broken("R6", f"{messages} messages took {took:.0f} s")
    return took, world.invocations, observer.breaks
