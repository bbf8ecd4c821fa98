"""An organisation's report: parts of several accounts and regions, merged; the same facts in each form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from functions.capacity.model import Policy, Snapshot
from functions.capacity.places import Place, places
from functions.report.audit import Audit, audit
from functions.report.audit.facts import shown
from functions.report.organisation import (
    MalformedPartError,
    Organisation,
    Part,
    as_text,
    csv_lines,
    from_text,
    html_lines,
    json_lines,
    markdown_lines,
    merged,
    part_of,
)
from sandbox.demo.published_schemas import errors
from tests.builders import NOW
from tests.unit.report import read_forms
from tests.unit.report.fleet import HOSTILE, fleet

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "organisation-report.schema.json").read_text())
DENIED = "AccessDenied: not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::333333333333:role/Audit"
ONE, TWO, QUIET, CLOSED = (
    Place("111111111111", "eu-west-1"),
    Place("222222222222", "eu-west-1"),
    Place("222222222222", "us-east-1"),
    Place("333333333333", "eu-west-1"),
)


@cache
def an_audit(snapshot: str = "fleet") -> Audit:
    found = (
        fleet()
        if snapshot == "fleet"
        else Snapshot(taken_at=NOW, subnets=(), node_groups=(), instance_types={}, clusters={})
    )
    return audit(found, policy=Policy(), everywhere=True)


def a_part(place: Place, snapshot: str = "fleet") -> Part:
    return part_of(an_audit(snapshot), place)


@dataclass
class Read:
    """Parts as they are read from where they wait; remembers how many were in hand at once."""

    texts: list[str]
    passes: int = field(default=0)

    def __iter__(self) -> Iterator[Part]:
        self.passes += 1
        return map(from_text, self.texts)


def the_report() -> Organisation:
    parts = Read([as_text(each) for each in (a_part(ONE), a_part(TWO), a_part(QUIET, "empty"))])
    return merged(parts, unread={CLOSED: DENIED}, where="organisation o-example")


REPORT = the_report()
SAID: dict[str, Any] = json.loads("".join(json_lines(REPORT)))
PAGES = {
    "html": read_forms.sections("".join(html_lines(REPORT))),
    "markdown": read_forms.sections(read_forms.rendered("".join(markdown_lines(REPORT)))),
}
CSV = read_forms.tables("".join(csv_lines(REPORT)))
KINDS = {"Clusters": "clusters", "Node groups": "nodeGroups", "Subnets": "subnets"}


def text(value: Any, nothing: str = "—") -> str:
    said = shown(tuple(value) if isinstance(value, list) else value, nothing=nothing)
    return "".join(c if c.isprintable() else "?" for c in said)


def squeezed(value: Any) -> str:
    return " ".join(text(value).split())


# --- parts ---


def test_a_part_comes_back_from_its_text_as_it_was():
    part = a_part(ONE)
    back = from_text(as_text(part))
    assert as_text(back) == as_text(part)
    assert (back.place, back.taken_at, back.totals, back.unknowns) == (ONE, NOW, part.totals, part.unknowns)
    assert [each.key for each in back.findings] == [each.key for each in part.findings]


@pytest.mark.parametrize("said", ["", "[]", "{", "{}", '{"account": 1}', "null"])
def test_what_is_no_part_is_refused(said):
    with pytest.raises(MalformedPartError):
        from_text(said)


def test_a_part_whose_severity_is_none_is_refused():
    said = json.loads(as_text(a_part(ONE)))
    said["findings"][0]["severity"] = "bad"
    with pytest.raises(MalformedPartError, match="'bad'"):
        from_text(json.dumps(said))


def test_a_region_with_nothing_in_it_is_read_and_not_unknown():
    part = a_part(QUIET, "empty")
    assert part.unknowns == ()
    assert part.worst == "no finding"


def test_a_part_with_something_unread_is_unknown_at_best():
    part = replace(a_part(QUIET, "empty"), unknowns=("cluster x: its settings",))
    assert part.worst == "unknown"


# --- what is merged ---


def test_nothing_of_one_account_takes_the_place_of_the_same_in_another():
    """Both have the same names throughout."""
    for heading, kind in KINDS.items():
        of_one = getattr(a_part(ONE), {"nodeGroups": "node_groups"}.get(kind, kind))
        assert len(SAID[kind]) == 2 * len(of_one) > 0, heading
    assert len(SAID["findings"]) == 2 * len(an_audit().findings)
    assert {key.rpartition("/")[0] for key in SAID["subnets"]} == {str(ONE), str(TWO)}


def test_totals_are_the_sums_of_what_was_read():
    single = a_part(ONE).totals
    assert {key: SAID["totals"][key] for key in single} == {key: 2 * value for key, value in single.items()}
    assert (SAID["totals"]["accounts"], SAID["totals"]["places"], SAID["totals"]["placesNotRead"]) == (3, 4, 1)


def test_a_place_that_was_not_read_is_named_with_its_reason_and_its_numbers_are_unknown():
    row = SAID["places"][str(CLOSED)]
    assert (row["read"], row["worst"], row["why"]) == (False, "unknown", DENIED)
    assert {row[key] for key in ("critical", "subnets", "freePrefixes", "thingsNotRead")} == {None}
    assert SAID["accounts"][CLOSED.account]["subnets"] is None
    assert SAID["accounts"][CLOSED.account]["regionsNotRead"] == [CLOSED.region]
    assert SAID["unknowns"][0] == {"account": CLOSED.account, "region": CLOSED.region, "what": DENIED}
    assert SAID["verdict"].startswith(
        f"1 of 4 accounts and regions could not be read ({CLOSED}): nothing is known of it."
    )


def test_findings_come_the_gravest_first_whichever_account_they_are_of():
    order = ["critical", "warning", "unknown", "info"]
    ranks = [order.index(each["severity"]) for each in SAID["findings"]]
    assert ranks == sorted(ranks)
    assert {each["account"] for each in SAID["findings"] if each["severity"] == "critical"} == {
        ONE.account,
        TWO.account,
    }


def test_an_organisation_in_which_nothing_was_read_is_not_fine():
    report = merged([], unread={CLOSED: DENIED})
    said = json.loads("".join(json_lines(report)))
    assert said["takenFrom"] is None
    assert said["verdict"] == f"1 of 1 account and region could not be read ({CLOSED}): nothing is known of it."
    assert "Nothing wrong" not in said["verdict"]
    assert errors(said, SCHEMA) == []
    for form in (html_lines, markdown_lines, csv_lines):
        assert "arn:aws:iam::333333333333" in "".join(form(report)).replace("\\", "")


def test_the_order_in_which_parts_come_decides_nothing_of_the_rows():
    parts = [a_part(TWO), a_part(ONE)]
    assert [each.id for each in merged(parts, unread={}).places] == [str(ONE), str(TWO)]


def test_parts_are_read_one_at_a_time():
    """A form that kept the parts would hold them all: of each only its turn may be alive."""
    alive, most = 0, 0

    class Counting(Part):
        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    class Stream:
        def __iter__(self) -> Iterator[Part]:
            nonlocal alive, most
            for n in range(20):
                part = a_part(Place(f"{n:012}", "eu-west-1"))
                alive += 1
                most = max(most, alive)
                yield Counting(**{name: getattr(part, name) for name in Part.__dataclass_fields__})

    report = merged(Stream(), unread={})
    for form in (json_lines, html_lines, markdown_lines, csv_lines):
        for _ in form(report):
            pass
    assert most <= 3


# --- the same facts in each form ---


@pytest.mark.parametrize("heading", KINDS)
@pytest.mark.parametrize("form", PAGES)
def test_each_page_compares_all_things_by_the_facts_of_the_json(form, heading):
    _, *rows = PAGES[form][heading].table
    said = SAID[KINDS[heading]]
    wanted = list(said.items()) if isinstance(said, dict) else [(each["id"], each) for each in said]
    assert len(rows) == len(wanted)
    for row, (key, facts) in zip(rows, wanted, strict=True):
        assert key.endswith(row[0])
        assert row[1:] == [squeezed(value) for name, value in facts.items() if name != "id"]


@pytest.mark.parametrize(("heading", "kind"), [("Accounts", "accounts"), ("Accounts and regions", "places")])
@pytest.mark.parametrize("form", PAGES)
def test_each_page_says_every_fact_of_each_account_and_place(form, heading, kind):
    _, *rows = PAGES[form][heading].table
    assert rows == [[id_, *map(squeezed, facts.values())] for id_, facts in SAID[kind].items()]


@pytest.mark.parametrize("form", PAGES)
def test_each_page_says_every_finding_with_its_account_and_region(form):
    things = PAGES[form]["Findings"].things
    assert len(things) == len(SAID["findings"])
    for said, finding in zip(things, SAID["findings"], strict=True):
        assert squeezed(finding["title"]) in said.heading
        assert [value for _, value in said.facts][:2] == [finding["account"], finding["region"]]
        assert [value for _, value in said.facts][3:] == [
            *map(squeezed, finding["numbers"].values()),
            finding["runbook"],
        ]
        assert said.steps == [step.split("\n")[0] for step in finding["remedy"]]


@pytest.mark.parametrize("form", PAGES)
def test_each_page_says_what_could_not_be_read(form):
    assert PAGES[form]["What could not be read"].items == [
        text(f"{each['account']}/{each['region']}: {each['what']}") for each in SAID["unknowns"]
    ]


def test_csv_says_the_same():
    for name, kind in {"place": "places", "account": "accounts", "cluster": "clusters", "subnet": "subnets"}.items():
        rows = [{key: value for key, value in row.items() if key != "id"} for row in CSV[name]]
        assert rows == [{key: text(value, "") for key, value in each.items()} for each in SAID[kind].values()]
    assert [{key: text(value, "") for key, value in each.items()} for each in SAID["nodeGroups"]] == CSV["nodeGroup"]
    for row, finding in zip(CSV["finding"], SAID["findings"], strict=True):
        assert {key: value for key, value in row.items() if key != "remedy"} == {
            key: text(finding[key], "") for key in row if key != "remedy"
        }
    assert CSV["unknown"] == [{key: text(value, "") for key, value in each.items()} for each in SAID["unknowns"]]
    report = {row["key"]: row["value"] for row in CSV["report"]}
    assert report["verdict"] == SAID["verdict"]
    assert {key: report[key] for key in SAID["totals"]} == {key: str(value) for key, value in SAID["totals"].items()}


def test_the_page_leads_to_the_report_of_each_place_that_was_read_and_to_the_first_finding_of_each_kind():
    found = read_forms.tags("".join(html_lines(REPORT)))
    links = [attributes["href"] or "" for tag, attributes in found if tag == "a"]
    assert [each for each in links if not each.startswith("#")] == [f"{each}/report.html" for each in (ONE, TWO, QUIET)]
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {each[1:] for each in links if each.startswith("#")} <= set(ids)


def test_names_from_outside_stay_names():
    report = merged([a_part(ONE)], unread={CLOSED: f"error {HOSTILE}"})
    html = "".join(html_lines(report))
    assert {"script", "img", "iframe"}.isdisjoint({tag for tag, _ in read_forms.tags(html)})
    markdown = read_forms.rendered("".join(markdown_lines(report)))
    assert {"a", "img", "em", "script", "h4"}.isdisjoint({tag for tag, _ in read_forms.tags(markdown)})


# --- the schema ---


def test_the_json_is_as_its_schema_says_and_the_schema_names_every_key():
    assert errors(SAID, SCHEMA) == []
    defs = SCHEMA["$defs"]
    assert list(SCHEMA["properties"]) == list(SAID)
    for kind, name in {"accounts": "account", "places": "place", "clusters": "cluster", "subnets": "subnet"}.items():
        assert [list(each) for each in SAID[kind].values()] == [list(defs[name]["properties"])] * len(SAID[kind])
    for kind, name in {"findings": "finding", "nodeGroups": "nodeGroup", "unknowns": "unknown"}.items():
        assert [list(each) for each in SAID[kind]] == [list(defs[name]["properties"])] * len(SAID[kind])
    assert list(SAID["totals"]) == list(defs["totals"]["properties"])


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda said: said.pop("verdict"), "'verdict' is a required property"),
        (lambda said: said["places"][str(ONE)].update(read="yes"), "'yes' is not"),
        (lambda said: said["findings"][0].update(account="1"), "does not match"),
        (lambda said: said["subnets"].update(x={}), "'account' is a required property"),
    ],
    ids=["no verdict", "a text for a truth", "no account", "a subnet of nowhere"],
)
def test_the_schema_refuses(spoil, says):
    said = json.loads("".join(json_lines(REPORT)))
    spoil(said)
    assert any(says in each for each in errors(said, SCHEMA))


# --- places ---


def test_places_are_every_region_of_every_account_once():
    assert places(["2" * 12, "1" * 12, "1" * 12], ["b-x-1", "a-x-1"]) == tuple(
        Place(account, region) for account in ("1" * 12, "2" * 12) for region in ("a-x-1", "b-x-1")
    )
