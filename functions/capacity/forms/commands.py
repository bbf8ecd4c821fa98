"""A step's commands, aimed at what they are about: whoever copies them may have another region and cluster at hand."""

from __future__ import annotations

import re
import shlex

from functions.capacity.wording import clean

# What stands in single quotes is a name or a program, and no call; "'" is how shlex quotes such a quote in a name.
_AWS = re.compile(r""""'"|'[^']*'|(?<![\w./-])aws (?=[a-z0-9-]+ [a-z0-9-]+(?:\s|\)|$))""")
_REGION = re.compile(r"[a-z0-9-]+")
_KUBECTL = re.compile(r"(?<![\w./-])kubectl ")


def aimed(step: str, *, cluster: str, region: str) -> str:
    """The step with the region in each call of the AWS command line, and kubectl pointed at the cluster."""
    words, _, commands = step.partition("\n")
    if not commands:
        return step
    return f"{words}\n{_in_region(_at_cluster(commands, cluster), region)}"


def _in_region(commands: str, region: str) -> str:
    if not _REGION.fullmatch(region):
        return commands
    return _AWS.sub(lambda found: f"aws --region {region} " if found[0] == "aws " else found[0], commands)


def _at_cluster(commands: str, cluster: str) -> str:
    if not cluster or "update-kubeconfig" in commands or not _KUBECTL.search(commands):
        return commands
    return f"aws eks update-kubeconfig --name {shlex.quote(clean(cluster))}\n{commands}"
