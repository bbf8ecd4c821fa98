"""A look at a cluster on its way to prefix mode: live or saved, with what only the migration asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from cli import source
from cli.access import Access, asking_aws
from cli.deployment import deployment
from cli.errors import UserError
from cli.instance_limits import known
from cli.progress import progress
from cli.simulating import runs, steps
from ec2_rules.errors import Ec2Error
from functions.aws.migrating import Migrating, configuration, described, kubernetes_version
from functions.aws.saved import Saved
from functions.capacity.analyse import analyse
from functions.capacity.cni import PREFIXES_ON_METAL_SINCE
from functions.capacity.migration.groups import as_after, chosen_types, waiting_groups
from functions.capacity.migration.new_groups import pods_after, version_mark
from functions.capacity.migration.prerequisites import successor
from functions.capacity.migration.situation import Choices, Room, Situation, in_prefix_mode
from functions.capacity.migration.subnets import DECISION, with_reservations
from functions.capacity.model import InstanceType, Snapshot

if TYPE_CHECKING:
    from functions.aws.journal import Journal

ORDERS = 10  # in which EC2 may hand out addresses


@dataclass
class Look:
    """Looks at one cluster, again and again. Whether there is room is tried out once for the same groups."""

    access: Access
    cluster: str
    file: Path | None = None
    choices: Choices = field(default_factory=Choices)
    stack: str = ""  # of the Headroom that is deployed here, if one is
    _rooms: dict[frozenset[str], Room | None] = field(default_factory=dict)

    def now(self) -> Situation:
        """The situation as AWS shows it now, or as the saved snapshot has it."""
        saved = source.from_file(self.file) if self.file else source.from_aws(self.access, self.cluster)
        view = source.from_saved(saved, str(self.file or "AWS's answer"))
        if self.cluster not in view.clusters:
            there = ", ".join(sorted(view.clusters)) or "none"
            raise UserError(f"{self.file or 'AWS'} has no cluster {self.cluster!r}; it has {there}")
        found = Situation(
            snapshot=view,
            cluster=view.clusters[self.cluster],
            described=described(saved, self.cluster),
            configuration=configuration(saved, self.cluster),
            choices=self.choices,
        )
        _check(found)
        found = replace(found, snapshot=replace(view, instance_types=_types(found)))
        if self.file is None:
            found = self._asked(found, saved)
        return replace(found, room=self._room(found))

    def migrating(self) -> Migrating:
        """What asks and writes for the migration."""
        return Migrating(eks=self.access.eks(), ec2=self.access.ec2(), journal=lambda: self._journal)

    @cached_property
    def _journal(self) -> Journal | None:
        """Asked for once something is to be reserved: not everybody who migrates may look at stacks."""
        stands = deployment(self.access, self.stack) if self.stack else None
        return stands.journal(f"{DECISION}-{uuid4().hex[:12]}") if stands else None

    def _asked(self, of: Situation, saved: Saved) -> Situation:
        """What a snapshot does not hold: the version to update to, and the launch templates' versions made for this."""
        with asking_aws():
            aws, version = self.migrating(), of.cni.version
            old = version is not None and version < PREFIXES_ON_METAL_SINCE and of.cluster.addon is not None
            groups = waiting_groups(of)
            pods = {each.name: found for each in groups if (found := pods_after(of, each)) is not None}
            return replace(
                of,
                default_version=aws.default_version(kubernetes_version(saved, self.cluster)) if old else "",
                template_versions=aws.template_versions(
                    groups, {name: version_mark(name, number) for name, number in pods.items()}
                ),
            )

    def _room(self, of: Situation) -> Room | None:
        key = frozenset(each.name for each in waiting_groups(of))
        if key and key not in self._rooms:
            with progress("trying out whether the subnets hold the new nodes"):
                self._rooms[key] = room(of)
        return self._rooms.get(key)


def room(of: Situation) -> Room | None:
    """New nodes launched beside the old ones, without the reservations and with them; None where it is unknown."""
    try:
        story = beside(of)
        bare = runs.survive(_with_groups(of, of.snapshot), story, runs=ORDERS, headroom=False)
        reserved = bare
        if not bare.fits:
            reserved = runs.survive(_with_groups(of, with_reservations(of)), story, runs=ORDERS, headroom=False)
    except (UserError, Ec2Error):
        return None  # limits or subnets are not in view, or addresses stand there twice: the step says it was not tried
    first = reserved.first_failure
    refused = f"{first.group} is refused {first.refusal.what} in {first.refusal.subnet_id}" if first else ""
    return Room(
        asked=bare.asked,
        fit=bare.least,
        fit_with_reservations=reserved.least,
        first_failure=f"{refused}: {first.refusal.code}" if first else "",
        advice=() if reserved.fits else tuple(_advice(of)),
    )


def beside(of: Situation) -> steps.Story:
    """All new nodes come before any old one goes."""
    story = steps.to_prefix_mode(_with_groups(of, of.snapshot))
    return replace(story, steps=tuple(steps.launches(story)))


def _with_groups(of: Situation, view: Snapshot) -> Snapshot:
    """The cluster's part of a view, in prefix mode, with the groups that are to come as large as the old ones are."""
    groups = tuple(replace(each, instance_types=chosen_types(of, each)) for each in waiting_groups(of))
    part = source.of_cluster(view, of.cluster.name)
    return replace(
        part,
        node_groups=groups,
        clusters={of.cluster.name: replace(of.cluster, cni=in_prefix_mode(of.cni))},
    )


def _advice(of: Situation) -> Iterable[str]:
    from functions.capacity.advice import advice

    found = dict[str, None]()
    for each in analyse(as_after(of)):
        found.update(dict.fromkeys(advice(each, None)))
    return found


def _types(of: Situation) -> dict[str, InstanceType]:
    """The limits in view, and those known of types that were named or may take the place of others."""
    named = {name for group in of.groups for name in group.instance_types}
    wanted = named | {successor(name) for name in named} | {each for of_ in of.choices.types.values() for each in of_}
    found = {name: limits for name in sorted(wanted) if (limits := known(name))}
    return {**found, **of.snapshot.instance_types}


def _check(of: Situation) -> None:
    """Raises UserError for a group that is none."""
    names = {each.name for each in of.groups}
    for name in (*of.choices.keep, *of.choices.types):
        if name not in names:
            raise UserError(f"{of.cluster.name} has no group {name!r}; it has {', '.join(sorted(names)) or 'none'}")
