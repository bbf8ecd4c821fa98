"""What was given at the command line, as its options' types.

Typer 0.29 makes an adapter of pydantic's for every option, also where nobody gave it and where a text is to stay a
text, and pydantic takes longer to load than typer itself. Whatever needs more than a look still goes typer's own way,
and so do all errors.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class _Given:
    """Stands where typer keeps what makes values of texts; `typers` makes that."""

    typers: Callable[[], Any]

    def coerce(self, value: Any, *, param: Any, ctx: Any) -> Any:
        """The value as the option's type. Raises typer.BadParameter."""
        kind = param.type_descriptor.annotation
        if value is None:
            return () if param.multiple else None
        if _is(value, kind):
            return value
        if kind is Path and isinstance(value, str):
            return Path(value)
        if isinstance(kind, type) and issubclass(kind, StrEnum) and value in set(kind):
            return kind(value)
        return self.typers().coerce(value, param=param, ctx=ctx)


def _is(value: object, kind: Any) -> bool:
    if kind == list[str]:
        return isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value)
    return isinstance(kind, type) and isinstance(value, kind)


class Command(TyperCommand):
    """A command that starts quickly."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does it."""
        _prepare(self.get_params(ctx))
        return super().parse_args(ctx, args)


class Group(TyperGroup):
    """The program, which starts quickly."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer does it."""
        _prepare(self.get_params(ctx))
        return super().parse_args(ctx, args)


def _prepare(params: list[Any]) -> None:
    for each in params:
        each.get_runtime_param = partial(_Given, partial(type(each).get_runtime_param, each))
