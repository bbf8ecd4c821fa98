"""Mutes: what people asked not to be told of. What is muted is followed all the same, in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource
from functions.capacity.model import Snapshot

MUTE_TAG = "headroom:mute"
ALL = "all"
READ = 4096  # characters of a parameter, as many as a standard one holds (SSM API reference, PutParameter)


@dataclass(frozen=True, kw_only=True, order=True)
class Mute:
    """A finding's id, or all; and its resource, however people name that: empty for any."""

    finding: str
    resource: str = ""

    def covers(self, finding: FindingId, resource: Resource) -> bool:
        """Whether that finding on that resource is not told. A cluster stands for all that is in it."""
        names = {"", str(resource), resource.name, resource.cluster}
        return self.finding in {ALL, finding} and self.resource in names


Mutes = frozenset[Mute]
NOTHING: Mutes = frozenset()


def muted(finding: Finding, mutes: Mutes) -> bool:
    """Whether people asked not to be told of it."""
    return any(each.covers(finding.id, finding.resource) for each in mutes)


def of_parameter(text: str) -> Mutes:
    """The mutes in a parameter: a line each, `finding` or `finding@resource`; what follows a `#` is a comment."""
    lines = (line.partition("#")[0].strip() for line in text[:READ].splitlines())
    pairs = (line.partition("@") for line in lines if line)
    return frozenset(Mute(finding=finding.strip(), resource=resource.strip()) for finding, _, resource in pairs)


def of_tags(snapshot: Snapshot) -> Mutes:
    """The mutes in the tags of the snapshot's subnets and clusters: ids with blanks between them, or `all`."""
    return frozenset(_tagged(_tags(snapshot)))


def _tags(snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    for subnet in snapshot.subnets:
        yield str(Resource(kind=Kind.SUBNET, name=subnet.id)), subnet.tags.get(MUTE_TAG, "")
    for cluster in snapshot.clusters.values():
        yield cluster.name, cluster.mutes


def _tagged(tags: Iterable[tuple[str, str]]) -> Iterator[Mute]:
    for resource, text in tags:
        yield from (Mute(finding=each, resource=resource) for each in text.split())
