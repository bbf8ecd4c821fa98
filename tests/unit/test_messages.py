"""Notices as people read them. The golden files are written anew with `pytest tests/unit --rewrite-golden`: read the
difference before committing it."""

import re
import shlex
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Address
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.alerts import SUBNET_FINDINGS, Notice, State
from functions.capacity.clusters import NodeGroup
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.messages import LISTED, message
from functions.capacity.owners import Owner
from functions.capacity.pins import Holder, Newcomer
from functions.capacity.wording import SUBJECT_LIMIT, Message
from tests.builders import NOW, a_group, a_reservation, a_subnet, an_analysis, an_interface, under_demand

GOLDEN = Path(__file__).parents[1] / "golden" / "messages"
SECTIONS = ["What", "Where", "Numbers", "Done", "To do", "Runbook"]
OURS = tuple(
    a_reservation(cidr, reservation_id=f"scr-0123456789abcdef{n}")
    for n, cidr in enumerate(["10.0.0.64/26", "10.0.0.128/27"])
)
NODE = an_interface("10.0.0.20", prefixes=["10.0.0.128/28"], instance_id="i-1")
OTHERS = [an_interface(f"10.0.0.{n}") for n in (5, 33, 37, 70, 200)]


def a_notice(
    finding: FindingId = FindingId.SHORTAGE,
    state: State = State.OPEN,
    *,
    group: NodeGroup | None = None,
    mode: str = "ahead",
    partial: str = "",
) -> Notice:
    """Of a subnet with a running node, a few other addresses and, where we may act, two reservations of ours."""
    ours = OURS if mode in {"ahead", "steer"} else ()
    subnet = a_subnet(mode=mode, interfaces=[NODE, *OTHERS], reservations=ours)
    analysis = an_analysis(subnet, group or a_group(desired=2, most=4, nodes=["i-1"]))
    return Notice(
        finding=finding,
        state=state,
        severity=Severity.WARNING,
        analysis=replace(analysis, partial=partial),
        since=NOW,
        reservations=ours,
    )


UNSEEN = "EC2 counts 200 available addresses, the interfaces and reservations that could be read explain 129 to 229"
NOTICES = {
    "reserved": replace(a_notice(FindingId.RESERVED, State.DONE), severity=Severity.INFO),
    "shortage-open": replace(a_notice(), why_not="the rest is needed for single addresses"),
    "shortage-untagged": a_notice(mode=""),
    "shortage-worse": replace(
        a_notice(state=State.WORSE, group=a_group(desired=4, most=4, nodes=["i-1"])), severity=Severity.CRITICAL
    ),
    "shortage-resolved": a_notice(state=State.RESOLVED, group=a_group(desired=1, most=1, nodes=["i-1"])),
    "shortage-advised": replace(
        a_notice(state=State.OPEN),
        outlook="full on Thursday about 14:00 UTC at this rate",
        advice=("Make a new subnet of 10.0.4.0/23:\n   aws ec2 create-subnet --cidr-block 10.0.4.0/23",),
    ),
    "reserved-steered": replace(a_notice(FindingId.RESERVED, State.DONE, mode="steer"), severity=Severity.INFO),
    "strays": replace(
        a_notice(FindingId.STRAYS, State.DONE, mode="steer"),
        newcomers=(
            Newcomer(
                reservation_id="scr-0123456789abcdef0",
                holder=Holder(
                    address=int(IPv4Address("10.0.0.70")), interface_id="eni-9", owner=Owner.LAMBDA, primary=True
                ),
            ),
        ),
    ),
    "partial-open": a_notice(FindingId.PARTIAL, partial=UNSEEN),
    "partial-resolved": a_notice(FindingId.PARTIAL, State.RESOLVED),
}


@pytest.mark.parametrize("name", NOTICES)
def test_golden(name, rewrite_golden):
    path, said = GOLDEN / f"{name}.txt", message(NOTICES[name])
    attributes = "".join(f"{key}: {value}\n" for key, value in sorted(said.attributes.items()))
    text = f"{said.subject}\n\n{said.body}\n{attributes}"
    if rewrite_golden:
        path.write_text(text)
    assert path.read_text() == text


def test_every_golden_file_is_of_a_message_that_there_is():
    assert {path.stem for path in GOLDEN.iterdir()} == NOTICES.keys()


def sections(said: Message) -> list[str]:
    return re.findall(r"^([A-Z][a-z ]+):$", said.body, flags=re.MULTILINE)


def command(said: Message, starts: str) -> list[str]:
    """The arguments of the one command in the message that starts so."""
    (line,) = (line for line in said.body.splitlines() if line.startswith(f"   {starts}"))
    return shlex.split(line)


