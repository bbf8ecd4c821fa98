"""Where a command's view comes from: AWS as it is now, or a saved snapshot."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.access import Access, asking_aws, unless_denied
from cli.errors import UserError
from cli.files import json_of
from cli.progress import progress
from functions.aws.odd import OddAnswerError
from functions.aws.saved import Saved, snapshot_of
from functions.capacity.model import Snapshot
from functions.capacity.scope import EVERYWHERE, Scope

if TYPE_CHECKING:
    from functions.aws.reader import AwsReader
    from functions.capacity.analyse import Analysis

ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError)


def snapshot(file: Path | None, access: Access, cluster: str = "") -> Snapshot:
    """The view that a command works on; of a saved snapshot the one cluster too, where one is named."""
    if file is None:
        return live(access, cluster)
    return of_file(from_file(file), str(file), cluster)


def of_file(saved: Saved, file: str, cluster: str = "") -> Snapshot:
    """The view that a saved snapshot is, or the part of one cluster."""
    view = from_saved(saved, file)
    if cluster and cluster not in view.clusters:
        raise UserError(f"{file} has no cluster {cluster!r}; it has {', '.join(sorted(view.clusters)) or 'none'}")
    return of_cluster(view, cluster) if cluster else view


def of_cluster(view: Snapshot, cluster: str) -> Snapshot:
    """The part of a view that one cluster uses."""
    groups = tuple(each for each in view.node_groups if each.cluster == cluster)
    used = {id_ for group in groups for id_ in (*group.subnet_ids, *(node.subnet_id for node in group.nodes))}
    used.update((view.clusters[cluster].pod_subnets or {}).values())
    return replace(
        view,
        subnets=tuple(each for each in view.subnets if each.id in used),
        node_groups=groups,
        clusters={cluster: view.clusters[cluster]},
        whole=view.whole & {cluster},
    )


def live(access: Access, cluster: str = "") -> Snapshot:
    """AWS as it is now: one cluster's subnets, or all clusters' and all that are tagged for Headroom."""
    return analysed(access, cluster)[0]


def analysed(access: Access, cluster: str = "") -> tuple[Snapshot, tuple[Analysis, ...]]:
    """The same, and what it means."""
    with _reading(access) as reader, progress("reading AWS"):
        view, analyses = reader.read_by_count(_scope(cluster), datetime.now(UTC))
        _demand_cluster(cluster, view.clusters, reader.ec2.meta.region_name)
    return view, analyses


def from_aws(access: Access, cluster: str = "") -> Saved:
    """The same, as AWS's answers: a saved snapshot. That takes several times as long, and as much memory."""
    with _reading(access) as reader:
        from functions.aws.vpcs import VpcReader

        with progress("reading AWS"):
            saved = reader.gather(_scope(cluster), datetime.now(UTC))
        saved["accountId"] = access.account_id()
        with unless_denied("the VPCs' ranges"):
            ids = {each["VpcId"] for each in saved["subnets"] if each.get("VpcId")}
            saved["vpcs"], saved["vpcSubnets"] = map(list, VpcReader(ec2=access.ec2()).described(ids))
    _demand_cluster(cluster, {each.get("name") for each in saved.get("clusters", ())}, saved["region"])
    return saved


@contextmanager
def _reading(access: Access) -> Iterator[AwsReader]:
    with asking_aws():
        from functions.aws.at_once import at_once
        from functions.aws.reader import AwsReader

        try:
            yield AwsReader(ec2=access.ec2(), eks=access.eks(), autoscaling=access.autoscaling(), each=at_once)
        except OddAnswerError as error:
            raise UserError(f"AWS's answer cannot be read: {error}") from error


def _scope(cluster: str) -> Scope:
    return Scope(clusters=frozenset({cluster})) if cluster else EVERYWHERE


def _demand_cluster(name: str, there_are: Container[str], region: str) -> None:
    if name and name not in there_are:
        raise UserError(f"there is no cluster {name!r} in {region}")


def from_file(path: Path) -> Saved:
    """A saved snapshot. Raises UserError for what is none."""
    found = json_of(path)
    if not isinstance(found, dict) or not isinstance(found.get("subnets"), list):
        raise UserError(f"{path} is no snapshot: it has no list `subnets` (see `headroom snapshot --help`)")
    for key, kind in (("networkInterfaces", list), ("subnetCidrReservations", dict)):
        if not isinstance(found.get(key, kind()), kind):
            raise UserError(f"{path} is no snapshot: `{key}` is not what AWS answers with")
    return found  # type: ignore[return-value]


def from_saved(saved: Saved, source: str) -> Snapshot:
    """The snapshot that these answers are. Raises UserError where a part of a subnet cannot be read."""
    try:
        return snapshot_of(saved, _taken_at(saved))
    except OddAnswerError as error:
        raise UserError(f"{source} cannot be read: {error}") from error
    except ODD as error:
        what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        raise UserError(f"{source} cannot be read: an item {what:.200}") from error


def _taken_at(saved: Saved) -> datetime:
    text = saved.get("takenAt")
    if text is None:
        return datetime.now(UTC)
    try:
        at = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise UserError(f"the snapshot's `takenAt` is no time: {text!r:.60}") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
