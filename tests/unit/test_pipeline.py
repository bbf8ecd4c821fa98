"""Stories: what a run does to a subnet and says of it, whatever breaks."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from functions.capacity.arrivals import LATEST, Arrivals, Kind
from functions.capacity.incidents import OVER_AFTER
from functions.capacity.journal import RECKONED
from functions.capacity.model import Snapshot
from functions.capacity.past import Past
from functions.capacity.scope import Scope
from functions.capacity.wording import Form
from functions.stages.look import READS
from tests.builders import NOW, SUBNET, a_group, a_reservation, a_subnet, an_interface
from tests.fakes import BrokenError, World
from tests.unit.stories import LATER, RESERVED, a_world, of_this_subnet, scattered


def test_it_reserves_ahead_and_tells_once():
    world = a_world()
    outcome = world.run()
    assert sum(each.cidr.num_addresses // 16 for each in world.subnet.reservations) == 7
    assert [each.cidr for each in outcome.results[0].created] == [each.cidr for each in world.subnet.reservations]
    assert world.subjects == [RESERVED]


def test_running_again_changes_nothing_and_notifies_nobody():
    world = a_world()
    world.run()
    before, _, stored = world.subnet, world.subjects, world.stored
    world.run()
    assert world.subnet == before
    assert world.subjects == []
    assert world.stored == stored
    assert world.continued == []


@pytest.mark.parametrize("reason", ["the switch /x says observe", "the switch /x cannot be read: denied"])
def test_while_the_switch_is_off_it_looks_and_changes_nothing(reason):
    world = a_world(not_acting=reason, groups=(a_group(most=3),))
    world.run()
    world.now += LATER
    outcome = world.run()
    assert outcome.results[0].plan.actions
    assert world.subnet.reservations == ()
    assert (world.counted, world.continued) == (0, [])
    (mail,) = [each for each in world.said if each.form is Form.MAIL and "lacks" in each.subject]
    assert f"no more, because {reason}" in mail.body


def test_while_the_switch_is_off_nothing_waits_to_be_continued():
    world = scattered()
    world.not_acting = "the switch /x says observe"
    world.run()
    assert world.continued == []


def test_a_view_that_stays_partial_is_read_again_then_told_and_never_acted_on():
    world = a_world(subnet=a_subnet("10.0.0.0/24", available=100))
    world.run()
    assert world.reads == READS
    assert (world.subnet.reservations, world.subjects) == ((), [])
    world.now += timedelta(minutes=5)
    world.run()
    assert world.subnet.reservations == ()
    assert world.subjects == [f"[WARNING] open: not all of {SUBNET} can be seen, so nothing is changed in it"]


def test_a_partial_view_teaches_nothing():
    """Unseen addresses would pass for ones that left, and plans learn from what comes and goes."""
    world = a_world(subnet=a_subnet("10.0.0.0/24", available=100))
    (result,) = world.run().results
    assert result.look.analysis.partial
    assert result.look.past == world.seen == Past()
    world.subnet = a_subnet("10.0.0.0/24")
    (result,) = world.run().results
    assert result.look.past == world.seen
    assert len(world.seen.history) == 1


def test_counts_that_change_while_it_reads_do_not_keep_it_from_acting():
    world = a_world()
    read = world.read

    def launches_meanwhile(_scope: Scope, _now: datetime) -> Snapshot:
        """Two addresses were taken after the first count and before the interfaces were listed; one more since."""
        world.subnet = a_subnet("10.0.0.0/24", interfaces=[an_interface("10.0.0.9", "10.0.0.10")], available=251)
        snapshot = read(_scope, _now)
        world.subnet = replace(world.subnet, available=(248,))
        return snapshot

    world.read = launches_meanwhile  # type: ignore[method-assign]
    world.run()
    assert world.subjects == [RESERVED]


def test_a_view_that_was_partial_for_a_moment_is_acted_on():
    world = a_world(subnet=a_subnet("10.0.0.0/24", available=100))
    seen, read = list[datetime](), world.read

    def read_and_heal(_scope: Scope, _now: datetime) -> Snapshot:
        seen.append(_now)
        if len(seen) == 2:
            world.subnet = a_subnet("10.0.0.0/24")
        return read(_scope, _now)

    world.read = read_and_heal  # type: ignore[method-assign]
    world.run()
    assert len(seen) == 2
    assert world.subjects == [RESERVED]


def test_what_ec2_refuses_waits_for_the_next_look_and_is_not_told():
    world = a_world(refuses="InvalidParameterValue: ... has overlap with existing reserved CIDR block")
    outcome = world.run()
    assert len(outcome.results[0].refused) == 1
    assert (world.subjects, world.continued) == ([], [])
    world.refuses = ""
    world.now += RECKONED
    world.run()
    assert world.subjects == [RESERVED]


def test_more_than_one_run_may_do_is_continued_and_told_at_the_end():
    world = scattered()
    world.run()
    assert (len(world.subnet.reservations), world.subjects, world.continued) == (3, [], [[SUBNET]])
    world.run()
    assert (len(world.subnet.reservations), world.subjects, world.continued) == (6, [], [[SUBNET]] * 2)
    world.run()
    assert (len(world.subnet.reservations), world.continued) == (7, [[SUBNET]] * 2)
    assert world.subjects == [RESERVED]


def test_the_days_cap_holds_to_the_last_one():
    world = scattered()
    world.policy = replace(world.policy, max_creates_per_subnet_per_day=5, max_creates_per_run=100)
    for _ in range(5):
        world.run()
    assert len(world.subnet.reservations) == 5
    assert world.counted == 5


def test_the_days_cap_is_larger_in_a_larger_subnet():
    world = a_world(subnet=a_subnet("10.0.0.0/19", mode="steer"))
    world.policy = replace(world.policy, max_creates_per_subnet_per_day=5)
    world.run()
    assert world.counted == 10


def test_the_cap_that_another_run_used_up_meanwhile_holds_too():
    world = scattered()
    world.policy = replace(world.policy, max_creates_per_subnet_per_day=5)
    world.at_most = 0  # the other run counted after this one had read
    world.run()
    assert world.subnet.reservations == ()


def test_when_publishing_fails_the_error_escapes_and_the_next_run_tells():
    world = a_world(publishing_fails=True)
    with pytest.raises(BrokenError):
        world.run()
    assert world.subnet.reservations
    world.publishing_fails = False
    world.run()
    assert world.subjects == [RESERVED]


def test_when_remembering_fails_nothing_is_said_and_the_next_run_says_it_once():
    world = a_world(remembering_fails=True)
    with pytest.raises(BrokenError):
        world.run()
    assert world.subjects == []
    world.remembering_fails = False
    world.run()
    assert world.subjects == [RESERVED]
    world.run()
    assert world.subjects == []


def test_what_could_not_be_published_is_published_in_order_before_what_is_new():
    world = a_world(publishing_fails=True, groups=(a_group(most=3),))
    for most in (3, 3, 1):
        world.groups = (a_group(most=most),)
        with pytest.raises(BrokenError):
            world.run()
        world.now += LATER
    world.publishing_fails = False
    world.run()
    said = [each.attributes["state"] for each in world.said if each.form is Form.MAIL and of_this_subnet(each)]
    assert said == ["done", "open", "resolved"]
    assert world.outbox == []


def test_a_run_that_died_after_its_writes_is_made_up_for():
    world = a_world()
    world.subnet = a_subnet("10.0.0.0/24", reservations=[a_reservation("10.0.0.64/26"), a_reservation("10.0.0.16/28")])
    world.run()
    assert len(world.subnet.reservations) > 2
    assert world.subjects == [RESERVED]


def test_a_shortage_opens_once_and_is_resolved_when_there_is_room_again():
    world = a_world(groups=(a_group(most=3),))
    world.run()
    assert [each.split(":")[0] for each in world.subjects] == ["[INFO] done"]
    world.now += LATER
    world.run()
    assert [each for each in world.subjects if "lacks" in each] == [
        f"[WARNING] open: {SUBNET} lacks 7 of the 21 prefixes asked of it (cluster demo)"
    ]
    world.run()
    assert world.subjects == []
    world.groups = (a_group(most=1),)
    world.run()
    world.now += LATER
    world.run()
    over = f"[WARNING] resolved: {SUBNET} can hold the demand of its node groups again"
    assert [each for each in world.subjects if "hold the demand" in each] == [over]


def test_what_a_person_reserved_counts_and_is_not_told_as_ours():
    theirs = a_reservation("10.0.0.64/26", ours=False)
    world = a_world(subnet=a_subnet("10.0.0.0/24", reservations=[theirs]))
    world.run()
    assert theirs in world.subnet.reservations
    assert world.subjects == [f"[INFO] done: reserved 3 prefixes (/28) ahead of demand in {SUBNET} (cluster demo)"]


def with_a_node(launched: datetime) -> World:
    group = a_group(nodes=["i-1"], most=1)
    nodes = tuple(replace(each, launched_at=launched) for each in group.nodes)
    return a_world(groups=(replace(group, nodes=nodes),))


NO_CALLS = "[WARNING] open: EC2's API calls do not reach Headroom as events (us-east-1)"


def test_a_node_that_no_api_call_told_of_is_told_of_until_one_comes():
    world = with_a_node(NOW + timedelta(minutes=1))
    world.now = NOW + LATEST
    world.run(arrived={Kind.INSTANCES})
    assert "reach" not in " ".join(world.subjects)
    for _ in range(2):
        world.now += OVER_AFTER
        world.run()
    assert [each for each in world.subjects if "reach" in each] == [NO_CALLS]
    world.run(arrived={Kind.API_CALLS})
    world.now += OVER_AFTER
    world.run()
    assert [each for each in world.subjects if "reach" in each] == [
        NO_CALLS.replace("open: ", "resolved: no longer so: ")
    ]


@pytest.mark.parametrize(
    ("launched", "arrived"),
    [
        pytest.param(NOW - timedelta(days=1), {}, id="launched before anybody watched"),
        pytest.param(NOW + timedelta(minutes=16), {}, id="launched just now: events may be on their way"),
        pytest.param(NOW + timedelta(minutes=1), dict.fromkeys(Kind, NOW + timedelta(minutes=1)), id="both came"),
        pytest.param(
            NOW + timedelta(minutes=1), dict.fromkeys(Kind, NOW), id="the services' clocks are a minute apart"
        ),
        pytest.param(
            NOW + timedelta(minutes=1), dict.fromkeys(Kind, NOW + timedelta(minutes=30)), id="later ones came"
        ),
    ],
)
def test_nothing_is_missing(launched, arrived):
    world = with_a_node(launched)
    world.arrived = Arrivals(since=NOW, last=arrived)
    world.now = NOW + timedelta(minutes=35)
    world.run()
    known, _ = world.of_cluster("")
    assert not known.incidents
