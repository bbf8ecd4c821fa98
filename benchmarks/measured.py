"""What a command takes, from its start to its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
HEADROOM = (sys.executable, "-c", "from cli.main import main; main()")

# A process of its own, and a small one: what a child has resident at the most is never less than its parent had.
_SPAWN = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
seconds = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
print(json.dumps({
    "exit": done.returncode,
    "error": done.stderr.decode(errors="replace"),
    "seconds": seconds,
    "cpu_seconds": used.ru_utime + used.ru_stime,
    "megabytes": kilobytes / 1024,
    "characters": len(done.stdout.decode(errors="replace")),
}))
"""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run: by the clock and of the processor, the most that was resident, and how much it printed."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    characters: int


def measured(
    command: Sequence[str], *, exits: Collection[int] = (0,), environment: Mapping[str, str] | None = None
) -> Measured:
    """Run it. Raises RuntimeError where it exits in another way: what failed early would look fast."""
    done = subprocess.run(
        [sys.executable, "-c", _SPAWN, *command],
        cwd=ROOT,
        env={**_ours(), **(environment or {})},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    code, error = found.pop("exit"), found.pop("error")
    if code not in exits:
        raise RuntimeError(f"exit {code}: {error[-500:]}")
    return Measured(**found)


def _ours() -> dict[str, str]:
    """Python keeps what it has compiled, as it does for whoever runs a command twice."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
