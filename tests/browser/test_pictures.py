"""The map and the widget as a browser shows them: not blank, each state in its colour, light and dark.

The pictures that people looked at are in docs/pictures; what a change makes of them is for a person to see.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from functions.handlers.widget import answer
from functions.report.map_palette import PALETTES, Theme
from functions.report.map_widget import Widget
from functions.report.subnet_map import subnet_map
from tests.browser.chromium import Chromium
from tests.browser.png import Pixels, read
from tests.builders import NOW
from tests.unit.report import scenes
from tests.unit.report.ec2 import SUBNETS, ReadOnlyEc2, a_described_interface, a_described_subnet

LEGEND_ENDS = 235  # in the picture of every state, at 600 wide: below is the grid alone
STATES = ("partly_used", "prefix", "reserved", "draining", "pinned", "aws", "explicit", "border", "background")
WIDTHS = (600, 1200)


def shown(
    browser: Chromium, folder: Path, content: str, *, width: int = 600, height: int = 420, dark: bool = False
) -> Pixels:
    return read(browser.picture(page_of(folder, content), width=width, height=height, dark=dark))


def page_of(folder: Path, content: str) -> Path:
    """An SVG as it is, HTML in a page around it."""
    page = folder / ("page.svg" if content.startswith("<svg") else "page.html")
    around = '<!doctype html><meta charset="utf-8"><body style="margin:0">' if page.suffix == ".html" else ""
    page.write_text(around + content)
    return page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", Theme)
def test_each_state_is_seen_in_its_colour_and_no_colour_of_the_other_theme(browser, tmp_path, theme, width):
    """The standalone picture follows what the viewer prefers."""
    picture = subnet_map(scenes.busy(), now=NOW, trend=scenes.TREND)
    pixels = shown(browser, tmp_path, picture, width=width, height=width * 7 // 10, dark=theme is Theme.DARK)
    grid = pixels.below(LEGEND_ENDS * width // 600).colours()
    palette, other = vars(PALETTES[theme]), vars(PALETTES[Theme.LIGHT if theme is Theme.DARK else Theme.DARK])
    assert {state: grid[palette[state]] >= 4 for state in STATES} == dict.fromkeys(STATES, True)
    assert [state for state in STATES[:-1] if grid[other[state]]] == []


def test_a_state_that_is_not_there_is_not_seen(browser, tmp_path):
    """The measure itself: a free subnet has none of these colours in its grid."""
    pixels = shown(browser, tmp_path, subnet_map(scenes.tiny("10.0.0.0/22"), theme=Theme.LIGHT))
    grid = pixels.below(LEGEND_ENDS).colours()
    palette = vars(PALETTES[Theme.LIGHT])
    assert {state for state in STATES if grid[palette[state]] >= 4} == {"aws", "border", "background"}


def test_how_much_is_painted_goes_by_how_much_there_is(browser, tmp_path):
    """Fourteen prefixes of 29 by 22 units, less what borders and gaps take."""
    pixels = shown(browser, tmp_path, subnet_map(scenes.busy(), theme=Theme.LIGHT, trend=scenes.TREND))
    painted = pixels.below(LEGEND_ENDS).colours()[PALETTES[Theme.LIGHT].prefix]
    assert 14 * 29 * 22 * 0.7 < painted < 14 * 29 * 22


@pytest.mark.parametrize("theme", Theme)
@pytest.mark.parametrize("scene", [scenes.large, scenes.dual_stack, scenes.hostile])
def test_no_picture_is_blank(browser, tmp_path, scene, theme):
    pixels = shown(browser, tmp_path, subnet_map(scene(), theme=theme), height=500)
    colours = pixels.colours()
    assert colours[PALETTES[theme].prefix] > 100
    assert len(colours) > 50
    assert colours[PALETTES[theme].background] < 0.95 * sum(colours.values())


# --- the widget -----------------------------------------------------------------------------------------------------


def widget_page(theme: Theme, parameters: dict[str, object]) -> str:
    interfaces = [
        a_described_interface("10.0.0.50", "eni-1"),
        a_described_interface("10.0.0.70", "eni-2", Ipv4Prefixes=[{"Ipv4Prefix": "10.0.0.96/28"}]),
        a_described_interface("10.0.0.130", "eni-3", InterfaceType="network_load_balancer"),
        a_described_interface("10.0.1.130", "eni-4", subnet=SUBNETS[1]),
    ]
    reserved = {
        "SubnetCidrReservationId": "scr-1",
        "SubnetId": SUBNETS[0],
        "Cidr": "10.0.0.192/26",
        "ReservationType": "prefix",
        "Tags": [],
    }
    ec2 = ReadOnlyEc2(
        [a_described_subnet(available=232), a_described_subnet(SUBNETS[1], "10.0.1.0/24", name="others")],
        interfaces,
        {SUBNETS[0]: {"SubnetIpv4CidrReservations": [reserved], "SubnetIpv6CidrReservations": []}},
    )
    page = answer(parameters, Widget(function_arn="arn:aws:lambda:us-east-1:1:function:map", theme=theme), ec2, NOW)  # type: ignore[arg-type]
    return re.sub(r"<cwdb-action.*?</cwdb-action>", "", page)  # CloudWatch takes them out of what it shows


@pytest.mark.parametrize("theme", Theme)
def test_the_widgets_map_looks_like_the_dashboard_whatever_the_viewer_prefers(browser, tmp_path, theme):
    page = widget_page(theme, {"subnetId": SUBNETS[0]})
    colours = shown(browser, tmp_path, page, width=588, height=700, dark=theme is Theme.LIGHT).colours()
    palette = vars(PALETTES[theme])
    for state in ("partly_used", "prefix", "reserved", "pinned", "aws", "text"):
        assert colours[palette[state]] >= 4, state
    assert colours[palette["background"]] > 0.4 * sum(colours.values())


@pytest.mark.parametrize("theme", Theme)
def test_the_widgets_overview_is_seen(browser, tmp_path, theme):
    colours = shown(browser, tmp_path, widget_page(theme, {}), width=1200, height=300).colours()
    palette = vars(PALETTES[theme])
    for state in ("partly_used", "prefix", "pinned", "text"):
        assert colours[palette[state]] > 10, state


def test_where_patterns_are_taken_out_states_show_in_plain_colours(browser, tmp_path):
    """CloudWatch cleans HTML by a list that it does not publish."""
    page = widget_page(Theme.LIGHT, {"subnetId": SUBNETS[0]})
    cleaned = re.sub(r"<pattern.*</pattern>", "", page)
    assert cleaned != page
    colours = shown(browser, tmp_path, cleaned, width=600, height=700).colours()
    palette = vars(PALETTES[Theme.LIGHT])
    for state in ("reserved", "pinned", "aws"):
        assert colours[palette[state]] > 300, state
