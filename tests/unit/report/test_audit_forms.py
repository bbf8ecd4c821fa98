"""The forms of the report: each says the same, byte for byte the same at every run, whatever names are in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from functions.capacity.model import Policy, Snapshot
from functions.report.audit import Audit, audit
from functions.report.forms.csv_tables import as_csv
from functions.report.forms.html_page import as_html
from functions.report.forms.json_text import as_json
from functions.report.forms.markdown import as_markdown
from functions.report.forms.trend_line import EDGE, HEIGHT, WIDTH, trend_line
from sandbox.demo.published_schemas import errors
from tests.builders import NOW
from tests.unit.report import read_forms
from tests.unit.report.fleet import SPACE, A, fleet, histories
from tests.unit.report.read_forms import Section

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "audit"
SCHEMA = json.loads((ROOT / "docs" / "audit-report.schema.json").read_text())
KINDS = {
    "Clusters": "clusters",
    "Node groups": "nodeGroups",
    "Subnets": "subnets",
    "Reservations": "reservations",
    "VPCs": "vpcs",
}
TOLD_IN_FULL = [each for each in KINDS if each != "Reservations"]
WHERE = "account 111122223333, us-east-1"
IN_CSV = {
    "clusters": "cluster",
    "nodeGroups": "nodeGroup",
    "subnets": "subnet",
    "reservations": "reservation",
    "vpcs": "vpc",
}
ONLY_IN_JSON = {"freeCover"}  # thousands of CIDRs; freeCoverBySize stands beside it


def the_audit(snapshot: Snapshot | None = None) -> Audit:
    return audit(snapshot or fleet(), policy=Policy(), histories=histories(), space=SPACE, where=WHERE)


REPORT = the_audit()
SAID: dict[str, Any] = json.loads(as_json(REPORT))
HTML, MARKDOWN = as_html(REPORT), as_markdown(REPORT)
PAGES = {"html": read_forms.sections(HTML), "markdown": read_forms.sections(read_forms.rendered(MARKDOWN))}
CSV = read_forms.tables(as_csv(REPORT))


def text(value: Any, nothing: str = "—") -> str:
    """What a value of the JSON should read like elsewhere."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        value = [f"{key}: {text(each)}" for key, each in value.items()]
    if isinstance(value, Sequence) and not isinstance(value, str):
        value = ("; " if any(", " in str(each) for each in value) else ", ").join(map(str, value))
    return "".join(c if c.isprintable() else "?" for c in str(value)) or nothing


def squeezed(value: Any) -> str:
    """As a browser shows it: white space at the ends is gone, and several are one."""
    return " ".join(text(value).split())


def records(kind: str) -> dict[str, dict[str, Any]]:
    of = SAID[kind]
    return of if isinstance(of, dict) else {each["id"]: {k: v for k, v in each.items() if k != "id"} for each in of}


# --- the same facts in each form ---


@pytest.mark.parametrize("heading", TOLD_IN_FULL)
@pytest.mark.parametrize("form", PAGES)
def test_each_page_says_every_fact_of_each_thing(form, heading):
    things, wanted = PAGES[form][heading].things, records(KINDS[heading])
    assert len(things) == len(wanted)
    for thing, (id_, facts) in zip(things, wanted.items(), strict=True):
        assert id_ in thing.heading
        assert [value for _, value in thing.facts] == [squeezed(v) for k, v in facts.items() if k not in ONLY_IN_JSON]


@pytest.mark.parametrize("heading", KINDS)
@pytest.mark.parametrize("form", PAGES)
def test_the_comparing_tables_say_nothing_else(form, heading):
    _, *rows = PAGES[form][heading].table
    wanted = records(KINDS[heading])
    assert [row[0] for row in rows] == list(wanted)
    for row, facts in zip(rows, wanted.values(), strict=True):
        left = [squeezed(value) for value in facts.values()]
        for cell in row[1:]:
            left = left[left.index(cell) + 1 :]  # in the order of the facts; a ValueError is one that JSON lacks


def test_reservations_are_told_in_full_by_the_table_alone():
    for page in PAGES.values():
        _, *rows = page["Reservations"].table
        assert [row[1:] for row in rows] == [
            list(map(squeezed, each.values())) for each in records("reservations").values()
        ]


def test_a_name_in_capitals_stays_so_in_a_sentence():
    assert "All facts of 2 VPCs" in HTML
    assert "All facts of 3 clusters" in HTML


