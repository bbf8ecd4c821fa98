"""What could not be read, or cannot be said: named, each with its reason, so that no silence looks like good news."""

from __future__ import annotations

from collections.abc import Iterator

from functions.capacity.analyse import Analysis
from functions.capacity.model import Policy, Snapshot
from functions.capacity.spread import demand_unknowns
from functions.capacity.subnet_policy import SettingError, policy_of


def unknowns(
    snapshot: Snapshot, analyses: tuple[Analysis, ...], policy: Policy, *, everywhere: bool = False
) -> tuple[str, ...]:
    """One sentence for each, without a full stop, none twice.

    `everywhere`: AWS was asked for all there is, so that where nothing came there is nothing.
    """
    nothing = everywhere and not snapshot.subnets and not snapshot.clusters
    found = (
        *snapshot.unknowns,
        *demand_unknowns(snapshot),
        *(() if nothing else _not_there(snapshot)),
        *(f"subnet {each.subnet.id}: {each.partial}" for each in analyses if each.partial),
        *(f"subnet {each.subnet.id}: {why}" for each in analyses if (why := _mistake(each, policy))),
    )
    return tuple(dict.fromkeys(found))


def _not_there(snapshot: Snapshot) -> Iterator[str]:
    if not snapshot.subnets:
        yield "no subnet was read, so nothing is known of any"
    if not snapshot.clusters:
        yield "no cluster was read, so it is not known what will be asked of the subnets"
    for name in sorted(snapshot.clusters.keys() - snapshot.whole):
        yield f"cluster {name}: not all of its subnets were read, so nothing is said of it as a whole"
    for name in sorted({each.cluster for each in snapshot.node_groups} - snapshot.clusters.keys()):
        yield f"cluster {name}: it was not read, only node groups of it, so it is not known what these ask for"


def _mistake(analysis: Analysis, policy: Policy) -> str:
    try:
        policy_of(analysis.subnet, policy)
    except SettingError as error:
        return str(error)
    return ""
