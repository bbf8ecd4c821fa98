"""docs/command-line.md: each command in it prints just what stands there, and ends as it says."""

import re
import shlex
from collections.abc import Iterator

import pytest

from sandbox.process import ROOT
from tests.cli.program import headroom

BLOCK = re.compile(r"```\n\$ headroom (?P<arguments>[^\n]*)\n(?P<printed>.*?)```\nExit code (?P<code>\d)\.", re.DOTALL)


def blocks() -> Iterator[tuple[str, str, int]]:
    for found in BLOCK.finditer((ROOT / "docs" / "command-line.md").read_text()):
        yield found["arguments"], found["printed"], int(found["code"])


@pytest.mark.parametrize(("arguments", "printed", "code"), list(blocks()), ids=lambda value: str(value)[:40])
def test_it_prints_what_the_page_says(arguments, printed, code):
    done = headroom(*shlex.split(arguments))
    assert (done.stdout + done.stderr).rstrip() == printed.rstrip()
    assert done.returncode == code


def test_the_page_has_commands():
    assert len(list(blocks())) >= 8
