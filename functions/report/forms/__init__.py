"""The forms of the audit report. Each says the same; they differ in whom they are for."""

from functions.report.forms.csv_tables import as_csv, csv_tables
from functions.report.forms.html_page import as_html
from functions.report.forms.json_text import as_json
from functions.report.forms.markdown import as_markdown

__all__ = ["as_csv", "as_html", "as_json", "as_markdown", "csv_tables"]
