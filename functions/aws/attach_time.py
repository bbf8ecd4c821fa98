"""Since when an interface is attached: the age of its own address."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache


def attach_time(value: object) -> int | None:
    """Epoch seconds of boto3's time, or of the ISO 8601 text that it is in XML and in a file; None for anything else.

    An age is only a hint: one that cannot be read is not known.
    """
    if isinstance(value, str):
        return _of_text(value)
    return int(value.timestamp()) if isinstance(value, datetime) and value.tzinfo else None


@lru_cache(maxsize=4096)  # nodes that came together share it
def _of_text(text: str) -> int | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int(at.timestamp()) if at.tzinfo else None
