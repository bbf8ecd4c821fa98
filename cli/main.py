"""`headroom`: the command line. Each command is a module; nothing of AWS is imported before it is asked."""

from __future__ import annotations

import gc
import sys

import typer

from cli import audit, explain, give_back, max_pods, migrate, picture, plan, simulate, snapshot
from cli.errors import UserError

app = typer.Typer(
    name="headroom",
    help="Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.callback()
def headroom() -> None:
    """Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand."""


app.command("snapshot")(snapshot.command)
app.command("audit")(audit.command)
app.command("plan")(plan.command)
app.command("simulate")(simulate.command)
app.command("migrate")(migrate.command)
app.command("explain")(explain.command)
app.command("map")(picture.command)
app.command("max-pods")(max_pods.command)
app.command("give-back")(give_back.command)


def main() -> None:
    """Exit 0 when all is fine, 1 with one line for a user's error."""
    gc.set_threshold(100_000)  # next to nothing is in cycles; to look for them often takes a fifth of an audit's time
    try:
        app()
    except UserError as error:
        print(f"headroom: {error}", file=sys.stderr)
        sys.exit(1)
