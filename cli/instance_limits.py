"""The limits of instance types as they were when this version was made: for a snapshot that does not hold them.

`instance_limits.json` is EC2's DescribeInstanceTypes in short: by name [interfaces of the default network card,
addresses for each, vCPUs, Nitro, bare metal]. `python -m tests.cli.instance_limits` writes it anew.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from functions.capacity.model import InstanceType

FILE = Path(__file__).with_name("instance_limits.json")


def known(name: str) -> InstanceType | None:
    """The limits of a type; None for one that this version does not know."""
    found = json.loads(FILE.read_text()).get(name)
    return found and _type(name, found)


def _type(name: str, limits: list[Any]) -> InstanceType:
    interfaces, addresses, vcpus, nitro, metal = limits
    return InstanceType(
        name=name,
        interfaces=interfaces,
        addresses_per_interface=addresses,
        vcpus=vcpus,
        nitro=bool(nitro),
        bare_metal=bool(metal),
    )
