"""What a report is kept as, in every form."""

from __future__ import annotations

from functions.report.forms.csv_tables import as_csv
from functions.report.forms.html_page import as_html
from functions.report.forms.json_text import as_json
from functions.report.forms.markdown import as_markdown

FILES = (  # the file's name, what writes it, what it is
    ("report.html", as_html, "text/html; charset=utf-8"),
    ("report.md", as_markdown, "text/markdown; charset=utf-8"),
    ("report.json", as_json, "application/json"),
    ("report.csv", as_csv, "text/csv; charset=utf-8"),
)
