"""`headroom`: the start and the end of the command line."""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

INTERRUPTED = 130  # what typer makes of Ctrl-C


def main() -> NoReturn:
    """Exit 0 when all is fine, 2 with findings or changes, 1 with one line for what whoever called can put right.

    Typer's own exit code for a wrong option is 2, but a misspelt option must not look like a finding to a script.
    """
    _open_streams()
    gc.set_threshold(1_000_000)  # next to nothing is in cycles; to look for them often takes a fifth of an audit's time
    import typer

    from cli.app import program
    from cli.errors import UserError

    try:
        code = program(*sys.argv[1:2])(standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read has enough: `| head`
        os._exit(1)
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
    _end(code or 0)


def _open_streams() -> None:
    """What the shell closed (`>&-`) is written nowhere; what the output's encoding lacks becomes a question mark."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _fail(why: str) -> NoReturn:
    with suppress(OSError):  # a full disk, again
        sys.stdout.flush()
    print(f"headroom: {why}", file=sys.stderr)
    _end(1)


def _end(code: int) -> NoReturn:
    """At once: Python's own end takes each object apart, and waits for threads in which AWS is still asked."""
    sys.stderr.flush()
    os._exit(code)
