"""EKS clusters as values: their CNI, and their nodes of every origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from functions.capacity.cni import CniSettings


class Os(StrEnum):
    """A node's operating system."""

    LINUX = "linux"
    WINDOWS = "windows"


class Origin(StrEnum):
    """What makes a group's nodes; the value is the word that people read."""

    MANAGED = "managed node group"
    SELF_MANAGED = "self-managed Auto Scaling group"
    KARPENTER = "Karpenter node pool"
    AUTO_MODE = "EKS Auto Mode node pool"
    ALONE = "instances outside any group"


class Family(StrEnum):
    """What starts a node's kubelet, and so where its maximum of pods is said."""

    AL2 = "Amazon Linux 2"
    AL2023 = "Amazon Linux 2023"
    BOTTLEROCKET = "Bottlerocket"
    WINDOWS = "Windows"


@dataclass(frozen=True, kw_only=True)
class HealthIssue:
    """What EKS itself says is wrong: its code, its words, and what it is about."""

    code: str
    message: str = ""
    resource_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LaunchTemplate:
    """The version of a launch template that a group launches from.

    `user_data` is the base64 text that EC2 keeps, empty where there is none; `unknown` says why nothing else is known.
    """

    id: str
    version: str
    image_id: str = ""
    user_data: str = ""
    unknown: str = ""


@dataclass(frozen=True, kw_only=True)
class Node:
    """A running or launching instance of a group, in the subnet of its primary interface."""

    instance_id: str
    subnet_id: str
    instance_type: str = ""
    launching: bool = False
    launched_at: datetime | None = None
    template_version: str = ""  # of the launch template that it came from


@dataclass(frozen=True, kw_only=True)
class NodeGroup:
    """Nodes of one origin that are made alike. `nodes` are those that exist now, wherever the scaling stands.

    Of a Karpenter pool AWS knows only the nodes: its sizes are how many there are, and `bounded` is false.
    """

    cluster: str
    name: str
    subnet_ids: tuple[str, ...]
    instance_types: tuple[str, ...]
    desired_size: int
    max_size: int
    nodes: tuple[Node, ...] = ()
    origin: Origin = Origin.MANAGED
    os: Os = Os.LINUX
    family: Family | None = None  # None: not known from AWS's side
    own_ami: bool = False  # its launch template names an AMI, so EKS adds nothing to its user data
    template: LaunchTemplate | None = None
    surge: int = 0  # nodes beyond the maximum while EKS updates the group
    bounded: bool = True
    issues: tuple[HealthIssue, ...] = ()
    auto_scaling_groups: tuple[str, ...] = ()
    unknown: str = ""  # what of the group itself could not be read

    @property
    def label(self) -> str:
        """Cluster and group, as people say it."""
        return f"{self.cluster}/{self.name}"


@dataclass(frozen=True, kw_only=True)
class Addon:
    """The vpc-cni add-on. `updating_to` is the version that an update in progress will bring."""

    version: tuple[int, ...] | None = None
    status: str = "ACTIVE"
    updating_to: tuple[int, ...] | None = None
    modified_at: datetime | None = None
    issues: tuple[HealthIssue, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """An EKS cluster. `cni` is None where its settings are not known, and `cni_unknown` says why.

    `pod_subnets` is custom networking's choice by ENIConfig name, usually a zone; None where it was not read.
    """

    name: str
    vpc_id: str = ""
    ipv6: bool = False
    cni: CniSettings | None = None
    cni_unknown: str = ""
    addon: Addon | None = None  # None: the CNI is self-managed
    pod_subnets: Mapping[str, str] | None = None
    auto_mode: bool = False
    issues: tuple[HealthIssue, ...] = field(default=())
    mutes: str = ""  # what its tag headroom:mute says
