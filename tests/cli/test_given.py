"""What is given at the command line becomes what typer makes of it, without pydantic where that is not needed."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import pytest
import typer
from typer.core import TyperCommand
from typer.main import get_command

from cli.app import COMMANDS, program
from cli.given import Command
from sandbox.process import ROOT

CALLS = [
    "audit",
    "audit --snapshot f.json --format html --cluster c",
    "audit --earlier a.json --earlier b.json",
    "audit --format pdf",
    "audit --format",
    "plan --mode steer --json",
    "plan --mode=ahead --region= --profile x",
    "plan --mode observe",
    "plan extra",
    "simulate --add 2xm5.large --orders 7 --subnet s-1 --subnet s-2 --with-headroom",
    "simulate --orders 0",
    "simulate --orders many",
    "simulate --to -1 --without",
    "migrate demo --keep a --types b=m5.large --mode steer",
    "migrate",
    "explain subnet-1 --stack S",
    "map subnet-1 --svg out.svg",
    "max-pods --instance-type m5.large --instance-type c5.large --os windows --ip-family ipv4 --cni-max-eni 3",
    "max-pods --cni-max-eni 0 --instance-type m5.large",
    "max-pods",
    "give-back --subnet s-1 --apply",
    "snapshot --cluster c",
]


def parsed(call: str, kind: type[TyperCommand]) -> object:
    """The values that the command would be called with, or what is said against them."""
    name, *arguments = call.split()
    given = dict[str, Any]()
    app = typer.Typer()
    app.command(name, cls=kind)(_recording(program(name).registered_commands[0].callback, given))
    try:
        get_command(app).main([*arguments], standalone_mode=False)
    except typer.TyperException as error:
        return error.format_message()
    assert given
    return {key: (type(value), value) for key, value in given.items()}


def _recording(command: Any, into: dict[str, Any]) -> Callable[..., None]:
    def record(**values: Any) -> None:
        into.update(values)

    return update_wrapper(record, command)


@pytest.mark.parametrize("call", CALLS)
def test_it_is_what_typer_makes_of_it(call):
    assert parsed(call, Command) == parsed(call, TyperCommand)


def test_each_command_is_tried():
    assert {each.split()[0] for each in CALLS} == set(COMMANDS)


def test_an_audit_of_a_snapshot_loads_nothing_that_it_does_not_need():
    """Texts, paths and choices take no pydantic, a file no AWS, JSON no YAML, Markdown no picture, a pipe no rich."""
    code = (
        "import os, sys, json\nfrom cli.main import main\nos._exit = sys.exit\n"
        "sys.argv[1:] = ['audit', '--snapshot', 'docs/examples/snapshot.json', '--format', 'md', '--stack', 'S']\n"
        "try: main()\nfinally: print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    loaded = set(json.loads(done.stderr))
    assert {"cli.audit", "typer"} <= loaded
    others = {"pydantic", "rich", "boto3", "botocore", "yaml", "cli.migrate", "functions.report.subnet_map"}
    assert not loaded & others
