"""The add-on's configuration with a few more settings: what was there stays."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.cni import CniSettings
from functions.capacity.migration.configuration import Merged, merged, wanted_env

ENV = {"ENABLE_PREFIX_DELEGATION": "true"}
VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda of: st.lists(of, max_size=3))
OBJECTS = st.dictionaries(st.text().filter(lambda key: key != "env"), VALUES, max_size=4)
ENVS = st.dictionaries(st.text(), st.text(), max_size=4)


@given(OBJECTS, ENVS, st.booleans())
def test_all_else_stays(others, env, as_yaml):
    before = {**others, "env": env}
    text = yaml.safe_dump(before) if as_yaml else json.dumps(before)
    after = yaml.safe_load(text) if as_yaml else json.loads(text)
    found = merged(text, ENV, {})
    assert yaml.safe_load(found.text) if as_yaml else json.loads(found.text) == {**after, "env": {**env, **ENV}}
    again = merged(found.text, ENV, {})
    assert again.text == found.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", Merged(text='{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'), id="nothing there"),
        pytest.param("null", Merged(text='{"env": {"ENABLE_PREFIX_DELEGATION": "true"}}'), id="null"),
        pytest.param(
            "z: 1\nenv:\n  X: '1'\n",
            Merged(text="z: 1\nenv:\n  X: '1'\n  ENABLE_PREFIX_DELEGATION: 'true'\n"),
            id="YAML stays YAML, in its order",
        ),
        pytest.param(
            "a: 'x # y'\n",
            Merged(text="a: 'x # y'\nenv:\n  ENABLE_PREFIX_DELEGATION: 'true'\n"),
            id="a # in a text is no comment",
        ),
        pytest.param(
            "a: 1 # why\n",
            Merged(text="a: 1\nenv:\n  ENABLE_PREFIX_DELEGATION: 'true'\n", comments_lost=True),
            id="comments are lost, and that is said",
        ),
    ],
)
def test_the_language_stays(text, expected):
    assert merged(text, ENV, {}) == expected


@pytest.mark.parametrize("text", ["[]", '{"env": []}', "{", "a: [", "- a"])
def test_what_is_no_configuration_is_not_touched(text):
    with pytest.raises(ValueError, match="the add-on's configuration values"):
        merged(text, ENV, {})


@pytest.mark.parametrize(
    ("settings", "warm"),
    [
        pytest.param(CniSettings(), "1", id="nothing chosen: one warm prefix"),
        pytest.param(CniSettings(warm_prefix_target=0, warm_prefix_target_set=True), "1", id="0 would stop aws-node"),
        pytest.param(CniSettings(warm_prefix_target=2, warm_prefix_target_set=True), None, id="two chosen"),
        pytest.param(CniSettings(warm_ip_target=5), None, id="addresses chosen, which outdo prefixes"),
        pytest.param(CniSettings(minimum_ip_target=5), None, id="a minimum chosen"),
    ],
)
def test_one_warm_prefix_unless_somebody_chose(settings, warm):
    assert wanted_env(settings).get("WARM_PREFIX_TARGET") == warm
