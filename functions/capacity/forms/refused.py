"""What is said in place of a message that SNS will never take."""

from __future__ import annotations

from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.incidents import State
from functions.capacity.wording import Message, clean, subject, within


def refused(message: Message, why: str) -> Message:
    """A short mail: which message it was, and SNS's words."""
    lines = (
        f"What:\na message for {message.form} could not be sent and was left out: {clean(message.subject)}",
        f"Answer:\n{within(clean(why), 500)}",
        "To do:\n1. See in the log of the run what it was about.\n2. Report it: sizes are bounded, it cannot happen.",
        f"Runbook:\ndocs/runbooks/{FindingId.MESSAGE_REFUSED}.md",
    )
    attributes = {"finding": FindingId.MESSAGE_REFUSED.value, "state": State.DONE.value}
    return Message(
        subject=subject(f"[WARNING] done: left out: {message.subject}"),
        body="\n\n".join(lines) + "\n",
        attributes={**attributes, "severity": Severity.WARNING.value},
    )
