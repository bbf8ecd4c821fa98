"""The table of the guide's sentences: complete, and true about where each finding is tested."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.capacity.findings.finding import FindingId

ROOT = Path(__file__).parent.parent.parent.parent
LINK = re.compile(r"\[([a-z0-9-]+)\]\(runbooks/([a-z0-9-]+)\.md\)")


def rows() -> Iterator[tuple[list[str], list[str]]]:
    """The findings and the test files of each row."""
    for line in (ROOT / "docs" / "guide.md").read_text().splitlines():
        cells = line.split(" | ")
        if links := LINK.findall(line if line.startswith("|") else ""):
            assert all(name == page for name, page in links), line
            yield [name for name, _ in links], cells[-1].removesuffix(" |").split(", ")


def test_every_finding_stands_in_the_table_and_no_other():
    assert {name for names, _ in rows() for name in names} == {each.value for each in FindingId}


@pytest.mark.parametrize(("names", "tests"), list(rows()), ids=", ".join)
def test_each_finding_is_tested_where_the_table_says(names, tests):
    text = "".join((ROOT / each).read_text() for each in tests)
    missing = [name for name in names if not any(spelt in text for spelt in spellings(name))]
    assert missing == []


def spellings(name: str) -> tuple[str, ...]:
    """As an id, as a check's name, and as the enumeration's."""
    return name, name.replace("-", "_"), f"FindingId.{FindingId(name).name}"
