"""The colours, in numbers: contrast, and what is left of their differences for people who see no red or no green."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from functions.report.map_cells import PATTERNS
from functions.report.map_palette import PALETTES, Theme, stylesheet
from functions.report.map_states import State

Colour = tuple[float, float, float]

# Linear RGB as it is seen with no working cones of one kind: G. M. Machado, M. M. Oliveira, L. A. F. Fernandes,
# 'A Physiologically-based Model for Simulation of Color Vision Deficiency' (2009), severity 1.0.
SIGHT: dict[str, tuple[Colour, Colour, Colour]] = {
    "all colours": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
}
JUST_NOTICEABLE = 2.3  # in CIE 1976 L*a*b*
APART = 10 * JUST_NOTICEABLE  # at a glance, in small cells

INKS = ("free", "partly_used", "prefix", "reserved", "draining", "pinned", "aws", "explicit")


def linear(colour: str) -> Colour:
    """WCAG 2.1's definition of relative luminance, its first half."""
    red, green, blue = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    return channel(red), channel(green), channel(blue)


def channel(c: float) -> float:
    return c / 12.92 if c <= 0.04045 else float(((c + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1's contrast ratio."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def seen(colour: str, sight: tuple[Colour, Colour, Colour]) -> Colour:
    """L*a*b* (D65) of a colour as somebody sees it."""
    r, g, b = (min(1.0, max(0.0, sum(w * c for w, c in zip(row, linear(colour), strict=True)))) for row in sight)
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def test_the_ruler_itself():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    red, green = (
        math.dist(seen(c, SIGHT["all colours"]), seen("#7f7f00", SIGHT["all colours"])) for c in ("#ff0000", "#00aa00")
    )
    assert min(red, green) > APART
    dull = [seen(each, SIGHT["deuteranopia"]) for each in ("#b01717", "#5e5e00")]
    assert math.dist(*dull) < math.dist(*(seen(each, SIGHT["all colours"]) for each in ("#b01717", "#5e5e00"))) / 2


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("name", ["text", "quiet_text", "wrong"])
def test_words_can_be_read(theme, name):
    palette = PALETTES[theme]
    assert contrast(getattr(palette, name), palette.background) >= 4.5


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize(
    ("ink", "under"),
    [
        ("border", "background"),
        ("border", "free"),
        ("partly_used", "free"),
        ("pinned", "free"),
        ("prefix", "background"),
        ("reserved", "reserved_base"),
        ("draining", "reserved_base"),
        ("pinned", "reserved_base"),
        ("aws", "aws_base"),
        ("explicit", "explicit_base"),
        ("reserved", "background"),
        ("aws", "background"),
        ("explicit", "background"),
        ("text", "draining"),  # the mark on a full cell
        ("background", "pinned"),
        ("text", "reserved_base"),
    ],
)
def test_what_is_drawn_stands_out_from_what_it_is_drawn_on(theme, ink, under):
    palette = vars(PALETTES[theme])
    # the mark of a draining block has an outline in the background's colour: one of the two stands out
    found = contrast(palette[ink], palette[under])
    if (ink, under) == ("text", "draining"):
        found = max(found, contrast(palette["background"], palette[under]))
    assert found >= 3, f"{found:.2f}"


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(INKS, 2)))
def test_states_differ_in_colour_for(sight, theme, one, other):
    palette = vars(PALETTES[theme])
    found = math.dist(seen(palette[one], SIGHT[sight]), seen(palette[other], SIGHT[sight]))
    assert found >= APART, f"{one} and {other}: {found:.0f}"


def test_states_differ_in_shape_too():
    """Without any colour: nothing, a solid cell, a bar without and with a mark, and four patterns."""
    drawn = dict(re.findall(r'<pattern id="headroom-(\w+)".*?>(.*?)</pattern>', PATTERNS))
    assert drawn.keys() == {"reserved", "aws", "explicit", "drains", "pinned"}
    shapes = {re.sub(r'class="[^"]*"', "", each) for each in drawn.values()}
    assert len(shapes) == len(drawn)


@pytest.mark.parametrize("theme", [None, *Theme])
def test_the_stylesheet_paints_every_state_and_touches_nothing_else(theme):
    css = stylesheet(theme)
    assert {f".headroom-map .{state}{{stroke:" for state in State} <= {
        f"{each}{{stroke:" for each in re.findall(r"(\.headroom-map \.\w+){stroke:", css)
    }
    selectors = re.findall(r"(?:^|[}{,])\s*([^{},@]+)(?={|,(?=[^}]*{))", re.sub(r"@media[^{]*{", "", css))
    assert selectors
    assert all(each.startswith(".headroom-map ") for each in selectors), selectors


def test_a_theme_shows_its_own_colours_and_none_follows_the_viewer():
    assert "@media (prefers-color-scheme:dark)" in stylesheet()
    assert "@media" not in stylesheet(Theme.DARK)
    assert PALETTES[Theme.DARK].prefix in stylesheet(Theme.DARK)
    assert PALETTES[Theme.DARK].prefix not in stylesheet(Theme.LIGHT)
