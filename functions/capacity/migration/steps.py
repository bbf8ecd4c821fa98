"""A migration as values: its steps in order, what each takes, and how it is seen that it is done."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How a step stands, by what AWS shows now."""

    DONE = "done"
    OPEN = "to do"
    WAITING = "under way"  # begun, and AWS has not finished it
    BLOCKED = "needs a decision"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One write to an AWS API: its service, its operation and its parameters, as boto3 names them."""

    service: str
    operation: str
    arguments: Mapping[str, Any]

    @property
    def command(self) -> str:
        """The same call as a line for the AWS command line."""
        options = (f"--{_kebab(name)} {_value(value)}" for name, value in self.arguments.items())
        return " ".join((f"aws {self.service} {self.operation.replace('_', '-')}", *options))


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. With `calls` the AWS API can do it, without them a person does, by `by_hand`.

    `check` says how it is seen that it is done; `visible` is false where AWS shows nothing of it. `destroys` is what
    cannot be taken back, and so is confirmed by itself.
    """

    id: str
    title: str
    state: State
    why: str
    calls: tuple[Call, ...] = ()
    by_hand: tuple[str, ...] = ()
    shown: str = ""  # a file or a text that the calls hold encoded, as people read it
    check: str = ""
    visible: bool = True
    destroys: bool = False

    @property
    def commands(self) -> tuple[str, ...]:
        """What is to be run, by whomever."""
        return tuple(each.command for each in self.calls) or self.by_hand


@dataclass(frozen=True, kw_only=True)
class Migration:
    """All steps of a cluster, in order, and what to know beside them."""

    cluster: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()

    @property
    def following(self) -> Step | None:
        """The first step that is not done; None where nothing is left to do."""
        return next((each for each in self.steps if each.state is not State.DONE), None)

    @property
    def undecided(self) -> Step | None:
        """The first step that needs a decision: nothing is begun before it is made."""
        return next((each for each in self.steps if each.state is State.BLOCKED), None)


def _kebab(name: str) -> str:
    """`clusterName` and `SubnetId` as the command line writes them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


def _value(value: object) -> str:
    """Texts and numbers as they are, all else as JSON, which the command line takes for any parameter.

    A text of several lines is put on one, as bash's $'...', so that it can be indented and copied.
    """
    text = str(value) if isinstance(value, str | int) else json.dumps(value)
    if "\n" not in text:
        return shlex.quote(text)
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
    return f"$'{escaped}'"
