"""The program in a process of its own, as people and scripts call it."""

import atexit
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.process import ROOT

PROGRAM = "from cli.main import main; main()"
GIVE_UP = 240  # seconds; a time-out here only ends what hangs


def headroom(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run it in a fork of a Python that has loaded its modules, with no AWS to ask unless the environment leads to one.

    To start Python and load the modules takes ten times as long as most commands. What depends on how Python starts
    (its encoding, the seed of its hashes, what is loaded when) is tested with `started`.
    """
    with TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        asked = {"arguments": arguments, "environment": _environment(environment), "out": str(out), "err": str(err)}
        code = _answer(json.dumps(asked))
        return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


def started(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The same in a Python that was started for it."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env=_environment(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=GIVE_UP,
    )


def _environment(more: dict[str, str] | None) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    nowhere = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_DEFAULT_REGION": "us-east-1"}
    return clean | nowhere | {"AWS_SHARED_CREDENTIALS_FILE": os.devnull} | (more or {})


def _answer(asked: str) -> int:
    server = _server()
    assert server.stdin
    assert server.stdout
    print(asked, file=server.stdin, flush=True)
    return int(server.stdout.readline())


@cache
def _server() -> "subprocess.Popen[str]":
    """One for all tests of a process; it ends when its input does, whatever ends us."""
    command = [sys.executable, "-m", "tests.cli.forks"]
    server = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(_end, server)
    return server


def _end(server: "subprocess.Popen[str]") -> None:
    server.communicate()
