"""`headroom migrate --apply`: each step shown, confirmed and seen to be done, and nothing else written."""

import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from cli.migrating.apply import Apply, Stopped
from functions.aws.migrating import Migrating
from functions.capacity.clusters import HealthIssue
from functions.capacity.migration.new_groups import version_mark
from functions.capacity.migration.situation import Choices, Situation
from functions.capacity.migration.steps import Call
from tests.builders import a_group, a_subnet
from tests.cli.test_migrate import GROUP, NEW
from tests.unit.migration.situations import (
    BLOCKS,
    SINGLES,
    WORKERS,
    a_situation,
    group_with,
    of_group,
    switched,
    template,
)


@dataclass
class Told:
    """A person who answers so, and what they were shown."""

    answers: list[bool]
    heard: list[str] = field(default_factory=list)

    def confirm(self, question: str) -> bool:
        self.heard.append(question)
        return self.answers.pop(0)


@dataclass
class Views:
    """Looks that follow each other, one for each write; the last one stays. Writes are only written down."""

    views: list[Situation]
    choices: Choices = field(default_factory=Choices)
    made: list[Call] = field(default_factory=list)

    def now(self) -> Situation:
        return replace(self.views[min(len(self.made), len(self.views) - 1)], choices=self.choices)

    def migrating(self) -> Any:
        return self

    def do(self, call: Call) -> None:
        self.made.append(call)


NEW_GROUP = a_group(name=NEW, nodes=["i-2"])
BESIDE = {NEW: of_group(NEW_GROUP, replaces=GROUP)}
BOTH = a_situation(
    WORKERS,
    NEW_GROUP,
    cluster=switched(),
    subnets=[a_subnet(interfaces=[SINGLES, BLOCKS])],
    described=BESIDE,
)
EMPTIED = a_situation(
    group_with(nodes=(), desired_size=0),
    NEW_GROUP,
    cluster=switched(),
    subnets=[a_subnet(interfaces=[BLOCKS])],
    described=BESIDE,
)
GONE = a_situation(NEW_GROUP, cluster=switched(), subnets=[a_subnet(interfaces=[BLOCKS])], described=BESIDE)


def applied(views: Sequence[Situation], answers: Sequence[bool] = (), *, yes: bool = False) -> tuple[Views, Told, str]:
    """What was written, what was asked, and why it stopped; empty where it came to the end."""
    look, told = Views(views=list(views)), Told(answers=list(answers))
    try:
        Apply(look=look, say=told.heard.append, confirm=told.confirm, yes=yes).run()  # type: ignore[arg-type]
    except Stopped as reason:
        return look, told, str(reason)
    return look, told, ""


@pytest.fixture
def clock(monkeypatch) -> list[float]:
    slept = list[float]()
    monkeypatch.setattr(time, "sleep", slept.append)
    return slept


@pytest.mark.usefixtures("clock")
def test_each_step_is_shown_and_confirmed():
    look, told, stopped = applied([BOTH, EMPTIED, GONE], [True, True, True, True])
    assert stopped == ""
    assert [each.operation for each in look.made] == ["update_nodegroup_config", "delete_nodegroup"]
    questions = [each for each in told.heard if each.endswith("?")]
    assert questions == [
        "Done (kubectl get nodes shows them as SchedulingDisabled)?",
        "Done (only DaemonSets' pods are left on them)?",
        "Do it?",
        "Do it?",
    ]
    assert any(look.made[0].command in each for each in told.heard)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("answers", "written", "says"),
    [
        pytest.param([False], 0, "cordon is still to be done; then go on with --done cordon", id="not cordoned"),
        pytest.param([True, True, False], 0, "scale-down:workers was not confirmed", id="not scaled down"),
        pytest.param([True, True, True, False], 1, "delete:workers was not confirmed", id="not deleted"),
    ],
)
def test_a_no_stops_it_before_anything_is_done(answers, written, says):
    look, _, stopped = applied([BOTH, EMPTIED, GONE], answers)
    assert (len(look.made), stopped) == (written, says)


