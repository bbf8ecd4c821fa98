"""The forms that an alert is told in: mail, chat and paging, each with its schema in docs/schemas/."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from functions.capacity.forms import chat, mail
from functions.capacity.forms.alert import Alert
from functions.capacity.wording import Message


def messages(alerts: Iterable[Alert]) -> Iterator[Message]:
    """Each alert for those who read mail, and for those who read chat. Pages have lives of their own (pages.py)."""
    for each in alerts:
        yield mail.message(each)
        yield chat.message(each)