@pytest.mark.parametrize(("finding", "state"), list(product(SUBNET_FINDINGS, State)), ids=str)
def test_every_finding_has_its_words_in_every_state(finding, state):
    said = message(a_notice(finding, state))
    expected = [each for each in SECTIONS if each != "Done" or finding is not FindingId.PARTIAL]
    assert sections(said) == expected
    assert said.attributes["finding"] == finding
    assert said.attributes["state"] == state
    assert said.body.endswith(f"Runbook:\ndocs/runbooks/{finding}.md\n")


@pytest.mark.parametrize("finding", FindingId)
def test_every_finding_has_its_runbook(finding):
    assert (Path(__file__).parents[2] / "docs" / "runbooks" / f"{finding}.md").is_file()


def test_the_attributes_are_texts_to_filter_subscriptions_by():
    assert message(a_notice()).attributes == {
        "finding": "subnet-cannot-hold-demand",
        "state": "open",
        "severity": "warning",
        "subnet": "subnet-0aa1bb2cc3dd4ee5f",
    }


@pytest.mark.parametrize("state", State)
def test_what_is_over_asks_for_nothing(state):
    asks = "To do:\nnothing\n" not in message(a_notice(state=state)).body
    assert asks == (state in (State.OPEN, State.WORSE))


def test_many_reservations_are_listed_in_order_and_then_counted():
    many = tuple(a_reservation(f"10.0.0.{16 * n}/28") for n in range(14, 0, -1))
    body = message(replace(a_notice(FindingId.RESERVED, State.DONE), reservations=many)).body
    listed = re.findall(r"^(10\S+) \(scr", body, flags=re.MULTILINE)
    assert listed == [f"10.0.0.{16 * n}/28" for n in range(1, LISTED + 1)]
    assert "\nand 2 more\n" in body


def test_a_subnet_that_only_needs_its_tag_comes_with_the_command_for_it():
    said = message(a_notice(mode="observe"))
    assert command(said, "aws ec2 create-tags")[-1] == "Key=headroom:mode,Value=ahead"
    assert "create-tags" not in message(a_notice(mode="ahead")).body


def test_a_group_is_never_told_to_be_smaller_than_it_is():
    group = a_group(desired=2, most=9, nodes=["i-1", "i-2", "i-3"])
    said = message(a_notice(group=group))
    assert command(said, "aws eks update-nodegroup-config")[-1] == "maxSize=3"


HOSTILE = [
    pytest.param("a\nTo do:\n1. curl example.com | sh", id="a new line does not start a section"),
    pytest.param("\r\n\t\x00\x07", id="control characters"),
    pytest.param("\x1b[2J\x1b[31mred", id="terminal escapes"),
    pytest.param("x'; rm -rf / #", id="a single quote does not end the argument"),
    pytest.param('$(id) `id` "x" \\', id="substitutions are not run"),
    pytest.param("--scaling-config", id="an option is an argument's value"),
    pytest.param("w" * 256, id="256 characters"),
    pytest.param("wörk\u202egnihton\u2028x", id="letters beyond ASCII, and invisible turns"),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_harmless(name):
    assert_harmless(name)


@given(st.text(min_size=1, max_size=256))
def test_any_name_comes_out_harmless(name):
    assert_harmless(name)


def assert_harmless(name: str) -> None:
    said = message(a_notice(group=a_group(most=4, name=name, cluster=name)))
    shown = "".join(c if c.isprintable() else "?" for c in name)
    assert all(c.isprintable() or c == "\n" for c in said.body)
    assert sections(said) == SECTIONS
    assert command(said, "aws eks") == [
        *("aws", "eks", "update-nodegroup-config", "--cluster-name", shown, "--nodegroup-name", shown),
        *("--scaling-config", "maxSize=1"),
    ]


@given(st.text(max_size=300), st.sampled_from(SUBNET_FINDINGS), st.sampled_from(State))
def test_a_subject_is_short_printable_ascii(subnet_id, finding, state):
    notice = a_notice(finding, state)
    analysis = under_demand(replace(notice.analysis.subnet, id=subnet_id), notice.analysis.demand)
    subject = message(replace(notice, analysis=analysis)).subject
    assert re.fullmatch(rf"[\x20-\x7e]{{1,{SUBJECT_LIMIT}}}", subject)
    assert subject.startswith(f"[WARNING] {state}: ")


def test_times_are_told_in_utc_wherever_they_were_taken():
    elsewhere = NOW.astimezone(tz=None) + timedelta(0)
    assert "since 2026-11-23 12:00 UTC" in message(replace(a_notice(), since=elsewhere)).body


def test_what_aws_said_cannot_start_a_line_of_its_own():
    said = message(replace(a_notice(), why_not="denied\n\nTo do:\nrm -rf /"))
    assert "no more, because denied??To do:?rm -rf /" in said.body.splitlines()
