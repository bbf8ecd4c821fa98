"""What the forms for people have in common: the sections in order, and a step taken apart into words and commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import dedent

from functions.capacity.findings.finding import Finding
from functions.capacity.vpc_space import NOT_CHECKED
from functions.capacity.wording import clean, time
from functions.report.audit import Audit
from functions.report.audit.facts import Fact, Record, shown, words

HOW_COUNTED = (
    "Addresses in use are single addresses, and 16 for each assigned /28; AWS's own five are left out. Free addresses "
    "are those that EC2 could still assign by itself, inside prefix reservations too; what lies under an explicit "
    "reservation is not free. A /28 is free while no address in it is in use, reserved or not; the first and the last "
    "of a subnet can never be a prefix. What is to come is what every node group may still ask for up to its maximum "
    "size, and one rolling update. Ranges in no subnet and ranges to add were held against the VPC's own: "
    f"{NOT_CHECKED}."
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Things of one kind: a heading, what an id is called, and a name for scripts."""

    name: str
    heading: str
    id_label: str
    records: tuple[Record, ...]
    nothing: str  # what to say when there is none

    @property
    def in_a_sentence(self) -> str:
        """What one of them is called there; a name that is all capitals stays so."""
        return self.id_label if self.id_label.isupper() else self.id_label.lower()


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step of a remedy: what to do in words, and lines to run or to put somewhere, if any."""

    words: str
    lines: tuple[str, ...]


def kinds(audit: Audit) -> tuple[Kind, ...]:
    """All kinds but findings, in the order of the report."""
    return (
        Kind(
            name="cluster",
            heading="Clusters",
            id_label="Cluster",
            records=audit.clusters,
            nothing="No cluster was read.",
        ),
        Kind(
            name="nodeGroup",
            heading="Node groups",
            id_label="Node group",
            records=audit.node_groups,
            nothing="No node group was read.",
        ),
        Kind(
            name="subnet",
            heading="Subnets",
            id_label="Subnet",
            records=audit.subnets,
            nothing="No subnet was read.",
        ),
        Kind(
            name="reservation",
            heading="Reservations",
            id_label="Reservation",
            records=audit.reservations,
            nothing="None of the subnets has a reservation.",
        ),
        Kind(
            name="vpc",
            heading="VPCs",
            id_label="VPC",
            records=audit.vpcs,
            nothing="No subnet names its VPC.",
        ),
    )


def as_of(audit: Audit) -> str:
    """When, and of what."""
    return f"As of {time(audit.taken_at)}" + (f", {audit.where}" if audit.where else "")


def finding_facts(finding: Finding) -> tuple[Fact, ...]:
    """What tells a finding apart, then its numbers, for people."""
    return (
        Fact(key="resource", label="Where", value=_where(finding)),
        *(Fact(key=key, label=capital(words(key)), value=shown(value)) for key, value in finding.numbers.items()),
        Fact(key="runbook", label="Runbook", value=finding.runbook),
    )


def steps(finding: Finding) -> Iterator[Step]:
    """The remedy in order."""
    for text in finding.remedy:
        first, _, rest = text.partition("\n")
        yield Step(words=clean(first), lines=tuple(clean(each) for each in dedent(rest).splitlines()))


def capital(text: str) -> str:
    """The first letter large."""
    return text[:1].upper() + text[1:]


def text_of(value: object) -> str:
    """A value as one line without control characters: names come from tags and may hold anything."""
    return clean(shown(value))


def _where(finding: Finding) -> str:
    resource, cluster = str(finding.resource), finding.cluster
    return resource if not cluster or resource.endswith(f"/{cluster}") else f"{resource} (cluster {cluster})"
