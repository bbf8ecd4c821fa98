"""The report on an organisation: the audits of its accounts and regions, merged."""

from functions.report.organisation.csv_text import csv_lines
from functions.report.organisation.html_page import html_lines
from functions.report.organisation.json_text import json_lines
from functions.report.organisation.markdown import markdown_lines
from functions.report.organisation.merged import Organisation, merged
from functions.report.organisation.part import MalformedPartError, Part, as_text, from_text, part_of

# As FILES of functions/report/forms: each written bit by bit.
FILES = (
    ("report.html", html_lines, "text/html; charset=utf-8"),
    ("report.md", markdown_lines, "text/markdown; charset=utf-8"),
    ("report.json", json_lines, "application/json"),
    ("report.csv", csv_lines, "text/csv; charset=utf-8"),
)

__all__ = [
    "FILES",
    "MalformedPartError",
    "Organisation",
    "Part",
    "as_text",
    "csv_lines",
    "from_text",
    "html_lines",
    "json_lines",
    "markdown_lines",
    "merged",
    "part_of",
]
