"""The sample events of events/, by their path below it."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "events"
PATHS = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.glob("*/*.json"))
IGNORED = "cloudtrail-ec2/CreateTags.instance.json"  # of a kind we know, about something we do not care for


def sample(path: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((FOLDER / path).read_text())
    return event


def is_listened_to(path: str) -> bool:
    """Whether an EventBridge rule should deliver it: our own messages come by the queue, foreign ones not at all."""
    return not path.startswith(("foreign/", "headroom/")) and path != IGNORED
