"""A subnet's history as it is stored."""

import json
import zlib
from datetime import timedelta

from functions.aws.history import packed, unpacked
from functions.capacity.past import Past, with_look
from tests.builders import NOW, a_reservation, a_subnet, an_analysis, an_interface


def a_past(looks: int) -> Past:
    subnet = a_subnet(interfaces=[an_interface("10.0.0.20", "10.0.0.21")], reservations=[a_reservation("10.0.0.16/28")])
    past = Past()
    for n in range(looks):
        past, _ = with_look(past, an_analysis(subnet), NOW + n * timedelta(minutes=5))
    return past


def test_it_comes_back_as_it_was():
    past = a_past(200)
    assert len(past.history) > 50
    assert past.inside
    assert unpacked(packed(past)) == past
    assert unpacked(packed(Past())) == Past()


def test_weeks_of_it_fit_an_item_of_the_table_many_times():
    assert len(packed(a_past(12 * 24 * 15))) < 20_000


def test_what_another_version_made_is_forgotten_rather_than_misread():
    other = {"samples": [{"at": NOW.isoformat(), "something": 1}], "inside": {}}
    assert unpacked(zlib.compress(json.dumps(other).encode())) == Past()
