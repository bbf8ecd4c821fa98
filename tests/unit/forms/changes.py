"""Changes of findings, as `incidents.follow` makes them."""

from datetime import timedelta

from functions.capacity.findings.finding import Finding, FindingId
from functions.capacity.forms import chat, mail, paging
from functions.capacity.forms.alert import Alert, Place, alert
from functions.capacity.incidents import Change, Incident, State, key_of
from functions.capacity.wording import Form
from tests.builders import NOW
from tests.unit.findings.samples import SAMPLES

PLACE = Place(account="123456789012", region="us-east-1")
AFTER = {State.WORSE: timedelta(minutes=35), State.REMINDED: timedelta(hours=1), State.RESOLVED: timedelta(minutes=95)}
WORD = {Form.MAIL: mail.message, Form.CHAT: chat.message, Form.PAGING: paging.message}


def a_change(finding: Finding | None = None, state: State = State.OPEN) -> Change:
    found = finding or SAMPLES[FindingId.SHORTAGE]
    incident = Incident(
        since=NOW,
        finding=found.id,
        resource=str(found.resource),
        title=found.title,
        cluster=found.cluster,
        where=found.where,
        over=found.over,
        told=found.severity,
    )
    return Change(
        state=state,
        key=key_of(found),
        incident=incident,
        severity=found.severity,
        before=None if state is State.OPEN else found.severity,
        finding=None if state is State.RESOLVED else found,
    )


def an_alert(finding: Finding | None = None, state: State = State.OPEN) -> Alert:
    return alert(a_change(finding, state), PLACE, NOW + AFTER.get(state, timedelta()))
