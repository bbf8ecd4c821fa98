"""Whether a value of the model holds what its fields say: Python does not check what AWS's answers bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

Check = Callable[[object], str]


def misfit(value: object, of: Any) -> str:
    """The way to the first part that is not of its type, as `.template.version`; empty where all is."""
    return _check(of)(value)


@cache
def _check(of: Any) -> Check:  # noqa: PLR0911 - one for each kind of type
    """The check for a type, taken apart once: a pass asks for thousands of values."""
    if of is Any:
        return lambda _: ""
    origin, arguments = get_origin(of) or of, get_args(of)
    if origin in {Union, UnionType}:
        return _either([_check(each) for each in arguments])
    if origin in {tuple, Sequence}:
        item = _check(arguments[0])
        return lambda value: _of_items(value, item) if isinstance(value, origin) else "."
    if origin is Mapping:
        item = _check(arguments[1])
        return lambda value: _of_items((*value, *value.values()), item) if isinstance(value, Mapping) else "."
    if is_dataclass(origin):
        return lambda value: _of_fields(value, origin)
    if origin is int:  # bool is an int to Python, and no number of anything
        return lambda value: "" if type(value) is int else "."
    kind = NoneType if origin is None else origin
    return lambda value: "" if isinstance(value, kind) else "."


def _either(checks: list[Check]) -> Check:
    def check(value: object) -> str:
        for each in checks:
            if not each(value):
                return ""
        return "."

    return check


def _of_items(values: Iterable[object], item: Check) -> str:
    return next((f"[]{found}" for each in values if (found := item(each))), "")


def _of_fields(value: object, of: Any) -> str:
    if not isinstance(value, of):
        return "."
    for name, check in _fields(of):
        if found := check(getattr(value, name)):
            return f".{name}{'' if found == '.' else found}"
    return ""


@cache
def _fields(of: Any) -> tuple[tuple[str, Check], ...]:
    return tuple((name, _check(hint)) for name, hint in get_type_hints(of).items())
