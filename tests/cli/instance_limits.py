"""Writes cli/instance_limits.json from the answers that moto keeps of EC2: `python -m tests.cli.instance_limits`."""

import json

from moto.ec2.models.instance_types import INSTANCE_TYPES

from cli.instance_limits import FILE
from functions.aws.answers import instance_type


def limits() -> dict[str, list[int]]:
    """By name, in order."""
    types = sorted(map(instance_type, INSTANCE_TYPES.values()), key=lambda each: each.name)
    return {
        each.name: [
            each.interfaces,
            each.addresses_per_interface,
            each.vcpus,
            int(each.nitro),
            int(each.bare_metal),
        ]
        for each in types
    }


if __name__ == "__main__":
    lines = (f"{json.dumps(name)}: {json.dumps(each)}" for name, each in limits().items())
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")
