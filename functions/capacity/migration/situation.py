"""What a migration is a function of: the snapshot, and what only the move to prefix mode asks of AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from functions.capacity.clusters import Cluster, NodeGroup, Os
from functions.capacity.cni import CniSettings
from functions.capacity.model import InstanceType, Mode, Snapshot

REPLACES_TAG = "headroom:replaces"  # of the node groups that the migration makes: the group that each is to replace


@dataclass(frozen=True, kw_only=True)
class Described:
    """DescribeNodegroup's answer as far as a group like it needs it: `request` is that group's CreateNodegroup."""

    request: Mapping[str, Any]
    status: str = "ACTIVE"
    replaces: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many of the new nodes fit beside the old ones, in the worst order that was tried, and what fails first."""

    asked: int
    fit: int
    fit_with_reservations: int
    first_failure: str = ""
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the person decides: groups to leave as they are, other types for some, and steps that are done already.

    `anyway` goes on where not all new nodes may fit.
    """

    mode: Mode = Mode.AHEAD
    keep: frozenset[str] = frozenset()
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    anyway: bool = False


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A cluster on its way. `described` is by group; `template_versions` are those made for it already, by group.

    `default_version` is the add-on version that EKS offers for the cluster, empty where nobody asked. `room` is None
    where it was not tried out.
    """

    snapshot: Snapshot
    cluster: Cluster
    described: Mapping[str, Described] = field(default_factory=dict)
    configuration: str = ""  # the add-on's configurationValues
    default_version: str = ""
    template_versions: Mapping[str, str] = field(default_factory=dict)
    room: Room | None = None
    choices: Choices = Choices()

    @property
    def cni(self) -> CniSettings:
        """The settings now; of a self-managed CNI that nobody could read, the defaults."""
        return self.cluster.cni or CniSettings()

    @property
    def groups(self) -> tuple[NodeGroup, ...]:
        """The cluster's node groups of every origin."""
        return tuple(each for each in self.snapshot.node_groups if each.cluster == self.cluster.name)

    def types_of(self, group: NodeGroup) -> tuple[InstanceType, ...]:
        """Those of a group's types whose limits are known."""
        known = self.snapshot.instance_types
        return tuple(known[name] for name in group.instance_types if name in known)

    def wants_prefixes(self, os: Os) -> bool:
        """Whether prefix mode is on already for nodes of this system."""
        return self.cni.windows.prefix_delegation if os is Os.WINDOWS else self.cni.prefix_delegation


def in_prefix_mode(cni: CniSettings) -> CniSettings:
    """The settings as they will be, under a version that knows prefixes."""
    return replace(cni, prefix_delegation=True, version=None, windows=replace(cni.windows, prefix_delegation=True))
