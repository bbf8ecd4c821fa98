"""The words. Golden files stand in tests/golden/messages; REWRITE_GOLDEN=1 writes them anew: read the difference."""

import os
import re
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from functions.capacity.alerts import Finding, Notice, Severity, State
from functions.capacity.messages import SUBJECT_LIMIT, message
from tests.builders import NOW, a_group, a_reservation, a_subnet, an_analysis, an_interface

GOLDEN = Path(__file__).parent.parent / "golden" / "messages"
NODE = an_interface("10.0.0.9", prefixes=["10.0.0.64/28"], instance_id="i-1")
OTHERS = an_interface("10.0.0.37", "10.0.0.150", interface_id="eni-2")
RESERVATIONS = (
    a_reservation("10.0.0.64/27", reservation_id="scr-0a"),
    a_reservation("10.0.0.32/28", reservation_id="scr-0b"),
)
SUBNET = a_subnet("10.0.0.0/24", interfaces=[NODE, OTHERS], reservations=RESERVATIONS)
ANALYSIS = an_analysis(SUBNET, a_group(desired=1, most=3, nodes=["i-1"]))


def a_notice(finding: Finding, state: State, **changes: object) -> Notice:
    notice = Notice(
        finding=finding,
        state=state,
        severity=Severity.WARNING,
        analysis=ANALYSIS,
        since=NOW,
        reservations=RESERVATIONS,
    )
    return replace(notice, **changes)  # type: ignore[arg-type]


PARTIAL = an_analysis(a_subnet("10.0.0.0/24", available=3), a_group(most=2))
CASES = {
    "reserved": a_notice(Finding.RESERVED, State.DONE, severity=Severity.INFO),
    "shortage-open": a_notice(Finding.SHORTAGE, State.OPEN, why_not="the subnet has no more blocks"),
    "shortage-worse": a_notice(Finding.SHORTAGE, State.WORSE, severity=Severity.CRITICAL),
    "shortage-resolved": a_notice(Finding.SHORTAGE, State.RESOLVED),
    "shortage-untagged": a_notice(
        Finding.SHORTAGE,
        State.OPEN,
        analysis=an_analysis(a_subnet("10.0.0.0/25", mode=""), a_group(most=2)),
        reservations=(),
    ),
    "partial-open": a_notice(Finding.PARTIAL, State.OPEN, analysis=PARTIAL, reservations=()),
    "partial-resolved": a_notice(Finding.PARTIAL, State.RESOLVED, reservations=()),
}


@pytest.mark.parametrize("name", CASES)
def test_golden(name):
    said = message(CASES[name])
    attributes = "".join(f"{key}: {value}\n" for key, value in sorted(said.attributes.items()))
    text = f"{said.subject}\n\n{said.body}\n{attributes}"
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("state", State)
def test_every_finding_in_every_state_has_its_words_in_the_fixed_order(finding, state):
    said = message(a_notice(finding, state))
    assert re.fullmatch(r"[\x20-\x7e]+", said.subject)
    assert len(said.subject) <= SUBJECT_LIMIT
    order = ["What", "Where", "Numbers", "Done", "To do", "Runbook"]
    found = re.findall(r"^([A-Z][A-Za-z ]*):$", said.body, flags=re.MULTILINE)
    assert found == [each for each in order if each in found]
    assert {"What", "Where", "Numbers", "To do", "Runbook"} <= set(found)
    assert said.attributes["finding"] == finding


HOSTILE = ["a\nb", "\x1b[31mred", "$(reboot)", "'; reboot; '", "<script>", "x" * 256, "ünïcødé", "\u202eevil"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_harmless(name):
    analysis = an_analysis(a_subnet(), a_group(name=name, most=9))
    said = message(a_notice(Finding.SHORTAGE, State.OPEN, analysis=analysis))
    assert all(line.isprintable() for line in said.body.splitlines())
    (command,) = [line for line in said.body.splitlines() if "update-nodegroup-config" in line]
    words = shlex.split(command)
    assert words[:3] == ["aws", "eks", "update-nodegroup-config"]
    assert words[words.index("--nodegroup-name") + 1] == "".join(c if c.isprintable() else "?" for c in name)


def test_many_reservations_are_named_in_part_and_counted():
    many = tuple(a_reservation(f"10.0.0.{16 * n}/28") for n in range(1, 15))
    said = message(a_notice(Finding.RESERVED, State.DONE, reservations=many))
    assert "reserved 14 prefixes" in said.subject
    assert said.body.count("scr-") == 12
    assert "and 2 more" in said.body


def test_every_finding_has_its_runbook():
    folder = Path(__file__).parent.parent.parent / "docs" / "runbooks"
    assert [finding for finding in Finding if not (folder / f"{finding}.md").is_file()] == []
