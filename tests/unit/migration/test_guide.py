"""docs/migration.md has a row for each step that there is, and says what each of its own options is for."""

import re
from pathlib import Path

from typer.main import get_command

from cli.app import program

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "migration.md").read_text()
CODE = ROOT / "functions" / "capacity" / "migration"
ID = re.compile(r'\bid=f?"([a-z-]+)(:\{[^}]+\})?"')


def in_the_code() -> set[str]:
    return {found[1] for path in CODE.glob("*.py") for found in ID.finditer(path.read_text())} - {"scr-planned-"}


def in_the_page() -> list[str]:
    table = PAGE.split("## The steps")[1].split("\n\n")[0]
    rows = [each for each in table.splitlines() if each.startswith("| `")]
    return [re.sub(":.*", "", name) for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_each_step_has_a_row():
    assert sorted(in_the_page()) == sorted(in_the_code())


def test_each_option_that_is_the_migrations_own_is_explained():
    ours = {option for each in get_command(program()).commands["migrate"].params for option in each.opts}  # type: ignore[attr-defined]
    own = ours - {
        "--snapshot",
        "--json",
        "--profile",
        "--region",
        "--account-role",
        "--external-id",
        "--stack",
        "cluster",
    }
    assert {"--apply", "--keep"} <= own
    assert {each for each in own if each not in PAGE} == set()
