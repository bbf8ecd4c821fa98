"""README, docs/command-line.md and the tutorial: each command prints just what stands there, and ends as it says."""

import re
import shlex
from collections.abc import Iterator

import pytest

from sandbox.process import ROOT
from tests.cli.program import headroom

BLOCK = re.compile(r"```\n\$ headroom (?P<arguments>[^\n]*)\n(?P<printed>.*?)```\nExit code (?P<code>\d)\.", re.DOTALL)


PAGES = {"command-line.md": 8, "tutorial.md": 3}  # and how many commands each has at least


def blocks(page: str) -> Iterator[tuple[str, str, int]]:
    for found in BLOCK.finditer((ROOT / "docs" / page).read_text()):
        yield found["arguments"], found["printed"], int(found["code"])


EVERY = list(dict.fromkeys(each for page in PAGES for each in blocks(page)))


@pytest.mark.parametrize(("arguments", "printed", "code"), EVERY, ids=lambda value: str(value)[:40])
def test_it_prints_what_the_page_says(arguments, printed, code):
    done = headroom(*shlex.split(arguments))
    assert (done.stdout + done.stderr).rstrip() == printed.rstrip()
    assert done.returncode == code


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_commands(page):
    assert len(list(blocks(page))) >= PAGES[page]


README = [
    (arguments, printed)
    for block in re.findall(r"```\n(\$ headroom .*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    for arguments, _, printed in (part.partition("\n") for part in block.split("$ headroom ")[1:])
]


@pytest.mark.parametrize(("arguments", "printed"), README, ids=[arguments[:40] for arguments, _ in README])
def test_it_prints_what_the_readme_says(aws, arguments, printed):
    done = headroom(*shlex.split(arguments), environment=aws.environment)
    assert (done.stdout.rstrip(), done.stderr, done.returncode) == (printed.rstrip(), "", 0)


def test_the_readme_has_commands():
    assert len(README) >= 3
