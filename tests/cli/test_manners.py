"""How the program ends, whatever happens: an exit code that scripts can rely on, one line, and never a traceback."""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from benchmarks.endpoint import environment as reached_by
from sandbox.process import ROOT
from tests.cli.program import GIVE_UP, PROGRAM, headroom, started

SNAPSHOT = "docs/examples/snapshot.json"
SUBNET = "subnet-0aa1bb2cc3dd4ee5f"
FULL = Path("/dev/full")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["audi"], "No such command 'audi'. Did you mean 'audit'?", id="a misspelt command"),
        pytest.param(["audit", "--snapsho", SNAPSHOT], "No such option: --snapsho", id="a misspelt option"),
        pytest.param(["audit", "--snapshot", SNAPSHOT, "--format", "pdf"], "'pdf' is not one of", id="no such form"),
        pytest.param(["map"], "Missing argument", id="no subnet"),
        pytest.param(["simulate", "--orders", "0"], "greater than or equal to 1", id="a number out of range"),
        pytest.param(["plan", "--snapshot", SNAPSHOT, "--mode", "observe"], "not one of", id="no such mode"),
        pytest.param(["simulate", "--add", "1xm5.large", "--to", "4"], "--to goes with --nodegroup", id="--to alone"),
        pytest.param(["simulate", "--upgrade", "g", "--subnet", "s"], "--subnet goes with --add", id="--subnet alone"),
        pytest.param(["plan", "--region", "no where"], "region", id="a region that is none"),
        pytest.param(
            ["audit", "--account-role", "me", "--region", "us-east-1"],
            "Invalid length for parameter RoleArn",
            id="no role",
        ),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_1_not_2(arguments, says):
    """2 says findings or changes: a gate in a pipeline must not take a typing error for these."""
    done = headroom(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("headroom: ")
    assert says in done.stderr


def test_without_a_command_it_shows_which_there_are():
    done = started()
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in ("audit", "give-back", "simulate"))


@contextmanager
def running(*arguments: str, **streams: object) -> Iterator["subprocess.Popen[str]"]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    process = subprocess.Popen(  # type: ignore[call-overload]
        [sys.executable, "-c", PROGRAM, *arguments],
        **{"cwd": ROOT, "env": environment, "stderr": subprocess.PIPE, "text": True, **streams},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_ctrl_c_ends_it_in_one_line(tmp_path):
    """It has begun when it reads its snapshot, and is far from its end."""
    os.mkfifo(read := tmp_path / "snapshot.json")
    calls = ("simulate", "--snapshot", str(read), "--nodegroup", "workers", "--to", "9", "--orders", "10000")
    with running(*calls, stdout=subprocess.PIPE, preexec_fn=_with_ctrl_c) as process:
        read.write_text((ROOT / SNAPSHOT).read_text())
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(timeout=GIVE_UP)
    assert (process.returncode, printed, said) == (1, "", "headroom: interrupted\n")


def test_ctrl_c_ends_it_while_aws_is_silent():
    """The audit asks for several things at once; none of them is waited for any more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        environment = {name: each for name, each in os.environ.items() if not name.startswith("AWS_")} | reached_by(url)
        streams = {"stdout": subprocess.PIPE, "preexec_fn": _with_ctrl_c}
        with running("audit", env=environment, **streams) as process, silent.accept()[0], silent.accept()[0]:
            process.send_signal(signal.SIGINT)
            printed, said = process.communicate(timeout=GIVE_UP)
    assert (process.returncode, printed, said) == (1, "", "headroom: interrupted\n")


def _with_ctrl_c() -> None:
    """A test run in the background ignores it, and its children with it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_a_reader_that_has_enough_is_no_error_to_tell():
    """As in `headroom audit | head -1`, of a report that is longer than a pipe."""
    read, write = os.pipe()
    os.close(read)
    with running("audit", "--snapshot", SNAPSHOT, "--format", "html", stdout=write) as process:
        os.close(write)
        assert process.communicate(timeout=GIVE_UP)[1] == ""
    assert process.returncode == 1


# Linux alone has a device that is always full; elsewhere it would take a disk of one's own to fill.
@pytest.mark.skipif(not FULL.exists(), reason=f"no {FULL}, which is Linux's")
@pytest.mark.parametrize("arguments", [["--help"], ["map", SUBNET, "--snapshot", SNAPSHOT]], ids=str)
def test_a_full_disk_is_one_line(arguments):
    with FULL.open("w") as full, running(*arguments, stdout=full) as process:
        said = process.communicate(timeout=GIVE_UP)[1]
    assert (process.returncode, said) == (1, "headroom: the output cannot be written: no space is left\n")


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_the_shell_closed_is_written_nowhere(closed):
    line = f"{sys.executable} -c {shlex.quote(PROGRAM)} audit --snapshot {SNAPSHOT} {closed}"
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False, timeout=GIVE_UP)
    assert (done.returncode, done.stderr) == (2, "")
    assert ("# Headroom audit" in done.stdout) == (closed == "2>&-")


def a_name_in_kanji(folder: Path) -> Path:
    saved = json.loads((ROOT / SNAPSHOT).read_text())
    saved["subnets"][0]["Tags"] = [{"Key": "Name", "Value": "東京"}]
    (folder / "s.json").write_text(json.dumps(saved))
    return folder / "s.json"


@pytest.mark.parametrize("form", ["terminal", "md", "html", "csv", "json"])
def test_what_a_terminal_cannot_show_is_a_question_mark(tmp_path, form):
    file = str(a_name_in_kanji(tmp_path))
    done = started("audit", "--snapshot", file, "--format", form, environment={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (2, "")


def test_a_picture_is_utf_8_wherever_it_is_drawn(tmp_path):
    file, svg = str(a_name_in_kanji(tmp_path)), tmp_path / "out.svg"
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = started("map", SUBNET, "--snapshot", file, "--svg", str(svg), environment=ascii_alone)
    assert (done.returncode, done.stderr) == (0, "")
    assert "東京" in svg.read_text(encoding="utf-8")


def test_progress_is_shown_on_a_terminal_only():
    done = headroom("simulate", "--snapshot", SNAPSHOT, "--nodegroup", "workers", "--to", "6")
    assert done.stderr == ""


JSON = [
    ["audit", "--snapshot", SNAPSHOT],
    ["plan", "--snapshot", SNAPSHOT],
    ["simulate", "--snapshot", SNAPSHOT, "--upgrade", "workers"],
    ["migrate", "demo", "--snapshot", SNAPSHOT],
    ["explain", SUBNET, "--snapshot", SNAPSHOT],
    ["map", SUBNET, "--snapshot", SNAPSHOT],
    ["max-pods", "--instance-type", "m5.large", "--instance-types-file", SNAPSHOT],
]


@pytest.mark.parametrize("arguments", JSON, ids=lambda arguments: arguments[0])
def test_json_is_json_and_the_same_at_every_run(arguments):
    first, second = (run(*arguments, "--json") for run in (headroom, started))  # and another seed of Python's hashes
    assert first.stdout == second.stdout
    assert isinstance(json.loads(first.stdout), dict)
    assert first.returncode in {0, 2}
    assert first.stderr == ""


@pytest.mark.parametrize(
    ("words", "offers"), [("headroom au", {"audit"}), ("headroom simulate --lo", {"--lose-zone"})], ids=str
)
def test_the_shell_completes(words, offers):
    done = subprocess.run(
        [Path(sys.executable).parent / "headroom"],
        env={
            "_HEADROOM_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True,
        text=True,
        check=True,
        timeout=GIVE_UP,
    )
    assert set(done.stdout.split()) == offers
