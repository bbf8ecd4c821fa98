"""Snapshots that somebody saved, cut, pasted together or edited: read as far as they go, or refused with a reason."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

from functions.aws.odd import OddAnswerError
from functions.aws.saved import Saved, snapshot_of
from functions.capacity.analyse import analyse
from functions.capacity.findings import findings
from functions.capacity.scope import EVERYWHERE
from tests.bad_input.wire import SUBNET, Wire
from tests.builders import NOW

GOOD: dict[str, Any] = json.loads(json.dumps(Wire().reader.gather(EVERYWHERE, NOW), default=str))
GOOD["kubernetes"] = {"demo": {"unknown": "not asked"}}
NETWORK = ("subnets", "networkInterfaces", "subnetCidrReservations")
ABOUT_NODES = (
    "instanceTypes",
    "instances",
    "clusters",
    "nodegroups",
    "addons",
    "addonUpdates",
    "autoScalingGroups",
    "launchTemplateVersions",
    "kubernetes",
)
_ODD: dict[str, Any] = {
    "null": None,
    "true": True,
    "a number": 7,
    "a fraction": 0.5,
    "a text": "nonsense",
    "a list of null": [None],
    "a list of texts": ["nonsense"],
    "a list of lists": [[]],
    "an object of null": {"demo": None},
    "an object of lists": {"demo": [1]},
}


def _with(key: str, value: Any) -> dict[str, Any]:
    return GOOD | {key: value}


def _items() -> list[Any]:
    """One more item in a list: what stands beside it stays."""
    return [
        pytest.param(_with(key, [*GOOD[key], odd]), id=f"{key} with one that is {what}")
        for key in (*NETWORK[:2], *ABOUT_NODES)
        if isinstance(GOOD[key], list)
        for what, odd in _ODD.items()
    ]


WHOLES = [pytest.param(each, id=f"the whole is {what}") for what, each in _ODD.items() if not isinstance(each, dict)]
OF_THE_NETWORK = [
    pytest.param(_with(key, each), id=f"{key} is {what}") for key in NETWORK for what, each in _ODD.items()
]
OF_NODES = [
    pytest.param(_with(key, each), id=f"{key} is {what}")
    for key in ABOUT_NODES
    for what, each in _ODD.items()
    if each != {"demo": None} or isinstance(GOOD[key], list)  # under a cluster's name null is what there is none of
]
MISSING = [pytest.param(key, id=f"{key} was not read") for key in GOOD]
ITEMS = _items()


def read(saved: Any) -> Any:
    """The snapshot, and all that is made of it."""
    snapshot = snapshot_of(deepcopy(saved), NOW)
    analyses = analyse(snapshot)
    assert all(each.title for each in findings(snapshot, analyses))
    return snapshot, analyses


def test_the_good_one_is_read_whole():
    snapshot, (analysis,) = read(GOOD)
    assert (snapshot.unknowns, analysis.partial) == ((), "")


@pytest.mark.parametrize("saved", WHOLES)
def test_what_is_no_object_is_no_snapshot(saved):
    with pytest.raises(OddAnswerError, match="a saved snapshot is a JSON object"):
        snapshot_of(saved, NOW)


@pytest.mark.parametrize("saved", OF_THE_NETWORK)
def test_an_odd_network_is_an_error_that_says_what_is_odd(saved):
    with pytest.raises(OddAnswerError, match=r"subnet|interface|reservation"):
        snapshot_of(saved, NOW)


@pytest.mark.parametrize("saved", OF_NODES)
def test_odd_answers_about_nodes_are_named_and_the_rest_goes_on(saved):
    snapshot, analyses = read(saved)
    assert snapshot.unknowns
    assert [each.subnet.id for each in analyses] == [SUBNET]


@pytest.mark.parametrize("saved", ITEMS)
def test_one_that_is_odd_is_named_and_costs_the_others_nothing(saved):
    try:
        snapshot, _ = read(saved)
    except OddAnswerError as error:
        assert str(error).startswith(("subnet", "interface"))  # noqa: PT017 - of the network each one counts
        return
    assert len(snapshot.unknowns) == 1
    assert {each.label for each in snapshot.node_groups} == {"demo/workers", "demo/own"}


@pytest.mark.parametrize("key", MISSING)
def test_what_was_not_read_makes_no_error_and_no_certainty(key):
    snapshot, analyses = read({name: each for name, each in GOOD.items() if name != key})
    good, _ = read(GOOD)
    incomplete = bool(snapshot.unknowns) or any(each.partial for each in analyses)
    assert incomplete or snapshot == good or key in {"subnets", "nodegroups", "autoScalingGroups", *LITTLE}


# Without these there is nothing to look at, or less to say: no subnet, no group that may still grow, no cluster.
LITTLE = {"clusters", "addonUpdates", "instances", "launchTemplateVersions"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("10.0.0.0/24", id="a CIDR as an address"),
        pytest.param("10.0.0.999", id="a number too large"),
        pytest.param("0x0a000004", id="hexadecimal"),
        pytest.param(167772164, id="a number"),
        pytest.param(True, id="true"),
        pytest.param(None, id="null"),
        pytest.param(["10.0.0.4"], id="a list"),
        pytest.param("10.0.0.4\n", id="a line break behind"),
        pytest.param("::ffff:10.0.0.4", id="an address of both families"),
    ],
)
def test_an_address_that_is_none_is_an_error_that_names_its_interface(text):
    saved = deepcopy(GOOD)
    saved["networkInterfaces"][0]["PrivateIpAddresses"][0]["PrivateIpAddress"] = text
    with pytest.raises(OddAnswerError, match="interface eni-0aa1bb2cc3dd4ee51"):
        snapshot_of(saved, NOW)  # type: ignore[arg-type]


CROOKED = [
    pytest.param("10.0.0.8/28", id="a block that is not aligned"),
    pytest.param("10.0.0.16/29", id="a block of another size"),
    pytest.param("10.0.0.16", id="no length"),
    pytest.param("2001:db8::/80", id="of the other family"),
    pytest.param(7, id="a number"),
]


@pytest.mark.parametrize("text", CROOKED)
def test_a_prefix_that_is_none_is_an_error_that_names_its_interface(text):
    saved = deepcopy(GOOD)
    saved["networkInterfaces"][0]["Ipv4Prefixes"] = [{"Ipv4Prefix": text}]
    with pytest.raises(OddAnswerError, match="interface eni-0aa1bb2cc3dd4ee51"):
        snapshot_of(saved, NOW)  # type: ignore[arg-type]


ELSEWHERE: list[Any] = [
    pytest.param("networkInterfaces", "PrivateIpAddresses", [{"PrivateIpAddress": "192.168.7.7"}], id="an address"),
    pytest.param("networkInterfaces", "Ipv4Prefixes", [{"Ipv4Prefix": "192.168.7.0/28"}], id="a prefix"),
    pytest.param("networkInterfaces", "SubnetId", "subnet-0123456789abcdef0", id="an interface"),
]


@pytest.mark.parametrize(("key", "name", "value"), ELSEWHERE)
def test_what_lies_outside_its_subnet_is_an_error_or_makes_the_view_partial(key, name, value):
    saved: Any = deepcopy(GOOD)
    saved[key][0][name] = value
    try:
        _, (analysis,) = read(saved)
    except OddAnswerError:
        return
    assert analysis.partial


def test_a_snapshot_that_is_read_is_not_changed():
    saved: Any = deepcopy(GOOD)
    snapshot_of(saved, NOW)
    assert saved == GOOD


def test_the_keys_are_those_of_the_form():
    assert set(GOOD) <= set(Saved.__annotations__)
    assert {*NETWORK, *ABOUT_NODES} < set(Saved.__annotations__)
