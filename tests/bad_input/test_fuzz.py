"""A bounded share of the fuzzing, the same on each run; `python -m tests.bad_input` goes on from there."""

from __future__ import annotations

import pytest

from tests.bad_input.fuzz import Target, UncaughtError, attempt
from tests.bad_input.targets import TARGETS

SHARE = {"events": 1500, "release requests": 1500, "environment": 600, "context": 600, "subnet tags": 600}
OF_ANOTHER = 60  # a whole view is read for each


@pytest.mark.parametrize("target", TARGETS, ids=lambda each: each.name)
def test_everything_is_read_or_refused_with_a_named_error(target: Target):
    ends = {attempt(target, seed) for seed in range(SHARE.get(target.name, OF_ANOTHER))}
    assert "read" in ends
    assert len(ends) > 1 or not target.named


def test_an_error_that_has_no_name_is_found_and_says_how_to_see_it_again():
    careless = Target(name="careless", seeds=[{"a": {"b": 1}}], feed=lambda each: each["a"]["b"], named=())
    with pytest.raises(UncaughtError, match=r"again: python -m tests.bad_input --target 'careless' --seed \d+"):
        _ = [attempt(careless, seed) for seed in range(100)]


def test_the_same_seed_makes_the_same_input():
    seen = list[str]()
    target = Target(name="same", seeds=[{"a": [1, 2, {"b": "c"}]}], feed=lambda each: seen.append(repr(each)), named=())
    for seed in (1, 2, 3, 1, 2, 3):
        attempt(target, seed)
    assert seen[:3] == seen[3:]
    assert len(set(seen)) == 3
