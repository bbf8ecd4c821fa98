"""The layers: the packages that the functions need, built by uv without Docker.

    python -m infra.layers

builds those of every lock file into `build/dependencies`, where `cdk synth` finds them.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from uv import find_uv_bin

from infra import service_models
from service_models import cut

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ROOT / "functions"
REQUIREMENTS = FUNCTIONS / "requirements.txt"
# What reads self-managed CNIs (functions/aws/kubernetes.py): a second layer, only where a deployment opts in to it.
KUBERNETES_REQUIREMENTS = ROOT / "functions" / "kubernetes-requirements.txt"
CACHE = ROOT / "build" / "dependencies"

PYTHON_VERSION = "3.13"
# Lambda's arm64 machines, as uv names them: Amazon Linux 2023 has glibc 2.34, manylinux2014 asks for 2.17.
LAMBDA_PLATFORM = "aarch64-manylinux2014"

# The services that the functions call. botocore describes over 400, which is nine tenths of its size.
AWS_SERVICES = ("autoscaling", "dynamodb", "ec2", "eks", "organizations", "s3", "sns", "sqs", "ssm", "sts")

# Of the Kubernetes client we use ApiClient with plain paths. It finds the classes of APIs and objects only when they
# are named, so they can go, and so can its asyncio twin with the HTTP client that only this one uses.
KUBERNETES_EXTRAS = ("kubernetes/aio", "kubernetes/client/api", "kubernetes/client/models/[!_]*.py")
KUBERNETES_ASYNC = (
    *("aiohappyeyeballs", "aiohttp", "aiohttp_retry", "aiosignal", "attr", "attrs"),
    *("frozenlist", "multidict", "propcache", "yarl"),
)


# What CEL's package wants for its command line, which its __init__ imports. Without that file's content none is needed.
CEL_COMMAND_LINE = "cel/cli.py"
CEL_EXTRAS = (
    *("annotated_doc", "annotated_types", "markdown_it", "markdown_it_py", "mdurl", "prompt_toolkit", "pydantic"),
    *("pydantic_core", "pygments", "rich", "shellingham", "typer", "typing_inspection", "wcwidth"),
)
# Of Powertools we use the logger and the metrics, of YAML the parser that is written in Python.
NEVER_IMPORTED = (
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/middleware_factory",
    "aws_lambda_powertools/utilities/[!_jt]*",
    "_yaml",
    "yaml/_yaml.*",
)


class LayerError(RuntimeError):
    """uv could not build the layer; the message is what uv said."""


def cached_dependencies(requirements: Path = REQUIREMENTS, *, cache: Path = CACHE) -> Path:
    """The folder with the built layer; builds it only when something that it is made from changed since the last time.

    Of our own sources that is which calls of AWS they may make.
    """
    made_from = (requirements, Path(__file__), Path(service_models.__file__), Path(cut.__file__))
    parts = [*(each.read_bytes() for each in made_from), *(each.encode() for each in sorted(_calls()))]
    key = hashlib.sha256(b"".join(parts)).hexdigest()[:16]
    built = cache / key
    if not built.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".building-") as scratch:
            build_dependencies(into=Path(scratch) / key, requirements=requirements)
            _publish(Path(scratch) / key, built)
    return built


def _publish(finished: Path, built: Path) -> None:
    """Rename is atomic: a build that was interrupted, or lost a race against another one, is never seen."""
    try:
        finished.rename(built)
    except OSError:
        if not built.exists():
            raise


def build_dependencies(
    *, into: Path, platform: str | None = LAMBDA_PLATFORM, requirements: Path = REQUIREMENTS
) -> Path:
    """Installs the hash-pinned requirements below `into`/python, trims them, and returns that folder.

    `platform` is a value of uv's `--python-platform`; None means the Python that runs this. Two builds come out byte
    for byte alike. Raises LayerError.
    """
    target = into / "python"
    _install(target, platform=platform, requirements=requirements)
    for path in [*_not_needed_at_run_time(target), *_not_reproducible(target)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)  # it may have gone with its folder
    if (target / CEL_COMMAND_LINE).exists():
        (target / CEL_COMMAND_LINE).write_text(
            '"""Left out: Headroom evaluates expressions and asks nobody for them."""\n'
        )
    for described in (target / "botocore" / "data").glob("*/*/"):
        service_models.trim(described, _calls())
    return target


@cache
def _calls() -> frozenset[str]:
    return service_models.calls_in(FUNCTIONS, AWS_SERVICES)


def _install(target: Path, *, platform: str | None, requirements: Path) -> None:
    foreign = ["--python-platform", platform, "--python-version", PYTHON_VERSION] if platform else []
    command = [find_uv_bin(), "pip", "install", "--quiet", "--python", sys.executable, *foreign]
    command += ["--require-hashes", "--only-binary", ":all:"]
    command += ["--link-mode", "copy"]  # files are trimmed in place: they must not be those of uv's cache
    command += ["--target", str(target), "--requirements", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LayerError(f"uv could not install {requirements.name} for {platform or 'this machine'}:\n{done.stderr}")


def _not_needed_at_run_time(target: Path) -> Iterator[Path]:
    """Commands, examples, tests, and what describes services, API versions and objects that nothing here calls."""
    yield from (target / ".lock", target / "bin")
    yield from target.glob("boto3/examples")
    yield from (folder for folder in target.rglob("*") if folder.is_dir() and folder.name in ("tests", "__pycache__"))
    yield from target.glob("kubernetes/**/*_test.py")
    extras = CEL_EXTRAS if (target / CEL_COMMAND_LINE).exists() else ()  # the Kubernetes client needs some of them
    whole = (pattern for name in (*KUBERNETES_ASYNC, *extras) for pattern in (name, f"{name}-*.dist-info"))
    for pattern in (*KUBERNETES_EXTRAS, *NEVER_IMPORTED, *whole):
        yield from target.glob(pattern)
    for data in (target / "boto3" / "data", target / "botocore" / "data"):
        for service in sorted(folder for folder in data.glob("*") if folder.is_dir()):
            if service.name in AWS_SERVICES:
                yield from sorted(service.iterdir())[:-1]  # named after dates: botocore takes the newest by default
            else:
                yield service


def _not_reproducible(target: Path) -> Iterator[Path]:
    """What uv notes about the installation, such as the hash of a command that names this machine's Python.

    Licences stay, and METADATA, by which packages find their version.
    """
    for info in target.glob("*.dist-info"):
        for path in info.iterdir():
            if path.name != "METADATA" and not path.name.upper().startswith(
                ("LICENSE", "LICENCE", "NOTICE", "COPYING")
            ):
                yield path


if __name__ == "__main__":
    for each in (REQUIREMENTS, KUBERNETES_REQUIREMENTS):
        cached_dependencies(each)
