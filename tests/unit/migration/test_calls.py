"""Every call is one that AWS's models take, and every command shown is one that its command line has."""

import shlex
import subprocess

import pytest
from botocore.validate import ParamValidator

from functions.aws.migrating import WRITES
from functions.capacity.clusters import Addon, Family, Origin, Os
from functions.capacity.migration.steps import Call
from tests.builders import a_cluster, a_group
from tests.unit.findings.test_commands import aws_models, problems
from tests.unit.findings.views import settings
from tests.unit.migration.situations import WORKERS, a_situation, chosen, group_with, steps, template

OWN = group_with(
    name="own", family=Family.AL2, own_ami=True, template=template("#!/bin/bash\n/etc/eks/bootstrap.sh demo\n")
)
OLD = a_cluster(cni=settings(prefix_delegation=False, version=(1, 8, 0)), addon=Addon(version=(1, 8, 0)))
UNREADABLE = group_with(OWN, name="odd", template=template("#!/bin/bash\n"))
SITUATIONS = (
    a_situation(WORKERS, OWN, UNREADABLE, configuration="a: 'b'\nc: 1\n"),
    a_situation(cluster=OLD, default_version="v1.20.0-eksbuild.1"),
    a_situation(cluster=OLD),
    a_situation(cluster=a_cluster(cni=None, addon=None)),
    a_situation(group_with(os=Os.WINDOWS), cluster=a_cluster(cni=None, addon=None)),
    a_situation(group_with(instance_types=("c4.large",)), choices=chosen()),
    *(a_situation(a_group(name="a b", nodes=["i-1"]), group_with(origin=each, own_ami=True)) for each in Origin),
)
STEPS = [each for of in SITUATIONS for each in steps(of).values()]
CALLS = [call for step in STEPS for call in step.calls]


def test_every_kind_of_write_is_among_them():
    assert {(each.service, each.operation) for each in CALLS} == WRITES


@pytest.mark.parametrize("call", CALLS, ids=lambda each: each.operation)
def test_aws_takes_the_call(call):
    name = "".join(each.capitalize() for each in call.operation.split("_"))
    shape = aws_models().get_service_model(call.service).operation_model(name).input_shape
    assert shape is not None
    assert ParamValidator().validate(call.arguments, shape).generate_report() == ""


@pytest.mark.parametrize("step", STEPS, ids=lambda each: each.id)
def test_the_commands_shown_exist(step):
    text = "\n".join(step.commands)
    before_pipes = "\n".join(line.partition(" | ")[0] for line in text.splitlines())
    assert not list(problems(before_pipes.replace("--cli-input-json", "")))
    assert step.check
    scripts = "\n".join(each for each in text.splitlines() if each.startswith(("aws ", "kubectl ")))
    shell = subprocess.run(["bash", "-n"], input=scripts, text=True, capture_output=True, check=False)
    assert not shell.stderr


@pytest.mark.parametrize("text", ["plain", "two words", "it's", "a\nb's \\ c\n", '{"a": 1}'])
def test_a_command_carries_its_texts_unharmed(text):
    call = Call(service="eks", operation="update_addon", arguments={"configurationValues": text})
    assert call.command.startswith("aws eks update-addon --configuration-values ")
    printed = call.command.replace("aws eks update-addon --configuration-values", "printf %s", 1)
    done = subprocess.run(["bash", "-c", f"{printed}; printf ."], text=True, capture_output=True, check=True)
    assert done.stdout == f"{text}."
    assert "\n" not in call.command
    assert shlex.quote(text) in call.command or "\n" in text