def test_both_pages_call_each_fact_the_same():
    for heading in TOLD_IN_FULL:
        html, markdown = (page[heading].things for page in PAGES.values())
        assert [[label for label, _ in each.facts] for each in html] == [
            [label for label, _ in each.facts] for each in markdown
        ]


@pytest.mark.parametrize("kind", IN_CSV)
def test_csv_says_every_fact_under_the_same_name(kind):
    assert [row.pop("id") for row in map(dict, CSV[IN_CSV[kind]])] == list(map(text, records(kind)))
    for row, facts in zip(CSV[IN_CSV[kind]], records(kind).values(), strict=True):
        wanted = {key: text(value, nothing="") for key, value in facts.items() if key not in ONLY_IN_JSON}
        assert {key: value for key, value in row.items() if key != "id"} == wanted


@pytest.mark.parametrize("form", PAGES)
def test_each_page_says_every_finding(form):
    assert len(PAGES[form]["Findings"].things) == len(SAID["findings"]) > 0
    for said, finding in zip(PAGES[form]["Findings"].things, SAID["findings"], strict=True):
        assert said.heading.lower().replace(":", "", 1).startswith(finding["severity"])
        assert squeezed(finding["title"]) in said.heading
        assert said.paragraphs[0] == squeezed(finding["means"])
        values = [value for _, value in said.facts]
        assert values[0].startswith(finding["resource"])
        assert values[1:] == [*map(squeezed, finding["numbers"].values()), finding["runbook"]]


@pytest.mark.parametrize("form", PAGES)
def test_each_page_says_every_step_with_its_commands(form):
    for said, finding in zip(PAGES[form]["Findings"].things, SAID["findings"], strict=True):
        assert said.steps == [step.split("\n")[0] for step in finding["remedy"]]
        rest = [[line.strip() for line in step.split("\n")[1:]] for step in finding["remedy"] if "\n" in step]
        assert [[line.strip() for line in each.split("\n")] for each in said.commands] == rest


def test_csv_says_every_finding():
    assert len(CSV["finding"]) == len(SAID["findings"])
    for row, finding in zip(CSV["finding"], SAID["findings"], strict=True):
        for key in ("severity", "id", "resource", "cluster", "title", "means", "runbook", "detail", "numbers"):
            assert row[key] == text(finding[key], nothing="")
        numbered = "\n".join(f"{n}. {step}" for n, step in enumerate(finding["remedy"], start=1))
        assert [line.strip() for line in row["remedy"].split("\n")] == [line.strip() for line in numbered.split("\n")]


def test_every_form_says_the_verdict_the_totals_and_what_is_not_known():
    unknown = [text(each) for each in SAID["unknowns"]]
    assert unknown
    assert PAGES["html"]["What could not be read"].items == unknown
    assert PAGES["markdown"]["What could not be read"].items == unknown
    assert [row["what"] for row in CSV["unknown"]] == unknown
    report = {row["key"]: row["value"] for row in CSV["report"]}
    assert report == {key: SAID[key] for key in ("takenAt", "where", "verdict")} | {
        key: str(value) for key, value in SAID["totals"].items()
    }
    for page in (HTML, read_forms.rendered(MARKDOWN)):
        assert SAID["verdict"] in page
        assert f"As of 2026-11-23 12:00 UTC, {WHERE}" in page
    rows: Section = PAGES["markdown"][""]
    assert [row[1] for row in rows.table[1:]] == [str(value) for value in SAID["totals"].values()]
    for value, tile in zip(SAID["totals"].values(), HTML.split('<dl class="totals">')[1].split("</div>"), strict=False):
        assert f"<dd>{value}</dd>" in tile


def test_the_readers_would_notice_a_fact_that_is_missing():
    """The measure itself: a report with another subnet is not the same."""
    other = the_audit(replace(fleet(), subnets=fleet().subnets[:2]))
    pages = read_forms.sections(as_html(other))
    assert len(pages["Subnets"].things) != len(SAID["subnets"])
    changed = as_html(REPORT).replace("<dd>701</dd>", "<dd>702</dd>")
    thing = read_forms.sections(changed)["Subnets"].things[0]
    assert [value for _, value in thing.facts] != [value for _, value in PAGES["html"]["Subnets"].things[0].facts]


# --- JSON and its schema ---


def test_the_json_is_as_its_schema_says():
    assert errors(SAID, SCHEMA) == []


