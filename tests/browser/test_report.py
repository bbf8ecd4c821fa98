"""The audit report in a browser: people who cannot see it, or have only a keyboard, can read it too."""

from __future__ import annotations

import pytest

from functions.capacity.model import Policy
from functions.report.audit import audit
from functions.report.forms.html_page import as_html
from functions.report.organisation import html_lines
from tests.browser.axe import checked, issues
from tests.builders import a_snapshot
from tests.unit.report.fleet import SPACE, fleet, histories
from tests.unit.report.test_organisation import REPORT as REPORT_OF_AN_ORGANISATION

REPORT = as_html(audit(fleet(), policy=Policy(), histories=histories(), space=SPACE))
CHECKED = {"color-contrast", "aria-allowed-role", "document-title", "html-has-lang", "svg-img-alt", "list", "region"}


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (500, True)], ids=["wide and light", "narrow and dark"])
def test_the_report_has_no_serious_issue(browser, width, dark):
    found = checked(browser, REPORT, width=width, dark=dark)
    assert issues(found) == []
    assert not found["wide"], "the page has to be scrolled sideways"
    assert set(found["passes"]) >= CHECKED


def test_an_empty_report_has_none_either(browser):
    assert issues(checked(browser, as_html(audit(a_snapshot(), policy=Policy())), width=800)) == []


@pytest.mark.parametrize(("width", "dark"), [(1200, False), (500, True)], ids=["wide and light", "narrow and dark"])
def test_an_organisations_report_has_none_either(browser, width, dark):
    page = "".join(html_lines(REPORT_OF_AN_ORGANISATION))
    found = checked(browser, page, width=width, dark=dark)
    assert issues(found) == []
    assert not found["wide"], "the page has to be scrolled sideways"


def test_the_check_finds_what_is_wrong(browser):
    """The measure itself."""
    spoilt = REPORT.replace("--quiet:#4b5563", "--quiet:#c9ccd1").replace('<html lang="en">', "<html>")
    found = " ".join(issues(checked(browser, spoilt, width=1200)))
    assert "color-contrast" in found
    assert "html-has-lang" in found
