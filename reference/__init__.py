"""Pages of docs/ that follow from the code: written by `make docs`, and never by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reference import configuration, cost

DOCS = Path(__file__).parent.parent / "docs"
PAGES: dict[str, Callable[[], str]] = {"configuration.md": configuration.page, "cost.md": cost.page}
