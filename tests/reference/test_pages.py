"""Pages that are made of the code say what the code says, and all of it."""

import json
import re
from pathlib import Path

import pytest

from infra.config import KEYS
from reference import DOCS, PAGES
from tests.test_import_rules import ROOT

TAG = re.compile(r'"(headroom:[a-z-]+)"')
VARIABLE = re.compile(r'"(HEADROOM_[A-Z_]+)"')


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_not_stale(name):
    assert (DOCS / name).read_text() == PAGES[name](), f"docs/{name} is stale: run `make docs`"


def test_the_configuration_has_a_row_for_each_key_of_cdk_json():
    shipped = json.loads((ROOT / "cdk.json").read_text())["context"]["headroom"]
    page = PAGES["configuration.md"]()
    assert [f"| `{key}` | `{json.dumps(value)}` |" in page for key, value in shipped.items()] == [True] * len(KEYS)


def test_each_tag_and_each_variable_in_the_code_is_on_the_page():
    page = PAGES["configuration.md"]()
    code = [each.read_text() for folder in ("functions", "infra") for each in Path(ROOT / folder).rglob("*.py")]
    found = {name for text in code for pattern in (TAG, VARIABLE) for name in pattern.findall(text)}
    assert {"headroom:mode", "headroom:mute", "HEADROOM_POLICY"} <= found
    assert {name for name in found if f"`{name}`" not in page} == set()


def test_no_other_page_has_a_copy_of_the_table_of_keys():
    pages = [ROOT / "README.md", *DOCS.rglob("*.md")]
    rows = re.compile(rf"^\| `({'|'.join(KEYS)})` \| ", re.MULTILINE)
    assert {each.name for each in pages if rows.search(each.read_text())} == {"configuration.md"}
