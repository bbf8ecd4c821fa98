"""Stories of runs that die, come late or may not: what is made up for, and what people hear."""

from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network

import pytest

from functions.capacity.findings.own import Denied
from functions.capacity.incidents import OVER_AFTER
from functions.capacity.journal import RECKONED, WATCHED, Entry, Outcome
from functions.capacity.model import Reservation
from functions.capacity.plan import CreateReservation, Refused
from functions.capacity.scope import EVERYWHERE, Scope
from functions.pipeline import tell_denied
from tests.builders import NOW, SUBNET, a_reservation, a_subnet, an_intent, an_interface
from tests.fakes import BrokenError
from tests.unit.stories import RESERVED, a_world, scattered


def test_a_run_that_dies_while_it_creates_has_counted_one_too_many_rather_than_one_too_few():
    world = a_world(dies_after_creating=True)
    with pytest.raises(BrokenError):
        world.run()
    assert (world.counted, len(world.subnet.reservations), world.subjects) == (1, 1, [])
    world.dies_after_creating = False
    world.run()
    assert world.subjects == [RESERVED]


def test_what_a_dead_run_may_have_made_is_not_made_again_while_ec2_may_not_show_it():
    world = a_world(dies_after_creating=True)
    with pytest.raises(BrokenError):
        world.run()
    made, world.subnet = world.subnet, a_subnet("10.0.0.0/24")  # as an old answer shows it
    world.dies_after_creating = False
    outcome = world.run()
    assert made.reservations[0].cidr not in {each.cidr for each in outcome.results[0].created}
    assert RESERVED not in world.subjects  # the one that nobody has seen yet is not said to be there


def test_what_a_dead_run_did_not_make_is_made_once_every_answer_is_newer():
    world = a_world(dies_after_creating=True)
    with pytest.raises(BrokenError):
        world.run()
    world.subnet, world.dies_after_creating = a_subnet("10.0.0.0/24"), False
    world.now += RECKONED
    world.run()
    assert world.subjects == [RESERVED]


def test_reservations_that_vanish_again_and_again_trip_the_subnet_until_hours_have_passed():
    world = scattered()
    world.run()
    world.subnet = replace(world.subnet, reservations=())  # somebody took the three away
    world.now += RECKONED
    outcome = world.run()
    assert world.subnet.reservations == ()
    assert "3 surprises in 6 hours" in outcome.results[0].plan.reason
    world.now += OVER_AFTER
    world.said = []
    world.run()
    assert f"[WARNING] open: Headroom only watches {SUBNET}: too many surprises (us-east-1)" in world.subjects
    world.now += WATCHED
    world.run()
    assert world.subnet.reservations


def test_a_run_that_is_late_begins_nothing_and_goes_on_later():
    world = a_world(act_for=timedelta(0))
    world.run()
    assert (world.subnet.reservations, world.subjects, world.continued) == ((), [], [[SUBNET]])
    world.act_for = timedelta(minutes=1)
    world.run()
    assert world.subjects == [RESERVED]


def test_where_somebody_reserved_since_nothing_is_made_and_the_subnet_is_looked_at_again():
    world = a_world(as_seen=False)
    world.run()
    assert (world.subnet.reservations, world.subjects, world.continued) == ((), [], [[SUBNET]])
    world.as_seen = True
    world.run()
    assert world.subjects == [RESERVED]


def test_what_the_role_may_not_do_is_told_once_and_over_once_it_may():
    world = a_world(refuses="UnauthorizedOperation: You are not authorized", refused_as=Outcome.DENIED)
    world.run()
    world.run()
    told = "[CRITICAL] {}: {}Headroom may not call ec2:CreateSubnetCidrReservation (us-east-1)"
    assert world.subjects == [told.format("open", "")]
    world.refuses = ""
    for _ in range(2):
        world.now += OVER_AFTER
        world.run()
    assert told.format("resolved", "no longer so: ") in world.subjects


def test_a_denied_look_is_told_and_only_a_whole_sweep_says_that_it_is_over():
    world = a_world()
    tell_denied(Denied(action="ec2:DescribeSubnets", resource="", message="UnauthorizedOperation: no"), world.aws)
    assert world.subjects == ["[CRITICAL] open: Headroom may not call ec2:DescribeSubnets (us-east-1)"]
    for scope, subjects in (
        (Scope(subnets=frozenset({SUBNET})), []),
        (EVERYWHERE, ["[CRITICAL] resolved: no longer so: Headroom may not call ec2:DescribeSubnets (us-east-1)"]),
    ):
        for _ in range(3):
            world.now += OVER_AFTER
            world.run(scope)
        assert [each for each in world.subjects if "may not" in each] == subjects


def test_the_rest_of_a_plan_is_left_when_ec2_refuses_a_part_of_it():
    world = scattered()
    asked, create = list[CreateReservation](), world.create

    def refuses_the_second(action: CreateReservation, intent: Entry) -> Reservation | Refused:
        asked.append(action)
        throttled = Refused(action=action, outcome=Outcome.THROTTLED, reason="Throttling: later")
        return throttled if len(asked) == 2 else create(action, intent)

    world.create = refuses_the_second  # type: ignore[method-assign]
    world.run()
    assert (len(asked), len(world.subnet.reservations)) == (2, 1)
    assert (world.subjects, world.continued) == ([], [])


def test_between_two_creations_it_asks_for_the_time_and_leaves_the_rest_to_a_later_run():
    world = scattered()
    world.policy, create = replace(world.policy, max_creates_per_run=100), world.create

    def takes_its_time(action: CreateReservation, intent: Entry) -> Reservation | Refused:
        world.now += world.act_for / 2
        return create(action, intent)

    world.create = takes_its_time  # type: ignore[method-assign]
    (result,) = world.run().results
    assert (len(result.plan.actions), len(result.created), result.postponed) == (7, 2, True)
    assert (world.counted, world.continued) == (2, [[SUBNET]]), "what is not begun is not counted either"


def test_what_a_dead_run_may_have_made_is_not_asked_back_since_nobody_knows_its_id():
    """Were single addresses to get the range, EC2 would be asked to delete a reservation without a name."""
    blocks = [f"10.0.0.{16 * n}/28" for n in range(1, 15)]
    full = an_interface(*(f"10.0.0.{n}" for n in (*range(4, 16), *range(240, 255))))
    world = a_world(subnet=a_subnet(mode="steer", interfaces=[full]), groups=())
    opens = [a_creation(each) for each in blocks]
    world.entries = {each.id: each for each in opens}
    (unknown,) = world.run().results
    assert {each.reservation_id for each in unknown.plan.releases} == {""}, "the plan would open some for them"
    assert (unknown.releases, world.asked_back) == ((), [])
    shown = tuple(replace(a_reservation(each.cidr), intent=each.id) for each in opens)
    world.subnet = replace(world.subnet, reservations=shown)
    (known,) = world.run().results
    assert known.releases == tuple(world.asked_back) == known.plan.releases
    assert known.releases


def a_creation(cidr: str) -> Entry:
    action = CreateReservation(subnet_id=SUBNET, cidr=IPv4Network(cidr), free=1, draining=0, reason="because of 7")
    return an_intent(action, at=NOW)
