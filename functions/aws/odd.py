"""Answers of AWS's that are none, or not as AWS documents them: every way in which reading one fails, as one error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


def unreadable() -> tuple[type[Exception], ...]:
    """What is raised where an answer cannot be read; asked when something was: a saved snapshot needs no botocore.

    botocore's own parsers let these through too: a number that is none is a ValueError there, an answer that is no
    object an AttributeError, a time out of range a RuntimeError, JSON nested too deep a RecursionError (one of those).
    """
    from botocore.exceptions import ParamValidationError  # noqa: PLC0415 - see above
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    return (
        ResponseParserError,
        ParamValidationError,  # a name that is none, asked for as the answer gave it
        KeyError,
        IndexError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RuntimeError,
    )


class OddAnswerError(RuntimeError):
    """AWS answered, and not as it documents it. The message is one line: what was read, and what is odd."""


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Raises OddAnswerError for whatever goes wrong in the block but an error that AWS itself answered with."""
    try:
        yield
    except OddAnswerError:
        raise
    except unreadable() as error:
        why = " ".join(str(error).split())
        raise OddAnswerError(f"{what}: the answer cannot be read ({type(error).__name__}: {why:.160})") from error
