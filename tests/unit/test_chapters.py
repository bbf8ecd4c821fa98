"""What people know as items of the table: whole where it is short, in parts where it is long, never of two versions."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha512
from typing import Any

import pytest

from functions.aws import chapters
from functions.aws.chapters import PART, WHOLE, TornChapterError
from functions.aws.memory import AT_ONCE, LARGEST, _together
from functions.aws.table import cluster_key
from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.incidents import MOST, Incident, follow
from functions.capacity.remembered import Known
from tests.builders import NOW
from tests.unit.findings.samples import SAMPLES

KEY = cluster_key("demo")
LIMIT = 400_000  # bytes of an item
SAMPLE = SAMPLES[FindingId.MAX_PODS_TOO_LOW]


def a_finding(n: int, severity: Severity = Severity.CRITICAL) -> Finding:
    resource = Resource(kind=Kind.NODE_GROUP, name=f"workers-{n:05}", cluster="demo")
    title = SAMPLE.title.replace("workers", resource.name)
    return replace(SAMPLE, resource=resource, title=title, severity=severity)


def known(how_many: int) -> Known:
    return Known(incidents=follow(map(a_finding, range(how_many)), {}, NOW)[1])


def unlike() -> Known:
    """As many as can be, with the longest names that there are, each unlike the others: what hardly packs."""
    names = [f"{sha512(str(n).encode()).hexdigest()}{sha512(f'x{n}'.encode()).hexdigest()}" for n in range(MOST)]
    return Known(
        incidents={
            f"f nodegroup/demo/{name}": Incident(since=NOW, finding="f", resource=f"nodegroup/demo/{name}", title=name)
            for name in names
        }
    )


def items_of(known_: Known, replaces: int = 0) -> dict[str, Any]:
    return {each["Item"]["sk"]["S"]: each["Item"] for each in chapters.puts(KEY, known_, replaces)}


def size(item: Any) -> int:
    values = (value for each in item.values() for value in each.values())
    return sum(len(each if isinstance(each, bytes) else str(each).encode()) for each in values) + 100


@pytest.mark.parametrize("how_many", [0, 1, 100, 800, MOST], ids=str)
def test_so_many_incidents_are_remembered_as_they_were(how_many):
    items = items_of(known(how_many))
    assert chapters.read("INCIDENTS", items) == (known(how_many), 1)
    assert max(map(size, items.values())) < LIMIT
    assert len(known(how_many).incidents) == how_many


def test_the_worst_is_several_parts_in_one_transaction():
    items = items_of(unlike(), 6)
    assert len(items) > 1
    assert max(map(size, items.values())) < LIMIT
    assert sum(map(size, items.values())) < LARGEST
    assert chapters.read("INCIDENTS", items) == (unlike(), 7)


def test_a_short_one_can_be_read_by_people():
    ((_, item),) = items_of(known(3)).items()
    assert "max-pods-too-low" in item["told"]["S"]
    assert len(item["told"]["S"]) < WHOLE


def test_parts_of_two_versions_are_no_chapter():
    old, new = items_of(unlike(), 1), items_of(unlike(), 2)
    with pytest.raises(TornChapterError):
        chapters.read("INCIDENTS", {**new, "INCIDENTS#001": old["INCIDENTS#001"]})
    with pytest.raises(TornChapterError):
        chapters.read("INCIDENTS", {"INCIDENTS": new["INCIDENTS"]})


def test_parts_that_are_left_of_a_longer_one_do_no_harm():
    items = {**items_of(unlike(), 1), **items_of(known(5), 2)}
    assert chapters.read("INCIDENTS", items) == (known(5), 3)


def test_the_gravest_are_followed_first_and_the_others_once_there_is_room():
    warnings = [a_finding(n, Severity.WARNING) for n in range(MOST + 10)]
    grave = [a_finding(MOST + 10 + n) for n in range(5)]
    changes, book = follow([*warnings, *grave], {}, NOW)
    assert len(book) == MOST
    assert {each.incident.resource for each in changes} == {str(each.resource) for each in grave}
    fewer = warnings[15:]
    for minutes in (1, 2, 20, 40):
        _, book = follow([*fewer, *grave], book, NOW + timedelta(minutes=minutes))
    assert {each.resource for each in book.values()} == {str(each.resource) for each in (*fewer, *grave)}


def test_what_is_followed_is_not_left_out_for_what_is_new():
    _, book = follow(map(a_finding, range(MOST)), {}, NOW)
    _, after = follow(map(a_finding, range(MOST + 1)), book, NOW)
    assert after.keys() == book.keys()


def put(length: int) -> dict[str, Any]:
    return {"Put": {"Item": {"told": {"B": b"x" * length}}}}


def test_writes_go_together_as_far_as_a_transaction_reaches_and_groups_stay_whole():
    groups = [[put(10)]] * (AT_ONCE + 3) + [[put(PART)] * 9, [put(PART)] * 9]
    found = [[sum(len(each["Put"]["Item"]["told"]["B"]) for each in one), len(one)] for one in _together(groups)]
    assert found == [[1000, 100], [30 + 9 * PART, 12], [9 * PART, 9]]
