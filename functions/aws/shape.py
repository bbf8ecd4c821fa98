"""Whether a value of the model holds what its fields say: Python does not check what AWS's answers bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def misfit(value: object, of: Any) -> str:  # noqa: PLR0911 - one for each kind of type
    """The way to the first part that is not of its type, as `.template.version`; empty where all is."""
    if of is Any:
        return ""
    origin, arguments = get_origin(of) or of, get_args(of)
    if origin in {Union, UnionType}:
        return "" if any(not misfit(value, each) for each in arguments) else "."
    if origin is tuple:
        return _of_items(value, arguments[0]) if isinstance(value, tuple) else "."
    if origin is Mapping:
        return _of_items((*value.keys(), *value.values()), arguments[1]) if isinstance(value, Mapping) else "."
    if is_dataclass(origin):
        return _of_fields(value, origin)
    if origin is int:  # bool is an int to Python, and no number of anything
        return "" if type(value) is int else "."
    return "" if isinstance(value, NoneType if origin is None else origin) else "."


def _of_items(values: tuple[object, ...], of: Any) -> str:
    return next((f"[]{found}" for each in values if (found := misfit(each, of))), "")


def _of_fields(value: object, of: Any) -> str:
    if not isinstance(value, of):
        return "."
    for name, hint in _fields(of):
        if found := misfit(getattr(value, name), hint):
            return f".{name}{'' if found == '.' else found}"
    return ""


@cache
def _fields(of: Any) -> tuple[tuple[str, Any], ...]:
    return tuple(get_type_hints(of).items())
