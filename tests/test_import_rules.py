"""Who may import whom: downward only, the pure core knows nothing of AWS, time or the machine."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
OURS = ("cli", "functions", "infra", "ec2_rules", "sandbox", "benchmarks", "reference", "service_models")

# What a folder may import of ours; itself is always allowed. Longest match wins.
ALLOWED = {
    "cli": ("functions", "ec2_rules", "service_models"),
    "functions/capacity": (),
    "functions/report": ("functions.capacity",),
    "functions/aws": ("functions.capacity",),
    "functions/pipeline.py": ("functions.capacity", "functions.ports", "functions.stages"),
    "functions/stages": ("functions.capacity", "functions.ports"),
    "functions/ports.py": ("functions.capacity",),
    "functions/settings.py": ("functions.capacity",),
    "functions/handlers": ("functions",),
    "functions/__init__.py": (),
    "ec2_rules": (),
    "infra": ("functions.capacity.routes", "service_models"),
    "service_models": (),
    "sandbox/demo": ("sandbox", "ec2_rules", "functions.capacity", "functions.report", "functions.aws.answers"),
    "sandbox": ("ec2_rules",),
    "benchmarks": ("ec2_rules", "sandbox", "functions"),
    "benchmarks/init.py": ("benchmarks", "infra.layers"),  # what is measured is the bundle
    "reference": ("functions", "infra"),
}
# A pure module is a function of its arguments: no network, clock, environment, logging or files.
PURE = ("functions/capacity", "functions/report", "ec2_rules", "service_models")
IMPURE = {"boto3", "botocore", "os", "time", "logging", "socket", "subprocess", "pathlib", "io", "requests", "urllib"}
# infra/service_models.py reads botocore's descriptions when a bundle is built, and asks AWS nothing.
BOTO3_ONLY_IN = (
    *("functions/aws", "sandbox", "cli/access.py", "cli/service_models.py", "infra/service_models.py"),
    *("benchmarks/merging.py", "benchmarks/organisation.py", "benchmarks/pages.py", "benchmarks/refusals.py"),
)
# These take an HTTP server's answer apart or print to a terminal; nothing of them belongs into a Lambda.
NOT_IN_LAMBDAS = {"sandbox", "ec2_rules", "infra", "ministack", "moto", "aws_cdk"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


@cache
def imports(path: Path) -> set[str]:
    """Full names of all that a file imports, wherever in the file; `from a import b` counts as a.b."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def place(path: Path) -> str:
    """The rule that governs a file."""
    name = path.relative_to(ROOT).as_posix()
    return max((rule for rule in ALLOWED if name == rule or name.startswith(f"{rule}/")), key=len)


def forbidden(path: Path) -> list[str]:
    own = place(path).removesuffix(".py").replace("/", ".")
    allowed = (own, *ALLOWED[place(path)])
    return sorted(
        name
        for name in imports(path)
        if name.split(".")[0] in OURS and not any(name == a or name.startswith(f"{a}.") for a in allowed)
    )


@pytest.mark.parametrize("path", list(sources(*OURS)), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_downward_only(path):
    assert forbidden(path) == []


@pytest.mark.parametrize("path", list(sources(*PURE)), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_pure_core_imports_nothing_impure(path):
    assert {name.split(".")[0] for name in imports(path)} & IMPURE == set()


def test_only_the_edges_import_boto3():
    users = {
        path.relative_to(ROOT).as_posix()
        for path in sources(*OURS)
        if {name.split(".")[0] for name in imports(path)} & {"boto3", "botocore"}
    }
    assert users
    assert {user for user in users if not user.startswith(BOTO3_ONLY_IN)} == set()


def test_nothing_that_runs_in_lambda_imports_what_is_not_there():
    for path in sources("functions"):
        assert {name.split(".")[0] for name in imports(path)} & NOT_IN_LAMBDAS == set(), path


def test_only_settings_reads_the_environment():
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in sources("functions")
        if {"os", "dotenv"} & {name.split(".")[0] for name in imports(path)}
    }
    assert readers == {"functions/settings.py"}


def test_mypy_reads_every_module_of_the_cdk_that_is_used():
    """All others are skipped, which would make their types Any without a word."""
    overrides = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]["overrides"]
    read = {name for each in overrides if each.get("follow_imports") == "silent" for name in each["module"]}
    used = {name for path in sources("infra") for name in imports(path) if name.startswith("aws_cdk.aws_")}
    assert used
    assert {".".join(name.split(".")[:2]) for name in used} - read == set()


def test_the_rule_sees_a_forbidden_import(tmp_path, monkeypatch):
    """The rule itself can fail."""
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    bad = tmp_path / "functions" / "capacity" / "bad.py"
    bad.parent.mkdir(parents=True)
    bad.write_text("from functions.aws import clients\nfrom sandbox.server import main\n")
    assert forbidden(bad) == ["functions.aws.clients", "sandbox.server.main"]
