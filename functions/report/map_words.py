"""What the subnet map says in words: its title, its text equivalent, what is wrong, and how long something has been."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape

from functions.capacity.analyse import Analysis
from functions.capacity.wording import clean, count
from functions.report.map_states import MEANINGS, Cells, State, counts, pins

_NAME = 40  # characters of a subnet's name that fit beside its id; a tag may have 256
_MINUTES, _HOURS, _DAYS = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def safe(text: str, most: int = 64) -> str:
    """A name from outside for XML and HTML: valid characters only, not too long, escaped (quotes too)."""
    return escape(shortened(text, most))


def shortened(text: str, most: int) -> str:
    """A name from outside without what can't be shown, and not too long."""
    shown = clean(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def title(analysis: Analysis) -> str:
    """Which subnet it is; not escaped."""
    subnet = analysis.subnet
    name = subnet.tags.get("Name", "")
    return f"{subnet.id} ({shortened(name, _NAME)})" if name else subnet.id


def place(analysis: Analysis) -> str:
    """Where it is, and what Headroom may do there; not escaped."""
    subnet = analysis.subnet
    ipv6 = f" and {subnet.ipv6_cidr}" if subnet.ipv6_cidr else ""
    return f"{subnet.cidr}{ipv6} in {subnet.zone}, mode {subnet.mode}"


def headline(analysis: Analysis) -> str:
    """How many prefixes could be had now."""
    blocks = analysis.blocks
    possible = len(blocks.allocatable)
    if not possible:
        return "Too small for any prefix: AWS's own addresses are in its first and its last block."
    return (
        f"{len(blocks.free):,} of {possible:,} prefixes (/28) could be had now: "
        f"{len(blocks.free_reserved):,} reserved, {len(blocks.free_open):,} open."
    )


def wrong(analysis: Analysis) -> tuple[str, ...]:
    """What is wrong, worst first; empty where nothing was seen. Demand counts only where it was read."""
    return tuple(_wrong(analysis))


def described(analysis: Analysis, cells: Cells, troubles: Sequence[str], *, trend: str = "") -> str:
    """The picture in words, for people who don't see it; not escaped. `troubles` is what is `wrong`."""
    shown = ", ".join(tally(state, n) for state, n in counts(cells).items() if n)
    seen = " ".join(troubles) or "Nothing wrong was seen."
    forecast = f" Forecast: {trend}." if trend else ""
    return f"{place(analysis)}. {headline(analysis)} {count(len(cells.states), 'block')}: {shown}. {seen}{forecast}"


def lasted(since: datetime | None, now: datetime | None) -> str:
    """`, for 3 h`; nothing where either time is unknown."""
    if since is None or now is None or since > now:
        return ""
    age = now - since
    if age < _HOURS:
        return f", for {age // _MINUTES} min"
    return f", for {age // _HOURS} h" if age < 2 * _DAYS else f", for {age // _DAYS} days"


def _wrong(analysis: Analysis) -> Iterator[str]:
    if analysis.partial:
        yield f"Not everything in it could be seen: {analysis.partial}."
    demand = analysis.demand
    if analysis.missing:
        yield f"{analysis.missing} of the {demand.prefixes} prefixes that nodes can still ask for could not be had."
    elif analysis.blocks.allocatable and not analysis.obtainable:
        yield "No /28 block is free: EC2 would refuse the next prefix (InsufficientCidrBlocks)."
    if analysis.ipv6_missing:
        missing, asked = analysis.ipv6_missing, demand.ipv6_prefixes
        yield f"{missing} of the {asked} IPv6 prefixes (/80) that nodes can still ask for could not be had."
    stuck = pins(analysis.blocks, analysis.blocks.draining)
    if stuck:
        owners = ", ".join(sorted({owner.value for each in stuck.values() for owner in each}))
        yield f"{count(len(stuck), 'reserved block')} will not drain without help: {owners}."


def tally(state: State, number: int) -> str:
    """So many blocks in a state: `7 free`, `1 node's prefix`, `2 nodes' prefixes`."""
    what = "nodes' prefixes" if state is State.PREFIX and number != 1 else MEANINGS[state]
    return f"{number} {what}"


def state_words(state: State) -> str:
    """A state as the legend names it, first letter large."""
    return MEANINGS[state][0].upper() + MEANINGS[state][1:]
