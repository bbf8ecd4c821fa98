"""Whatever stage of the product is broken, the demo fails and says what it did not see."""

import io
import json
import re
import zipfile
from dataclasses import replace

import pytest

from sandbox.demo.listener import NotSeenError
from sandbox.demo.play import play_with
from sandbox.demo.scenario import Scenario
from sandbox.process import ROOT

SHORT = replace(
    Scenario(),
    cidr="10.0.0.0/23",
    mode="ahead",
    other_workloads=30,
    history_ticks=2,
    nodes_after=4,
    lead_ticks=2,
    ticks_per_node=1,
    end_ticks=1,
)


def forbid_publishing(aws, deployment):
    """The role loses sns:Publish."""
    iam, function = aws.client("iam"), deployment.outputs["ReconcileFunction"]
    role = aws.client("lambda").get_function(FunctionName=function)["Configuration"]["Role"].rsplit("/", 1)[-1]
    changed = 0
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        kept = [each for each in document["Statement"] if "sns:Publish" not in each["Action"]]
        changed += len(document["Statement"]) - len(kept)
        text = json.dumps(document | {"Statement": kept})
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=text)
    assert changed == 1


def misspell_the_rules(aws, _):
    """No rule's pattern matches what EKS sends."""
    events = aws.client("events")
    ours = [each for each in events.list_rules()["Rules"] if "aws.eks" in each.get("EventPattern", "")]
    assert ours
    for rule in ours:
        events.put_rule(Name=rule["Name"], EventPattern=rule["EventPattern"].replace("aws.eks", "aws.esk"))
    _switch_off_auto_scaling(events)


def _switch_off_auto_scaling(events) -> None:
    """UpdateNodegroupConfig resizes the group too, which is another way to hear of it."""
    for rule in events.list_rules()["Rules"]:
        if "aws.autoscaling" in rule.get("EventPattern", ""):
            events.disable_rule(Name=rule["Name"])


def plan_nothing(aws, deployment):
    """The planner returns an empty plan, whatever it is asked."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as code:
        for path in sorted((ROOT / "functions").rglob("*.py")):
            text = path.read_text()
            if path.name == "plan.py":
                text = re.sub(r"^def plan\(", "def planned(", text, flags=re.MULTILINE)
                text += "\n\ndef plan(analysis, policy, *, created_today, history=()):\n"
                text += "    return Plan(subnet_id=analysis.subnet.id)\n"
            code.writestr(path.relative_to(ROOT).as_posix(), text)
    name = deployment.outputs["ReconcileFunction"]
    aws.client("lambda").update_function_code(FunctionName=name, ZipFile=archive.getvalue())


def switch_off(aws, deployment):
    """The kill switch says observe."""
    name = deployment.outputs["SwitchParameter"]
    aws.client("ssm").put_parameter(Name=name, Value="observe", Type="String", Overwrite=True)


def test_the_short_story_succeeds_when_nothing_is_broken(tmp_path, assembly):
    play = play_with(SHORT, tmp_path, print, app=assembly)
    assert play.reservations
    assert play.alerts
    assert play.tally.nodes == SHORT.nodes_after


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        pytest.param(forbid_publishing, "a reconcile failed", id="the Lambda may not publish"),
        pytest.param(misspell_the_rules, "no reservation", id="the rules match nothing"),
        pytest.param(plan_nothing, "no reservation", id="the planner returns nothing"),
        pytest.param(switch_off, "no reservation", id="the switch is off"),
    ],
)
def test_a_broken_stage_makes_the_demo_fail(break_it, complaint, tmp_path, assembly):
    with pytest.raises(NotSeenError, match=complaint):
        play_with(SHORT, tmp_path, print, app=assembly, after_deployment=break_it)
