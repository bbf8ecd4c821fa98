"""Which kinds of event arrive, and which ought to have: a node that was launched makes events of both kinds.

Reconciling by sweeps hides that events are missing: all still works, only minutes later. So somebody has to say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from functions.capacity.clusters import Node
from functions.capacity.model import Snapshot
from functions.capacity.routes import API_CALL

# CloudTrail delivers 'typically within an average of about 5 minutes of an API call', and promises no bound
# (CloudTrail user guide, 'How CloudTrail works').
LATEST = timedelta(minutes=20)
EARLIEST = timedelta(minutes=1)  # how far the clocks of two services may be apart


class Kind(StrEnum):
    """The kinds that are watched: the value names what is missing."""

    INSTANCES = "instance-events"
    API_CALLS = "api-calls"


_DETAIL_TYPES = {"EC2 Instance State-change Notification": Kind.INSTANCES, API_CALL: Kind.API_CALLS}


@dataclass(frozen=True, kw_only=True)
class Arrivals:
    """When the last event of each kind came, and since when anybody has been watching."""

    since: datetime
    last: Mapping[Kind, datetime] = field(default_factory=dict)


def kind_of(event: object) -> Kind | None:
    """The kind of an event, whatever else is in it; None for one that is not watched."""
    detail_type = event.get("detail-type") if isinstance(event, Mapping) else None
    return _DETAIL_TYPES.get(detail_type) if isinstance(detail_type, str) else None


def silent(arrivals: Arrivals, snapshot: Snapshot, now: datetime) -> Iterator[tuple[Kind, Node]]:
    """The kinds of which nothing has come since a node was launched, each with the latest such node."""
    launched = sorted(
        (node.launched_at, node.instance_id, node)
        for group in snapshot.node_groups
        for node in group.nodes
        if node.launched_at and arrivals.since <= node.launched_at <= now - LATEST
    )
    if not launched:
        return
    at, _, node = launched[-1]
    for kind in Kind:
        last = arrivals.last.get(kind)
        if last is None or last < at - EARLIEST:
            yield kind, node
