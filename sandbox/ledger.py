"""What happened in the embedded AWS, a JSON object a line, for whoever counts: EC2 calls, events, batches, drops.

Each has `at` (epoch seconds) and `what`. Nothing is written until `keep` was called.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from threading import Lock
from typing import Any, TextIO

_kept: list[TextIO] = []
_lock = Lock()


def keep(path: Path) -> None:
    """Write to this file from now on."""
    _kept.append(path.open("w", buffering=1))


def note(what: str, **facts: Any) -> None:
    """One line."""
    if not _kept:
        return
    line = json.dumps({"at": time.time(), "what": what, **facts})
    with _lock:
        _kept[0].write(line + "\n")


def read(path: Path) -> list[dict[str, Any]]:
    """What was noted so far."""
    return [json.loads(line) for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]
