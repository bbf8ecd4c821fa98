"""A seeded fuzzer: good inputs, changed at random, fed to what reads them. The same seed makes the same input."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from random import Random
from typing import Any
from xml.sax.saxutils import escape

from tests.bad_input.texts import TEXTS

_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2**31,
    2**63,
    10**40,
    0.5,
    float("nan"),
    float("inf"),
    "",
    [],
    {},
    [None],
    {"": None},
    *TEXTS.values(),
)
_BYTES = (b"\x00", b"\xff", b"<", b">", b"&", b'"', b"{", b"[", b"\xe2\x80", b"</item>", b"<item>", b"9" * 5000, b"]]>")
_DEEP = 60


class UncaughtError(AssertionError):
    """An input that was neither read nor refused with a named error; the message has the command that repeats it."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """Something that reads what others write: good inputs for it, and the errors that it may name."""

    name: str
    seeds: Sequence[Any]  # JSON values, or bytes
    feed: Callable[[Any], None]
    named: tuple[type[Exception], ...]


def attempt(target: Target, seed: int) -> str:
    """How one input ended: `read`, or the name of its error. Raises UncaughtError for every other error."""
    random = Random(f"{target.name}/{seed}")
    given = _changed(random, deepcopy(random.choice(target.seeds)))
    try:
        target.feed(given)
    except target.named as error:
        if not str(error).strip():
            raise _uncaught(target, seed, "an error without a word") from error
        return type(error).__name__
    except Exception as error:
        raise _uncaught(target, seed, f"{type(error).__name__}: {error!s:.200}") from error
    return "read"


def _uncaught(target: Target, seed: int, what: str) -> UncaughtError:
    return UncaughtError(f"{what}\n  again: python -m tests.bad_input --target {target.name!r} --seed {seed}")


def _changed(random: Random, good: Any) -> Any:
    """One to four changes. Of an answer's bytes most only change what stands inside, and so get further."""
    broken = random.random() < 0.3
    for _ in range(random.randint(1, 4)):
        if not isinstance(good, bytes):
            good = _other_value(random, good)
        elif broken:
            good = _other_bytes(random, good)
        else:
            good = _other_text(random, good) if good.startswith(b"<") else _other_json(random, good)
    return good


_TEXT = re.compile(rb"(?<=>)[^<>]*(?=</)")


def _other_text(random: Random, page: bytes) -> bytes:
    """XML with another text in one of its elements."""
    place = random.choice([*_TEXT.finditer(page)]).span()
    text = escape(str(random.choice(_VALUES))).encode(errors="replace")
    return page[: place[0]] + text + page[place[1] :]


def _other_json(random: Random, body: bytes) -> bytes:
    """JSON with another value somewhere; boto3 makes a list of letters of a text, so a long one would take long."""
    changed = json.dumps(_other_value(random, json.loads(body))).encode()
    return changed if len(changed) < 3000 else body


def as_text(random: Random, value: Any) -> str:
    """A JSON value as a message's body, now and then with a letter amiss."""
    text = json.dumps(value)
    if random.random() < 0.7:
        return text
    return _other_bytes(random, text.encode()).decode(errors="surrogateescape")


def _other_bytes(random: Random, given: bytes) -> bytes:
    start = random.randrange(len(given) + 1)
    end = min(len(given), start + random.randint(0, 40))
    middle = random.choice([b"", random.choice(_BYTES), random.randbytes(3), given[start:end] * 2, given[:start]])
    return given[:start] + middle + given[end:]


def _other_value(random: Random, given: Any) -> Any:
    path = random.choice(_paths(given))
    if not path:
        return _odd(random, given)
    holder = given
    for step in path[:-1]:
        holder = holder[step]
    match random.randrange(4):
        case 0:
            del holder[path[-1]]
        case 1 if isinstance(holder, dict):
            holder[random.choice(list(TEXTS.values()))] = holder.pop(path[-1])
        case 2 if isinstance(holder, list):
            holder.extend(deepcopy(holder))
        case _:
            holder[path[-1]] = _odd(random, holder[path[-1]])
    return given


def _odd(random: Random, was: Any) -> Any:
    if random.random() < 0.2:
        return [was]
    if random.random() < 0.1:
        for _ in range(random.randint(1, _DEEP)):
            was = {"a": [was]}
        return was
    return deepcopy(random.choice(_VALUES))


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every part of a JSON value."""
    inner: Any = ()
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [path, *(way for key, each in inner for way in _paths(each, (*path, key)))]
