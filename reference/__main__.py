"""`make docs`: writes the pages of docs/ that follow from the code."""

from __future__ import annotations

from reference import DOCS, PAGES

for name, page in PAGES.items():
    (DOCS / name).write_text(page())
    print(f"docs/{name}")
