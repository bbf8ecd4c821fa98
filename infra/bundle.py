"""What goes into Lambda, as CDK assets: the code of `functions/`, and its dependencies as layers."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from infra.layers import REQUIREMENTS, ROOT, cached_dependencies


def function_code() -> lambda_.Code:
    """The `functions` package and nothing else of the repository, importable as `functions.…`."""
    return lambda_.Code.from_asset(
        str(ROOT),
        exclude=["*", "!functions", "!functions/**", "functions/*requirements.*", "__pycache__"],
        ignore_mode=cdk.IgnoreMode.GIT,
    )


def dependency_code(requirements: Path = REQUIREMENTS) -> lambda_.Code:
    """The packages of one lock file for Lambda's Python on arm64, as a layer's content."""
    return lambda_.Code.from_asset(str(cached_dependencies(requirements)))
