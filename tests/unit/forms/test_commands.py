"""What is to be typed: in the region and the cluster that the alert is about, and as AWS's command line takes it."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.findings.finding import FindingId
from functions.capacity.forms.alert import STEP, Place, alert
from functions.capacity.forms.commands import aimed
from functions.capacity.forms.paging import DESCRIPTION
from functions.capacity.incidents import State
from functions.capacity.wording import Form
from sandbox.demo.published_schemas import breaches
from tests.builders import NOW
from tests.unit.findings.samples import SAMPLES
from tests.unit.findings.test_commands import problems
from tests.unit.forms.changes import PLACE, WORD, a_change, an_alert

LINKED = replace(PLACE, runbooks="https://git.example.com/platform/headroom/-/blob/v1.2/docs/runbooks/")

AIMED = [
    pytest.param("See:\naws ec2 describe-vpcs", "aws --region eu-west-1 ec2 describe-vpcs", id="without options"),
    pytest.param(
        "See:\naws eks describe-cluster --name demo",
        "aws --region eu-west-1 eks describe-cluster --name demo",
        id="a call",
    ),
    pytest.param(
        'See:\nX="$(aws ssm get-parameter --name x | aws s3 ls )"',
        'X="$(aws --region eu-west-1 ssm get-parameter --name x | aws --region eu-west-1 s3 ls )"',
        id="calls inside of others, and after a pipe",
    ),
    pytest.param("See:\n/opt/aws eks x --y", "/opt/aws eks x --y", id="what only ends like it"),
    pytest.param(
        "Move:\nkubectl cordon -l x=y",
        "aws --region eu-west-1 eks update-kubeconfig --name 'de mo'\nkubectl cordon -l x=y",
        id="kubectl goes to the cluster that is meant",
    ),
    pytest.param(
        "See:\naws eks update-kubeconfig --name other\nkubectl get pods",
        "aws --region eu-west-1 eks update-kubeconfig --name other\nkubectl get pods",
        id="unless the step says to which itself",
    ),
]


@pytest.mark.parametrize(("step", "commands"), AIMED)
def test_commands_are_aimed(step, commands):
    assert aimed(step, cluster="de mo", region="eu-west-1").partition("\n")[2] == commands


@pytest.mark.parametrize(
    ("cluster", "region", "aws"),
    [
        pytest.param("demo", "", "aws eks update-kubeconfig --name demo\n", id="no region is known"),
        pytest.param("", "eu-west-1", "", id="no cluster is known"),
        pytest.param(
            "demo", "eu west; rm", "aws eks update-kubeconfig --name demo\n", id="what is no region is left out"
        ),
    ],
)
def test_what_is_not_known_is_left_out(cluster, region, aws):
    assert aimed("See:\nkubectl get pods", cluster=cluster, region=region) == f"See:\n{aws}kubectl get pods"


def test_words_alone_stay_as_they_are():
    assert aimed("ask aws ec2 support about it", cluster="demo", region="eu-west-1") == "ask aws ec2 support about it"


@pytest.mark.parametrize("id_", SAMPLES, ids=str)
def test_each_command_names_the_region_and_still_is_one(id_):
    commands = "\n".join(each.partition("\n")[2] for each in an_alert(SAMPLES[id_]).steps)
    calls = re.findall(r"\baws (?=[a-z-])(?:--region (\S+) )?([a-z0-9-]+) ([a-z-]+) ", commands)
    assert {region for region, _, _ in calls} <= {PLACE.region}
    assert not list(problems(commands.replace(f"aws --region {PLACE.region} ", "aws ")))
    assert not subprocess.run(["bash", "-n"], input=commands, text=True, capture_output=True, check=False).stderr


@pytest.mark.parametrize("id_", SAMPLES, ids=str)
def test_a_steps_kubectl_is_pointed_at_a_cluster_first(id_):
    for step in an_alert(SAMPLES[id_]).steps:
        commands = step.partition("\n")[2]
        if "kubectl " in commands:
            assert "update-kubeconfig" in commands.partition("kubectl ")[0]


def test_a_step_that_is_too_long_is_told_without_half_of_its_commands():
    long = replace(SAMPLES[FindingId.SHORTAGE], remedy=("Do this:\n" + "aws ec2 describe-vpcs --x y\n" * 300,))
    (step,) = an_alert(long).steps
    assert step == "Do this: (too long for a message: see the runbook)"
    assert len(step) <= STEP


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("id_", SAMPLES, ids=str)
def test_the_runbook_is_a_link_where_the_deployment_says_where_they_are(id_, form):
    said = WORD[form](alert(a_change(SAMPLES[id_]), LINKED, NOW))
    link = f"https://git.example.com/platform/headroom/-/blob/v1.2/docs/runbooks/{id_}.md"
    text = said.body if form is Form.MAIL else "\n".join(_texts(json.loads(said.body)))
    assert re.search(rf"^(Runbook: )?{re.escape(link)}$", text, flags=re.MULTILINE)
    assert breaches(said) == []


def test_a_page_always_has_its_runbook_and_no_half_command():
    remedy = tuple(f"Step {n}:\naws ec2 describe-vpcs --filters Name=x,Values={'y' * 300}" for n in range(9))
    finding = replace(SAMPLES[FindingId.SHORTAGE], means="w" * 900, remedy=remedy)
    body = json.loads(WORD[Form.PAGING](alert(a_change(finding), LINKED, NOW)).body)
    *_, last = body["AlarmDescription"].splitlines()
    assert len(body["AlarmDescription"]) <= DESCRIPTION
    assert last.startswith("Runbook: https://")
    assert "yyy..." not in body["AlarmDescription"]


def test_chat_has_the_first_steps_commands_and_says_where_the_others_are():
    step = "Step:\naws ec2 describe-vpcs --filters Name=x,Values=" + "y" * 800
    finding = replace(SAMPLES[FindingId.SHORTAGE], remedy=(step,) * 5)
    steps = json.loads(WORD[Form.CHAT](an_alert(finding)).body)["content"]["nextSteps"]
    assert ["```" in each for each in steps] == [True, True, True, False, False]
    assert steps[3] == "Step: (the command is in the mail)"


def test_without_a_url_the_page_is_named_and_not_pretended_to_be_a_link():
    assert Place().runbook("x") == "docs/runbooks/x.md in the repository that Headroom was deployed from"


@pytest.mark.parametrize("state", [State.OPEN, State.WORSE, State.REMINDED])
def test_what_was_done_is_always_said(state):
    assert all("\nDone:\n" in WORD[Form.MAIL](an_alert(each, state)).body for each in SAMPLES.values())


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.splitlines()
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


@pytest.mark.parametrize("name", ["aws ec2 x y", "my aws eks nodes group", "it's aws eks nodes group", "'aws ec2 x y"])
def test_names_that_read_like_calls_stay_names(name):
    step = aimed(f"See:\naws eks describe-cluster --name {shlex.quote(name)} --x y", cluster="", region="eu-west-1")
    assert shlex.split(step.partition("\n")[2])[:3] == ["aws", "--region", "eu-west-1"]
    assert shlex.split(step.partition("\n")[2])[-3] == name
