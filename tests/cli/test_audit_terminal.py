"""The audit as a terminal shows it: true, whole commands, nothing that steers the terminal."""

import io
import os
import pty
import subprocess
import sys
from dataclasses import replace

import pytest
from rich.console import Console

from cli.audit_terminal import MOST_NAMED, show
from functions.capacity.model import Policy
from functions.report.audit import Audit, audit
from functions.report.audit.severities import NO_FINDING
from functions.report.audit.summary import troubles
from sandbox.process import ROOT
from tests.cli.program import GIVE_UP, PROGRAM, headroom
from tests.unit.report.fleet import HOSTILE, SPACE, fleet, histories

REPORT = audit(fleet(), policy=Policy(), histories=histories(), space=SPACE, where="account 111122223333, us-east-1")
SNAPSHOT = "docs/examples/snapshot.json"


def shown(width: int = 80, *, colours: bool = False, of: Audit = REPORT) -> str:
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=colours, color_system="truecolor" if colours else None)
    show(of, console)
    return out.getvalue()


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_verdict_and_what_could_not_be_read_are_said_whole(width):
    text = squeezed(shown(width))
    assert squeezed(REPORT.verdict) in text
    for each in REPORT.unknowns:
        assert squeezed(each) in text


def test_every_subnet_has_its_row_with_its_state():
    rows = {line.split()[0]: line for line in shown(200).splitlines() if line.strip().startswith("subnet-")}
    for each in REPORT.subnets:
        assert each.id in rows
    states = {each["worst"] for each in REPORT.subnets}
    assert NO_FINDING in states, "a fleet in which all is wrong proves less"
    for state in states:
        assert str(state) in shown(200)


def test_each_kind_of_trouble_is_told_once_with_its_steps_and_where_else_it_is():
    text = squeezed(shown(200))
    found = troubles(REPORT.findings)
    assert found
    for each in found:
        assert squeezed(each.findings[0].title) in text
        for other in each.where[1 : 1 + MOST_NAMED]:
            assert other in text


def test_commands_stand_on_one_line_however_narrow_the_terminal():
    lines = shown(40).splitlines()
    commands = [
        line.strip()
        for each in troubles(REPORT.findings)
        for step in each.findings[0].remedy
        for line in step.splitlines()[1:]
        if line.strip().startswith("aws ")
    ]
    assert any(len(each) > 80 for each in commands)
    for each in commands:
        assert f"     {each}" in lines


def test_names_from_tags_do_not_steer_the_terminal():
    assert any(not c.isprintable() for c in HOSTILE), "the fleet has a name that would"
    assert all(c.isprintable() or c == "\n" for c in shown())
    assert HOSTILE not in shown(colours=True)


def test_markup_in_a_name_stays_text():
    first, *others = fleet().subnets
    named = replace(first, tags={**first.tags, "Name": "[red]pods[/red][/]"})
    assert "[red]pods[/red][/]" in shown(of=audit(replace(fleet(), subnets=(named, *others)), policy=Policy()))


def on_a_terminal(*arguments: str) -> tuple[str, int]:
    """What a person sees, by a pseudo-terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "AWS_EC2_METADATA_DISABLED": "true"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, env=environment, stdout=theirs, stdin=theirs
    ) as run:
        os.close(theirs)
        read = bytearray()
        while part := _read(ours):
            read += part
        return read.decode(), run.wait(GIVE_UP)


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux's answer when nobody holds the other end any more
        return b""


def test_a_terminal_gets_the_digest_and_a_pipe_gets_markdown():
    seen, status = on_a_terminal("audit", "--snapshot", SNAPSHOT)
    piped = headroom("audit", "--snapshot", SNAPSHOT)
    assert "oooooooo.......x" in seen
    assert "# Headroom audit" not in seen
    assert piped.stdout.startswith("# Headroom audit\n")
    assert status == piped.returncode == 2


def test_asked_for_by_name_a_terminal_gets_markdown_too():
    seen, _ = on_a_terminal("audit", "--snapshot", SNAPSHOT, "--format", "md")
    assert seen.startswith("# Headroom audit")
