"""cdk-nag's findings that we accept, one at a time."""

from __future__ import annotations

import aws_cdk as cdk
from constructs import IConstruct

_PACK = "AwsSolutions"


def acknowledge(where: IConstruct, rule: str, *, reason: str) -> None:
    """Accepts one finding (`IAM5[Resource::*]`, `S1`) below one construct, with the reason. All others still fail."""
    cdk.Validations.of(where).acknowledge(cdk.Acknowledgment(id=f"{_PACK}::{_PACK}-{rule}", reason=reason))
