"""What the stories of runs begin with."""

from dataclasses import replace
from datetime import timedelta

from functions.capacity.findings.finding import FindingId
from functions.capacity.wording import Message
from tests.builders import SUBNET, a_group, a_subnet, an_interface
from tests.fakes import World

RESERVED = f"[INFO] done: reserved 7 prefixes (/28) ahead of demand in {SUBNET} (cluster demo)"
LATER = timedelta(minutes=10)


def a_world(**changes: object) -> World:
    world = World(subnet=a_subnet("10.0.0.0/24"), groups=(a_group(most=1),))
    for name, value in changes.items():
        assert hasattr(world, name)
        setattr(world, name, value)
    return world


def of_this_subnet(message: Message) -> bool:
    """What a run finds in the subnet itself, and not in its clusters."""
    return message.attributes["finding"] in {FindingId.RESERVED, FindingId.SHORTAGE}


def scattered() -> World:
    """Seven free blocks, none beside another."""
    singles = an_interface(*(f"10.0.0.{16 * n + 7}" for n in range(1, 15, 2)))
    world = a_world(subnet=a_subnet("10.0.0.0/24", interfaces=[singles]))
    world.policy = replace(world.policy, max_creates_per_run=3)
    return world
