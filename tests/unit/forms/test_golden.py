"""Every finding in every form, word for word. The files are written anew with `pytest tests/unit --rewrite-golden`:
read the difference before committing it."""

import json
from itertools import product
from pathlib import Path

import pytest

from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.forms.alert import Alert, digest
from functions.capacity.forms.refused import refused
from functions.capacity.incidents import State
from functions.capacity.wording import Form, Message
from sandbox.demo.published_schemas import SCHEMAS, breaches
from tests.builders import NOW
from tests.unit.findings.samples import SAMPLES
from tests.unit.forms.changes import PLACE, WORD, a_change, an_alert

GOLDEN = Path(__file__).parents[2] / "golden" / "alerts"
LIFE = [State.WORSE, State.REMINDED, State.RESOLVED]


def first(id_: FindingId) -> State:
    """What is over and done when it is told is told once; all else opens."""
    return State.DONE if id_ is FindingId.RESERVED else State.OPEN


def several() -> Alert:
    changes = [a_change(each, first(id_)) for id_, each in sorted(SAMPLES.items())]
    return digest([*changes, a_change(state=State.RESOLVED)], PLACE, NOW)


ALERTS = {id_.value: an_alert(finding, first(id_)) for id_, finding in SAMPLES.items()}
ALERTS |= {f"{FindingId.SHORTAGE}-{state}": an_alert(state=state) for state in LIFE}
ALERTS["several"] = several()


def told(alert: Alert, form: Form) -> bool:
    return form is not Form.PAGING or (alert.severity is Severity.CRITICAL and alert.state is not State.REMINDED)


MESSAGES = {f"{name}.{form}": WORD[form](each) for name, each in ALERTS.items() for form in Form if told(each, form)}
MESSAGES["message-refused.mail"] = refused(MESSAGES["several.chat"], "InvalidParameter: Message too long", PLACE)


def text_of(said: Message) -> str:
    attributes = "".join(f"{key}: {value}\n" for key, value in sorted(said.attributes.items()))
    body = said.body
    if said.form is not Form.MAIL:
        body = json.dumps(json.loads(body), indent=1, ensure_ascii=False) + "\n"
    return f"{said.subject}\n\n{body}\n{attributes}"


@pytest.mark.parametrize("name", MESSAGES)
def test_golden(name, rewrite_golden):
    path, text = GOLDEN / f"{name}.txt", text_of(MESSAGES[name])
    if rewrite_golden:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert path.read_text() == text


@pytest.mark.parametrize("name", MESSAGES)
def test_a_golden_message_obeys_its_schema(name):
    assert breaches(MESSAGES[name]) == []


def test_every_golden_file_is_of_a_message_that_there_is():
    assert {path.stem for path in GOLDEN.iterdir()} == MESSAGES.keys()


def test_every_finding_has_a_golden_file():
    assert {name.partition(".")[0] for name in MESSAGES} >= {each.value for each in FindingId}


def test_every_form_has_a_published_schema():
    assert {each.stem for each in SCHEMAS.iterdir()} == set(Form)


@pytest.mark.parametrize(("id_", "state"), list(product(SAMPLES, State)), ids=str)
def test_every_finding_in_every_state_obeys_the_schema_of_each_form(id_, state):
    alert = an_alert(SAMPLES[id_], state)
    assert {form: breaches(word(alert)) for form, word in WORD.items()} == {form: [] for form in Form}


@pytest.mark.parametrize("form", Form)
def test_a_digest_obeys_the_schema_of_each_form(form):
    many = digest([a_change(each) for each in SAMPLES.values()] * 40, PLACE, NOW)
    assert breaches(WORD[form](many)) == []


@pytest.mark.parametrize("form", Form)
def test_a_schema_can_be_broken(form):
    said = WORD[form](an_alert())
    broken = said.body.replace("Where:", "Wo:").replace('"1.0"', '"2.0"').replace('"ALARM"', '"ALARUM"')
    assert breaches(Message(subject=said.subject, body=broken, attributes=said.attributes, form=form))


@pytest.mark.parametrize("id_", FindingId)
def test_every_finding_has_its_runbook(id_):
    assert (Path(__file__).parents[3] / "docs" / "runbooks" / f"{id_}.md").is_file()
