"""What is said in place of a message that SNS will never take."""

from __future__ import annotations

from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.forms.alert import Place
from functions.capacity.incidents import State
from functions.capacity.wording import Message, clean, subject, within

ANSWER, BEGINNING = 500, 2000  # characters of what SNS said, and of the message


def refused(message: Message, why: str, place: Place, *, quoted: bool = True) -> Message:
    """A short mail: which message it was, SNS's words and, where SNS takes that, how the message began."""
    where = f"account {place.account}, {place.region}" if place.account else "not known"
    began = f"\nthe message began:\n{_lines(message.body)}" if quoted else ""
    lines = (
        f"What:\na message for {message.form} could not be sent and was left out: {clean(message.subject)}",
        f"Where:\n{where}",
        f"Numbers:\nSNS answered: {within(clean(why), ANSWER)}{began}",
        "Done:\nit was left out, so that those behind it are sent",
        "To do:\n1. See to what it told.\n2. Report SNS's answer: Headroom should never send what SNS refuses.",
        f"Runbook:\n{place.runbook(FindingId.MESSAGE_REFUSED)}",
    )
    attributes = {"finding": FindingId.MESSAGE_REFUSED.value, "state": State.DONE.value}
    return Message(
        subject=subject(f"[WARNING] done: left out: {message.subject}"),
        body="\n\n".join(lines) + "\n",
        attributes={**attributes, "severity": Severity.WARNING.value},
    )


def _lines(body: str) -> str:
    """Moved in, so that none of them is taken for a heading of this mail."""
    return "\n".join(f"  {clean(line)}" for line in within(body, BEGINNING).splitlines())
