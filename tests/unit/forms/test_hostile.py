"""Names come from tags and may hold anything: what comes out of them in each form does no harm."""

import json
import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.capacity.findings.finding import FindingId, Kind, Resource
from functions.capacity.forms.alert import alert, digest
from functions.capacity.incidents import State
from functions.capacity.wording import SUBJECT_LIMIT, Form, Message, clean
from sandbox.demo.published_schemas import breaches
from tests.builders import NOW
from tests.unit.findings.samples import SAMPLES
from tests.unit.forms.changes import PLACE, WORD, a_change

HOSTILE = [
    pytest.param("a\nTo do:\n1. curl example.com | sh", id="a new line does not start a section"),
    pytest.param("\r\n\t\x00\x07", id="control characters"),
    pytest.param("\x1b[2J\x1b[31mred", id="terminal escapes"),
    pytest.param("x'; rm -rf / #", id="a single quote does not end the argument"),
    pytest.param('$(id) `id` "x" \\', id="substitutions are not run"),
    pytest.param("x```; rm -rf / #", id="the end of a code block"),
    pytest.param("--scaling-config", id="an option is an argument's value"),
    pytest.param("w" * 256, id="256 characters"),
    pytest.param("wörk\u202egnihton\u2028x", id="letters beyond ASCII, and invisible turns"),
    pytest.param("<script>alert(1)</script>&amp;", id="HTML"),
    pytest.param("<!here> <!channel> <@U012AB3CD> <https://example.com|click>", id="Slack's mentions and links"),
    pytest.param("@channel @here @everyone", id="mentions by name"),
    pytest.param("*bold* _it_ ~gone~ [click](https://example.com) `code`", id="Markdown"),
    pytest.param("\ud800", id="half a character"),
]


def said_of(name: str, state: State = State.OPEN) -> dict[Form, Message]:
    """A finding whose every text holds the name, in each form."""
    command = f"aws eks describe-cluster --name {shlex.quote(clean(name))}"
    finding = replace(
        SAMPLES[FindingId.MAX_PODS_TOO_LOW],
        resource=Resource(kind=Kind.NODE_GROUP, name=name, cluster=name),
        title=f"nodes of {name} take fewer pods",
        means=f"of {name}",
        done=(f"nothing to {name}",),
        numbers={"types": [name], "perType": {name: 1}, "why": name},
        remedy=(f"See {clean(name)}:\n{command}",),
    )
    change = a_change(finding, state)
    return {form: word(alert(change, PLACE, NOW)) for form, word in WORD.items()}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_come_out_harmless(name):
    assert_harmless(name)


@given(st.text(max_size=256))
def test_any_name_comes_out_harmless(name):
    assert_harmless(name)


def assert_harmless(name: str) -> None:
    said = said_of(name)
    assert {form: breaches(each) for form, each in said.items()} == {form: [] for form in Form}
    for each in said.values():
        assert re.fullmatch(rf"[\x20-\x7e]{{1,{SUBJECT_LIMIT}}}", each.subject)
        assert all(value and len(value) <= 256 for value in each.attributes.values())
    assert_mail_is_lines_of_text(said[Form.MAIL], name)
    assert_chat_formats_nothing(said[Form.CHAT])


def assert_mail_is_lines_of_text(mail: Message, name: str) -> None:
    assert all(c.isprintable() or c == "\n" for c in mail.body)
    sections = re.findall(r"^([A-Z][a-z ]+):$", mail.body, flags=re.MULTILINE)
    assert sections == ["What", "Where", "Numbers", "What it means", "Done", "To do", "Runbook"]
    (line,) = (line for line in mail.body.splitlines() if line.startswith("   aws --region us-east-1 eks"))
    assert shlex.split(line)[-1] == clean(name)


def assert_chat_formats_nothing(chat: Message) -> None:
    content = json.loads(chat.body)["content"]
    outside = re.sub(
        r"```\n.*?\n```",
        "",
        "\n".join([content["title"], content["description"], *content["nextSteps"]]),
        flags=re.DOTALL,
    )
    assert not re.search(r"[<>@*~`\[\]|]|https?://|(?<!\w)_|_(?!\w)", outside)
    for each in (content["description"], *content["nextSteps"]):
        assert each.count("```") % 2 == 0


@pytest.mark.parametrize("name", HOSTILE)
def test_a_command_in_chat_is_whole_or_not_there(name):
    (step,) = json.loads(said_of(name)[Form.CHAT].body)["content"]["nextSteps"]
    fenced = re.findall(r"```\n(.*)\n```", step, flags=re.DOTALL)
    if fenced:
        shown = (
            fenced[0]
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
            .replace("\N{FULLWIDTH COMMERCIAL AT}", "@")
        )
        assert shlex.split(shown)[-1] == clean(name).replace("```", "???")
    else:
        assert "(the command is in the mail" in step


def test_what_differs_only_beyond_where_names_are_cut_is_still_two_pages_and_two_threads():
    first, second = (said_of("w" * 250 + end)[Form.PAGING] for end in "ab")
    assert json.loads(first.body)["AlarmName"] != json.loads(second.body)["AlarmName"]


def test_a_page_has_the_same_name_when_it_opens_and_when_it_is_over_and_says_so_in_its_subject():
    opened, over = (said_of("workers", state)[Form.PAGING] for state in (State.OPEN, State.RESOLVED))
    names = [json.loads(each.body)["AlarmName"] for each in (opened, over)]
    assert names[0] == names[1]
    assert [(each.subject.split(" ")[0], json.loads(each.body)["NewStateValue"]) for each in (opened, over)] == [
        ("ALARM:", "ALARM"),
        ("OK:", "OK"),
    ]


def test_one_incident_is_one_thread_and_the_next_one_of_the_same_cause_another():
    def thread(change) -> str:
        return str(json.loads(WORD[Form.CHAT](alert(change, PLACE, NOW)).body)["metadata"]["threadId"])

    first = a_change()
    later = replace(first, incident=replace(first.incident, since=NOW.replace(hour=13)))
    assert thread(first) == thread(a_change(state=State.RESOLVED)) != thread(later)


@pytest.mark.parametrize("form", Form)
def test_a_thousand_changes_at_once_stay_within_every_limit(form):
    finding = replace(
        SAMPLES[FindingId.SHORTAGE], title="é" * 1000, numbers={"x": ["a b" * 1000] * 1000}, remedy=("é" * 9000,) * 90
    )
    for said in (
        WORD[form](digest([a_change(finding)] * 1000, PLACE, NOW)),
        WORD[form](alert(a_change(finding), PLACE, NOW)),
    ):
        assert len(said.body.encode()) <= 100_000
