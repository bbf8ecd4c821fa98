"""What a cold start of the reconcile function costs, relative to the least that anybody pays for a client of EC2.

    python -m benchmarks init

Fresh processes in turn, by CPU time and by what is resident at the most: `import boto3; boto3.client("ec2")` out of the
packages as pip installs them, and the deployed code and layer with their handler and every client that a run makes.
Once with compiled modules at hand, once without: Lambda's folders are read-only, so what was not shipped compiled is
compiled again at each cold start. The layer's machine code is Lambda's; nothing of it is loaded at the start.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.measured import measured
from infra import layers

ROUNDS = 9
GOAL = 0.50  # of the base's time, and of its memory
BASE = "import boto3; boto3.client('ec2')"
OURS = """
import functions.handlers.reconcile
from functions.aws import clients
for name in ("ec2", "eks", "autoscaling", "dynamodb", "sns", "sqs", "ssm"):
    getattr(clients, name)()
"""
AWS = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none", "AWS_SECRET_ACCESS_KEY": "none"}


@dataclass(frozen=True, kw_only=True)
class Started:
    """Medians over fresh processes, and their ratios to the base's."""

    what: str
    seconds: float  # of the processor
    megabytes: float
    time: float
    memory: float


def run() -> list[dict[str, Any]]:
    """For `make bench`."""
    with tempfile.TemporaryDirectory() as compiled:
        found = compared(_commands(Path(compiled)))
    show(found)
    return [asdict(each) for each in found]


def _commands(compiled: Path) -> Mapping[str, tuple[list[str], Mapping[str, str]]]:
    """Each with its arguments and its environment. The first is the base."""
    layer, here = layers.cached_dependencies() / "python", str(layers.ROOT)
    others = "import sys; sys.path[:] = [each for each in sys.path if 'site-packages' not in each]\n"
    alone = ["-s", "-c", f"{others}sys.path[:0] = [{here!r}, {str(layer)!r}]\n{OURS}"]
    keep = {"PYTHONPYCACHEPREFIX": str(compiled)}
    return {
        BASE: (["-s", "-c", BASE], keep),
        "the reconcile, compiled": (alone, keep),
        "the reconcile, not compiled": (alone, {"PYTHONPYCACHEPREFIX": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}),
    }


def compared(commands: Mapping[str, tuple[list[str], Mapping[str, str]]], rounds: int = ROUNDS) -> list[Started]:
    """All in turn, so often; before that once, to compile."""
    for arguments, environment in commands.values():
        measured([sys.executable, *arguments], environment={**AWS, **environment})
    found: dict[str, list[tuple[float, float]]] = {what: [] for what in commands}
    for _ in range(rounds):
        for what, (arguments, environment) in commands.items():
            used = measured([sys.executable, *arguments], environment={**AWS, **environment})
            found[what].append((used.cpu_seconds, used.megabytes))
    medians = {what: [statistics.median(each) for each in zip(*of, strict=True)] for what, of in found.items()}
    seconds, megabytes = next(iter(medians.values()))
    return [
        Started(
            what=what,
            seconds=round(took, 3),
            megabytes=round(resident, 1),
            time=round(took / seconds, 2),
            memory=round(resident / megabytes, 2),
        )
        for what, (took, resident) in medians.items()
    ]


def show(found: list[Started]) -> None:
    """A table."""
    print(f"\na cold start: CPU seconds and most memory of fresh processes in turn; goal {GOAL:.2f} of both")
    for each in found:
        print(f"  {each.what:<36} {each.seconds:>6.3f} s {each.time:>5.2f}x {each.megabytes:>6.1f} MB "
              f"{each.memory:>5.2f}x")  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(run(), indent=2))
