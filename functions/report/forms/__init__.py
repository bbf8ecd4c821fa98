"""The forms of the audit report. Each says the same; they differ in whom they are for."""

from functions.report.forms.csv_tables import as_csv, csv_tables
from functions.report.forms.html_page import as_html
from functions.report.forms.json_text import as_json
from functions.report.forms.markdown import as_markdown

# What a report is kept as: the file's name, what writes it, what it is.
FILES = (
    ("report.html", as_html, "text/html; charset=utf-8"),
    ("report.md", as_markdown, "text/markdown; charset=utf-8"),
    ("report.json", as_json, "application/json"),
    ("report.csv", as_csv, "text/csv; charset=utf-8"),
)

__all__ = ["FILES", "as_csv", "as_html", "as_json", "as_markdown", "csv_tables"]
