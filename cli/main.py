"""`headroom`: the command line. Each command is a module; nothing of AWS is imported before it is asked."""

from __future__ import annotations

import errno
import gc
import os
import sys
from typing import NoReturn

import typer

from cli import audit, explain, give_back, max_pods, migrate, picture, plan, simulate, snapshot
from cli.errors import UserError

app = typer.Typer(
    name="headroom",
    help="Keeps contiguous address blocks free in the subnets of Amazon EKS clusters, ahead of demand.",
    pretty_exceptions_enable=False,
)
INTERRUPTED = 130  # what typer makes of Ctrl-C


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


def main() -> NoReturn:
    """Exit 0 when all is fine, 2 with findings or changes, 1 with one line for what whoever called can put right.

    Typer's own exit code for a wrong option is 2, but a misspelt option must not look like a finding to a script.
    """
    gc.set_threshold(100_000)  # next to nothing is in cycles; to look for them often takes a fifth of an audit's time
    try:
        code = app(standalone_mode=False)
        if sys.stdout:  # closed by the shell: `>&-`
            sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough: `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for Python's own flush at the end
        sys.exit(1)
    except UserError as error:
        _fail(str(error))
    except typer.TyperException as error:
        _fail(" ".join(error.format_message().split()))
    except (KeyboardInterrupt, typer.Abort):
        _fail("interrupted")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        _fail("the output cannot be written: no space is left")
    if code == INTERRUPTED:
        _fail("interrupted")
    sys.exit(code or 0)


def _fail(why: str) -> NoReturn:
    print(f"headroom: {why}", file=sys.stderr)
    sys.exit(1)
