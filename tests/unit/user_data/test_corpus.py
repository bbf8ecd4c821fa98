"""Every file of the corpus says what stands beside it."""

from dataclasses import replace

import pytest

from functions.capacity.user_data import read
from tests.unit.user_data.files import EXPECTED, NAMES, encoded, expected, raw


def test_each_file_has_an_expectation_and_each_expectation_a_file():
    assert sorted(EXPECTED) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_file_says_what_stands_beside_it(name):
    said, want = read(encoded(raw(name))), expected(name)

    assert want.unknown in said.unknown
    assert bool(want.unknown) == bool(said.unknown)
    assert replace(said, unknown="") == replace(want, unknown="")
    assert "could not be read" not in said.unknown, "a parser raised what nobody thought of"
