"""The app synthesized once, and deployed once for the tests that share it."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.demo.play import CONFIGURATION
from sandbox.deployment import Deployment, deploy
from sandbox.process import ROOT, EmbeddedAws, embedded_aws


@dataclass(frozen=True)
class Deployed:
    aws: EmbeddedAws
    deployment: Deployment


@pytest.fixture(scope="session")
def assembly(tmp_path_factory) -> str:
    """The synthesized app, so that each deployment need not synthesize it again."""
    folder = tmp_path_factory.mktemp("assembly")
    context = [
        argument for key, value in CONFIGURATION.items() for argument in ("--context", f"headroom.{key}={value}")
    ]
    subprocess.run(
        ["cdk", "synth", "--quiet", "--no-notices", "--output", str(folder), *context],
        cwd=ROOT,
        env=os.environ | {"PATH": f"{ROOT}/.venv/bin{os.pathsep}{os.environ['PATH']}"},
        check=True,
        capture_output=True,
        timeout=200,
    )
    return str(folder)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory, assembly) -> Iterator[Deployed]:
    folder: Path = tmp_path_factory.mktemp("deployed")
    with embedded_aws(folder) as aws:
        yield Deployed(aws, deploy(aws, folder, CONFIGURATION, app=assembly))
