"""The commands of `headroom`. Each is a module, imported when it is called; nothing of AWS before it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module

import typer

from cli.given import Command, Group

HELP = "Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand."
COMMANDS: Mapping[str, str] = {  # their modules, in the order of `--help`
    "snapshot": "cli.snapshot",
    "audit": "cli.audit",
    "plan": "cli.plan",
    "simulate": "cli.simulate",
    "migrate": "cli.migrate",
    "explain": "cli.explain",
    "map": "cli.picture",
    "max-pods": "cli.max_pods",
    "give-back": "cli.give_back",
}


def program(first: str = "") -> typer.Typer:
    """`headroom`, whose first argument is this: with the command of that name alone, or with all where it is none."""
    app = typer.Typer(name="headroom", help=HELP, cls=Group, pretty_exceptions_enable=False)
    app.callback(invoke_without_command=True)(_headroom)
    for name in _needed(first):
        app.command(name, cls=Command)(import_module(COMMANDS[name]).command)
    return app


def _needed(first: str) -> Iterable[str]:
    return (first,) if first in COMMANDS else COMMANDS


def _headroom(context: typer.Context) -> None:
    """Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand."""
    if context.invoked_subcommand is None:
        print(context.get_help())
