"""Names from outside in the report: whatever they hold, no form breaks, and nothing in them runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.capacity.model import Snapshot
from functions.report.forms.csv_tables import as_csv, csv_tables
from functions.report.forms.html_page import as_html
from functions.report.forms.json_text import as_json
from functions.report.forms.markdown import as_markdown
from tests.unit.report import read_forms
from tests.unit.report.fleet import HOSTILE, fleet
from tests.unit.report.test_audit_forms import HTML, the_audit

ALLOWED_TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "div",
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "nav",
        "ul",
        "ol",
        "li",
        "main",
        "section",
        "dl",
        "dt",
        "dd",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "article",
        "span",
        "pre",
        "code",
        "figure",
        "details",
        "summary",
        "footer",
        "svg",
        "defs",
        "pattern",
        "rect",
        "path",
        "ellipse",
        "polygon",
        "g",
        "text",
        "tspan",
        "desc",
        "circle",
        "polyline",
        "figcaption",
        "line",
    ]
)


def hostile(name: str) -> Snapshot:
    """The fleet with this name wherever somebody may choose one."""
    snapshot = fleet()
    return replace(
        snapshot,
        subnets=tuple(replace(each, tags={**each.tags, "Name": name}) for each in snapshot.subnets),
        node_groups=tuple(replace(each, name=name) for each in snapshot.node_groups),
        unknowns=(name,),
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.just(HOSTILE), st.text(max_size=80), st.text("=+-@|`*_[]()<>&\"'\\#!~\n\r\t x:/.w", max_size=40)))
def test_no_name_breaks_any_form(name):
    report = the_audit(hostile(name))
    html, markdown, table = as_html(report), as_markdown(report), as_csv(report)
    found = read_forms.tags(html)
    assert {tag for tag, _ in found} <= ALLOWED_TAGS
    assert not [attribute for _, attributes in found for attribute in attributes if attribute.startswith("on")]
    links = {attributes["href"] or "" for tag, attributes in found if tag == "a"}
    assert all(link.startswith("#") for link in links)
    assert {tag for tag, _ in read_forms.tags(read_forms.rendered(markdown))}.isdisjoint(
        {"a", "img", "em", "script", "h4", "hr", "blockquote"}
    )
    assert len(read_forms.sections(read_forms.rendered(markdown))["Subnets"].things) == len(report.subnets)
    assert len(read_forms.tables(table)["subnet"]) == len(report.subnets)
    assert json.loads(as_json(report))["unknowns"][0] == name
    for each in (html, markdown, table, as_json(report)):
        each.encode()
        assert all(c.isprintable() or c in "\n\r" for c in each)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_of_a_spreadsheet_is_a_formula(start):
    rows = csv_tables(the_audit(hostile(f"{start}cmd|' /C calc'!A0")))["subnet"]
    assert f",'{start}cmd" in rows
    assert f",{start}cmd" not in rows


def test_the_page_loads_and_runs_nothing():
    found = read_forms.tags(HTML)
    assert [tag for tag, _ in found if tag in ("script", "link", "img", "iframe", "object", "embed", "base")] == []
    assert [a for _, attributes in found for a in attributes if a in ("src", "srcset", "action", "background")] == []
    policies = [a["content"] or "" for tag, a in found if tag == "meta" and a.get("http-equiv")]
    assert [each.split(";")[0] for each in policies] == ["default-src 'none'"]
    assert "url(http" not in HTML
    assert "@import" not in HTML
