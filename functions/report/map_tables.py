"""The subnet map's numbers as HTML tables: the same facts for those who don't see the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from functions.capacity.analyse import Analysis
from functions.capacity.ipv6_blocks import Ipv6Blocks
from functions.report.map_states import cells, counts
from functions.report.map_words import safe, state_words


def counts_table(analysis: Analysis) -> str:
    """How many blocks there are of each state; for IPv6, how many prefixes."""
    rows = [(safe(state_words(state)), f"{n:,}") for state, n in counts(cells(analysis.blocks)).items()]
    return table("Blocks of /28", ("Block", "Count"), rows) + (_ipv6_table(analysis.ipv6) if analysis.ipv6 else "")


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """An HTML table whose first column names the row. Cells must be escaped already."""
    names = "".join(f'<th scope="col">{each}</th>' for each in head)
    body = "".join(f"<tr>{_row(each)}</tr>" for each in rows)
    return f"<table><caption>{caption}</caption><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _row(texts: Sequence[str]) -> str:
    first, *others = texts
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{each}</td>" for each in others)


def _ipv6_table(blocks: Ipv6Blocks) -> str:
    rows = (
        ("Free, open", blocks.free_open),
        ("Free, reserved", blocks.free_reserved),
        ("In use", blocks.in_use),
        ("Reserved, draining", blocks.draining),
    )
    return table("IPv6 prefixes of /80", ("Prefix", "Count"), [(name, f"{n:,}") for name, n in rows])
