"""An alert as a custom notification of Amazon Q Developer in chat applications, one thread for each incident.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html: version, source, content and metadata; JSON of
another shape is dropped in silence. The bounds here are our own, no higher than what Slack takes of a header (150
characters) and of a section (3,000; Slack's block kit reference). [unproven: that the service's own are no lower]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from functions.capacity.forms.alert import Alert
from functions.capacity.wording import ATTRIBUTE_LIMIT, Form, Message, subject, time, within

TITLE, DESCRIPTION, NEXT_STEP, CONTEXT = 150, 3000, 350, 1024  # characters
NEXT_STEPS, KEYWORDS = 10, 5  # at most
_ELSEWHERE = "(the command is in the mail, and on the runbook's page)"

# Names come from tags and may hold anything. Slack's own escapes (&, <, >) end links and mentions such as <!here>; the
# rest has no escape in every chat, so a look-alike takes its place: @ would mention, * ~ ` [ ] and // would format.
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "\N{FULLWIDTH COMMERCIAL AT}"})
_PLAIN = str.maketrans(
    {"*": "\N{ASTERISK OPERATOR}", "~": "\N{TILDE OPERATOR}", "`": "'", "[": "(", "]": ")", "|": "\N{DIVIDES}"}
)


def message(alert: Alert) -> Message:
    """The notification."""
    body = {
        "version": "1.0",
        "source": "custom",
        "id": within(f"{alert.thread}/{alert.state}/{alert.at:%Y%m%dT%H%M%SZ}", CONTEXT),
        "content": {
            "textType": "client-markdown",
            "title": within(_title(alert), TITLE),
            "description": _description(alert),
            "nextSteps": list(_next_steps(alert)),
            "keywords": [alert.severity, alert.state, alert.finding, "Headroom"][:KEYWORDS],
        },
        "metadata": {
            "threadId": alert.thread,
            "summary": within(_plain(alert.what), TITLE),
            "eventType": alert.finding,
            "relatedResources": [within(_plain(alert.resource), CONTEXT)] if alert.resource else [],
            "additionalContext": dict(_context(alert)),
        },
    }
    text = json.dumps(body, ensure_ascii=False)
    return Message(subject=subject(alert.headline), body=text, attributes=alert.attributes, form=Form.CHAT)


def _title(alert: Alert) -> str:
    return f"{alert.severity.upper()} {alert.state}: {_plain(alert.what)}"


def _description(alert: Alert) -> str:
    where = _plain(", ".join(alert.where))
    parts = [
        *([_plain(alert.what)] if len(_title(alert)) > TITLE else []),
        f"Where: {where}",
        f"Since: {time(alert.since)}",
        *([_fenced("\n".join(alert.numbers), room=2000)] if alert.numbers else []),
        *([_plain(alert.means)] if alert.means else []),
        *([f"Done: {within(_plain('; '.join(alert.done)), 500)}"] if alert.done else []),
        f"Runbook: {alert.runbook}",
    ]
    return within("\n".join(parts), DESCRIPTION)


def _next_steps(alert: Alert) -> Iterator[str]:
    """Commands as they can be run, or none: half a command is worse."""
    for step in alert.steps[:NEXT_STEPS] if alert.asks else ():
        words, _, commands = step.partition("\n")
        whole = "\n".join(filter(None, (_plain(words), _fenced(commands, room=NEXT_STEP) if commands else "")))
        fits = len(whole) <= NEXT_STEP and _escaped(commands) in whole
        yield whole if fits else f"{within(_plain(words), NEXT_STEP - len(_ELSEWHERE) - 1)} {_ELSEWHERE}"


def _context(alert: Alert) -> Iterator[tuple[str, str]]:
    every = {
        "account": alert.place.account,
        "region": alert.place.region,
        "cluster": alert.cluster,
        "resource": alert.resource,
    }
    return ((name, within(_plain(value), ATTRIBUTE_LIMIT)) for name, value in every.items() if value)


def _fenced(text: str, room: int) -> str:
    """As code: whole lines, as many as there is room for."""
    kept, left = list[str](), room
    for line in _escaped(text).splitlines():
        left -= len(line) + 1
        if left < 0:
            kept.append("...")
            break
        kept.append(line)
    return "```\n" + "\n".join(kept) + "\n```"


def _escaped(text: str) -> str:
    """Inside a fence only its own end does harm."""
    return text.replace("```", "???").translate(_ESCAPED)


def _plain(text: str) -> str:
    """As text that nothing in it formats, links or mentions."""
    unlinked = text.translate(_ESCAPED).translate(_PLAIN).replace("://", ":/\N{DIVISION SLASH}")
    return re.sub(r"(?<!\w)_|_(?!\w)", "\N{FULLWIDTH LOW LINE}", unlinked)
