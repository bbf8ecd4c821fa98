"""The picture as a text: what it shows, that it is valid whatever the names, small, quick, and always the same."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.capacity.owners import Owner
from functions.report.map_cells import path
from functions.report.map_palette import Theme
from functions.report.map_states import State, cells
from functions.report.subnet_map import map_in_page, page_parts, subnet_map
from tests.builders import NOW, a_demand, a_reservation, a_subnet, under_demand
from tests.unit.report import scenes
from tests.unit.report.scenes import HOSTILE, an_eni
from tests.unit.report.svg import cells_of, description, painted, parsed, texts, titles

GOLDEN = Path(__file__).parents[2] / "golden" / "maps"
ELEMENTS = {"svg", "title", "desc", "style", "defs", "pattern", "rect", "path", "polygon", "ellipse", "g", "text"}
MOST_BYTES = 100_000
PICTURES = Path(__file__).parents[3] / "docs" / "pictures"
SCENES = {
    "every-state": scenes.busy,
    "dual-stack": scenes.dual_stack,
    "a-16": scenes.large,
    "a-28": scenes.tiny,
    "hostile-names": scenes.hostile,
}


@pytest.mark.parametrize("name", ["every-state", "dual-stack", "a-28", "hostile-names"])
def test_the_picture_is_the_one_that_was_looked_at(name, rewrite_golden):
    golden = GOLDEN / f"{name}.svg"
    found = subnet_map(SCENES[name](), now=NOW, trend=scenes.TREND, since=scenes.SINCE)
    if rewrite_golden:
        golden.write_text(found)
    assert found == golden.read_text(), "the picture changed"


@pytest.mark.parametrize("name", ["every-state", "dual-stack", "a-16"])
def test_the_picture_in_the_docs_is_what_is_drawn_today(name, rewrite_golden):
    """Their PNGs are made of these by `python -m tests.browser.pictures`."""
    kept = PICTURES / f"{name}.svg"
    found = subnet_map(SCENES[name](), now=NOW, trend=scenes.TREND if name == "every-state" else "", since=scenes.SINCE)
    if rewrite_golden:
        kept.write_text(found)
    assert found == kept.read_text(), "the picture changed"


@pytest.mark.parametrize("name", SCENES)
def test_every_picture_is_whole_by_itself(name):
    found = subnet_map(SCENES[name](), now=NOW, since=scenes.SINCE)
    root = parsed(found)
    assert root.get("role") == "img"
    kinds = {each.tag.split("}")[1] for each in root.iter()}
    assert kinds <= ELEMENTS, "no script, no use"
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)|@import|data:|href", found)
    assert set(re.findall(r"url\((.*?)\)", found)) <= {f"#{each}" for each in re.findall(r'id="(.*?)"', found)}


@pytest.mark.parametrize("name", SCENES)
def test_the_same_subnet_is_the_same_picture(name):
    assert subnet_map(SCENES[name](), now=NOW) == subnet_map(SCENES[name](), now=NOW)


# --- what it shows --------------------------------------------------------------------------------------------------


def test_each_block_is_painted_as_what_it_is():
    analysis = scenes.busy()
    found, svg = cells(analysis.blocks).states, subnet_map(analysis)
    by_state = {state: {n for n, each in enumerate(found) if each is state} for state in State}
    for state in (State.PREFIX, State.PARTLY_USED, State.RESERVED_DRAINING, State.PINNED, State.AWS, State.EXPLICIT):
        assert painted(svg, state) == by_state[state], state
    assert painted(svg, "drains") == by_state[State.RESERVED_DRAINING]
    hatched = painted(svg, State.RESERVED_FREE)
    assert by_state[State.RESERVED_FREE] <= hatched
    assert hatched <= analysis.blocks.reserved


@given(st.sets(st.integers(0, 4095)), st.integers(0, 8))
def test_a_path_covers_just_its_cells(numbers, rows_before):
    first = 16 * rows_before
    shifted = sorted(n + first for n in numbers)
    assert list(cells_of(path(shifted, first))) == sorted(numbers)


@pytest.mark.parametrize(
    ("numbers", "strokes"),
    [
        pytest.param([], "", id="none"),
        pytest.param([0], "m0 0h1", id="the first"),
        pytest.param([3, 4, 5], "m3 0h3", id="side by side"),
        pytest.param([3, 5], "m3 0h1m1 0h1", id="apart"),
        pytest.param([15, 16], "m15 0h1m-16 1h1", id="the end of a row and the beginning of the next"),
        pytest.param(range(32), "m0 0h16m-16 1h16", id="two rows"),
    ],
)
def test_a_path_is(numbers, strokes):
    assert path(numbers) == strokes


def test_the_legend_counts_every_state():
    words = texts(subnet_map(scenes.busy()))
    legend = {words[n]: words[n + 1] for n in range(len(words) - 1)}
    assert [legend[each] for each in ("Free", "Partly used", "Node's prefix", "Pinned", "Reserved by others")] == [
        str(list(cells(scenes.busy().blocks).states).count(each))
        for each in (State.FREE, State.PARTLY_USED, State.PREFIX, State.PINNED, State.EXPLICIT)
    ]


@pytest.mark.parametrize(
    ("cidr", "labels"),
    [
        ("10.0.0.0/28", ["10.0.0.0"]),
        ("10.0.0.128/25", ["10.0.0.128"]),
        ("10.0.0.0/22", ["10.0.0.0", "10.0.1.0", "10.0.2.0", "10.0.3.0"]),
    ],
)
def test_a_row_is_a_24(cidr, labels):
    words = texts(subnet_map(scenes.tiny(cidr)))
    assert [each for each in words if re.fullmatch(r"\d+\.\d+\.\d+\.\d+", each)] == labels


def test_a_16_has_a_row_for_each_24():
    words = texts(subnet_map(scenes.large()))
    assert [f"10.0.{n}.0" for n in range(256)] == [each for each in words if re.fullmatch(r"10\.0\.\d+\.0", each)]


def test_pointing_at_a_block_says_whose_it_is_and_since_when():
    found = titles(subnet_map(scenes.busy(), now=NOW, since=scenes.SINCE))
    assert (
        "10.20.5.176/28: pinned, 1 of 16 addresses in use\n10.20.5.181 load balancer eni-lb, for 40 days\n"
        "prefix reservation scr-10.20.5.128/26 (Headroom's)"
    ) in found
    assert "10.20.4.64/28: node's prefix\nnode eni-node-0 of i-eni-node-0 in shop, for 3 h" in found
    assert "10.20.7.192/28: reserved by others\nexplicit reservation scr-10.20.7.192/27 (not Headroom's)" in found


def test_without_the_time_there_is_no_age():
    assert not any("for 40 days" in each for each in titles(subnet_map(scenes.busy(), since=scenes.SINCE)))


def test_a_block_with_many_holders_names_those_that_stay_first():
    base = int(IPv4Network("10.0.0.0/24").network_address)
    crowd = an_eni("eni-crowd", *range(base + 48, base + 60), owner=Owner.TASK)
    database = an_eni("eni-db", base + 62, owner=Owner.DATABASE)
    (found,) = (
        each
        for each in titles(subnet_map(under_demand(a_subnet(interfaces=[crowd, database]), a_demand(0))))
        if each.startswith("10.0.0.48/28")
    )
    assert found.splitlines()[1] == "10.0.0.62 RDS database eni-db"
    assert found.splitlines()[-1] == "and 11 more"


def test_in_a_large_subnet_pointing_at_a_row_counts_it():
    assert any(
        re.match(r"10\.0\.7\.0/24: \d+ partly used, \d+ pinned; \d+ single addresses$", each)
        for each in titles(subnet_map(scenes.large()))
    )


# --- the text equivalent ----------------------------------------------------------------------------------------------


def test_the_description_says_what_the_picture_shows_and_what_is_wrong():
    found = description(subnet_map(scenes.busy(), trend=scenes.TREND))
    assert "25 free, 7 partly used, 14 nodes' prefixes" in found
    assert "9 of the 40 prefixes that nodes can still ask for could not be had." in found
    assert "2 reserved blocks will not drain without help: VPC endpoint, load balancer." in found
    assert f"Forecast: {scenes.TREND}." in found


@pytest.mark.parametrize(
    ("analysis", "says"),
    [
        pytest.param(scenes.dual_stack(), "Nothing wrong was seen.", id="nothing"),
        pytest.param(
            under_demand(a_subnet(), a_demand(0), partial="EC2 counts 3"),
            "Not everything in it could be seen: EC2 counts 3.",
            id="a view with holes",
        ),
        pytest.param(
            under_demand(a_subnet(reservations=[a_reservation("10.0.0.0/24", kind="explicit")]), a_demand(0)),
            "No /28 block is free: EC2 would refuse the next prefix (InsufficientCidrBlocks).",
            id="no block free",
        ),
        pytest.param(scenes.tiny(), "Too small for any prefix", id="a subnet of one block"),
        pytest.param(
            under_demand(a_subnet(ipv6_cidr="2001:db8::/79"), a_demand(0, ipv6_prefixes=3)),
            "3 of the 3 IPv6 prefixes (/80) that nodes can still ask for could not be had.",
            id="IPv6 prefixes missing",
        ),
    ],
)
def test_what_is_wrong(analysis, says):
    assert says in description(subnet_map(analysis))


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(minutes=7), "for 7 min"),
        (timedelta(hours=47), "for 47 h"),
        (timedelta(days=2), "for 2 days"),
        (timedelta(hours=-1), ""),
    ],
)
def test_ages_in_words(age, words):
    base = int(IPv4Network("10.0.0.0/24").network_address)
    subnet = a_subnet(interfaces=[an_eni("eni-1", base + 50)])
    found = titles(subnet_map(under_demand(subnet, a_demand(0)), now=NOW, since={"eni-1": NOW - age}))
    line = next(each for each in found if each.startswith("10.0.0.48/28")).splitlines()[1]
    assert line == "10.0.0.50 node eni-1" + (f", {words}" if words else "")


# --- names from outside -----------------------------------------------------------------------------------------------

NAMES = st.text(st.characters(), max_size=300) | st.sampled_from(
    [HOSTILE, "]]>", "&#0;", "<!--", "\x00", "\ud800", "'\""]
)


@settings(deadline=None, max_examples=60)
@given(NAMES, NAMES, NAMES)
def test_whatever_the_names_the_picture_is_valid_xml(name, id_, reason):
    base = int(IPv4Network("10.0.0.0/24").network_address)
    eni = replace(an_eni(id_, base + 20, prefixes=[base + 48]), instance_id=name, cluster=reason)
    subnet = a_subnet(interfaces=[eni], reservations=[a_reservation("10.0.0.64/26", reservation_id=id_)])
    subnet = replace(subnet, id=id_, zone=name, tags={"Name": name, "headroom:mode": reason})
    analysis = under_demand(subnet, a_demand(0), partial=reason)
    plain = subnet_map(scenes.tiny("10.0.0.0/24"))
    found = subnet_map(analysis, now=NOW, trend=reason, since={id_: NOW})
    assert {each.tag for each in parsed(found).iter()} == {each.tag for each in parsed(plain).iter()}
    assert parsed(map_in_page(analysis, trend=reason)).tag == parsed(plain).tag


def test_long_names_are_cut():
    found = subnet_map(scenes.hostile(), now=NOW)
    assert "W" * 41 not in found.split("<rect")[0].split("<desc")[0]
    assert len(found) < 25_000


# --- large and small ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cidr", ["10.0.0.0/16", "10.0.0.0/17", "10.0.0.0/18", "10.0.0.0/19", "10.0.0.0/20"])
def test_no_subnet_is_too_large(cidr):
    assert len(subnet_map(scenes.large(cidr), now=NOW).encode()) <= MOST_BYTES


def test_not_even_one_in_which_no_block_is_like_its_neighbour():
    assert len(subnet_map(scenes.checkered(), now=NOW).encode()) <= MOST_BYTES


def test_a_16_takes_milliseconds():
    """That is, no longer than to write 75,000 short texts, whatever else the machine does."""
    analysis = scenes.large()
    drawn, written = zip(
        *((spent(lambda: subnet_map(analysis, now=NOW)), spent(lambda: short_texts(75_000))) for _ in range(7)),
        strict=True,
    )
    assert min(drawn) <= min(written)


def short_texts(count: int) -> str:
    return "".join(f"<path d='M{n} {n}h8'/>" for n in range(count))


def spent(work: Callable[[], object]) -> float:
    """Seconds of this thread's processor time."""
    start = time.thread_time()
    work()
    return time.thread_time() - start


@pytest.mark.parametrize("length", range(16, 29))
def test_every_size_that_ec2_allows_can_be_drawn(length):
    assert parsed(subnet_map(scenes.tiny(f"10.0.0.0/{length}"))) is not None


# --- in a page --------------------------------------------------------------------------------------------------------


def test_maps_of_one_page_share_style_and_patterns():
    page = page_parts(Theme.DARK) + map_in_page(scenes.busy()) + map_in_page(scenes.tiny())
    assert page.count("<style>") == 1
    assert len(re.findall(r'id="', page)) == len(set(re.findall(r'id="(.*?)"', page)))
    assert set(re.findall(r"url\(#(.*?)\)", page)) <= set(re.findall(r'id="(.*?)"', page))
