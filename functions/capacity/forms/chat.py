"""An alert as a custom notification of Amazon Q Developer in chat applications, one thread for each incident.

https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html: version, source, content and metadata; JSON of
another shape is dropped in silence. The bounds here are our own, no higher than what Slack takes of a header (150
characters) and of a section (3,000; Slack's block kit reference). [unproven: that the service's own are no lower]
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from functions.capacity.forms.alert import Alert
from functions.capacity.wording import ATTRIBUTE_LIMIT, Form, Message, subject, within

TITLE, DESCRIPTION, CONTEXT = 150, 3000, 1024  # characters
NEXT_STEPS, KEYWORDS = 10, 5  # at most
STEPS, WORDS = 2800, 220  # characters of all next steps, which may become one section; of the words of one
NUMBERS = 1800
_ELSEWHERE = "(the command is in the mail)"

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
        f"When: {alert.when}",
        *([_fenced(alert.numbers, NUMBERS)] if alert.numbers else []),
        *([_plain(alert.means)] if alert.means else []),
        *([f"Done: {within(_plain('; '.join(alert.done)), 500)}"] if alert.done else []),
    ]
    runbook = f"Runbook: {alert.runbook}"  # a link of ours: no name is in it
    return f"{within(_lines(parts), DESCRIPTION - len(runbook) - 1)}\n{runbook}"


def _next_steps(alert: Alert) -> Iterator[str]:
    """Commands as they can be run, the first steps' first, or none: half a command is worse."""
    steps = [each.partition("\n") for each in alert.steps[:NEXT_STEPS]] if alert.asks else []
    short = [_words(words, commands) for words, _, commands in steps]
    room = STEPS - sum(map(len, short))
    for (words, _, commands), least in zip(steps, short, strict=True):
        whole = _lines((_plain(words), _fence(_escaped(commands)))) if commands else least
        if len(whole) - len(least) <= room:
            room -= len(whole) - len(least)
            yield whole
        else:
            yield least


def _words(words: str, commands: str) -> str:
    elsewhere = f" {_ELSEWHERE}" if commands else ""
    return f"{within(_plain(words), WORDS)}{elsewhere}"


def _lines(parts: Iterable[str]) -> str:
    return "\n".join(parts)


def _context(alert: Alert) -> Iterator[tuple[str, str]]:
    every = {
        "account": alert.place.account,
        "region": alert.place.region,
        "cluster": alert.cluster,
        "resource": alert.resource,
        "place": alert.stands,
    }
    return ((name, within(_plain(value), ATTRIBUTE_LIMIT)) for name, value in every.items() if value)


def _fenced(lines: Sequence[str], room: int) -> str:
    """As code: whole lines, as many as there is room for, and how many more there are."""
    kept, left = list[str](), room
    for line in map(_escaped, lines):
        left -= len(line) + 1
        if left < 0:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    return _fence(_lines([*kept, *([f"and {more} more"] if more else [])]))


def _fence(code: str) -> str:
    return f"```\n{code}\n```"


def _escaped(text: str) -> str:
    """Inside a fence only its own end does harm."""
    return text.replace("```", "???").translate(_ESCAPED)


def _plain(text: str) -> str:
    """As text that nothing in it formats, links or mentions."""
    unlinked = text.translate(_ESCAPED).translate(_PLAIN).replace("://", ":/\N{DIVISION SLASH}")
    return re.sub(r"(?<!\w)_|_(?!\w)", "\N{FULLWIDTH LOW LINE}", unlinked)
