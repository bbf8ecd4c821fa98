"""What is looked at beside the snapshot: the ranges of VPCs, the deployment's settings, where subnets come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cli.access import Access, asking_aws, unless_denied
from cli.deployment import Deployment
from cli.errors import UserError
from cli.progress import progress

if TYPE_CHECKING:
    from functions.aws.saved import Saved
    from functions.capacity.model import Policy, Snapshot
    from functions.capacity.steering.samples import History
    from functions.capacity.vpc_space import VpcSpace


def saved_spaces(saved: Saved, file: Path) -> Mapping[str, VpcSpace]:
    """The VPCs of a saved snapshot, as far as it has them."""
    from functions.aws.odd import OddAnswerError
    from functions.aws.saved import spaces_of

    try:
        return spaces_of(saved)
    except OddAnswerError as error:
        raise UserError(f"{file} cannot be read: {error}") from error


def live_spaces(access: Access, view: Snapshot) -> Mapping[str, VpcSpace]:
    """The VPCs of a view, as they are now; none where AWS denies to read them."""
    from functions.aws.vpcs import VpcReader, spaces

    found: dict[str, VpcSpace] = {}
    with asking_aws(), progress("reading VPCs"), unless_denied("the VPCs' ranges"):
        ids = {each.vpc_id for each in view.subnets if each.vpc_id}
        found.update(spaces(*VpcReader(ec2=access.ec2()).described(ids)))
    return found


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a deployed Headroom tells: the floor and the caps, whose these are, and what it remembers of the subnets."""

    policy: Policy
    settings: str
    histories: Mapping[str, History]


def by_default(why: str) -> Told:
    """Where none tells."""
    from functions.capacity.model import Policy

    return Told(policy=Policy(), settings=f"default settings ({why})", histories={})


def of_no_stack() -> Told:
    """What stands for it where a saved snapshot is looked at."""
    return by_default("a snapshot has none")


def told(deployed: Callable[[], Deployment | None], view: Snapshot) -> Told:
    """What the deployment tells; the defaults, and why, where there is none, or where AWS denies to say."""
    stands: Deployment | None = None
    found = by_default("AWS denies to read the stack's")
    with asking_aws(), progress("reading the stack"), unless_denied("the stack's settings and earlier looks"):
        stands = deployed()
        found = _settings(stands)
    histories: dict[str, History] = {}
    if stands:
        with asking_aws(), progress("reading earlier looks"), unless_denied("earlier looks"):
            histories.update(stands.histories((each.id for each in view.subnets), view.taken_at))
    return replace(found, histories=histories)


def _settings(stands: Deployment | None) -> Told:
    from functions.settings import SettingsError

    if stands is None:
        return by_default("no such stack is deployed")
    try:
        return Told(policy=stands.policy(), settings=f"settings of stack {stands.stack}", histories={})
    except SettingsError:
        return by_default(f"stack {stands.stack} does not tell its own in a way that this version knows")


def looked(files: Iterable[Path], view: Snapshot) -> Mapping[str, History]:
    """What earlier snapshots say of the subnets. Raises UserError for one that is none, or is no earlier one."""
    from cli import source
    from functions.capacity.analyse import analyse
    from functions.capacity.steering.samples import remembered

    looks = [_earlier(file, source.from_file(file), view) for file in files]
    histories: dict[str, History] = {}
    for look in sorted(looks, key=lambda each: each.taken_at):
        for each in analyse(look):
            histories[each.subnet.id] = remembered(histories.get(each.subnet.id, ()), each, look.taken_at)
    return histories


def _earlier(file: Path, saved: Saved, view: Snapshot) -> Snapshot:
    from cli import source

    if not saved.get("takenAt"):
        raise UserError(f"{file} does not say when it was taken (`takenAt`), so it tells no past")
    look = source.from_saved(saved, str(file))
    if look.taken_at >= view.taken_at:
        raise UserError(f"{file} was taken at {look.taken_at.isoformat()}, which is not before the one to report on")
    return look
