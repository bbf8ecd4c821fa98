"""What earlier looks at a subnet left, as one attribute of the table: compressed, since samples are much alike."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from datetime import datetime
from typing import Any

from functions.capacity.past import Past
from functions.capacity.steering.samples import Sample

_FIELDS = frozenset(each.name for each in fields(Sample))


def packed(past: Past) -> bytes:
    """Some 400 samples, and the addresses inside reservations: a few kilobytes."""
    samples = [_plain(each) | {"at": each.at.isoformat()} for each in past.history]
    inside = {id_: sorted(addresses) for id_, addresses in past.inside.items()}
    return zlib.compress(json.dumps({"samples": samples, "inside": inside}, separators=(",", ":")).encode())


def _plain(sample: Sample) -> dict[str, Any]:
    """Its fields; `asdict` would copy each of them deeply, which is most of the time of a pass."""
    return {name: getattr(sample, name) for name in _FIELDS}


def unpacked(stored: bytes) -> Past:
    """What `packed` made. What another version made is forgotten: it is learnt anew within hours."""
    kept: dict[str, Any] = json.loads(zlib.decompress(stored))
    if kept.keys() != {"samples", "inside"} or any(each.keys() != _FIELDS for each in kept["samples"]):
        return Past()
    return Past(
        history=tuple(Sample(**each | {"at": datetime.fromisoformat(each["at"])}) for each in kept["samples"]),
        inside={id_: frozenset(addresses) for id_, addresses in kept["inside"].items()},
    )
