"""What a process keeps from run to run, so that the looks of a storm ask EC2 for less."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from functions.aws.lasting import Lasting
from functions.aws.lately import NEVER, Lately
from functions.capacity.vpc_space import VpcSpace

Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Kept:
    """AWS's answers by what they are about."""

    types: Lasting = field(default_factory=Lasting)  # instance types
    templates: Lasting = field(default_factory=Lasting)  # numbered versions of launch templates
    reservations: Lately[Answer] = field(default_factory=Lately)  # by subnet
    spaces: Lately[VpcSpace | None] = field(default_factory=Lately)  # by VPC


def for_one_read() -> Kept:
    """Where a process reads once, or each read is to be its own."""
    return Kept(reservations=Lately(used_again=NEVER), spaces=Lately(used_again=NEVER))
