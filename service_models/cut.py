"""What is left of a description when all but some calls go: pure, from a parsed JSON to another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

Description = dict[str, Any]

_WORDS = frozenset({"documentation", "documentationUrl", "examples"})  # for people
# botocore asks for the words of these whenever it makes a client (model.py, client_context_parameters): S3 has some.
_KEPT_WHOLE = ("clientContextParams",)


def trimmed(described: Mapping[str, Any], calls: Collection[str]) -> Description:
    """The same (`service-2`) with just these calls and the shapes that they reach, and without words for people."""
    operations = {name: each for name, each in described["operations"].items() if name in calls}
    wanted = _reached(described["shapes"], _named(operations))
    shapes = {name: each for name, each in described["shapes"].items() if name in wanted}
    rest = {name: each for name, each in described.items() if name not in _WORDS}
    cut: Description = _without_words({**rest, "operations": operations, "shapes": shapes})
    return cut | {name: rest[name] for name in _KEPT_WHOLE if name in rest}


def paginators(described: Mapping[str, Any], calls: Collection[str]) -> Description:
    """The same (`paginators-1`) with just these calls."""
    return {"pagination": {name: each for name, each in described["pagination"].items() if name in calls}}


def _reached(shapes: Mapping[str, Any], first: Iterator[str]) -> set[str]:
    reached, pending = set[str](), list(first)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(_named(shapes[name]))
    return reached


def _named(part: Any) -> Iterator[str]:
    """The shapes that something names: `{"shape": NAME}`, anywhere below."""
    if isinstance(part, Mapping):
        for key, each in part.items():
            if key == "shape" and isinstance(each, str):
                yield each
            else:
                yield from _named(each)
    elif isinstance(part, list):
        for each in part:
            yield from _named(each)


def _without_words(part: Any) -> Any:
    """A member of a structure may be called `documentation`, too: that one is no text."""
    if isinstance(part, list):
        return [_without_words(each) for each in part]
    if not isinstance(part, Mapping):
        return part
    return {key: _without_words(each) for key, each in part.items() if not (key in _WORDS and isinstance(each, str))}
