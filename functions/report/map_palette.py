"""The subnet map's colours, light and dark, and the stylesheet made of them.

No state is told by colour alone: each has a shape of its own too (map_cells.py). Tests hold the colours to WCAG 2.1's
1.4.3 (text 4.5:1) and 1.4.11 (graphics 3:1), and to be told apart by people who see no red or no green.
https://www.w3.org/TR/WCAG21/#contrast-minimum, https://www.w3.org/TR/WCAG21/#non-text-contrast
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Theme(StrEnum):
    """The look; the values are CloudWatch's words for it (`widgetContext.theme`)."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, kw_only=True)
class Palette:
    """Colours by what they show. `*_base` lies under that state's pattern."""

    background: str
    text: str
    quiet_text: str
    wrong: str  # the words that say what is wrong
    border: str  # of each cell
    free: str
    partly_used: str
    prefix: str
    reserved: str
    reserved_base: str
    draining: str
    pinned: str
    aws: str
    aws_base: str
    explicit: str
    explicit_base: str


PALETTES = {
    Theme.LIGHT: Palette(
        background="#ffffff",
        text="#16191f",
        quiet_text="#545b64",
        wrong="#9b0c0f",
        border="#7d8794",
        free="#ffffff",
        partly_used="#b77a08",
        prefix="#04449c",
        reserved="#0f8a50",
        reserved_base="#eaf7f0",
        draining="#0a7fab",
        pinned="#9b0c0f",
        aws="#5f626e",
        aws_base="#eceef1",
        explicit="#382146",
        explicit_base="#f1ebf5",
    ),
    Theme.DARK: Palette(
        background="#111a26",
        text="#eef1f5",
        quiet_text="#a9b4c2",
        wrong="#ff8f8f",
        border="#67768a",
        free="#111a26",
        partly_used="#f5a430",
        prefix="#3d78f5",
        reserved="#4fe09a",
        reserved_base="#12312a",
        draining="#8cf4f5",
        pinned="#f0434e",
        aws="#85879c",
        aws_base="#222b3a",
        explicit="#b88de2",
        explicit_base="#2b2140",
    ),
}

# class, property, colour. Where a pattern can't be had, the colour after it stands in.
_RULES = (
    ("bg", "fill", "{background}"),
    ("txt", "fill", "{text}"),
    ("quiet", "fill", "{quiet_text}"),
    ("wrong", "fill", "{wrong}"),
    ("line", "stroke", "{border}"),
    ("gap", "stroke", "{background}"),
    ("free", "stroke", "{free}"),
    ("partlyUsed", "stroke", "{partly_used}"),
    ("prefix", "stroke", "{prefix}"),
    ("reservedFree", "stroke", "url(#headroom-reserved) {reserved}"),
    ("reservedDraining", "stroke", "{draining}"),
    ("pinned", "stroke", "url(#headroom-pinned) {pinned}"),
    ("aws", "stroke", "url(#headroom-aws) {aws}"),
    ("explicit", "stroke", "url(#headroom-explicit) {explicit}"),
    ("drains", "stroke", "url(#headroom-drains) none"),
    ("reserved-base", "fill", "{reserved_base}"),
    ("reserved-ink", "stroke", "{reserved}"),
    ("aws-base", "fill", "{aws_base}"),
    ("aws-ink", "stroke", "{aws}"),
    ("explicit-base", "fill", "{explicit_base}"),
    ("explicit-ink", "stroke", "{explicit}"),
    ("drains-ink", "fill", "{text}"),
    ("pins-ink", "fill", "{pinned}"),
    ("pins-head", "fill", "{background}"),
    ("pins-head", "stroke", "{pinned}"),
    ("drains-ink", "stroke", "{background}"),
    ("tips path:hover", "stroke", "{text}"),
)
_ALWAYS = (
    ".headroom-map text{font-family:system-ui,'Amazon Ember','Helvetica Neue',Arial,'DejaVu Sans',sans-serif}"
    ".headroom-map .mono,.headroom-map .mono text{font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace}"
    ".headroom-map path{fill:none}"
    ".headroom-map .tips path{pointer-events:stroke;stroke:transparent;stroke-width:1;stroke-opacity:.3}"
)


def stylesheet(theme: Theme | None = None) -> str:
    """The map's CSS, which touches nothing but `.headroom-map`. Without a theme, the viewer's own choice counts."""
    if theme is not None:
        return _ALWAYS + _rules(PALETTES[theme])
    dark = _rules(PALETTES[Theme.DARK])
    return f"{_ALWAYS}{_rules(PALETTES[Theme.LIGHT])}@media (prefers-color-scheme:dark){{{dark}}}"


def _rules(palette: Palette) -> str:
    colours = vars(palette)
    return "".join(f".headroom-map .{name}{{{key}:{value.format(**colours)}}}" for name, key, value in _RULES)
