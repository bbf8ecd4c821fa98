"""What was published is not published again, also where the table lets nothing be deleted."""

from tests.simulation.faults import Fault, Kind
from tests.simulation.kills import Stage, a_stage
from tests.simulation.notices import OUTBOX

DENIED = Fault(kind=Kind.DENY, service="dynamodb", operation="delete_item")


def a_day(*faults: Fault) -> Stage:
    """A group outgrows its subnet, shrinks again, and people are told of it."""
    stage = a_stage("ahead")
    stage.world.faults.active.extend(faults)
    for size in (9, 9, 9, 0, 0, 0, 0):
        stage.world.cluster.scale("workers", size)
        stage.sweep()
        stage.world.run_for(600)
    return stage


def heard(stage: Stage) -> list[tuple[str, str]]:
    return [(each.form, each.subject) for each in stage.world.topic.delivered]


def test_while_nothing_may_be_deleted_each_message_is_published_once():
    undisturbed, denied = a_day(), a_day(DENIED)
    assert {each.attributes["state"] for each in denied.world.topic.delivered} >= {"done", "open", "resolved"}
    assert heard(denied) == heard(undisturbed)
    assert denied.observer.breaks == []
    assert list(denied.observer.heard.undelivered()) == []


def test_what_may_not_be_deleted_is_left_empty_to_the_tables_expiry():
    stage = a_day(DENIED)
    left = stage.world.table.under(OUTBOX)
    assert len(left) == len(heard(stage))
    assert not any("message" in each for each in left.values())
    stage.world.table.expire(stage.world.clock.now + 1)
    assert stage.world.table.under(OUTBOX) == {}
