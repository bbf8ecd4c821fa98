"""`python -m tests.cli.forks`: loads the program once, and runs it in a fork for each line of its input.

A line is an object in JSON: `arguments`, the whole `environment`, and the files that `out` and `err` go to. The answer
is a line with the exit code.
"""

import json
import os
import sys
from importlib import import_module
from typing import Any

from cli.app import COMMANDS
from cli.main import main

LOADED = ("typer", "botocore.session", "botocore.config", "functions.aws.denied", *COMMANDS.values())


def serve() -> None:
    """Until the input ends."""
    for each in LOADED:
        import_module(each)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(json.loads(line))
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _run(asked: dict[str, Any]) -> None:
    """Never returns: the program ends the process, as it does when it was started for it."""
    try:
        _become(asked)
        main()
    finally:  # what escaped gets its traceback and the exit code that Python gives it
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def _become(asked: dict[str, Any]) -> None:
    """The streams, the environment and the arguments of a process that was started so."""
    write = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, path, mode in ((0, os.devnull, os.O_RDONLY), (1, asked["out"], write), (2, asked["err"], write)):
        os.dup2(os.open(path, mode), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv[1:] = asked["arguments"]


if __name__ == "__main__":
    serve()
