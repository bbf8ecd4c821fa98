"""A subnet's history as it is stored."""

import json
import zlib
from datetime import timedelta

from functions.aws.history import packed, unpacked
from functions.capacity.steering.samples import Sample, remembered
from tests.builders import NOW, a_subnet, an_analysis


def a_history(looks: int) -> tuple[Sample, ...]:
    history: tuple[Sample, ...] = ()
    for n in range(looks):
        history = remembered(history, an_analysis(a_subnet()), NOW + n * timedelta(minutes=5))
    return history


def test_it_comes_back_as_it_was():
    history = a_history(200)
    assert unpacked(packed(history)) == history
    assert unpacked(packed(())) == ()


def test_weeks_of_it_fit_an_item_of_the_table_many_times():
    assert len(packed(a_history(12 * 24 * 15))) < 20_000


def test_what_another_version_made_is_forgotten_rather_than_misread():
    other = [{"at": NOW.isoformat(), "something": 1}]
    assert unpacked(zlib.compress(json.dumps(other).encode())) == ()