@pytest.mark.usefixtures("clock")
def test_a_yes_to_all_is_none_to_deleting():
    look, told, stopped = applied([EMPTIED, GONE], [False], yes=True)
    assert (look.made, stopped) == ([], "delete:workers was not confirmed")
    assert "cannot be brought back" in told.heard[-1]


@pytest.mark.usefixtures("clock")
def test_a_yes_to_all_does_no_persons_work():
    look, _, stopped = applied([BOTH], yes=True)
    assert (look.made, stopped) == (
        [],
        "cordon is yours to do, by the commands above; then go on with --done cordon",
    )


def test_a_write_that_aws_does_not_show_stops_it(clock):
    look, _, stopped = applied([EMPTIED], [True])
    assert (len(look.made), sum(clock) >= 180) == (1, True)
    assert stopped == "delete:workers: after 3 minutes AWS does not show that EKS does not list it any more"


@pytest.mark.usefixtures("clock")
def test_what_is_under_way_is_waited_for_and_not_begun_again():
    ending = replace(
        EMPTIED,
        snapshot=replace(EMPTIED.snapshot, node_groups=(group_with(desired_size=0), NEW_GROUP)),
        choices=Choices(),
    )
    look = Views(views=[ending], choices=Choices(done=frozenset({"cordon", "drain:workers"})))
    with pytest.raises(Stopped, match="after 60 minutes AWS does not show"):
        Apply(look=look, say=lambda text: None, confirm=lambda text: True).run()  # type: ignore[arg-type]
    assert look.made == []


@dataclass
class Undone(Views):
    """Somebody undoes what was just done: each look shows the next view."""

    looks: int = 0

    def now(self) -> Situation:
        self.looks += 1
        return replace(self.views[min(self.looks, len(self.views)) - 1], choices=self.choices)


@pytest.mark.usefixtures("clock")
def test_what_somebody_undoes_is_not_done_again_and_again():
    look = Undone(views=[BOTH, EMPTIED, BOTH], choices=Choices(done=frozenset({"cordon", "drain:workers"})))
    with pytest.raises(Stopped, match="scale-down:workers was done, and AWS does not show it"):
        Apply(look=look, say=lambda text: None, confirm=lambda text: True).run()  # type: ignore[arg-type]
    assert len(look.made) == 1


@pytest.mark.usefixtures("clock")
def test_a_decision_that_is_still_to_be_made_stops_it_before_the_first_write():
    sick = replace(NEW_GROUP, issues=(HealthIssue(code="AsgInstanceLaunchFailures", message="x"),))
    of = a_situation(
        WORKERS, sick, cluster=switched(), subnets=[a_subnet(interfaces=[SINGLES, BLOCKS])], described=BESIDE
    )
    look, _, stopped = applied([of], yes=True)
    assert (look.made, stopped) == (
        [],
        "new-group:workers needs a decision: workers-prefix: AsgInstanceLaunchFailures: x",
    )


def test_a_launch_templates_version_is_known_again_by_its_description(aws):
    ec2 = aws.client("ec2")
    made = ec2.create_launch_template(LaunchTemplateName="described", LaunchTemplateData={"ImageId": "ami-1"})
    id_ = made["LaunchTemplate"]["LaunchTemplateId"]
    group = group_with(template=replace(template(""), id=id_, version="1"))
    migrating, marks = Migrating(eks=aws.client("eks"), ec2=ec2), {GROUP: version_mark(GROUP, 110)}
    assert migrating.template_versions([group], marks) == {}
    data = {"LaunchTemplateId": id_, "SourceVersion": "1", "LaunchTemplateData": {"UserData": "eA=="}}
    call = Call(service="ec2", operation="create_launch_template_version", arguments=data)
    migrating.do(replace(call, arguments={**deepcopy(data), "VersionDescription": marks[GROUP]}))
    migrating.do(call)
    assert migrating.template_versions([group], marks) == {GROUP: "2"}
    ec2.delete_launch_template(LaunchTemplateId=id_)


def test_nothing_else_is_ever_written(aws):
    migrating = Migrating(eks=aws.client("eks"), ec2=aws.client("ec2"))
    with pytest.raises(ValueError, match="is no part of a migration"):
        migrating.do(Call(service="eks", operation="delete_cluster", arguments={"name": "x"}))
