"""What a run does in several subnets, one after the other: which of them one's trouble stops, and which it does not."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.capacity.journal import Entry, Outcome
from functions.capacity.model import Reservation
from functions.capacity.past import Past
from functions.capacity.plan import CreateReservation, Refused
from functions.capacity.remembered import Remembered
from functions.stages.act import Result, act
from functions.stages.look import Look
from tests.builders import a_demand, a_subnet, under_demand
from tests.fakes import World

FIRST, SECOND, IDLE = "subnet-0000000a", "subnet-0000000b", "subnet-0000000c"


def a_look(subnet_id: str, prefixes: int = 2) -> Look:
    subnet = replace(a_subnet(), id=subnet_id)
    return Look(analysis=under_demand(subnet, a_demand(prefixes)), remembered=Remembered(), past=Past())


def acting(world: World) -> dict[str, Result]:
    looks = (a_look(FIRST), a_look(SECOND), a_look(IDLE, prefixes=0))
    return {each.look.subnet_id: each for each in act(looks, world.policy, "", world.aws)}


def refusing_in(subnet_id: str, outcome: Outcome) -> World:
    """A world in which EC2 makes nothing in that subnet."""
    world = World(subnet=a_subnet())
    create = world.create

    def refuse(action: CreateReservation, intent: Entry) -> Reservation | Refused:
        if action.subnet_id == subnet_id:
            return Refused(action=action, outcome=outcome, reason="EC2's words")
        return create(action, intent)

    world.create = refuse  # type: ignore[method-assign]
    return world


def test_all_subnets_have_their_turn():
    world = World(subnet=a_subnet())
    found = acting(world)
    assert [len(found[each].created) for each in (FIRST, SECOND, IDLE)] == [1, 1, 0]
    assert world.continued == []


def test_throttling_is_of_the_account_so_the_subnets_after_it_wait_for_a_later_run():
    """EC2's bucket for this call is the account's and region's, and each further call keeps it empty."""
    world = refusing_in(FIRST, Outcome.THROTTLED)
    found = acting(world)
    assert [each.outcome for each in found[FIRST].refused] == [Outcome.THROTTLED]
    assert (found[SECOND].created, found[SECOND].postponed) == ((), True)
    assert not found[IDLE].postponed, "where nothing is asked for nothing waits"
    assert (world.counted, world.continued) == (1, [[SECOND]]), "what was refused waits for the next event or sweep"


@pytest.mark.parametrize("outcome", [Outcome.OVERLAPS, Outcome.DENIED])
def test_any_other_refusal_is_of_its_own_subnet(outcome):
    found = acting(refusing_in(FIRST, outcome))
    assert found[FIRST].refused
    assert len(found[SECOND].created) == 1


def test_throttling_takes_nothing_back_from_the_subnets_before_it():
    found = acting(refusing_in(SECOND, Outcome.THROTTLED))
    assert len(found[FIRST].created) == 1
    assert not found[FIRST].postponed


def test_where_the_time_is_over_nothing_is_begun_in_any_of_them():
    world = World(subnet=a_subnet(), act_for=timedelta(0))
    found = acting(world)
    assert [found[each].postponed for each in (FIRST, SECOND, IDLE)] == [True, True, False]
    assert (world.counted, world.continued) == (0, [[FIRST, SECOND]])
