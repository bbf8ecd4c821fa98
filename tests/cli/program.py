"""The program in a process of its own, as people and scripts call it."""

import os
import subprocess
import sys

from sandbox.process import ROOT

PROGRAM = "from cli.main import main; main()"


def headroom(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run it with no AWS to ask unless the environment leads to one."""
    clean = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    nowhere = {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_DEFAULT_REGION": "us-east-1"}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env=clean | nowhere | {"AWS_SHARED_CREDENTIALS_FILE": os.devnull} | (environment or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
