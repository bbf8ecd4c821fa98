"""A finding: one demand of the guide, or a danger around it, judged on one resource and put into numbers and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look. UNKNOWN: the facts could not be read, which is not the same as fine."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class FindingId(StrEnum):
    """The stable ids; each names its page in docs/runbooks/."""

    # what Headroom does and sees in a subnet
    RESERVED = "prefixes-reserved"
    SHORTAGE = "subnet-cannot-hold-demand"
    PARTIAL = "subnet-view-partial"
    STRAYS = "singles-in-reservations"
    # what keeps Headroom itself from its work
    TRIPPED = "writes-tripped"
    NOT_PERMITTED = "not-permitted"
    SWITCH_UNREADABLE = "switch-unreadable"
    EVENTS_MISSING = "events-missing"
    MESSAGE_REFUSED = "message-refused"
    # how many pods nodes take
    MAX_PODS_DRAGGED_DOWN = "max-pods-dragged-down"
    MAX_PODS_TOO_LOW = "max-pods-too-low"
    MAX_PODS_TOO_HIGH = "max-pods-too-high"
    MAX_PODS_NOT_SET = "max-pods-not-set"
    MAX_PODS_CHANGE_PENDING = "max-pods-change-pending"
    # which mode nodes are in
    PREFIX_MODE_OFF = "prefix-mode-off"
    NODES_IN_MIXED_MODE = "nodes-in-mixed-mode"
    NODES_WITHOUT_PREFIXES = "nodes-without-prefixes"
    NOT_NITRO = "not-nitro-in-prefix-group"
    NO_NITRO = "no-nitro-type-in-group"
    # the CNI and its settings
    CNI_TOO_OLD = "cni-too-old-for-prefixes"
    CNI_DOWNGRADE = "cni-downgrade-under-way"
    CNI_SETTINGS = "cni-settings-unreadable"
    WARM_PREFIX_ZERO = "warm-prefix-target-zero"
    WARM_IP_ZERO = "warm-ip-target-stops-growth"
    WARM_OVERRIDDEN = "warm-prefix-target-overridden"
    WARM_WASTE = "warm-addresses-wasted"
    POD_GROUPS_STANDARD = "pod-security-groups-bypassed-outside-vpc"
    POD_GROUPS_STRICT = "pod-security-groups-strict"
    # IPv6
    WINDOWS_IN_IPV6 = "windows-in-ipv6-cluster"
    NO_IPV6_BLOCK = "subnet-without-ipv6-prefixes"
    # subnets
    SUBNET_UNPREPARED = "subnet-unprepared-for-prefixes"
    # what EKS itself reports
    EKS_HEALTH = "eks-health-issue"


class Kind(StrEnum):
    """What a finding can be about."""

    CLUSTER = "cluster"
    NODE_GROUP = "nodegroup"
    SUBNET = "subnet"
    HEADROOM = "headroom"  # itself


@dataclass(frozen=True, kw_only=True, order=True)
class Resource:
    """What a finding is about: `name` is unique within its cluster, or (a subnet) by itself."""

    kind: Kind
    name: str
    cluster: str = ""  # of a subnet: the cluster that the finding concerns, since several may share it

    def __str__(self) -> str:
        """`nodegroup/demo/workers`, `cluster/demo`, `subnet/subnet-0aa1bb2cc3dd4ee5f`: the key that scripts use."""
        inside = f"{self.cluster}/" if self.kind is Kind.NODE_GROUP else ""
        return f"{self.kind}/{inside}{self.name}"


Number = int | float | str | bool | Sequence[str] | Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is so, how bad, and what to do. `remedy` is steps in order; commands in them can be run as they stand.

    `numbers` are the facts by name (camelCase, as they appear in JSON); `means` says what it does to pods. One that
    does not open lies between bad enough and good enough: it begins no incident and ends none.
    """

    id: FindingId
    severity: Severity
    resource: Resource
    title: str
    means: str
    numbers: Mapping[str, Number] = field(default_factory=dict)
    remedy: tuple[str, ...] = ()
    where: str = ""  # more of its place than the resource's name says: range, zone, VPC
    detail: str = ""  # tells several findings of one id on one resource apart, as EKS's code of a health issue
    done: tuple[str, ...] = ()  # what Headroom did about it already
    over: str = ""  # what is so once it is over, if there is more to say than that
    magnitude: int = 0  # how bad, in what the title counts
    grain: int = 1  # how much more of that is worse
    hold: timedelta | None = None  # how long it has to last until people are told, if not as its severity says
    opens: bool = True

    @property
    def runbook(self) -> str:
        """Its page, below the project's folder."""
        return f"docs/runbooks/{self.id}.md"

    @property
    def cluster(self) -> str:
        """The cluster that it concerns."""
        return self.resource.name if self.resource.kind is Kind.CLUSTER else self.resource.cluster

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two findings the same incident: cause and resource."""
        return (self.id, str(self.resource), *filter(None, [self.detail]))


def unknown(id_: FindingId, resource: Resource, why: str, remedy: str) -> Finding:
    """The finding whose facts could not be read: `why` in words, `remedy` what would make them readable."""
    return Finding(
        id=id_,
        severity=Severity.UNKNOWN,
        resource=resource,
        title=f"{id_} cannot be judged: {why}",
        means="Nothing is known of it, neither good nor bad.",
        remedy=(remedy,),
    )
