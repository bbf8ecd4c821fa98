"""What is said of a file that cannot be used: one line that names it and what is wrong, in words."""

import re

import pytest

from cli.errors import UserError
from cli.files import json_of
from cli.max_pods import _from_file as types_of
from tests.cli.program import headroom


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "f.json is empty: did the command that wrote it fail?", id="empty, as after a failed `>`"),
        pytest.param(b" \n", "f.json is empty", id="blank"),
        pytest.param(b"\x89PNG\xff\xff", "f.json is no JSON: it is no text", id="no text"),
        pytest.param(b'{"subnets": [', "f.json is no JSON, or not all of it: Expecting value", id="cut off"),
        pytest.param(b"[" * 100_000, "f.json is no JSON, or not all of it: maximum recursion", id="nested too deep"),
    ],
)
def test_a_file_that_is_no_json(tmp_path, content, says):
    file = tmp_path / "f.json"
    file.write_bytes(content)
    with pytest.raises(UserError, match=re.escape(says)):
        json_of(file)


@pytest.mark.parametrize("name", ["", "none.json"])
def test_a_folder_and_nothing_at_all(tmp_path, name):
    with pytest.raises(UserError, match=r"cannot be read: (Is a directory|No such file or directory)\Z"):
        json_of(tmp_path / name)


@pytest.mark.parametrize("start", ["utf-8-sig", "utf-16"])
def test_what_a_windows_shell_writes_is_read(tmp_path, start):
    (tmp_path / "f.json").write_text('{"a": 1}', encoding=start)
    assert json_of(tmp_path / "f.json") == {"a": 1}


def test_an_item_that_is_no_instance_type(tmp_path):
    (tmp_path / "f.json").write_text("[1]")
    with pytest.raises(UserError, match=r"no answer of DescribeInstanceTypes: an item is another thing\Z"):
        types_of(tmp_path / "f.json")


@pytest.mark.parametrize(
    ("subnets", "says"),
    [
        ([], "subnet-9 is not in view; no subnet is"),
        (["subnet-1"], "subnet-9 is not in view; subnet-1 is"),
        (["subnet-1", "subnet-2"], "subnet-9 is not in view; these are: subnet-1, subnet-2"),
    ],
)
def test_a_subnet_that_is_not_in_view(tmp_path, subnets, says):
    cidrs = {"CidrBlock": "10.0.0.0/28", "AvailableIpAddressCount": 11, "AvailabilityZone": "us-east-1a"}
    file = tmp_path / "f.json"
    file.write_text(repr({"subnets": [{"SubnetId": each, **cidrs} for each in subnets]}).replace("'", '"'))
    done = headroom("map", "subnet-9", "--snapshot", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"headroom: {says}\n")


def test_one_is_told_of_in_the_singular():
    asked = ["--snapshot", "docs/examples/snapshot.json", "--subnet", "subnet-0aa1bb2cc3dd4ee5f", "--orders", "1"]
    done = headroom("simulate", "--add", "1xm5.large", *asked)
    first, assumed = done.stdout.splitlines()
    assert first == "without Headroom: 1 of 1 node gets all it needs, in 1 random order"
    assert assumed.startswith("assumed: it stands in subnet-0aa1bb2cc3dd4ee5f and holds ")
