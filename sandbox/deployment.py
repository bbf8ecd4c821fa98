"""The product, deployed into the embedded AWS by the real CDK command line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.process import ROOT, EmbeddedAws

SECONDS = 300  # for one CDK command


class DeploymentError(RuntimeError):
    """A CDK command failed; the text ends with what it printed."""


@dataclass(frozen=True)
class Deployment:
    """A deployed stack: its name and its outputs."""

    stack: str
    outputs: Mapping[str, str]


def deploy(
    aws: EmbeddedAws, folder: Path, configuration: Mapping[str, Any], *, app: str = "", stack: str = ""
) -> Deployment:
    """Bootstrap and deploy with this configuration. Raises DeploymentError.

    `app` replaces the command in cdk.json; `stack` names the one to deploy, where the app has several.
    """
    outputs = folder / "outputs.json"
    _cdk(aws, "bootstrap", f"aws://{aws.account}/{aws.region}", "--app", "")
    _cdk(
        aws,
        *(
            "deploy",
            *((stack,) if stack else ()),
            "--require-approval",
            "never",
            "--outputs-file",
            str(outputs),
            "--output",
            str(folder / "cdk.out"),
        ),
        *("--context", f"headroom={json.dumps(dict(configuration))}"),
        *(("--app", app) if app else ()),
    )
    ((deployed, found),) = json.loads(outputs.read_text()).items()
    return Deployment(stack=deployed, outputs=found)


def _cdk(aws: EmbeddedAws, *arguments: str) -> None:
    command = ["cdk", *arguments, "--no-notices", "--no-version-reporting", "--ci"]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=aws.environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise DeploymentError(f"cdk {arguments[0]} took more than {SECONDS} s") from error
    if done.returncode:
        raise DeploymentError(f"cdk {arguments[0]} failed:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}")
