"""The demo takes no message whose form's published schema it breaks."""

import pytest

from functions.capacity.wording import Form
from sandbox.demo.listener import NotSeenError
from sandbox.demo.play import _validate
from sandbox.demo.published_schemas import breaches, received
from tests.unit.forms.changes import WORD, an_alert


def envelope(form: Form, **other: object) -> dict[str, object]:
    """As SNS delivers it to a queue or a URL."""
    said = WORD[form](an_alert())
    attributes = {name: {"Type": "String", "Value": value} for name, value in said.attributes.items()}
    return {"Subject": said.subject, "Message": said.body, "MessageAttributes": attributes, **other}


@pytest.mark.parametrize("form", Form)
def test_a_message_is_received_as_it_was_said(form):
    assert received(envelope(form), form) == WORD[form](an_alert())
    assert breaches(received(envelope(form), form)) == []
    _validate({form: [envelope(form)]})


@pytest.mark.parametrize(("form", "message"), [(Form.MAIL, "What:\n"), (Form.CHAT, "{}"), (Form.PAGING, "{}")])
def test_a_message_that_does_not_obey_its_schema_fails_the_demo(form, message):
    with pytest.raises(NotSeenError, match=f"a message for {form} does not obey docs/schemas/{form}.json"):
        _validate({form: [envelope(form), envelope(form, Message=message)]})
