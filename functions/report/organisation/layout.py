"""What the forms of an organisation's report have in common: its kinds of things in order, and how a place is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from functions.capacity.places import Place
from functions.capacity.wording import time
from functions.report.audit.facts import Fact, Record
from functions.report.organisation.merged import Organisation

TITLE = "Headroom audit of an organisation"
IN_FULL = (
    "What stands here of clusters, node groups and subnets is what compares them. The whole report of each account and "
    "region, with its maps and its reservations, lies beside this one in the folder <account>/<region>."
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Things of one kind. `records` reads the parts anew at each call."""

    name: str
    json_name: str
    heading: str
    id_label: str
    records: Callable[[], Iterator[tuple[Place, Record]]]
    nothing: str


def kinds(of: Organisation) -> tuple[Kind, ...]:
    """All that are compared, in the order of the report."""
    return (
        Kind(
            name="cluster",
            json_name="clusters",
            heading="Clusters",
            id_label="Cluster",
            records=of.clusters,
            nothing="No cluster was read.",
        ),
        Kind(
            name="nodeGroup",
            json_name="nodeGroups",
            heading="Node groups",
            id_label="Node group",
            records=of.node_groups,
            nothing="No node group was read.",
        ),
        Kind(
            name="subnet",
            json_name="subnets",
            heading="Subnets",
            id_label="Subnet",
            records=of.subnets,
            nothing="No subnet was read.",
        ),
    )


def where(place: Place) -> tuple[Fact, ...]:
    """The place, as facts that stand before a thing's own."""
    return (
        Fact(key="account", label="Account", value=place.account, overview=True),
        Fact(key="region", label="Region", value=place.region, overview=True),
    )


def as_of(of: Organisation) -> str:
    """When, and of what."""
    when = "Nothing was read" if of.taken is None else f"As of {time(of.taken[0])} to {time(of.taken[1])}"
    return f"{when}, {of.where}" if of.where else when
