"""What `steer` learns from its looks: samples, yesterday, and whether single addresses scatter."""

from datetime import timedelta
from ipaddress import IPv4Address

import pytest

from functions.capacity.steer import Sample, remembered
from functions.capacity.steering.samples import lately, scattered, since_yesterday
from tests.builders import NOW, a_reservation, a_subnet, an_analysis, an_interface, looks

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.mark.parametrize(
    ("counts", "every", "expected"),
    [
        pytest.param([3, 9, 5], MINUTE, [(9, 6)], id="five minutes share a sample: the most, and the largest gain"),
        pytest.param([3, 9, 5], 5 * MINUTE, [(3, 0), (9, 6), (5, 0)], id="then comes the next"),
    ],
)
def test_looks_are_merged(counts, every, expected):
    assert [(each.singles, each.gain) for each in looks(counts, every=every)] == expected


def test_a_history_is_bounded():
    year = looks([5] * 24 * 20, every=HOUR)
    assert year[-1].at - year[0].at <= timedelta(days=14)
    half_day = looks([5] * 144, every=5 * MINUTE)
    assert len(half_day) <= 72 + 7 + 1


def test_yesterday_tells_only_who_was_there():
    assert since_yesterday(looks([5] * 20, every=HOUR), 18) == ()
    day = since_yesterday(looks(range(30), every=HOUR), 2)
    assert [each.singles for each in day] == [5, 6, 7]
    assert [each.singles for each in lately(looks(range(30), every=HOUR), 2 * HOUR)] == [27, 28, 29]


@pytest.mark.parametrize(
    ("fair", "spoiled", "expected"),
    [
        pytest.param(0.0, 0, True, id="unknown counts as scattered"),
        pytest.param(20.0, 19, True, id="free blocks get their share"),
        pytest.param(20.0, 0, False, id="free blocks are spared"),
        pytest.param(5.0, 0, True, id="spared, but by too few to be sure"),
    ],
)
def test_whether_singles_scatter_is_learnt(fair, spoiled, expected):
    sample = Sample(at=NOW, latest=9, singles=9, free=10, fair=fair, spoiled=spoiled)
    assert scattered((sample,), blocks=14) is expected


@pytest.mark.parametrize(
    ("fair", "spoiled", "holes", "expected"),
    [
        pytest.param(31.0, 1, 0, True, id="one in thirty-one may be the first of many"),
        pytest.param(32.0, 1, 0, False, id="one in two times sixteen is chance"),
        pytest.param(40.0, 0, 41, True, id="an order that walks on takes all other open addresses first"),
        pytest.param(40.0, 0, 40, False, id="a whole round, and the free blocks are still spared"),
    ],
)
def test_few_single_addresses_do_not_tell_that_free_blocks_are_spared(fair, spoiled, holes, expected):
    sample = Sample(at=NOW, latest=9, singles=9, free=10, fair=fair, spoiled=spoiled, holes=holes)
    assert scattered((sample,), blocks=14) is expected


@pytest.mark.parametrize(
    ("where", "spoiled"),
    [
        pytest.param([*range(16, 20), *range(20, 22)], 0, id="into blocks that others are in already"),
        pytest.param([*range(16, 20), 100, 120], 2, id="into blocks that were free"),
    ],
)
def test_it_is_seen_where_new_single_addresses_go(where, spoiled):
    base = int(IPv4Address("10.0.0.0"))
    before, after = (
        an_analysis(a_subnet(interfaces=[an_interface(*(str(IPv4Address(base + n)) for n in some))]))
        for some in (where[:4], where)
    )
    look = remembered(remembered((), before, NOW), after, NOW + 5 * MINUTE)[-1]
    assert look.gain == 2
    assert look.spoiled == spoiled
    assert look.fair == pytest.approx(2 * 13 * 16 / (13 * 16 + 24))  # 13 free blocks; 12 in the other, 12 in the first


@pytest.mark.parametrize(
    ("spoiled", "expected"),
    [
        pytest.param(5, True, id="one in sixteen into a new block: the next after the last goes through all of them"),
        pytest.param(4, False, id="four may be chance, whatever their share"),
    ],
)
def test_an_order_that_walks_over_the_subnet_scatters_too(spoiled, expected):
    assert scattered((Sample(at=NOW, latest=9, singles=9, free=10, fair=80.0, spoiled=spoiled),), blocks=14) is expected


@pytest.mark.parametrize(
    ("spoiled", "free", "expected"),
    [
        pytest.param(19, 52, False, id="any of the lower addresses: where many blocks are free, nobody misses those"),
        pytest.param(19, 51, True, id="the same where fewer than a fifth were free lately"),
        pytest.param(4, 0, False, id="the lowest address: four may be chance, however few blocks are free"),
    ],
)
def test_an_order_that_scatters_within_a_window_matters_where_blocks_are_few(spoiled, free, expected):
    day = Sample(at=NOW, latest=9, singles=9, free=free, fair=655.8, spoiled=spoiled)
    now = Sample(at=NOW + 40 * HOUR, latest=9, singles=9, free=200)
    assert scattered((day, now), blocks=256) is expected


def test_the_last_block_is_no_room_that_others_had():
    """Where EC2 takes the lowest address, single addresses come into a new block before they come into the last."""
    base = int(IPv4Address("10.0.0.0"))
    before, after = (
        an_analysis(a_subnet(interfaces=[an_interface(*(str(IPv4Address(base + n)) for n in range(4, until)))]))
        for until in (16, 18)
    )
    look = remembered(remembered((), before, NOW), after, NOW + 5 * MINUTE)[-1]
    assert (look.gain, look.spoiled, look.fair) == (2, 0, 0.0)


def test_below_the_highest_block_in_use_nothing_is_learnt():
    """There a free block may be the lowest of all: single addresses left it, and the next one comes back into it."""
    base = int(IPv4Address("10.0.0.0"))
    before, after = (
        an_analysis(a_subnet(interfaces=[an_interface(*(str(IPv4Address(base + n)) for n in some))]))
        for some in ([200], [200, 20])
    )
    look = remembered(remembered((), before, NOW), after, NOW + 5 * MINUTE)[-1]
    assert (look.gain, look.spoiled) == (1, 0)


def test_a_range_of_others_above_hides_nothing_of_what_is_open():
    """An explicit reservation is nobody's free block: what is open below it is still spared or not."""
    theirs = a_reservation("10.0.0.224/28", ours=False, kind="explicit")
    looked = [
        an_analysis(a_subnet(interfaces=[an_interface(*(f"10.0.0.{n}" for n in some))], reservations=[theirs]))
        for some in (range(16, 20), range(16, 22))
    ]
    history = remembered(remembered((), looked[0], NOW), looked[1], NOW + MINUTE)
    assert history[-1].fair > 0
