"""Stories: who hears of what, in which form, whatever a topic refuses."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.capacity.findings.finding import FindingId
from functions.capacity.mutes import MUTE_TAG, NOTHING, of_parameter
from functions.capacity.wording import Form
from tests.builders import NOW, SUBNET, a_cluster, a_group, a_subnet, an_interface
from tests.fakes import BrokenError, World
from tests.unit.stories import LATER, a_world


def short_world() -> World:
    """A shortage for nodes that are wanted now: critical, told at once."""
    return a_world(groups=(a_group(desired=3, most=3),))


def forms_of(world: World) -> list[tuple[Form, str]]:
    """Form and state of all that was said of the shortage."""
    short = [each for each in world.said if each.attributes["finding"] == FindingId.SHORTAGE]
    return [(each.form, each.attributes["state"]) for each in short]


def test_what_is_critical_is_mailed_and_chatted_and_paged_and_so_is_its_end():
    world = short_world()
    world.run()
    assert forms_of(world) == [(Form.MAIL, "open"), (Form.CHAT, "open"), (Form.PAGING, "open")]
    world.said, world.groups = [], (a_group(most=1),)
    for _ in range(2):
        world.now += LATER
        world.run()
    assert forms_of(world) == [(Form.MAIL, "resolved"), (Form.CHAT, "resolved"), (Form.PAGING, "resolved")]


def test_a_topic_that_fails_holds_back_no_other_and_gets_its_own_later():
    world = short_world()
    world.unheard = frozenset({Form.CHAT})
    with pytest.raises(BrokenError):
        world.run()
    assert forms_of(world) == [(Form.MAIL, "open"), (Form.PAGING, "open")]
    world.unheard, world.said = frozenset(), []
    world.run()
    assert forms_of(world) == [(Form.CHAT, "open")]
    assert world.outbox == []


def test_a_message_that_sns_will_never_take_holds_back_no_other_and_is_told_of():
    world = short_world()
    world.refuses_to_publish = '"source": "custom"'
    world.run()
    assert forms_of(world) == [(Form.MAIL, "open"), (Form.PAGING, "open")]
    left_out = [each for each in world.said if each.attributes["finding"] == FindingId.MESSAGE_REFUSED]
    assert [each.form for each in left_out] == [Form.MAIL, Form.MAIL], "of the reservations and of the shortage"
    assert "for chat could not be sent" in left_out[0].body
    assert world.outbox == []


@pytest.mark.parametrize("by", ["a tag of the subnet", "a tag of the cluster", "the parameter"])
def test_what_people_muted_is_followed_in_silence_and_told_once_they_want_to_hear_it(by):
    world = short_world()
    loud = world.subnet
    if by == "the parameter":
        world.muted = of_parameter(f"{FindingId.SHORTAGE}@{SUBNET}")
    elif by == "a tag of the subnet":
        world.subnet = replace(loud, tags={**loud.tags, MUTE_TAG: f"x {FindingId.SHORTAGE}"})
    else:
        world.clusters = {"demo": a_cluster(mutes="all")}
    world.run()
    assert forms_of(world) == []
    world.muted, world.clusters = NOTHING, {}
    world.subnet = replace(world.subnet, tags=loud.tags)
    world.now += LATER
    world.run()
    assert forms_of(world)[0] == (Form.MAIL, "open")
    assert f"since {NOW:%Y-%m-%d %H:%M} UTC" in world.said[-3].body


def test_a_steered_subnets_shortage_that_its_own_draining_covers_is_not_told_for_a_day():
    others = [an_interface(f"10.0.0.{16 * n}", interface_id=f"eni-{n}") for n in range(2, 12)]
    world = a_world(subnet=a_subnet(mode="steer", interfaces=others), groups=(a_group(desired=0),))
    said = list[str]()
    for hours in (0, 1, 10, 14):
        world.now = NOW + timedelta(hours=hours)
        outcome = world.run()
        said += world.subjects
    assert outcome.results[0].look.analysis.missing
    assert not [each for each in said if "lacks" in each]
    world.now = NOW + timedelta(hours=30)
    world.run()
    assert [each for each in world.subjects if "lacks" in each]