def test_the_schema_names_every_key_and_no_other():
    defs = SCHEMA["$defs"]
    assert list(SCHEMA["properties"]) == list(SAID)
    assert [list(each) for each in SAID["subnets"].values()] == [list(defs["subnet"]["properties"])] * len(
        SAID["subnets"]
    )
    assert [list(each) for each in SAID["clusters"].values()] == [list(defs["cluster"]["properties"])] * 3
    for kind, name in {"nodeGroups": "nodeGroup", "reservations": "reservation", "findings": "finding"}.items():
        assert [list(each) for each in SAID[kind]] == [list(defs[name]["properties"])] * len(SAID[kind])
    assert list(SAID["totals"]) == list(defs["totals"]["properties"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda said: said.pop("verdict"), "'verdict' is a required property"),
        (lambda said: said["subnets"][A].update(freePrefixes="3"), "'3' is not"),
        (lambda said: said["subnets"][A].update(freePrefixes=-1), "-1 is less"),
        (lambda said: said["subnets"][A].update(cidr="here"), "does not match"),
        (lambda said: said["findings"][0].update(severity="bad"), "is not one of"),
    ],
    ids=["a key less", "a text for a number", "less than nothing", "no CIDR", "no severity"],
)
def test_the_schema_refuses(spoil, says):
    said = json.loads(as_json(REPORT))
    spoil(said)
    assert any(says in each for each in errors(said, SCHEMA))


def test_the_json_has_the_keys_that_scripts_rely_on():
    keys = {
        *("cidr", "inUseAddresses", "freeAddresses", "allocatablePrefixes", "freePrefixes", "reservedFreePrefixes"),
        *("assignedPrefixes", "largestFreeBlock", "freeCover"),
    }
    assert all(keys <= each.keys() for each in SAID["subnets"].values())
    findings = {"id", "severity", "resource", "title", "numbers", "remedy", "runbook"}
    assert all(findings <= each.keys() for each in SAID["findings"])


# --- at every run the same ---


@pytest.mark.parametrize(("form", "suffix"), [(as_json, "json"), (as_markdown, "md"), (as_csv, "csv")])
def test_golden(form, suffix, rewrite_golden):
    path = GOLDEN / f"report.{suffix}"
    if rewrite_golden:
        path.write_bytes(form(REPORT).encode())
    assert path.read_bytes().decode() == form(REPORT)


HASHES = """
from hashlib import sha256
from tests.unit.report.test_audit_forms import the_audit
from functions.report.forms.csv_tables import as_csv
from functions.report.forms.html_page import as_html
from functions.report.forms.json_text import as_json
from functions.report.forms.markdown import as_markdown
print([sha256(form(the_audit()).encode()).hexdigest() for form in (as_csv, as_html, as_json, as_markdown)])
"""


def test_every_form_is_the_same_to_the_byte_at_every_run():
    """Sets and hashes of texts have another order in each process."""
    runs = {
        subprocess.run(
            [sys.executable, "-c", HASHES],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_the_order_in_which_aws_answered_does_not_matter():
    snapshot = fleet()
    turned = replace(
        snapshot,
        subnets=tuple(
            replace(each, interfaces=each.interfaces[::-1], reservations=each.reservations[::-1])
            for each in snapshot.subnets[::-1]
        ),
        clusters=dict(reversed(list(snapshot.clusters.items()))),
    )
    assert as_json(the_audit(turned)) == as_json(REPORT)
    assert as_html(the_audit(turned)) == HTML


# --- pictures ---


def test_the_page_has_a_map_of_each_subnet_and_a_line_where_there_is_a_history():
    subnets = HTML.split('<section id="subnets">')[1].split("</section>")[0]
    assert subnets.count('class="headroom-map" role="img"') == len(REPORT.subnets)
    assert subnets.count('<figure class="trend">') == 1
    assert "Free /28s: 21 on 2026-11-20 12:00 UTC, 3 now, at most 21, in 73 looks" in subnets


@pytest.mark.parametrize(("looks", "drawn"), [(0, False), (2, False), (3, True)])
def test_a_line_needs_three_looks(looks, drawn):
    history = histories()[A][:looks]
    assert bool(trend_line(history, 3, NOW)) is drawn


def test_a_line_leaves_out_what_came_after():
    later = replace(histories()[A][0], at=NOW + timedelta(days=1))
    assert trend_line((*histories()[A], later), 3, NOW) == trend_line(histories()[A], 3, NOW)


def test_a_line_ends_now_and_goes_down_to_nothing():
    line = trend_line(histories()[A], 0, NOW)
    assert f'cx="{WIDTH - EDGE}.0" cy="{HEIGHT - EDGE}.0"' in line
