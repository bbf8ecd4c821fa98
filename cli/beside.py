"""What the audit looks at beside the snapshot: the ranges of VPCs, and where subnets come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from cli.access import Access, asking_aws, unless_denied
from cli.deployment import Deployment
from cli.errors import UserError
from cli.progress import progress

if TYPE_CHECKING:
    from functions.aws.saved import Saved
    from functions.capacity.model import Snapshot
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


def told(deployed: Callable[[], Deployment | None], view: Snapshot) -> Mapping[str, History]:
    """What a deployed Headroom remembers of the subnets; nothing where there is none, or where AWS denies to say."""
    found: dict[str, History] = {}
    with asking_aws(), progress("reading earlier looks"), unless_denied("earlier looks"):
        if stands := deployed():
            found.update(stands.histories((each.id for each in view.subnets), view.taken_at))
    return found


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
