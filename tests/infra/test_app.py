"""app.py as the CDK command line runs it: it asks nobody anything, and names what is wrong with a configuration."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from infra.layers import ROOT
from tests.infra.synthesis import Assembly, command_line_context

NO_NETWORK = """
import runpy, socket
def refuse(*_): raise AssertionError("synthesis opened a connection")
socket.socket.connect = refuse
runpy.run_path("app.py", run_name="__main__")
"""
# Where jsii unpacks the CDK's 60 MB once for all processes; below the HOME of a test it would do so for each.
UNPACKED = Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
NO_NETWORK_IN_NODE = "require('net').Socket.prototype.connect = () => { throw new Error('synthesis connected') }"


def run_app(tmp_path: Path, **chosen: object) -> subprocess.CompletedProcess[str]:
    """Runs app.py with Node and nothing else on PATH, no network, and no AWS configuration."""
    only_node = tmp_path / "bin"
    only_node.mkdir()
    (only_node / "node").symlink_to(Path(_which("node")).resolve())
    guard = tmp_path / "no_network.js"
    guard.write_text(NO_NETWORK_IN_NODE)
    return subprocess.run(
        [sys.executable, "-c", NO_NETWORK],
        cwd=ROOT,
        env={
            "PATH": str(only_node),
            "HOME": str(tmp_path),
            "TMPDIR": str(tmp_path),
            "NODE_OPTIONS": f"--require {guard}",
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(UNPACKED),
            "CDK_OUTDIR": str(tmp_path / "out"),
            "CDK_CONTEXT_JSON": json.dumps(command_line_context(**chosen)),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def _which(command: str) -> str:
    found = shutil.which(command)
    assert found, f"{command} is not on PATH"
    return found


def test_app_py_needs_no_network_credentials_git_or_docker(tmp_path, shipped: Assembly):
    done = run_app(tmp_path)
    assert done.returncode == 0, done.stderr
    assert Assembly(folder=tmp_path / "out").template == shipped.template


def test_app_py_ends_with_one_line_about_a_wrong_configuration(tmp_path):
    done = run_app(tmp_path, sweepMinuets=5)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        'configuration: unknown key "headroom.sweepMinuets"; did you mean "sweepMinutes"?'
    )
    assert "Traceback" not in done.stderr
