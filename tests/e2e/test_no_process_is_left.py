"""However the demo ends, the embedded AWS and the Lambdas that it runs end with it."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from sandbox.demo.play import CONFIGURATION
from sandbox.deployment import deploy
from sandbox.process import ROOT, embedded_aws

# A machine without /proc cannot be asked which processes are left; to pass there would be to say that it was.
pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc to find processes")

MARK = "HEADROOM_TEST_MARK"  # inherited by every process that the demo starts


def marked(mark: str) -> list[int]:
    """The ids of the living processes with this mark in their environment."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue  # it ended meanwhile, or is not ours
    return found


def wait_until(seconds: float, condition) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_interrupted(number):
    mark = f"mark-{uuid.uuid4()}"
    demo = subprocess.Popen(
        [sys.executable, "-m", "sandbox.demo"],
        cwd=ROOT,
        env=os.environ | {MARK: mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # Where these tests run in the background, SIGINT may be ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
    )
    assert wait_until(30, lambda: len(marked(mark)) >= 2), "the embedded AWS did not start"
    time.sleep(1)
    demo.send_signal(number)
    try:
        assert demo.wait(30) != 0
    finally:
        demo.kill()
        demo.wait()
    assert wait_until(15, lambda: not marked(mark)), f"left behind: {marked(mark)}"


def test_lambdas_that_ran_end_with_the_embedded_aws(tmp_path, assembly, monkeypatch):
    mark = f"mark-{uuid.uuid4()}"
    monkeypatch.setenv(MARK, mark)
    with embedded_aws(tmp_path) as aws:
        function = deploy(aws, tmp_path, CONFIGURATION, app=assembly).outputs["ReconcileFunction"]
        answer = aws.client("lambda").invoke(FunctionName=function, Payload=b'{"Records": []}')
        assert json.loads(answer["Payload"].read()) == {"batchItemFailures": []}
        assert len(marked(mark)) >= 2, "the server and the Lambda's worker"
    assert wait_until(15, lambda: not marked(mark)), f"left behind: {marked(mark)}"
