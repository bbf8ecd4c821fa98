"""The commands of `headroom`. Each is a module; nothing of AWS is imported before it is asked."""

from __future__ import annotations

import typer

from cli import audit, explain, give_back, max_pods, migrate, picture, plan, simulate, snapshot

app = typer.Typer(
    name="headroom",
    help="Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand.",
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def headroom(context: typer.Context) -> None:
    """Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand."""
    if context.invoked_subcommand is None:
        print(context.get_help())


app.command("snapshot")(snapshot.command)
app.command("audit")(audit.command)
app.command("plan")(plan.command)
app.command("simulate")(simulate.command)
app.command("migrate")(migrate.command)
app.command("explain")(explain.command)
app.command("map")(picture.command)
app.command("max-pods")(max_pods.command)
app.command("give-back")(give_back.command)
