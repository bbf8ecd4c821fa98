"""The CDK app: `cdk deploy` reads it through cdk.json."""

from __future__ import annotations

import sys

import aws_cdk as cdk

from infra.allowed import ConfigurationError
from infra.app import headroom_app


def main() -> None:
    """Writes the cloud assembly where the CDK command line asks for it."""
    try:
        headroom_app(cdk.App(analytics_reporting=False)).synth()
    except ConfigurationError as error:
        sys.exit(f"configuration: {error}")


if __name__ == "__main__":
    main()
