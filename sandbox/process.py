"""The embedded AWS as a child process that never outlives its user, and clients for it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from sandbox.server import ACCOUNT, REGION, clean_environment

ROOT = Path(__file__).parent.parent
START_SECONDS = 60
STOP_SECONDS = 10


class StartError(RuntimeError):
    """The embedded AWS did not start; the text ends with what it printed."""


@dataclass(frozen=True)
class EmbeddedAws:
    """A running one: where it listens, and the environment that leads AWS tools to it."""

    url: str
    log: Path
    ledger: Path
    home: Path
    pid: int

    account = ACCOUNT
    region = REGION

    def client(self, service: str, *, account: str = "test", region: str = REGION) -> Any:
        """A plain boto3 client for it; an account's id as key is that account's root."""
        return boto3.session.Session().client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="test",  # noqa: S106 - no secret: the emulator takes any
            config=Config(retries={"total_max_attempts": 1}, read_timeout=120),
        )

    @property
    def environment(self) -> dict[str, str]:
        """For a command such as `cdk`: nothing of the machine's own AWS configuration is left in it."""
        return clean_environment(os.environ) | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_HOME": str(self.home),  # the CDK remembers which key means which account
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """How it is to behave where it can be more or less like AWS."""

    time_factor: float = 1  # how many times faster AWS's fixed intervals pass
    twice: float = 0  # the share of events that come a second time, late
    latency: float = 0  # seconds that an EC2 call of a Lambda takes to arrive
    pollers: int = 1  # that gather the batches of a standard queue; AWS begins with five
    throttled: float = 0  # the share of EC2 calls of Lambdas that are refused with RequestLimitExceeded

    @property
    def arguments(self) -> list[str]:
        """For the server."""
        chosen = {
            "--time-factor": self.time_factor,
            "--twice": self.twice,
            "--latency": self.latency,
            "--pollers": self.pollers,
            "--throttled": self.throttled,
        }
        return [text for name, value in chosen.items() for text in (name, str(value))]


AS_EVER = Conditions()


@contextlib.contextmanager
def embedded_aws(folder: Path, *, seed: int = 1, conditions: Conditions = AS_EVER) -> Iterator[EmbeddedAws]:
    """Start one on a free port of 127.0.0.1; it and every process it started are gone afterwards.

    Its log, its ledger and the CDK's home go into `folder`. Raises StartError.
    """
    scratch = folder / "tmp"  # Lambdas are unpacked there, and go with the folder
    scratch.mkdir(parents=True, exist_ok=True)
    log, ledger, port = folder / "aws.log", folder / "ledger.jsonl", _free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "sandbox.server", "--port", str(port), "--seed", str(seed)),
                *("--ledger", str(ledger), "--until-stdin-ends", *conditions.arguments),
            ],
            cwd=ROOT,
            env=clean_environment(os.environ) | {"TMPDIR": str(scratch)},
            stdin=subprocess.PIPE,  # held open by us: the server ends with it, whatever ends us
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Lambdas run as its children: the group is ended as a whole
        )
    url = f"http://127.0.0.1:{port}"
    aws = EmbeddedAws(url=url, log=log, ledger=ledger, home=folder / "cdk-home", pid=process.pid)
    try:
        with _interrupts_raise():
            _wait_until_ready(aws, process)
            yield aws
    finally:
        _end(process)


def _wait_until_ready(aws: EmbeddedAws, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(f"{aws.url}/_ministack/health", timeout=5)  # noqa: S310 - our own address
            return
        time.sleep(0.1)
    raise StartError(f"the embedded AWS did not start:\n{aws.log.read_text(errors='replace')[-3000:]}")


@contextlib.contextmanager
def _interrupts_raise() -> Iterator[None]:
    """SIGTERM and SIGHUP unwind the stack as Ctrl-C does, so that `finally` runs."""

    def interrupted(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, interrupted) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the whole group to end, then make it; the group's id is the id of the process that we started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
