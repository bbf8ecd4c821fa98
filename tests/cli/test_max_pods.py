"""`headroom max-pods` as people and scripts call it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from moto.ec2.models.instance_types import INSTANCE_TYPES

from sandbox.process import ROOT
from tests.cli.program import headroom


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    """A saved DescribeInstanceTypes answer with every published type."""
    path: Path = tmp_path_factory.mktemp("types") / "types.json"
    path.write_text(json.dumps({"InstanceTypes": list(INSTANCE_TYPES.values())}))
    return path


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        ("--instance-type m5.large --cni-version 1.9.0", "29"),
        ("--instance-type m5.large --cni-version 1.9.0 --cni-custom-networking-enabled", "20"),
        ("--instance-type m5.large --cni-version 1.9.0 --cni-prefix-delegation-enabled", "110"),
        ("--instance-type m5.large --cni-version 1.8.0 --cni-prefix-delegation-enabled", "29"),
        ("--instance-type m5.large --cni-prefix-delegation-enabled --show-max-allowed", "434"),
        ("--instance-type m5.large --cni-custom-networking-enabled --cni-max-eni 1", "2"),
        ("--instance-type m5.8xlarge --cni-prefix-delegation-enabled", "250"),
        ("--instance-type t2.small --cni-prefix-delegation-enabled", "11"),
        ("--instance-type m5.large --instance-type c4.large --cni-prefix-delegation-enabled", "29"),
        ("--instance-type m5.large --os windows", "9"),
        ("--instance-type m5.large --os windows --cni-prefix-delegation-enabled", "110"),
        ("--instance-type m5.large --ip-family ipv6", "110"),
        ("--instance-type p5.48xlarge --show-max-allowed", "100"),
    ],
)
def test_it_prints_one_number(flags, expected, saved):
    done = headroom("max-pods", *flags.split(), "--instance-types-file", str(saved))
    assert (done.stdout, done.stderr, done.returncode) == (f"{expected}\n", "", 0)


def test_json_names_each_type(saved):
    types = ["--instance-type", "m5.large", "--instance-type", "t3.small"]
    done = headroom("max-pods", *types, "--json", "--instance-types-file", str(saved))
    assert json.loads(done.stdout) == {"maxPods": 11, "perType": {"m5.large": 29, "t3.small": 11}}


def test_every_published_type_in_one_run(saved):
    types = [argument for name in INSTANCE_TYPES for argument in ("--instance-type", name)]
    done = headroom("max-pods", *types, "--json", "--instance-types-file", str(saved))
    per_type = json.loads(done.stdout)["perType"]
    assert len(per_type) == len(INSTANCE_TYPES) > 1000
    assert min(per_type.values()) >= 2


@pytest.mark.parametrize(
    ("flags", "complaint"),
    [
        ("--instance-type no.such", "headroom: no instance type no.such in "),
        ("--instance-type m5.large --cni-version new", "headroom: 'new' is not a version of the VPC CNI"),
        ("--instance-type m5.large --os windows --ip-family ipv6", "headroom: an IPv6 cluster has no Windows nodes"),
        (
            "--instance-type m5.large --ip-family ipv6 --cni-custom-networking-enabled",
            "headroom: an IPv6 cluster has no custom networking",
        ),
    ],
)
def test_a_users_error_is_one_line_and_exit_1(flags, complaint, saved):
    done = headroom("max-pods", *flags.split(), "--instance-types-file", str(saved))
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 1, 1)
    assert done.stderr.startswith(complaint)


@pytest.mark.parametrize("content", ["", "{", "[1]", "{}", '{"InstanceTypes": [{}]}', '{"InstanceTypes": 7}', "\x00"])
def test_a_file_that_is_no_answer_is_one_line_and_exit_1(content, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(content)
    done = headroom("max-pods", "--instance-type", "m5.large", "--instance-types-file", str(path))
    assert (done.stdout, done.returncode, done.stderr.count("\n")) == ("", 1, 1)
    assert str(path) in done.stderr


def test_without_credentials_it_says_so_in_one_line():
    done = headroom("max-pods", "--instance-type", "m5.large")
    assert (done.stdout, done.returncode) == ("", 1)
    assert done.stderr == "headroom: there are no AWS credentials: name a --profile, or set AWS_PROFILE\n"


def test_it_asks_aws_when_no_file_is_given(aws):
    done = headroom("max-pods", "--instance-type", "m5.large", environment=aws.environment)
    assert (done.stdout, done.stderr) == ("29\n", "")


def test_help_needs_nothing_of_aws():
    code = "import os, sys; os._exit = sys.exit; sys.argv = ['headroom', '--help']\n"
    code += "try:\n    from cli.main import main; main()\n"
    code += "finally:\n    print(sorted({m.split('.')[0] for m in sys.modules} & {'boto3', 'botocore'}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "max-pods" in done.stdout
    assert done.stdout.endswith("[]\n")
