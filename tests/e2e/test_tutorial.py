"""docs/tutorial.md: everything in it that is to be run on an account, run on the embedded AWS, in order, by a shell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.demo.scenario import Scenario, build
from sandbox.process import ROOT, EmbeddedAws, embedded_aws

PAGE = (ROOT / "docs" / "tutorial.md").read_text()
SECTION = re.compile(r"^## (\d)\. ", re.MULTILINE)
IN_THE_PAGE = "subnet-0aa1bb2cc3dd4ee5f"


def blocks() -> dict[str, str]:
    """The shell's blocks by the number of their section."""
    _, *parts = SECTION.split(PAGE)
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    found = {number: "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)) for number, text in sections.items()}
    return {number: text for number, text in found.items() if text}


class Reader:
    """Somebody who reads the page: one shell after the other, with the variables of the ones before."""

    def __init__(self, aws: EmbeddedAws, folder: Path, subnet: str) -> None:
        self._aws, self._folder, self._subnet = aws, folder, subnet
        program = folder / "bin" / "aws"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tests.e2e.aws_cli "$@"\n')
        program.chmod(0o755)
        (folder / "variables").write_text("")

    def does(self, number: str) -> str:
        """Run a section; what it printed."""
        script = f"set -eo pipefail; . {self._folder}/variables\n{blocks()[number]}\n"
        script += f"for v in TOPIC AUDIT QUEUE SUBNET; do echo \"$v='${{!v:-}}'\"; done > {self._folder}/variables\n"
        names = {"today.json", "audit.html", "audit.json", "answer.json", "subnet.svg"}
        for each in names:
            script = re.sub(rf"(?<![\w/]){each}", f"{self._folder}/{each}", script.replace(IN_THE_PAGE, self._subnet))
        script = script.replace("file://events/" + f"{self._folder}/audit.json", "file://events/audit.json")
        environment = self._aws.environment | {"COLUMNS": "100"}
        environment["PATH"] = f"{self._folder / 'bin'}:{environment['PATH']}"
        done = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False
        )
        assert done.returncode == 0, f"section {number}:\n{done.stdout[-2000:]}\n{done.stderr[-3000:]}"
        return done.stdout


@pytest.fixture(scope="module")
def aws(tmp_path_factory) -> Iterator[EmbeddedAws]:
    with embedded_aws(tmp_path_factory.mktemp("tutorial-aws")) as running:
        yield running


def reserved(aws: EmbeddedAws, subnet: str) -> list[str]:
    found = aws.client("ec2").get_subnet_cidr_reservations(SubnetId=subnet)["SubnetIpv4CidrReservations"]
    return [each["Cidr"] for each in found]


@pytest.mark.timeout(600)
def test_whoever_follows_the_page_gets_there(aws, tmp_path):
    cluster = build(aws, Scenario(mode="observe"))
    subnet = cluster.subnet_id
    reader = Reader(aws, tmp_path, subnet)

    assert "nodes get all they need" in reader.does("2")
    assert subnet in json.loads((tmp_path / "audit.json").read_text())["subnets"]
    assert (tmp_path / "audit.html").read_text().startswith("<!doctype html>")
    reader.does("3")
    assert aws.client("ssm").get_parameter(Name="/Headroom/switch")["Parameter"]["Value"] == "observe"
    reader.does("4")
    assert json.loads((tmp_path / "answer.json").read_text())["links"]
    assert reserved(aws, subnet) == []

    planned = reader.does("5")
    assert "+ reserve" in planned
    until = time.monotonic() + 90
    while not reserved(aws, subnet):
        assert time.monotonic() < until, "nothing was reserved"
        time.sleep(0.5)
    said = reader.does("6")
    assert all(cidr in said for cidr in reserved(aws, subnet)[:1])
    reason = next(line.strip() for line in planned.splitlines() if "may still be asked for" in line)
    assert f"because  {reason}" in said  # the same words before and after
    assert (tmp_path / "subnet.svg").read_text().startswith("<svg")
    reader.does("7")
    time.sleep(2)  # a run that began before may end
    reader.does("8")
    assert reserved(aws, subnet) == []


def test_the_page_has_something_to_run_in_each_part_but_the_first():
    assert list(blocks()) == ["2", "3", "4", "5", "6", "7", "8"]
