"""A subnet's history as one attribute of the table: compressed, since samples are many and much alike."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from functions.capacity.steering.samples import History, Sample

_FIELDS = frozenset(each.name for each in fields(Sample))


def packed(history: History) -> bytes:
    """Some 400 samples: a few kilobytes."""
    samples = [asdict(each) | {"at": each.at.isoformat()} for each in history]
    return zlib.compress(json.dumps(samples, separators=(",", ":")).encode())


def unpacked(stored: bytes) -> History:
    """What `packed` made. What another version made is forgotten: it is learnt anew within hours."""
    samples: list[dict[str, Any]] = json.loads(zlib.decompress(stored))
    if any(each.keys() != _FIELDS for each in samples):
        return ()
    return tuple(Sample(**each | {"at": datetime.fromisoformat(each["at"])}) for each in samples)
